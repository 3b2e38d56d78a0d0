"""What is kept has a bound: for readers that do not read, and after sessions that came and went."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sized
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Server
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core import sessions as core_sessions
from gradio_reference.core.mailbox import Address
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.messages import weight
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.core.model import Overweight
from gradio_reference.core.model import QueueFull
from gradio_reference.core.model import Unread
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.request import Request
from gradio_reference.service import MOST_WAITING
from gradio_reference.state import State
from gradio_reference.worker import Call

SESSIONS = 10_000
KEPT = Limits(idle=50)
visits = State(0)


def started(scheduler: Scheduler) -> Job:
    job = scheduler.next_runnable(0.0)
    assert job is not None
    scheduler.started(job)
    return job


def read(scheduler: Scheduler, session: str) -> list[dict[str, Any]]:
    mailbox = scheduler.attach(Address(session), "reader")
    assert mailbox is not None
    return scheduler.take(mailbox, 0.0).messages


# --- the scheduler -------------------------------------------------------------------------------


def test_a_full_mailbox_holds_its_job_until_it_is_read() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(messages=5))
    scheduler.join(0, "s", "e")
    job = started(scheduler)
    assert not scheduler.held(job)
    for number in range(3):
        scheduler.emitted("e", [number], 0.0)
    assert scheduler.held(job)
    assert scheduler.released() == []
    read(scheduler, "s")
    assert scheduler.released() == [job]
    assert not scheduler.held(job)


@pytest.mark.parametrize("end", ["cancel", "drop", "fail", "complete"])
def test_a_held_job_is_released_when_nobody_waits_for_it_any_more(end: str) -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(messages=1))
    scheduler.join(0, "s", "e")
    job = started(scheduler)
    assert scheduler.held(job)
    if end == "cancel":
        assert scheduler.cancelled("e", "s", 0) is job
    elif end == "drop":
        assert scheduler.dropped(Address("s")) == [job]
    elif end == "fail":
        scheduler.failed(job, Failure({"error": None}))
    else:
        scheduler.completed(job, [[1]], 0.0)
    assert scheduler.released() == [job]
    assert not scheduler.held(job)


def test_the_weight_of_what_is_unread_counts_too() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(weight=100_000))
    scheduler.join(0, "s", "e", full_chunks=True)
    job = started(scheduler)
    for _ in range(20):
        scheduler.emitted("e", ["x" * 20_000], 0.0)
    assert scheduler.held(job)
    with pytest.raises(Unread):
        scheduler.join(0, "s", "another")
    read(scheduler, "s")
    assert not scheduler.held(job)


def test_an_event_that_goes_on_logging_to_nobody_fails() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(backlog=10))
    scheduler.join(0, "s", "e")
    job = started(scheduler)
    entry = Log("text", "info", 10, True, "Info")
    ended = [scheduler.logged("e", entry) for _ in range(20)]
    assert [one for one in ended if one is not None] == [job]
    messages = read(scheduler, "s")
    assert len(messages) == 10 + 2  # its end, and close_stream
    assert messages[-2]["success"] is False


def test_a_join_of_a_session_that_does_not_read_is_refused_and_leaves_nothing() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(backlog=10))
    for number in range(10):
        scheduler.join(0, "s", f"e{number}")
    with pytest.raises(Unread, match="10 outstanding"):
        scheduler.join(0, "s", "more")
    assert scheduler.waiting == 10
    scheduler.join(0, "t", "of another session")


def test_what_waits_weighs_no_more_than_it_may() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(payloads=100))
    scheduler.join(0, "s", "a", weight=60)
    with pytest.raises(Overweight, match="60 bytes, this call 41"):
        scheduler.join(0, "t", "b", weight=41)
    with pytest.raises(Overweight):
        scheduler.require_room(41)
    assert (scheduler.waiting, scheduler.payloads.held) == (1, 60)
    scheduler.require_room(40)
    scheduler.join(0, "t", "b", weight=40)
    scheduler.join(0, "t", "c")  # of no size: whoever does not tell is not refused


@pytest.mark.parametrize("end", ["cancel", "drop", "fail", "reject", "complete"])
@pytest.mark.parametrize("runs", [False, True])
def test_what_is_over_weighs_nothing(end: str, runs: bool) -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(payloads=100))
    scheduler.join(0, "s", "e", weight=100)
    job = started(scheduler) if runs or end in ("fail", "reject", "complete") else None
    assert scheduler.payloads.held == 100  # also while it runs: the function has it then
    if end == "cancel":
        scheduler.cancelled("e", "s", 0)
    elif end == "drop":
        scheduler.dropped(Address("s"))
    elif end == "reject":
        scheduler.rejected("e", Failure({"error": None}))
    elif job is not None and end == "fail":
        scheduler.failed(job, Failure({"error": None}))
    elif job is not None:
        scheduler.completed(job, [[1]], 0.0)
    assert scheduler.payloads.held == 0
    scheduler.join(0, "s", "f", weight=1000)  # one alone is accepted, whatever its size


def test_of_chunks_the_last_one_weighs() -> None:
    limits = Limits(payloads=100)
    scheduler = Scheduler([Function(0, "g", None, streams=True)], limits=limits)
    event = scheduler.join(0, "s", "e", weight=10)
    job, payloads = started(scheduler), scheduler.payloads
    payloads.feed(event, "a", 90, limits)
    with pytest.raises(Overweight):
        payloads.feed(event, "b", 91, limits)
    assert event.feed is not None
    assert (event.feed.take(), payloads.held) == ("a", 100)  # the function is at work on it
    payloads.feed(event, "c", 50, limits)
    assert payloads.held == 60
    scheduler.completed(job, [[1]], 0.0)
    assert payloads.held == 0


@pytest.mark.anyio
async def test_a_chunk_beyond_the_weight_of_all_is_refused() -> None:
    server = Server(__name__)

    @server.api(connection="stream")
    def echo(text: str) -> str:
        return text

    broker = server._provide().broker
    assert isinstance(broker, MemoryBroker)
    broker.scheduler.limits = Limits(payloads=1000)
    http = server.test_client()
    body = {"data": ["x"], "fn_index": 0, "session_hash": "s"}
    joined = await (await http.post("/gradio_api/queue/join", json=body)).get_json()
    path = f"/gradio_api/stream/{joined['event_id']}"
    assert (await http.post(path, json=body | {"data": ["x" * 2000]})).status_code == 503
    assert (await http.post(path, json=body | {"data": ["x" * 100]})).status_code == 200
    server._provide().close()


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["queue/join", "call/wait", "call/v2/wait", "validated"])
async def test_a_call_beyond_the_weight_of_all_is_refused(way: str) -> None:
    server = Server(__name__)

    @server.api
    async def wait(text: str) -> str:
        await asyncio.Event().wait()
        return text

    @server.api(validator=lambda text: pytest.fail("asked although there is no room"))
    async def validated(text: str) -> str:
        return text

    broker = server._provide().broker
    assert isinstance(broker, MemoryBroker)
    broker.scheduler.limits = Limits(payloads=1500)
    http = server.test_client()

    async def call(text: str) -> Any:
        path, body = way, {"data": [text], "fn_index": 0, "session_hash": "s"}
        if way == "validated":
            path, body = "queue/join", body | {"fn_index": 1}
        return await http.post(f"/gradio_api/{path}", json={"text": text} if "v2" in way else body)

    first = {"data": ["x" * 500], "fn_index": 0, "session_hash": "s"}
    assert (await http.post("/gradio_api/queue/join", json=first)).status_code == 200
    refused = await call("x" * 1000)
    assert refused.status_code == 503
    assert "no more than 1500 are kept" in (await refused.get_json())["detail"]
    assert broker.scheduler.waiting + len(broker.scheduler._jobs) == 1
    if way != "validated":
        assert (await call("x" * 500)).status_code == 200
    server._provide().close()


def test_idle_mailboxes_weigh_no_more_than_they_may() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(idle_weight=100_000))
    for number in range(20):
        scheduler.join(0, f"s{number}", f"e{number}")
        scheduler.completed(started(scheduler), [["x" * 20_000]], 0.0)
    known = [n for n in range(20) if scheduler.attach(Address(f"s{n}"), "r") is not None]
    assert known == [16, 17, 18, 19]
    assert scheduler._idle.weight == 0


def test_one_result_is_kept_however_large() -> None:
    scheduler = Scheduler([Function(0, "g", None)], limits=Limits(idle_weight=1))
    scheduler.join(0, "s", "e")
    scheduler.completed(started(scheduler), [["x" * 10]], 0.0)
    assert read(scheduler, "s")[-2]["output"]["data"] == ["x" * 10]


@pytest.mark.parametrize(
    ("message", "least"),
    [
        ({"msg": "heartbeat"}, 0),
        ({"msg": "log", "log": "x" * 5000}, 5000),
        ({"msg": "process_completed", "output": {"data": ["x" * 5000, None]}}, 5000),
        ({"msg": "process_completed", "output": {"data": [["x" * 5000], 1]}}, 5000),
        ({"msg": "process_completed", "output": {"error": "x" * 5000}}, 5000),
        ({"msg": "process_completed", "output": {}}, 0),
    ],
)
def test_weights(message: dict[str, Any], least: int) -> None:
    assert least < weight(message) < least + 2000


# --- ten thousand sessions -----------------------------------------------------------------------


def held(value: object) -> tuple[int, list[object]] | None:
    """How many items a table has, or may have, and the items."""
    if isinstance(value, str | bytes):
        return None
    if isinstance(value, dict):
        return len(value), list(value.values())
    if isinstance(value, deque):
        return value.maxlen or len(value), list(value)
    if isinstance(value, Sized) and isinstance(value, Iterable):
        return len(value), list(value)
    return None


def tables(root: object) -> dict[str, int]:
    """The size of every container that hangs on an object of this package, by its path."""
    sizes: Counter[str] = Counter()
    seen: set[int] = set()
    todo: deque[tuple[str, object]] = deque([("", root)])
    while todo:  # the nearest first: what hangs on two objects has one name
        path, value = todo.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value).__module__.startswith("gradio_reference"):
            todo += [(f"{path}.{name}", item) for name, item in members(value)]
        elif (table := held(value)) is not None:
            size, items = table
            sizes[path] += size
            todo += [(f"{path}[]", item) for item in items]
    return dict(sizes)


def members(value: object) -> Iterator[tuple[str, object]]:
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    for name in sorted({*names, *getattr(value, "__dict__", ())}):
        yield name, getattr(value, name, None)


async def come_and_go(server: Server, number: int) -> None:
    """A session in one of the ways in which sessions leave."""
    broker = server._provide().broker
    session, way = f"s{number}", number % 6
    request = Request(session_hash=session)
    sessions = server._provide().sessions
    sessions.opened(session)
    if way == 5:
        event = await broker.join(0, None, Call([session], request), call=True)
        stream = broker.stream(Address(event, call=True))
    else:
        event = await broker.join(way % 2, session, Call([session], request))
        stream = broker.stream(Address(session))
    if way == 1:  # a reader that does not stay
        await stream.next(10)
        stream.close()
    elif way == 2:
        await broker.cancel(event, session, 0)
    if way in (2, 3, 5):
        while not (await stream.next(10)).finished:
            pass
        stream.close()
    sessions.closed(request)


@pytest.mark.anyio
async def test_ten_thousand_sessions_leave_nothing_but_what_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With and without reading their streams, with State, with cancels: all tables stay as large
    as they are after a few.
    """
    server = Server(__name__)

    @server.api(concurrency_limit=None)
    async def echo(text: str) -> str:
        return text

    @server.api(concurrency_limit=None)
    async def count(
        text: str, before: Annotated[int, visits]
    ) -> tuple[str, Annotated[int, visits]]:
        return text, before + 1

    monkeypatch.setattr(core_sessions, "_FEW_ALARMS", 50)
    server.configure(state_session_capacity=50)
    service = server._provide()
    assert isinstance(service.broker, MemoryBroker)
    service.broker.scheduler.limits = KEPT

    async def settled() -> dict[str, int]:
        async with asyncio.timeout(20):
            while runs := list(service.worker._runs.values()):
                await asyncio.wait([run.task for run in runs if run.task is not None])
        return tables(service)

    for number in range(600):
        await come_and_go(server, number)
    early = await settled()
    for number in range(600, SESSIONS):
        await come_and_go(server, number)
    late = await settled()
    assert {path: size for path, size in late.items() if size > early.get(path, 0) + 60} == {}
    assert sum(size for path, size in late.items() if path.endswith("._mailboxes")) == KEPT.idle
    assert sum(size for path, size in late.items() if path.endswith("._store._sessions")) == 50


def test_a_queue_without_max_size_has_one() -> None:
    server = Server(__name__)

    @server.api
    def nothing() -> None: ...

    broker = server._provide().broker
    assert isinstance(broker, MemoryBroker)
    assert broker.scheduler.max_size == MOST_WAITING
    broker.scheduler.max_size = 1
    broker.scheduler.join(0, "s", "e")
    with pytest.raises(QueueFull):
        broker.scheduler.join(0, "t", "f")
