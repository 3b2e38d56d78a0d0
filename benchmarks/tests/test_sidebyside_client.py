"""The load client against servers of a few lines, and the runner against workloads of none."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import contextmanager
from typing import Any

import pytest

from sidebyside import runner as running
from sidebyside.connections import Answer
from sidebyside.connections import Client
from sidebyside.declared import chosen
from sidebyside.declared import load
from sidebyside.dialects import DIALECTS
from sidebyside.dialects import Running
from sidebyside.faults import Broken
from sidebyside.processes import Server
from sidebyside.processes import choose_cores
from sidebyside.runner import Runner
from sidebyside.sinks import Tally
from sidebyside.workloads import KINDS
from sidebyside.workloads import WAYS
from sidebyside.workloads import Bench


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
CHUNKED = HEAD + b"3\r\nab\n\r\n2\r\n\nc\r\n0\r\n\r\n"


@asynccontextmanager
async def answering(*answers: bytes | None) -> AsyncIterator[tuple[Client, list[bytes]]]:
    """A server that gives these answers, None being the end of the connection, and what it got."""
    got: list[bytes] = []
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while left:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or b"0"
                got.append(head + await reader.readexactly(int(length)))
                answer = left.pop(0)
                writer.write(answer or b"")
                if left and left[0] is None:
                    left.pop(0)
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(server.sockets[0].getsockname()[1])
    async with server:
        yield client, got
        client.close()


@pytest.mark.anyio
async def test_one_connection_serves_many_requests() -> None:
    async with answering(WHOLE, CHUNKED, WHOLE) as (client, got):
        assert await client.fetch("GET", "/a") == Answer(200, b"ok")
        assert await client.fetch("POST", "/b", b"{}") == Answer(200, b"ab\n\nc")
        assert await client.fetch("GET", "/c") == Answer(200, b"ok")
    assert [request.split(b" HTTP")[0] for request in got] == [b"GET /a", b"POST /b", b"GET /c"]
    assert got[1].endswith(b"content-length: 2\r\n\r\n{}")


@pytest.mark.anyio
async def test_a_connection_that_the_server_closes_is_made_again() -> None:
    last = WHOLE.replace(b"content-length", b"connection: close\r\ncontent-length")
    async with answering(last, None, WHOLE) as (client, _):
        assert (await client.fetch("GET", "/a")).status == 200
        assert not client.connected
        assert (await client.fetch("GET", "/b")).status == 200


@pytest.mark.anyio
async def test_a_body_that_is_cut_is_no_answer() -> None:
    async with answering(HEAD + b"3\r\nab\n\r\n", None) as (client, _):
        tally = Tally()
        assert await client.start("GET", "/", b"", tally.feed) == 200
        with pytest.raises(Broken, match="inside a response"):
            await client.finish()
        assert tally.tail == b"ab\n"


@pytest.mark.anyio
async def test_what_is_not_http_is_no_answer() -> None:
    async with answering(b"hello\r\n\r\n") as (client, _):
        with pytest.raises(Broken, match="not HTTP"):
            await client.fetch("GET", "/")


@pytest.mark.anyio
@pytest.mark.parametrize("text", [None, "b\n\nc"])
async def test_a_stream_is_left_in_the_middle(text: str | None) -> None:
    async with answering(HEAD + b"6\r\nab\n\ncd\r\n") as (client, _):
        tally = Tally()
        await client.start("GET", "/", b"", tally.feed)
        await Running(client, tally).drop(text)
        assert not client.connected


@pytest.mark.anyio
async def test_a_stream_that_ends_before_it_is_left_is_no_answer() -> None:
    async with answering(CHUNKED) as (client, _):
        tally = Tally()
        await client.start("GET", "/", b"", tally.feed)
        with pytest.raises(Broken, match="without 'x'"):
            await Running(client, tally).drop("x")


class Replying:
    """A server whose memory grows by so many KiB with each session, and its dialect."""

    joins = True

    def __init__(self, growth: int) -> None:
        self.growth, self.seen = growth, 0

    def rss_kib(self) -> int:
        return 1000 + self.growth * self.seen

    def cpu_s(self) -> float:
        return 0.0

    async def join(self, _client: Client, _function: str, _value: Any) -> str:
        self.seen += 1
        return "s"

    async def begin(self, _client: Client, _function: str, _value: Any) -> Any:
        self.seen += 1
        return self

    async def end(self, _expected: str) -> Tally:
        return Tally()

    async def drop(self, _text: str | None = None) -> None: ...


@pytest.mark.anyio
@pytest.mark.parametrize("joins", [True, False])
async def test_what_each_session_leaves_is_the_slope(joins: bool) -> None:
    server: Any = Replying(growth=2)
    server.joins = joins
    server.port = 1
    bench = Bench(server, server)
    figures = await KINDS["sessions"](bench, {"sessions": 100, "clients": 4, "steps": 3})
    assert list(figures) == [f"kib_{way}" for way in WAYS if joins or way != "unread"]
    # One more of each part of 5 asks for a result that tells when nobody waits any more.
    assert list(figures.values()) == [pytest.approx(2000 * 6 / 5)] * len(figures)
    assert [point[0] for point in bench.curve[:3]] == [0, 5, 10]
    assert bench.curve[-1][0] == 100 * len(figures)


# -- the runner ------------------------------------------------------------------------------------


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Bench, Any], Any]], None]:
    """Makes deep-queue this function, on a server that is nothing."""

    class Silent:
        def __init__(self, *_: object, **__: object) -> None: ...

        async def prepare(self, _client: Client) -> None: ...

        def verdict(self) -> None: ...

    @contextmanager
    def nothing(*_: object) -> Iterator[Server]:
        yield Server(pid=0, port=1, startup_s=0.0)

    def change(kind: Callable[[Bench, Any], Any]) -> None:
        monkeypatch.setattr(running, "KINDS", {"deep_queue": kind})
        monkeypatch.setattr(running, "DIALECTS", {"gradio": Silent})
        monkeypatch.setattr(running, "serving", nothing)

    return change


def ran(*changes: str, repeats: int = 3) -> Runner:
    plan = chosen(load(changes=changes), peers=["floor"], cases=["deep-queue"])
    runner = Runner(plan, choose_cores(), repeats)
    runner.run(lambda _text: None)
    return runner


def outcomes(runner: Runner) -> dict[str, str]:
    return {case: result.outcome for (case, _), result in runner.results.items()}


def test_every_declared_kind_and_dialect_is_there() -> None:
    plan = load()
    assert {case.kind for case in plan.cases} == {*KINDS, "start", "size"}
    assert {peer.dialect for peer in plan.peers} == set(DIALECTS)


def test_every_repeat_is_a_sample(instead: Callable[..., None]) -> None:
    async def waiting(_bench: Bench, parameters: dict[str, float]) -> dict[str, float]:
        return {"drain_s": parameters["waiting"]}

    instead(waiting)
    runner = ran("deep-queue.waiting=100,200")
    samples = [result.samples for result in runner.results.values()]
    assert samples == [[{"drain_s": 100}] * 3, [{"drain_s": 200}] * 3]


def test_after_a_size_that_is_too_slow_no_larger_one_is_tried(
    instead: Callable[..., None],
) -> None:
    tried: list[float] = []

    async def waiting(_bench: Bench, parameters: dict[str, float]) -> dict[str, float]:
        tried.append(parameters["waiting"])
        if parameters["waiting"] == 200:
            await asyncio.Event().wait()
        return {"drain_s": 1.0}

    instead(waiting)
    runner = ran("deep-queue.waiting=100,200,300", "deep-queue.deadline_s=0.05")
    assert outcomes(runner) == {
        "deep-queue[100]": "measured",
        "deep-queue[200]": "over-deadline",
        "deep-queue[300]": "over-deadline",
    }
    assert tried.count(200) == 1
    assert tried.count(100) == 3
    assert tried.count(300) == 0


def test_a_failure_takes_earlier_samples_along(instead: Callable[..., None]) -> None:
    times = 0

    async def waiting(_bench: Bench, _parameters: dict[str, float]) -> dict[str, float]:
        nonlocal times
        times += 1
        async with asyncio.TaskGroup():
            if times == 3:
                raise Broken("join: 500")
        return {"drain_s": 1.0}

    instead(waiting)
    runner = ran("deep-queue.waiting=100")
    (result,) = runner.results.values()
    assert (result.outcome, result.note, result.samples) == ("failed", "Broken: join: 500", [])


def test_an_interrupt_keeps_what_there_is(instead: Callable[..., None]) -> None:
    async def waiting(_bench: Bench, parameters: dict[str, float]) -> dict[str, float]:
        if parameters["waiting"] == 200:
            raise KeyboardInterrupt
        return {"drain_s": 1.0}

    instead(waiting)
    runner = ran("deep-queue.waiting=100,200")
    assert runner.interrupted
    assert outcomes(runner) == {"deep-queue[100]": "measured", "deep-queue[200]": "failed"}


def test_what_is_not_offered_is_not_tried() -> None:
    plan = chosen(load(), peers=["langserve"], cases=["deep-queue[100]"])
    runner = Runner(plan, choose_cores(), 1)
    assert outcomes(runner) == {"deep-queue[100]": "not-offered"}
    assert runner.results["deep-queue[100]", "langserve"].note == "has no queued"
