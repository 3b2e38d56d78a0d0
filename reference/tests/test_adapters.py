"""What a web server makes of connections that end and of requests that are none, below what the
suite can ask of every server.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pytest
import uvloop
from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config as HypercornConfig

from gradio_reference import Server
from gradio_reference import adapters
from gradio_reference import connections
from gradio_reference import serving
from gradio_reference.serving import Plan

pytestmark = pytest.mark.anyio
LONG_S = 20
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture(params=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": request.param == "uvloop"}


def call(name: str) -> bytes:
    head = f"POST /gradio_api/run/{name} HTTP/1.1\r\nHost: x\r\n"
    return head.encode() + JSON + b'Content-Length: 12\r\n\r\n{"data": []}'


@dataclass
class App:
    """Two functions, and a stream that tells when it has lost its reader."""

    server: Server = field(default_factory=lambda: Server(__name__))
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    deserted: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.server.api(name="slow", queue=False)(self.slow)
        self.server.api(name="quick", queue=False)(self.quick)
        self.server.get("/stream")(self.stream)

    async def slow(self) -> str:
        self.entered.set()
        await self.gate.wait()
        return "slow"

    def quick(self) -> str:
        return "quick"

    async def stream(self) -> Any:
        self.entered.set()
        await self.gate.wait()

        async def lines() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b": \n"
                    await asyncio.Event().wait()
            finally:
                self.deserted.set()

        return lines(), 200, {"Content-Type": "text/event-stream"}


@dataclass
class Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, text: bytes) -> None:
        self.writer.write(text)

    async def answers(self) -> list[bytes]:
        """The status and last line of each answer, when the server has closed."""
        text = await self.reader.read()
        found = text.split(b"HTTP/1.1 ")[1:]
        return [answer[:3] + b" " + answer.splitlines()[-1] for answer in found]


@asynccontextmanager
async def connected(app: App, web_server: str) -> AsyncIterator[Connection]:
    plan = Plan(port=0, web_server=web_server)
    listener = serving.listen(plan)
    port = listener.getsockname()[1]
    stop = asyncio.Event()
    app.server.configure(grace=0.5)
    serve = adapters.adapter(web_server).serve(app.server, listener, plan, stop)
    async with asyncio.timeout(LONG_S), asyncio.TaskGroup() as group:
        group.create_task(serve)
        connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
        try:
            yield connection
        finally:
            connection.writer.close()
            with suppress(ConnectionError):
                await connection.writer.wait_closed()
            app.gate.set()
            stop.set()


@pytest.mark.parametrize(
    ("web_server", "library"), [("hypercorn", "asyncio"), ("uvicorn", "uvloop")]
)
def test_the_loop(web_server: str, library: str) -> None:
    loop = adapters.adapter(web_server).new_event_loop()
    loop.close()
    assert type(loop).__module__.split(".")[0] == library


@pytest.mark.parametrize("new_event_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_an_answer_waits_for_no_acknowledgement(
    new_event_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Head and body are two writes: without TCP_NODELAY the second waits for 40 ms."""

    async def main() -> None:
        made: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Connected(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                sock = transport.get_extra_info("socket")
                made.set_result(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        listener = serving.listen(Plan(port=0))
        port = listener.getsockname()[1]
        server = await asyncio.get_running_loop().create_server(Connected, sock=listener)
        async with server, asyncio.timeout(LONG_S):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await made
            writer.close()
            await writer.wait_closed()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())


def told(answers: list[bytes]) -> list[str]:
    return [
        next((word for word in ("slow", "quick") if word.encode() in answer), answer[:3].decode())
        for answer in answers
    ]


@pytest.mark.parametrize("web_server", adapters.NAMES)
async def test_an_answer_that_takes_its_time_reaches_a_half_closed_connection(
    web_server: str,
) -> None:
    """NET-013"""
    app = App()
    async with connected(app, web_server) as connection:
        connection.send(call("quick") + call("slow"))
        connection.writer.write_eof()
        await app.entered.wait()
        app.gate.set()
        assert told(await connection.answers()) == ["quick", "slow"]


@pytest.mark.parametrize("web_server", adapters.NAMES)
@pytest.mark.parametrize("early", [True, False])
async def test_a_stream_notices_that_its_reader_has_ended(web_server: str, early: bool) -> None:
    """SSE-020, whether the stream has begun by then or not."""
    app = App()
    async with connected(app, web_server) as connection:
        connection.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        await app.entered.wait()
        if early:
            connection.writer.write_eof()
            await asyncio.sleep(0)
            app.gate.set()
            await connection.reader.read()  # to its end: the server has closed
        else:
            app.gate.set()
            await connection.reader.readuntil(b": \n")
            connection.writer.write_eof()
            await app.deserted.wait()


@pytest.mark.parametrize(
    "broken",
    [
        b"GET /config HTTP/1.1\r\n\r\n",
        b"GET /config HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        b"GET /config HTTP/1.1\r\nHost: x\r\nContent-Length: so\r\n\r\n",
    ],
    ids=["no host", "two hosts", "no length"],
)
async def test_a_broken_request_does_not_overtake_an_answer(broken: bytes) -> None:
    """NET-010, NET-012"""
    app = App()
    async with connected(app, "uvicorn") as connection:
        connection.send(call("slow") + broken + call("quick"))
        await app.entered.wait()
        app.gate.set()
        assert told(await connection.answers()) == ["slow"]


async def test_a_broken_request_ends_the_connection_when_several_answers_are_owed() -> None:
    app = App()
    async with connected(app, "uvicorn") as connection:
        connection.send(call("slow") + call("slow") + b"no request\r\n\r\n")
        await app.entered.wait()
        assert await connection.answers() == []


async def test_http_1_0_needs_no_host() -> None:
    async with connected(App(), "uvicorn") as connection:
        connection.send(b"GET /config HTTP/1.0\r\n\r\n")
        assert (await connection.reader.read()).startswith(b"HTTP/1.1 200 ")


def endless() -> Iterator[tuple[str, bytes, bytes]]:
    yield "header", b"GET /config HTTP/1.1\r\nHost: x\r\nX: ", b"x" * 1000
    yield "headers", b"GET /config HTTP/1.1\r\nHost: x\r\n", b"X: x\r\n" * 100
    yield "target", b"GET /config?", b"x" * 1000
    head = b"POST /gradio_api/run/quick HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield "trailer", head + b"0\r\n", b"X: x\r\n" * 100
    yield "extension", head + b"1;x=", b"x" * 1000


@pytest.mark.parametrize(
    ("start", "more"), [pytest.param(*rest, id=name) for name, *rest in endless()]
)
@pytest.mark.parametrize("web_server", adapters.NAMES)
async def test_a_head_without_an_end_is_refused(web_server: str, start: bytes, more: bytes) -> None:
    """NET-019"""
    async with connected(App(), web_server) as connection:
        connection.send(start)
        try:
            while not connection.reader.at_eof():
                connection.send(more)
                await connection.writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            return
        assert told([await connection.reader.read()]) in (["400"], [""])


async def test_a_body_in_the_smallest_chunks_is_no_head() -> None:
    """NET-011"""
    size = 40_000
    async with connected(App(), "uvicorn") as connection:
        head = "POST /gradio_api/run/quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        connection.send(head.encode() + JSON + b"Transfer-Encoding: chunked\r\n\r\n")
        for letter in b'{"data": []' + b" " * size + b"}":
            connection.send(b"1\r\n" + bytes([letter]) + b"\r\n")
        connection.send(b"0\r\n\r\n")
        assert told(await connection.answers()) == ["quick"]


@pytest.mark.parametrize("web_server", adapters.NAMES)
async def test_an_app_that_does_not_start_raises(web_server: str) -> None:
    app = App()

    @app.server.before_serving
    async def fail() -> None:
        raise RuntimeError("no")

    with pytest.raises(ExceptionGroup):
        async with connected(app, web_server):
            await asyncio.Event().wait()


async def test_other_servers_of_the_process_keep_their_connections() -> None:
    connections.install()
    accept: Any = vars(run)["TCPServer"]  # where its serve() looks it up
    made = {
        type(accept(None, None, config, None, {}, asyncio.StreamReader(), None))
        for config in (HypercornConfig(), connections.Config())
    }
    assert made == {TCPServer, connections.Connection}


def test_a_web_server_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="server: must be one of hypercorn, uvicorn, not 'x'"):
        adapters.adapter("x")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"uvicorn needs .*gradio-protocol\[server,fast\]"):
        adapters.adapter("uvicorn")
