"""A small HTTP server with a say over every piece that goes out; all it sees is observed.

Each connection serves one exchange: what a client makes of a connection is not judged here, and a
body that is cut then costs nobody else anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from urllib.parse import unquote
from urllib.parse import urlsplit

import h11

from gradio_conformance.ports import HOST
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Headers
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen

READ = 65_536
Observe = Callable[[Observation], None]
Clock = Callable[[], float]


class Exchange:
    """One request, whole, and its answer as it goes out; ``done`` is set when either side ended
    it.
    """

    def __init__(
        self,
        request: RequestSeen,
        connection: h11.Connection,
        writer: asyncio.StreamWriter,
        observe: Observe,
        clock: Clock,
        *,
        staged: bool,
    ) -> None:
        self.request = request
        self.path = unquote(urlsplit(request.target).path)
        self.began = False
        self.left = False
        self.done = asyncio.Event()
        self._connection = connection
        self._writer = writer
        self._observe = observe
        self._clock = clock
        self._staged = staged

    @property
    def over(self) -> bool:
        return self.done.is_set()

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """The whole answer."""
        await self.begin(status, [*headers, ("content-length", str(len(body)))])
        if body:
            await self.piece(body)
        await self.finish()

    async def begin(self, status: int, headers: Headers) -> None:
        """Status line and headers; without a length, the body goes out in chunks."""
        if self.over:
            return
        self.began = True
        sent = [*headers, ("connection", "close")]
        began = AnswerBegan(
            self.request.id, self._clock(), status, tuple(sent), staged=self._staged
        )
        self._observe(began)
        await self._send(h11.Response(status_code=status, headers=sent, reason=b""))

    async def piece(self, data: bytes) -> None:
        """One piece of the body: a chunk of its own, which has gone out when this returns."""
        if self.over:
            return
        self._observe(BodyPiece(self.request.id, self._clock(), data))
        await self._send(h11.Data(data=data))

    async def finish(self) -> None:
        """The body comes to its end."""
        if not self.over:
            await self._send(h11.EndOfMessage())
            self._end("eof")

    def cut(self) -> None:
        """The connection breaks, in the middle of the body or before it began."""
        if not self.over:
            self._writer.transport.abort()
            self._end("cut")

    def leave(self) -> None:
        """The client went away."""
        if not self.over:
            self.left = True
            self._end("left")

    def _end(self, how: How) -> None:
        self._observe(ExchangeOver(self.request.id, self._clock(), how, staged=self._staged))
        self.done.set()

    async def _send(self, event: h11.Event) -> None:
        data = self._connection.send(event)
        try:
            self._writer.write(data or b"")
            await self._writer.drain()
        except OSError:
            self.leave()


Handler = Callable[[Exchange], Awaitable[None]]


class Site:
    """Listens on a free port of this machine and hands each exchange to ``handler``. ``staged``:
    what it says is beyond what servers may say.
    """

    def __init__(
        self, handler: Handler, observe: Observe, clock: Clock, *, staged: bool = False
    ) -> None:
        self._staged = staged
        self._handler = handler
        self._observe = observe
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.client = ""
        self.elsewhere = ""  # put before targets: requests that went to another origin
        self.numbers = iter(range(1, 1_000_000))

    async def open(self, port: int = 0) -> None:
        """Listen; ``OSError`` if the port is taken."""
        self._server = await asyncio.start_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop what is open."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # drain() then means: handed to the kernel.
        writer.transport.set_write_buffer_limits(0)
        try:
            await self._exchange(reader, writer)
        except (OSError, h11.ProtocolError, asyncio.CancelledError):
            pass  # a client that breaks off or talks no HTTP has no exchange
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        asked = await _request(connection, reader)
        if asked is None:
            return
        head, body = asked
        seen = RequestSeen(
            next(self.numbers),
            self._clock(),
            head.method.decode(),
            self.elsewhere + head.target.decode("latin-1"),
            tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers
            ),
            body,
            self.client,
        )
        self._observe(seen)
        exchange = Exchange(
            seen, connection, writer, self._observe, self._clock, staged=self._staged
        )
        watching = asyncio.ensure_future(_until_gone(reader, exchange))
        try:
            await self._handler(exchange)
        finally:
            watching.cancel()


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request, bytes] | None:
    head: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return head, body
        else:
            return None


async def _until_gone(reader: asyncio.StreamReader, exchange: Exchange) -> None:
    try:
        while await reader.read(READ):
            pass  # nobody reads a second request here
    except OSError:
        pass
    exchange.leave()
