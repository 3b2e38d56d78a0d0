# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value"
"""Functions that tell more than their reader reads: they wait, nothing is lost, and what is kept
has a bound.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from collections.abc import Callable
from typing import Any

import pytest

from gradio_reference import Info
from gradio_reference import Server
from gradio_reference import context
from gradio_reference import worker
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core.mailbox import Address
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.service import Service

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
LIMITS = Limits(messages=10, backlog=100)
AHEAD = 5
MANY = 200
BOTH = pytest.mark.parametrize("name", ["numbers", "numbers_async"])


class Talkers:
    """Functions that talk a lot; ``steps`` counts, ``over`` hears of each that has ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        self.over: asyncio.Queue[str] = asyncio.Queue()
        self.waits: asyncio.Queue[int] = asyncio.Queue()
        self.loop = asyncio.get_running_loop()
        self.services: list[Service] = []
        original = MemoryBroker.room

        async def room(broker: MemoryBroker, job: Job) -> None:
            self.loop.call_soon_threadsafe(self.waits.put_nowait, job.id)
            await original(broker, job)

        monkeypatch.setattr(MemoryBroker, "room", room)
        monkeypatch.setattr(context, "MOST_PENDING", AHEAD)
        monkeypatch.setattr(context, "MOST_AHEAD", AHEAD)

    def end(self, name: str) -> None:
        self.loop.call_soon_threadsafe(self.over.put_nowait, name)

    def app(self) -> Server:
        app = Server(__name__)

        @app.api
        def numbers(count: int) -> int:
            try:
                for self.steps in range(1, count + 1):
                    yield self.steps
            finally:
                self.end("numbers")

        @app.api
        async def numbers_async(count: int) -> int:
            try:
                for self.steps in range(1, count + 1):
                    yield self.steps
            finally:
                self.end("numbers_async")

        @app.api
        def says(count: int) -> str:
            for self.steps in range(1, count + 1):
                Info(str(self.steps))
            return "said"

        @app.api
        async def says_async(count: int) -> str:
            for number in range(count):
                Info(str(number))
                await asyncio.sleep(0)
            return "said"

        broker_of(app).scheduler.limits = LIMITS
        self.services.append(app._provide())
        return app

    async def stopped(self) -> None:
        """Leave nothing running: what a test has left waiting would start as its loop ends."""
        for service in self.services:
            service.close()
            while runs := list(service.worker._runs.values()):
                await asyncio.wait([run.task for run in runs if run.task is not None])


@pytest.fixture
async def talkers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talkers]:
    async with asyncio.timeout(30):
        talkers = Talkers(monkeypatch)
        yield talkers
        await talkers.stopped()


def broker_of(app: Server) -> MemoryBroker:
    broker = app._provide().broker
    assert isinstance(broker, MemoryBroker)
    return broker


def of_kind(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [message for message in messages if message["msg"] == kind]


@BOTH
async def test_a_generator_waits_for_its_reader_and_loses_nothing(
    talkers: Talkers, client: Client, name: str
) -> None:
    api = client(talkers.app())
    await api.join(name, MANY)
    await talkers.waits.get()
    assert talkers.steps <= LIMITS.messages + AHEAD
    messages = await api.read()
    assert len(of_kind(messages, "process_generating")) == MANY  # EVT-010
    assert messages[-2]["output"]["data"] == [MANY]
    assert talkers.steps == MANY


async def test_the_chunks_of_a_call_wait_too(talkers: Talkers, client: Client) -> None:
    api = client(talkers.app())
    event_id = (await api.answer("/call/numbers", {"data": [MANY]}))["event_id"]
    await talkers.waits.get()
    events = await api.result("numbers", event_id)
    assert [name for name, _ in events] == ["generating"] * MANY + ["complete"]


@BOTH
async def test_a_cancel_ends_a_generator_that_waits(
    talkers: Talkers, client: Client, name: str
) -> None:
    api = client(talkers.app())
    event_id = await api.join(name, MANY)
    await api.join(name, 1, session="next")
    await talkers.waits.get()
    steps = talkers.steps
    await api.cancel(name, event_id)
    assert await talkers.over.get() == name
    messages = await api.read()
    assert len(of_kind(messages, "process_generating")) == steps  # CANCEL-003
    assert messages[-2]["output"] == {}
    assert (await api.read("next"))[-2]["output"]["data"] == [1]  # its slot was free again


@BOTH
async def test_a_reader_that_goes_away_ends_a_generator_that_waits(
    talkers: Talkers, client: Client, name: str
) -> None:
    app = talkers.app()
    await client(app).join(name, MANY)
    await talkers.waits.get()
    broker_of(app).drop(Address("s"))
    assert await talkers.over.get() == name  # SSE-021


@BOTH
async def test_a_stopping_server_ends_a_generator_that_waits(
    talkers: Talkers, client: Client, name: str
) -> None:
    app = talkers.app()
    await client(app).join(name, MANY)
    await talkers.waits.get()
    app.say_goodbye()
    assert await talkers.over.get() == name
    assert talkers.steps < MANY


@BOTH
async def test_patience_has_an_end(
    talkers: Talkers, client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(worker, "PATIENCE", 0.01)
    api = client(talkers.app())
    await api.join(name, MANY)
    assert await talkers.over.get() == name
    messages = await api.read()
    assert len(of_kind(messages, "process_generating")) == talkers.steps < MANY  # SSE-034
    assert messages[-2]["output"]["error"] == worker.UNREAD


async def test_a_thread_waits_with_its_logs(talkers: Talkers, client: Client) -> None:
    api = client(talkers.app())
    await api.join("says", MANY)
    await talkers.waits.get()
    messages = await api.read()
    assert [m["log"] for m in of_kind(messages, "log")] == [str(n + 1) for n in range(MANY)]
    assert messages[-2]["output"]["data"] == ["said"]


async def test_a_cancelled_thread_does_not_wait_any_more(talkers: Talkers, client: Client) -> None:
    api = client(talkers.app())
    event_id = await api.join("says", MANY)
    await talkers.waits.get()
    await api.cancel("says", event_id)
    await api.join("says", 1, session="next")
    assert (await api.read("next"))[-2]["output"]["data"] == ["said"]
    assert talkers.steps == 1


async def test_logs_that_cannot_wait_end_their_event(talkers: Talkers, client: Client) -> None:
    api = client(talkers.app())
    await api.join("says_async", MANY)
    for _ in range(10 * MANY):
        await asyncio.sleep(0)
    messages = await api.read()
    logs = [m["log"] for m in of_kind(messages, "log")]
    assert logs == [str(number) for number in range(len(logs))]
    assert len(logs) <= LIMITS.backlog
    assert "nobody reads" in messages[-2]["output"]["error"]


async def test_a_session_that_does_not_read_cannot_join_for_ever(
    talkers: Talkers, client: Client
) -> None:
    api = client(talkers.app())
    body = {"data": [0], "fn_index": 2, "session_hash": "s"}
    statuses = [(await api.post("/queue/join", body)).status_code for _ in range(MANY)]
    accepted = statuses.count(200)
    assert statuses == [200] * accepted + [503] * (MANY - accepted)
    assert 20 <= accepted <= LIMITS.backlog
    await client(api.app).join("says", 0, session="other")


async def test_a_connection_that_stalls_holds_its_generator_back(talkers: Talkers) -> None:
    """Over a real socket: what is sent is bounded by buffers, what is kept by the limits."""
    app = Server(__name__)

    @app.api
    def large() -> str:
        try:
            while True:
                talkers.steps += 1
                yield f"{talkers.steps}" * 20_000
        finally:
            talkers.end("large")

    _, url, _ = app.launch(server_port=0, prevent_thread_lock=True, quiet=True)
    try:
        broker_of(app).scheduler.limits = LIMITS
        port = int(url.rpartition(":")[2])
        (await _request(port, "POST", "/gradio_api/queue/join", _join(0))).close()
        stalled = await _request(port, "GET", "/gradio_api/queue/data?session_hash=s")
        await talkers.waits.get()
        assert talkers.steps < 1000
        stalled.close()
        assert await talkers.over.get() == "large"
    finally:
        app.close()


def _join(fn: int) -> bytes:
    return json.dumps(
        {"data": [], "fn_index": fn, "session_hash": "s", "simple_format": True}
    ).encode()


async def _request(port: int, method: str, target: str, body: bytes = b"") -> socket.socket:
    """Send a request, read the first bytes of the answer, and nothing more."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setblocking(False)
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, head.encode() + body)
    assert (await loop.sock_recv(connection, 12)).endswith(b"200")
    return connection
