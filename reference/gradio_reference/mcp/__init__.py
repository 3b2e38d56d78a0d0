"""The Model Context Protocol, served through its official SDK (extra ``mcp``).

Public endpoints are tools; a call of one waits in the same queue as any other. Only ``host`` and
``protocol`` import the SDK, and nothing imports them before a server speaks MCP.
"""
