"""Which pages of other origins may read answers, and the headers that tell browsers so.

Works on ASGI messages, before everything else, so that errors carry the headers too (CORS-006).
"""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

Headers = list[tuple[bytes, bytes]]
Send = Callable[[Any], Awaitable[None]]

LOCAL = frozenset({"localhost", "127.0.0.1", "0.0.0.0", "::1"})  # noqa: S104
_DEFAULT_PORT = {"http": 80, "https": 443}
_PREFLIGHT: Headers = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"2"),
    (b"access-control-allow-methods", b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
    (b"access-control-max-age", b"600"),
]


class Access(Enum):
    """What pages of an origin may do: read nothing, read what everybody may, read with the
    visitor's cookies.
    """

    NONE = "none"
    ANONYMOUS = "anonymous"
    CREDENTIALS = "credentials"


class Origins:
    """The rule. ``allowed`` None: pages of this machine may talk to a server that is addressed as
    one of this machine, with cookies, and others may not (CORS-001, CORS-002); a server with a
    public name may be read by all, without cookies. Else just the listed origins, with cookies;
    ``*`` stands for all others, without. The origin ``null``, which every sandboxed page has,
    is refused as long as ``strict`` (CORS-003).
    """

    def __init__(self, allowed: Sequence[str] | None = None, *, strict: bool = True) -> None:
        self._allowed = None if allowed is None else frozenset(map(_normal, allowed))
        self._strict = strict
        # An empty list leaves CORS to the app or to whatever stands before it.
        self.active = allowed is None or bool(allowed)

    def access(self, origin: str, host: str) -> Access:
        """For a page of ``origin`` that talks to a server which it calls ``host``."""
        if origin == "null":
            return Access.NONE if self._strict else Access.ANONYMOUS
        try:
            normal = _normal(origin)
        except ValueError:
            return Access.NONE
        if self._allowed is not None:
            if normal in self._allowed:
                return Access.CREDENTIALS
            return Access.ANONYMOUS if "*" in self._allowed else Access.NONE
        if not is_local(f"//{host}"):
            return Access.ANONYMOUS
        return Access.CREDENTIALS if is_local(origin) else Access.NONE

    def headers(self, origin: str, host: str) -> Headers:
        """For the answer to a request with this ``Origin`` and ``Host`` (CORS-005)."""
        found: Headers = [(b"vary", b"Origin")]
        access = self.access(origin, host)
        if access is not Access.NONE:
            found.append((b"access-control-allow-origin", origin.encode("latin-1")))
        if access is Access.CREDENTIALS:
            found.append((b"access-control-allow-credentials", b"true"))
        return found


def is_local(url: str) -> bool:
    try:
        return urlsplit(url).hostname in LOCAL
    except ValueError:
        return False


def _normal(origin: str) -> str:
    """As a browser writes it. Raises ``ValueError``."""
    if origin == "*":
        return origin
    try:
        parts = urlsplit(origin)
        number = parts.port
    except ValueError as error:
        raise ValueError(f"allowed_origins: {origin!r} is no origin: {error}") from None
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if not (parts.scheme and parts.hostname) or more:
        raise ValueError(
            f"allowed_origins: {origin!r} is no origin; write one like https://example.org, "
            "with nothing behind the host and port"
        )
    port = "" if number in (None, _DEFAULT_PORT.get(parts.scheme)) else f":{number}"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def is_cross_origin(scope: Any) -> bool:
    return any(name == b"origin" for name, _value in scope["headers"])


async def cross_origin(origins: Origins, scope: Any, send: Send) -> Send | None:
    """What is to be used in place of ``send``; None if the request was a preflight and has its
    answer (CORS-004).
    """
    fields = {
        name: value.decode("latin-1") for name, value in reversed(scope["headers"]) if name in _READ
    }
    own = origins.headers(fields[b"origin"], fields.get(b"host", ""))
    if scope["method"] == "OPTIONS" and b"access-control-request-method" in fields:
        wanted = fields.get(b"access-control-request-headers")
        if wanted is not None:
            own.append((b"access-control-allow-headers", wanted.encode("latin-1")))
        await send({"type": "http.response.start", "status": 200, "headers": _PREFLIGHT + own})
        await send({"type": "http.response.body", "body": b"OK"})
        return None

    async def with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _joined(list(message.get("headers", ())), own)}
        await send(message)

    return with_headers


_READ = frozenset(
    {
        b"origin",
        b"host",
        b"access-control-request-method",
        b"access-control-request-headers",
    }
)


def _joined(headers: Headers, own: Headers) -> Headers:
    if any(name.lower() == b"access-control-allow-origin" for name, _value in headers):
        return headers  # a route of the app that has its own rule
    return headers + own
