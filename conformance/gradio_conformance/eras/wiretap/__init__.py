"""A wire tap: every byte between clients and a server passes unchanged and is kept, and afterwards
is read as observations of traffic and as messages of WebSockets.

The judging proxy speaks HTTP for itself, and no WebSocket; here, nothing in between may matter.
"""
