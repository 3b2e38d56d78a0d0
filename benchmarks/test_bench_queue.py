"""Speed of the queue core, without I/O: what an event costs when many wait, and when many are past.

Every session has one waiting event and a reader, as with many clients at once. A round does
``ROUND`` operations; between rounds the queue is brought back to its depth.
"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.scheduler import Scheduler

ROUND = 100
ROUNDS = 30
DEPTHS = [10, 1_000, 10_000, 100_000]
STEP = 0.001  # seconds between two starts
RESULT = [["a result"]]

depths = pytest.mark.parametrize("depth", DEPTHS)


class Queue:
    """A group without limit in which ``depth`` events wait, and a clock that moves with starts."""

    def __init__(self, depth: int, *, limit: int | None = None) -> None:
        self.scheduler = Scheduler([Function(0, "g", limit)], max_running=ROUND)
        self.depth = depth
        self.now = 0.0
        self.count = 0
        self.waiting: dict[str, str] = {}  # event → session, in join order
        self.jobs: list[Job] = []
        self.readers: dict[str, Mailbox] = {}  # session → what its stream reads
        self.fill()

    def fill(self) -> None:
        """End what runs; join or cancel until ``depth`` events wait."""
        self.complete()
        while len(self.waiting) > self.depth:
            event, session = self.waiting.popitem()
            self.scheduler.cancelled(event, session, 0)
            self.read(session)
        while len(self.waiting) < self.depth:
            self.read(self.join())
        self.scheduler.woken()

    def join(self) -> str:
        self.count += 1
        session = f"s{self.count}"
        event = self.scheduler.join(0, session, f"e{self.count}")
        self.waiting[event.id] = session
        return session

    def read(self, session: str, *, again: bool = False) -> list[dict[str, Any]]:
        """Open the stream, or go on with it until it ends."""
        mailbox = None if again else self.readers.get(session)
        if mailbox is None:
            mailbox = self.scheduler.attach(Address(session), session)
            assert mailbox is not None
            self.readers[session] = mailbox
        delivery = self.scheduler.take(mailbox, self.now)
        if delivery.finished:
            del self.readers[session]
        return delivery.messages

    def start(self) -> Job:
        self.now += STEP
        self.scheduler.announce(self.now)
        job = self.scheduler.next_runnable(self.now)
        assert job is not None
        self.scheduler.started(job)
        self.jobs.append(job)
        del self.waiting[job.events[0].id]
        return job

    def complete(self) -> None:
        for job in self.jobs:
            self.scheduler.completed(job, RESULT, self.now)
            self.scheduler.ended(job)
        self.jobs.clear()


def rounds(benchmark: BenchmarkFixture, queue: Queue, work: Any, prepare: Any) -> None:
    def setup() -> None:
        queue.fill()
        prepare()

    benchmark.extra_info |= {"operations": min(ROUND, queue.depth), "depth": queue.depth}
    benchmark.pedantic(work, setup=setup, rounds=ROUNDS)


@depths
def test_join(benchmark: BenchmarkFixture, depth: int) -> None:
    queue = Queue(depth)

    def join() -> None:
        for _ in range(min(ROUND, depth)):
            queue.join()

    rounds(benchmark, queue, join, lambda: None)
    assert queue.scheduler.waiting == len(queue.waiting) == depth + min(ROUND, depth)


@depths
def test_start(benchmark: BenchmarkFixture, depth: int) -> None:
    """Including what it costs that all who wait move up."""
    queue = Queue(depth)

    def start() -> None:
        for _ in range(min(ROUND, depth)):
            queue.start()

    rounds(benchmark, queue, start, lambda: None)
    assert queue.scheduler.waiting == len(queue.waiting) == depth - min(ROUND, depth)


@depths
def test_complete(benchmark: BenchmarkFixture, depth: int) -> None:
    queue = Queue(depth)

    def prepare() -> None:
        for _ in range(min(ROUND, depth)):
            queue.start()

    rounds(benchmark, queue, queue.complete, prepare)
    assert queue.scheduler.durations.mean(0) is not None


@depths
def test_cancel(benchmark: BenchmarkFixture, depth: int) -> None:
    """Of events all over the queue."""
    queue = Queue(depth)
    chosen: list[str] = []

    def prepare() -> None:
        step = max(1, depth // ROUND)
        chosen[:] = list(queue.waiting)[::step][:ROUND]

    def cancel() -> None:
        for event in chosen:
            queue.scheduler.cancelled(event, queue.waiting.pop(event), 0)

    rounds(benchmark, queue, cancel, prepare)
    assert queue.scheduler.waiting == depth - min(ROUND, depth)


@depths
def test_estimate(benchmark: BenchmarkFixture, depth: int) -> None:
    """Of events all over the queue, each for a reader that takes it."""
    queue = Queue(depth)
    queue.scheduler.durations.add(0, 1.0)
    sessions = list(queue.waiting.values())[:: max(1, depth // ROUND)][:ROUND]
    seen: list[list[dict[str, Any]]] = []

    def estimate() -> None:
        seen[:] = [queue.read(session, again=True) for session in sessions]

    rounds(benchmark, queue, estimate, lambda: None)
    assert [m["msg"] for told in seen for m in told] == ["estimation"] * len(sessions)
    assert seen[-1][0]["queue_size"] == depth


@pytest.mark.parametrize("past", [0, 1_000, 10_000, 100_000])
def test_event_after_past_ones(benchmark: BenchmarkFixture, past: int) -> None:
    """Join, start, complete and read, after so many events of as many sessions."""
    queue = Queue(0)

    def event() -> None:
        for _ in range(ROUND):
            session = queue.join()
            queue.start()
            queue.complete()
            queue.read(session)

    for _ in range(past // ROUND):
        event()
    rounds(benchmark, queue, event, lambda: None)
    benchmark.extra_info |= {"operations": ROUND, "past": past}
    assert queue.scheduler.waiting == 0


@pytest.mark.parametrize("depth", [100, 1_000, 5_000])
def test_drain(benchmark: BenchmarkFixture, depth: int) -> None:
    """All that wait run one after the other, and every reader reads whatever it is woken for.

    ``messages_per_event`` must not grow with the depth.
    """
    messages = 0

    def setup() -> tuple[tuple[Queue], dict[str, Any]]:
        return (Queue(depth, limit=1),), {}

    def drain(queue: Queue) -> None:
        nonlocal messages
        messages = 0
        while queue.waiting:
            queue.start()
            queue.complete()
            for reader in queue.scheduler.woken():
                messages += len(queue.read(reader))

    benchmark.pedantic(drain, setup=setup, rounds=3)
    benchmark.extra_info |= {"operations": depth, "messages_per_event": messages / depth}
    assert messages / depth <= 6
