"""The load client's HTTP/1.1: raw asyncio connections, parsed by httptools.

Made so that the client is not what is measured: no headers are kept, no text is decoded, and a
body goes to its sink as the bytes that came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httptools

from gradio_conformance.ports import HOST
from sidebyside.faults import Broken

Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    body: bytes


class _Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    __slots__ = ("_end", "_head", "_parser", "_sink", "keeps", "transport")

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.keeps = True
        self._sink: Sink | None = None
        self._head: asyncio.Future[int] | None = None
        self._end: asyncio.Future[None] | None = None
        self._parser = httptools.HttpResponseParser(self)

    # -- asyncio ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.keeps = False
        self._fail(f"the server closed the connection inside a response ({exc or 'end of file'})")

    # -- httptools --------------------------------------------------------------------------------

    def on_headers_complete(self) -> None:
        self.keeps = self._parser.should_keep_alive()
        if self._head is not None and not self._head.done():
            self._head.set_result(self._parser.get_status_code())

    def on_body(self, body: bytes) -> None:
        if self._sink is not None:
            self._sink(body)

    def on_message_complete(self) -> None:
        if self._end is not None and not self._end.done():
            self._end.set_result(None)
        if not self.keeps:
            self.close()

    # -- requests ---------------------------------------------------------------------------------

    async def start(self, request: bytes, sink: Sink) -> int:
        loop = asyncio.get_running_loop()
        self._sink = sink
        self._head = loop.create_future()
        self._end = loop.create_future()
        assert self.transport is not None
        self.transport.write(request)
        return await self._head

    async def finish(self) -> None:
        assert self._end is not None
        await self._end

    def close(self) -> None:
        self.keeps = False
        if self.transport is not None:
            self.transport.abort()

    def _fail(self, why: str) -> None:
        for future in (self._head, self._end):
            if future is not None and not future.done():
                future.set_exception(Broken(why))
                future.exception()  # whoever waits is told; nobody else needs to be


class Client:
    """What one user has open: a connection, made when it is needed and again when it was lost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: _Connection | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection that can take another request."""
        return self._connection is not None and self._connection.keeps

    async def start(self, method: str, path: str, body: bytes, sink: Sink) -> int:
        """Send a request; returns its status as soon as the head of the response is there."""
        if self._connection is None or not self.connected:
            loop = asyncio.get_running_loop()
            _, self._connection = await loop.create_connection(_Connection, HOST, self._port)
        return await self._connection.start(self._request(method, path, body), sink)

    async def finish(self) -> None:
        """Wait for the end of the body. Raises ``Broken`` if it was cut."""
        assert self._connection is not None
        await self._connection.finish()

    async def fetch(self, method: str, path: str, body: bytes = b"") -> Answer:
        parts: list[bytes] = []
        status = await self.start(method, path, body, parts.append)
        await self.finish()
        return Answer(status, b"".join(parts))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _request(self, method: str, path: str, body: bytes) -> bytes:
        head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}:{self._port}\r\n"
        if method == "POST":
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body
