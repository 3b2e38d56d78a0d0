"""The routes of the profiles discover, queue, stream and call, and bodies that they take."""

from __future__ import annotations

import json

CALLS = ("/call/echo", "/call/v2/echo")
DIRECT = ("/run/echo", "/api/echo")
ROUTES = ("/queue/join", "/cancel", "/reset", *CALLS, *DIRECT)
READS = (
    *("/info", "/openapi.json", "/app_id", "/startup-events", "/queue/status"),
    *("/queue/data?session_hash=x", "/call/echo/x", "/call/v2/echo/x"),
)
# Reading them has an effect, so HEAD is refused there although it is the other GET.
STREAMS = READS[5:]


def right(route: str, value: bytes = b'"a"', session: str = "hostile") -> bytes:
    """A body that the route takes, with ``value`` where a function or nobody looks at it."""
    quoted = json.dumps(session).encode()
    if route == "/queue/join":
        return b'{"data":[%s],"fn_index":0,"session_hash":%s}' % (value, quoted)
    if route == "/cancel":
        return b'{"event_id":"x","fn_index":0,"session_hash":%s,"more":%s}' % (quoted, value)
    if route == "/reset":
        return b'{"event_id":"x","more":%s}' % value
    if "v2" in route:
        return b'{"value":%s}' % value
    return b'{"data":[%s]}' % value


def nested(depth: int, kind: str = "[") -> bytes:
    if kind == "[":
        return b"[" * depth + b"]" * depth
    return b'{"a":' * depth + b"1" + b"}" * depth
