"""What /monitoring tells, to whom, and what an event pays for it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Annotated
from typing import Any
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from gradio_reference import Error
from gradio_reference import Info
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core import messages
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Outcome
from gradio_reference.core.model import Event
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.core.model import Refused
from gradio_reference.core.model import Result
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.monitoring import HISTORY
from gradio_reference.monitoring import Monitoring
from gradio_reference.monitoring import percentiles

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]


def fails() -> int:
    raise RuntimeError("no first value")


broken = State(fails)


def make(**settings: Any) -> Server:
    app = Server(__name__, title="<App>")

    @app.api
    def echo(text: str) -> str:
        if text == "bad":
            raise Error("no")
        return text

    @app.api
    @cache
    def kept(text: str) -> str:
        return text

    @app.api(time_limit=0.05)
    async def slow() -> str:
        await asyncio.Event().wait()
        return ""

    @app.api
    def unmade(held: Annotated[int, broken]) -> str:
        return ""

    @app.api
    def never_called() -> str:
        return ""

    app.configure(enable_monitoring=True, **settings)
    return app


async def summary(api: Any) -> dict[str, Any]:
    response = await api.http.get("/monitoring/summary")
    assert response.status_code == 200
    functions: dict[str, Any] = (await response.get_json())["functions"]
    return functions


async def test_all_ways_of_calling_count(client: Client) -> None:
    api = client(make())
    assert await summary(api) == {}
    await api.outcome("echo", "a")
    await api.call("echo", "bad")
    await api.answer("/run/echo", {"data": ["a"]})
    assert (await api.post("/run/echo", {"data": ["bad"]})).status_code == 500
    assert (await api.post("/run/echo", {"data": []})).status_code == 422  # not a call
    await api.outcome("slow")
    await api.outcome("unmade", None)
    for _ in "abc":
        await api.outcome("kept", "x")
    await api.answer("/run/kept", {"data": ["x"]})
    told = await summary(api)
    counts = {name: (each["total_requests"], each["success_rate"]) for name, each in told.items()}
    assert counts == {"echo": (4, 0.5), "kept": (4, 1.0), "slow": (1, 0.0), "unmade": (1, 0.0)}
    times = told["echo"]["process_time_percentiles"]
    assert 0 <= times["50th"] <= times["90th"] <= times["99th"]
    nothing = {"50th": None, "90th": None, "99th": None}
    assert told["slow"]["process_time_percentiles"] == nothing


async def test_events_of_a_batch_count_one_by_one(client: Client) -> None:
    app, gate = Server(__name__), threading.Event()

    @app.api(batch=True, max_batch_size=4)
    def fn(texts: list[str]) -> list[list[str]]:
        gate.wait(20)
        return [texts]

    app.configure(enable_monitoring=True)
    api = client(app)
    events = [await api.join("fn", text) for text in "abcde"]
    assert (await summary(api))["fn"]["success_rate"] is None
    await api.cancel("fn", events[2])  # who has gone is neither a success nor a failure
    gate.set()
    await api.read()
    assert (await summary(api))["fn"]["total_requests"] == 5
    assert app._provide().worker.running == 0
    [(_, record)] = app._provide().monitoring
    assert (record.success, record.failed, sum(record.buckets)) == (4, 0, 4)
    assert (record.cancelled, record.requests) == (1, 5)


async def test_every_end_counts_once(client: Client) -> None:
    """Whatever ended an event, it is counted; and until then it waits or runs."""
    app, gate = Server(__name__), threading.Event()

    @app.api(concurrency_limit=None)
    async def floods(text: str) -> str:
        for _ in range(20):
            Info(text)
        await asyncio.Event().wait()
        return text

    @app.api(concurrency_limit=2)
    def waits(text: str) -> str:
        gate.wait(20)
        return text

    app.configure(metrics=True)
    service = app._provide()
    assert isinstance(service.broker, MemoryBroker)
    scheduler = service.broker.scheduler
    scheduler.limits = Limits(backlog=10)
    api = client(app)

    def counts(name: str) -> dict[str, int]:
        record = dict(service.monitoring)[name]
        ends = {outcome: getattr(record, outcome) for outcome in get_args(Outcome)}
        ends = {outcome: count for outcome, count in ends.items() if count}
        over = sum(scheduler.ends.values())
        total = sum(record.requests for _, record in service.monitoring)
        assert total == over + scheduler.waiting + scheduler.running
        return {"requests": record.requests} | ends

    await api.outcome("floods", "nobody reads this")
    assert counts("floods") == {"requests": 1, "failed": 1}
    events = [await api.join("waits", text, session=text) for text in "abcd"]
    assert counts("waits") == {"requests": 4}
    assert (scheduler.waiting, scheduler.running, service.worker.running) == (2, 2, 2)
    await api.cancel("waits", events[0], session="a")  # a thread runs on
    await api.cancel("waits", events[3], session="d")
    assert counts("waits") == {"requests": 4, "cancelled": 2}
    assert (scheduler.waiting, scheduler.running, service.worker.running) == (1, 1, 2)
    stream = service.broker.stream(Address("c"))
    await stream.next(10)
    stream.close()  # who waited has gone
    assert counts("waits") == {"requests": 4, "cancelled": 3}
    gate.set()
    await api.read("b")
    assert counts("waits") == {"requests": 4, "cancelled": 3, "success": 1}
    assert (scheduler.waiting, scheduler.running) == (0, 0)


FUNCTIONS = (Function(0, "one", 1), Function(1, "free", None), Function(2, "batch", 1, batch=3))


class Counts(RuleBasedStateMachine):
    """What was accepted has succeeded, failed, was cancelled or cached, waits or runs: of each
    function, at any time, each event once.
    """

    def __init__(self) -> None:
        super().__init__()
        limits = Limits(messages=4, backlog=6, payloads=20)
        self.scheduler = Scheduler(FUNCTIONS, max_size=5, max_running=3, limits=limits)
        self.accepted: Counter[int] = Counter()
        self.jobs: list[Job] = []
        self.events: list[Event] = []
        self.told: Counter[messages.Outcome] = Counter()  # what readers learnt
        self.streams: dict[str, Mailbox] = {}

    fns = st.integers(0, 2)
    sessions = st.sampled_from("st")
    picks = st.integers(0, 1000)

    def one(self, pick: int) -> Job:
        return self.jobs[pick % len(self.jobs)]

    @rule(fn=fns, session=sessions, weight=st.integers(0, 12))
    def join(self, fn: int, session: str, weight: int) -> None:
        name = f"e{sum(self.accepted.values())}"
        with contextlib.suppress(Refused):
            self.events.append(self.scheduler.join(fn, session, name, weight=weight))
            self.accepted[fn] += 1

    @rule(fn=fns, session=sessions)
    def answered(self, fn: int, session: str) -> None:
        name = f"e{sum(self.accepted.values())}"
        with contextlib.suppress(Refused):
            self.scheduler.answered(fn, session, name, Result((), [1]), 0.0)
            self.accepted[fn] += 1

    @rule()
    def start(self) -> None:
        job = self.scheduler.next_runnable(0.0)
        if job is not None:
            self.scheduler.started(job)
            self.jobs.append(job)

    @precondition(lambda self: self.jobs)
    @rule(pick=picks, times=st.integers(1, 8))
    def log(self, pick: int, times: int) -> None:
        for event in self.one(pick).events:
            for _ in range(times):
                self.scheduler.logged(event.id, Log("text", "info", 1.0, True, "Info"))

    @precondition(lambda self: self.jobs)
    @rule(pick=picks)
    def reject(self, pick: int) -> None:
        self.scheduler.rejected(self.one(pick).events[-1].id, Failure({"error": None}))

    @precondition(lambda self: self.jobs)
    @rule(pick=picks, good=st.booleans())
    def finish(self, pick: int, good: bool) -> None:
        job = self.one(pick)
        if good:
            self.scheduler.completed(job, [[1]] * len(job.events), 0.0)
        else:
            self.scheduler.failed(job, Failure({"error": None}))

    @precondition(lambda self: self.jobs)
    @rule(pick=picks)
    def end(self, pick: int) -> None:
        job = self.one(pick)
        if not job.live:
            self.jobs.remove(job)
            self.scheduler.ended(job)

    @precondition(lambda self: self.events)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        event = self.events[pick % len(self.events)]
        self.scheduler.cancelled(event.id, event.session, event.fn)

    @rule(session=sessions)
    def read(self, session: str) -> None:
        box = self.streams.get(session) or self.scheduler.attach(Address(session), session)
        if box is not None:
            delivery = self.scheduler.take(box, 0.0)
            ends = (each for each in delivery.messages if each["msg"] == "process_completed")
            self.told.update(messages.outcome(each) for each in ends)
            self.streams.pop(session, None)
            if not delivery.finished:
                self.streams[session] = box

    @precondition(lambda self: self.streams)
    @rule(pick=picks)
    def drop(self, pick: int) -> None:
        session = sorted(self.streams)[pick % len(self.streams)]
        del self.streams[session]
        self.scheduler.dropped(Address(session))

    @invariant()
    def it_adds_up(self) -> None:
        ends, unfinished = self.scheduler.ends, Counter(e.fn for e in self.events if e.live)
        for fn, count in self.accepted.items():
            over = sum(ends[fn, outcome] for outcome in get_args(Outcome))
            assert count == over + unfinished[fn]
        assert sum(unfinished.values()) == self.scheduler.waiting + self.scheduler.running
        weights = sum(event.weight for event in self.events if event.live)
        assert self.scheduler.payloads.held == weights
        for outcome, times in self.told.items():
            assert times <= sum(ends[function.index, outcome] for function in FUNCTIONS)


TestCounts = Counts.TestCase
TestCounts.settings = settings(max_examples=100, stateful_step_count=40)


@pytest.mark.parametrize("enabled", [None, False])
async def test_it_is_off_unless_it_is_wanted(client: Client, enabled: bool | None) -> None:
    app = make()
    app.configure(enable_monitoring=enabled)
    api = client(app)
    for path in ("", "/summary", "/some-key"):
        response = await api.http.get(f"/monitoring{path}")
        assert response.status_code == 403
        assert await response.get_json() == {"detail": "Monitoring is not enabled."}
    response = await api.http.get("/monitoring/metrics")
    assert (response.status_code, await response.get_json()) == (
        403,
        {"detail": "Metrics are not enabled."},
    )


async def test_the_page_is_for_who_reads_the_console(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make()
    api = client(app)
    await api.outcome("echo", "a")
    await api.outcome("slow")
    response = await api.http.get("/monitoring")
    assert response.status_code == 200
    key = app._provide().monitoring_key
    assert key not in await response.get_data(as_text=True)
    printed = capsys.readouterr().out
    assert printed == f"* Monitoring URL: http://localhost/monitoring/{key} *\n"
    for wrong in (key[:-1], key + "x", "é"):
        response = await api.http.get(f"/monitoring/{wrong}")
        assert (response.status_code, await response.get_json()) == (
            403,
            {"detail": "Invalid key."},
        )
    page = await (await api.http.get(f"/monitoring/{key}")).get_data(as_text=True)
    assert "<h1>&lt;App&gt;</h1>" in page
    assert "<tr><td>echo<td>1<td>100.0%<td>0." in page
    assert "<tr><td>slow<td>1<td>0.0%<td><td><td>" in page


async def test_prometheus_reads_it(client: Client) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    app = make(metrics=True)
    api = client(app)
    await api.outcome("echo", "a")
    await api.call("echo", "bad")
    for _ in "ab":
        await api.outcome("kept", "x")
    await api.join("slow", session="other")
    response = await api.http.get("/monitoring/metrics")
    assert response.content_type.startswith("text/plain")
    text = await response.get_data(as_text=True)
    families = {each.name: each for each in parser.text_string_to_metric_families(text)}
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for each in families.values()
        for sample in each.samples
    }
    assert samples["gradio_requests_total", "echo"] == 2
    assert samples["gradio_events_total", "echo", "success"] == 1
    assert samples["gradio_events_total", "echo", "failed"] == 1
    assert samples["gradio_events_total", "kept", "cached"] == 1
    assert samples["gradio_event_seconds_count", "echo"] == 1
    assert samples["gradio_event_seconds_bucket", "echo", "+Inf"] == 1
    assert samples["gradio_event_seconds_sum", "echo"] > 0
    assert samples[("gradio_running_events",)] == 1
    assert samples[("gradio_abandoned_events",)] == 0
    assert samples[("gradio_waiting_events",)] == 0
    await api.read("other")


async def test_two_servers_do_not_share_metrics(client: Client) -> None:
    pytest.importorskip("prometheus_client")
    first, second = (client(make(metrics=True)) for _ in "ab")
    await first.outcome("echo", "a")
    text = await (await second.http.get("/monitoring/metrics")).get_data(as_text=True)
    assert "echo" not in text


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(RuntimeError, match=r"prometheus_client: pip install"):
        make(metrics=True)


def test_a_history_is_bounded() -> None:
    monitoring = Monitoring(make().endpoints, {})
    for step in range(3 * HISTORY):
        monitoring.direct(0, "success")
        monitoring.took(0, float(step))
    [(name, record)] = monitoring
    assert (name, len(record.recent), record.success) == ("echo", HISTORY, 3 * HISTORY)
    told = monitoring.summary()["functions"]["echo"]["process_time_percentiles"]
    assert told["50th"] == pytest.approx(2.5 * HISTORY - 0.5)


def test_percentiles() -> None:
    """As numpy.percentile has them."""
    assert percentiles([], (50,)) == {50: None}
    assert percentiles([3.0], (50, 99)) == {50: 3.0, 99: 3.0}
    assert percentiles([2.0, 1.0], (50, 90)) == {50: 1.5, 90: pytest.approx(1.9)}
    assert percentiles([1.0, 2.0, 3.0, 4.0], (50, 99)) == {50: 2.5, 99: pytest.approx(3.97)}
