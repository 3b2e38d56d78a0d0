"""An ASGI application that is another server: each request goes there, each answer comes back as it
comes.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

import anyio
import httpcore

from gradio_conformance.traffic.asgi import CutError
from gradio_conformance.traffic.asgi import Receive
from gradio_conformance.traffic.asgi import Scope
from gradio_conformance.traffic.asgi import Send
from gradio_conformance.traffic.asgi import resized
from gradio_conformance.traffic.renaming import Headers
from gradio_conformance.traffic.renaming import Names
from gradio_conformance.traffic.renaming import RenamedStream
from gradio_conformance.wire import CONNECT_S

# RFC 9110, section 7.6.1: about one connection, not about the message. An expectation is met by
# whoever receives the body first.
OF_THE_CONNECTION = frozenset(
    b"connection expect keep-alive proxy-authenticate proxy-authorization proxy-connection "
    b"te trailer transfer-encoding upgrade".split()
)
CHUNKED = (b"transfer-encoding", b"chunked")
# The rules and the names are about what a body says, not about how it is packed.
UNPACKED = (b"accept-encoding", b"identity")
DOWNLOADS = ("file=", "file/")
# What is kept until it is whole; Gradio's page holds its /config.
DOCUMENTS = (b"application/json", b"text/html")
GONE = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class _LeftError(Exception):
    """The client went away before its request was complete."""


class Relay:
    """The server at ``upstream`` (scheme, host and port). In what it answers ``names`` are
    exchanged.
    """

    def __init__(self, upstream: str, names: Names) -> None:
        parts = urlsplit(upstream)
        self._scheme, self._port = parts.scheme.encode(), parts.port
        self._host = (parts.hostname or "").encode()
        self._authority = origin(upstream).partition("://")[2].encode()
        self._login = _basic(parts.username, parts.password)
        self._shares_address = _has_a_name(parts.hostname or "")
        self._names = names
        # A connection per request, as the suite's client has: closing it is then about that
        # request only.
        self._pool = httpcore.AsyncConnectionPool(max_connections=None, max_keepalive_connections=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await self._until_the_client_leaves(scope, receive, send)

    async def _until_the_client_leaves(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = asyncio.Event()  # receive() is the request's until then
        # A scope of anyio, because httpcore closes its connections shielded from those.
        with anyio.CancelScope() as until_left:
            leaving = asyncio.ensure_future(_watch(receive, asked, until_left))
            try:
                await self._exchange(scope, receive, send, asked)
            finally:
                leaving.cancel()

    async def _exchange(
        self, scope: Scope, receive: Receive, send: Send, asked: asyncio.Event
    ) -> None:
        headers = self._sent(scope["headers"])
        has_body = any(name in (b"content-length", CHUNKED[0]) for name, _ in headers)
        if not has_body:
            asked.set()
        answer = _Answer(send, self._names, is_download=_is_download(scope["path"]))
        request = self._pool.stream(
            scope["method"].encode(),
            httpcore.URL(
                scheme=self._scheme, host=self._host, port=self._port, target=target_of(scope)
            ),
            headers=headers,
            content=_body(receive, asked) if has_body else None,
            extensions={"timeout": {"connect": CONNECT_S}},
        )
        try:
            async with request as response:
                await answer.start(response.status, response.headers)
                async for piece in response.aiter_stream():
                    await answer.go_on(piece)
                await answer.end()
        except GONE as error:
            await answer.abort(f"{scope['method']} {scope['path']}: {error!r}")
        except _LeftError:
            pass

    def _sent(self, headers: Sequence[tuple[bytes, bytes]]) -> Headers:
        sent = [
            (name, self._authority if name == b"host" and self._shares_address else value)
            for name, value in _of_the_message(headers)
            if name != UNPACKED[0]
        ]
        chunked = [CHUNKED] if any(name == CHUNKED[0] for name, _ in headers) else []
        if self._login is not None and all(name != b"authorization" for name, _ in sent):
            sent.append((b"authorization", self._login))
        return [*sent, UNPACKED, *chunked]


class _Answer:
    """One answer on its way to the client. A document is kept until it is whole, because other
    names have another length.
    """

    def __init__(self, send: Send, names: Names, *, is_download: bool) -> None:
        self._send = send
        self._names = names
        self._is_download = is_download
        self._head: dict[str, Any] | None = None
        self._document: bytearray | None = None
        self._stream: RenamedStream | None = None

    async def start(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        kept = self._names.in_headers(_of_the_message(headers))
        self._head = {"type": "http.response.start", "status": status, "headers": kept}
        kind = dict(kept).get(b"content-type", b"").split(b";")[0].strip().lower()
        if kind in DOCUMENTS and not self._is_download:
            self._document = bytearray()
            return
        if kind == b"text/event-stream":
            self._stream = RenamedStream(self._names)
        await self._send(self._head)

    async def go_on(self, piece: bytes) -> None:
        if self._document is not None:
            self._document += piece
        else:
            await self._pass(self._stream.feed(piece) if self._stream else piece)

    async def end(self) -> None:
        if self._document is not None:
            body = self._names.in_text(bytes(self._document))
            # Without a body (HEAD, 304) the length is that of another answer.
            await self._send(resized(self._head, len(body)) if body else self._head)
            await self._pass(body)
        elif self._stream is not None:
            await self._pass(self._stream.finish())
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def abort(self, why: str) -> None:
        """What the upstream cut is cut here, too. Raises ``CutError``."""
        if self._head is None:
            # A server of ASGI applications cannot hang up on a request: the answer breaks off.
            told = why.encode("ascii", "replace")
            length = (b"content-length", b"%d" % (len(told) + 1))
            headers = [(b"content-type", b"text/plain"), length]
            await self._send({"type": "http.response.start", "status": 502, "headers": headers})
            await self._pass(told)
        elif self._document is not None:
            await self._send(self._head)
            await self._pass(bytes(self._document))
        raise CutError(why)

    async def _pass(self, piece: bytes) -> None:
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})


def origin(url: str) -> str:
    """Scheme, host and port of a URL; no path, no password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _basic(user: str | None, password: str | None) -> bytes | None:
    if user is None:
        return None
    return b"Basic " + b64encode(unquote(f"{user}:{password or ''}").encode())


def _of_the_message(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    lower = [(name.lower(), value) for name, value in headers]
    named = {
        word.strip().lower()
        for name, value in lower
        if name == b"connection"
        for word in value.split(b",")
    }
    return [(n, v) for n, v in lower if n not in OF_THE_CONNECTION and n not in named]


def _has_a_name(host: str) -> bool:
    """Servers with a name may share their address, and Host chooses among them; one without learns
    from Host what its clients call it.
    """
    try:
        ip_address(host)
    except ValueError:
        return host != "localhost"
    return False


def _is_download(path: str) -> bool:
    """A user's file is delivered as it is, whatever it names."""
    return any(f"/{route}" in path for route in DOWNLOADS)


def target_of(scope: Scope) -> bytes:
    """The request target as the client wrote it."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string") or b""
    return bytes(path + b"?" + query if query else path)


async def _body(receive: Receive, asked: asyncio.Event) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise _LeftError
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]
    asked.set()


async def _watch(receive: Receive, asked: asyncio.Event, until_left: anyio.CancelScope) -> None:
    await asked.wait()
    while (await receive())["type"] != "http.disconnect":
        pass
    until_left.cancel()


async def _live(receive: Receive, send: Send) -> None:
    for moment in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{moment}.complete"})
