"""What the applications that stand between a client and a server share: names of ASGI's parts."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
API = "gradio_api/"


class CutError(Exception):
    """Leaves the response without its end: the HTTP server then aborts the connection."""


def route_of(scope: Scope, base: str = "") -> str:
    """The path of a request below the API prefix, without a slash before it; ``base`` is the path
    below which the server's routes begin.
    """
    path = str(scope.get("path", "")).removeprefix(base)
    return path.removeprefix("/").removeprefix(API)


def resized(part: Any, size: int) -> Any:
    """A scope or response start whose Content-Length, if it has one, is ``size``."""
    headers = [
        (name, str(size).encode() if name.lower() == b"content-length" else value)
        for name, value in part["headers"]
    ]
    return {**part, "headers": headers}


async def whole_body(receive: Receive) -> bytes | None:
    """The whole body of a request; ``None`` if the client went away before its end."""
    content = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        content += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return content
