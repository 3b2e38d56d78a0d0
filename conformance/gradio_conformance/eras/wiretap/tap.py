"""Stands on a port of its own and lets bytes pass to a server and back."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Literal
from typing import Self
from urllib.parse import urlsplit

from gradio_conformance.looping import LoopThread
from gradio_conformance.ports import HOST

PIECE = 65_536
Side = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that one side of a connection sent at once; none: it has closed. ``at`` is in seconds
    since the tap began.
    """

    at: float
    connection: int
    side: Side
    data: bytes


class Tap:
    """Taps the server at ``upstream`` (``http://host:port``) while the block lasts; clients use
    ``url``.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or HOST, parts.port or 80
        self._chunks: list[Chunk] = []
        self._numbers = count(1)
        self._start = time.monotonic()
        self._ready = threading.Event()
        self._thread = LoopThread(self._serve, "wire tap")
        self._own_port = 0
        self._error: OSError | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._own_port}"

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """All that has passed, in order; to be read after the block."""
        return tuple(self._chunks)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            raise self._error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.end()

    async def _serve(self, ending: asyncio.Event) -> None:
        try:
            server = await asyncio.start_server(self._connected, HOST, 0)
        except OSError as error:
            self._error = error
            self._ready.set()
            return
        self._own_port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await ending.wait()
        server.close()  # what is open ends with the loop

    async def _connected(
        self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        number = next(self._numbers)
        try:
            from_server, to_server = await asyncio.open_connection(self._host, self._port)
        except OSError:
            self._keep(number, "server", b"")
            to_client.close()
            return
        try:
            ways = [
                asyncio.create_task(self._pass(number, "client", from_client, to_server)),
                asyncio.create_task(self._pass(number, "server", from_server, to_client)),
            ]
            # Neither clients nor servers of HTTP close one half: when one has left, both have.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except asyncio.CancelledError:
            pass  # the tap is over; asyncio would complain of a callback that was cancelled
        finally:
            to_server.close()
            to_client.close()

    async def _pass(
        self,
        number: int,
        side: Side,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        try:
            while data := await reader.read(PIECE):
                self._keep(number, side, data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # as good as closed
        self._keep(number, side, b"")

    def _keep(self, number: int, side: Side, data: bytes) -> None:
        self._chunks.append(Chunk(time.monotonic() - self._start, number, side, data))
