"""The scheduler against a naive model, under any order of what can happen to it."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Failure
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.core.scheduler import Scheduler
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor

SPEC = load_spec()
FUNCTIONS = (
    Function(0, "one", 1),
    Function(1, "shared", 3),
    Function(2, "shared", 2),
    Function(3, "free", None),
    Function(4, "batch", 1, batch=3),
)
LIMITS = {"one": 1, "shared": 2, "free": None, "batch": 1}
SESSIONS = st.sampled_from(["s", "t", "u"])
PICK = st.integers(0, 10_000)


class Queue(RuleBasedStateMachine):
    """``waiting`` and ``jobs`` are the model; the monitor judges what readers see."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(FUNCTIONS, max_running=6, limits=Limits(messages=8))
        self.monitor = Monitor(SPEC)
        self.now = 0.0
        self.count = 0
        self.waiting: list[tuple[str, int, str]] = []  # event, function, session: in join order
        self.jobs: list[Job] = []
        self.live: dict[str, str] = {}  # event → session, accepted and not over
        self.over: set[str] = set()
        self.terminal: dict[str, int] = {}
        self.dropped: set[str] = set()
        self.streams: dict[str, int] = {}
        self.boxes: dict[str, Mailbox] = {}  # session → what its open stream reads
        self.stale: set[str] = set()  # waiting events that moved up and were not told, with reader
        self.held: dict[int, Job] = {}

    # --- what clients do -------------------------------------------------------------------------

    @rule(fn=st.integers(0, 4), session=SESSIONS, full=st.booleans())
    def join(self, fn: int, session: str, full: bool) -> None:
        self.count += 1
        event = f"e{self.count}"
        self.scheduler.join(fn, session, event, full_chunks=full)
        self.waiting.append((event, fn, session))
        self.live[event] = session
        assert not self.monitor.joined(session, event, simple_format=full).violations

    @precondition(lambda self: self.live)
    @rule(pick=PICK, stranger=st.booleans())
    def cancel(self, pick: int, stranger: bool) -> None:
        event = list(self.live)[pick % len(self.live)]
        fn = self.function_of(event)
        if stranger:
            assert self.scheduler.cancelled(event, "stranger", fn) is None
            assert self.scheduler.cancelled(event, self.live[event], fn + 1) is None
            return
        job = self.scheduler.cancelled(event, self.live[event], fn)
        alone = [one for one in self.jobs if event in self.members(one)]
        left = {other for one in alone for other in self.members(one)} & self.live.keys()
        self.waiting = [entry for entry in self.waiting if entry[0] != event]
        self.end(event)
        assert (job is not None) == (bool(alone) and left == {event})
        self.release()

    @precondition(lambda self: self.streams)
    @rule(pick=PICK)
    def drop(self, pick: int) -> None:
        session = list(self.streams)[pick % len(self.streams)]
        jobs = self.scheduler.dropped(Address(session))
        gone = {event for event, owner in self.live.items() if owner == session}
        self.waiting = [entry for entry in self.waiting if entry[0] not in gone]
        for event in gone:
            self.end(event)
        self.dropped |= {event for event in gone | self.over if not self.terminal.get(event)}
        assert all(not self.members(job) & self.live.keys() for job in jobs)
        assert not self.monitor.ended(self.streams.pop(session), "dropped").violations
        del self.boxes[session]
        self.release()

    @rule(session=SESSIONS)
    def read(self, session: str) -> None:
        mailbox = self.scheduler.attach(Address(session), f"reader of {session}")
        if mailbox is None:
            assert session not in self.live.values()
            return
        if session not in self.streams:
            self.streams[session] = self.monitor.opened(session)
        self.boxes[session] = mailbox
        self.take(session)

    @precondition(lambda self: self.boxes)
    @rule(pick=PICK)
    def read_on(self, pick: int) -> None:
        self.take(list(self.boxes)[pick % len(self.boxes)])

    def take(self, session: str) -> None:
        stream = self.streams[session]
        delivery = self.scheduler.take(self.boxes[session], self.now)
        self.release()
        unread = {job.id for job in self.held.values() if self.waits_for(job, session)}
        assert not unread  # who waited for this reader may go on
        for message in delivery.messages:
            self.see(stream, message)
        owned = [event for event, owner in self.live.items() if owner == session]
        assert delivery.finished == (not owned)  # SSE-011, SSE-012
        if delivery.finished:
            assert not self.monitor.ended(self.streams.pop(session), "eof").violations
            del self.boxes[session]

    # --- what the worker does --------------------------------------------------------------------

    @rule()
    def start(self) -> None:
        job = self.scheduler.next_runnable(self.now)
        startable = [group for group in LIMITS if self.startable(group)]
        if job is None:
            assert not startable or len(self.jobs) == 6  # nothing stands idle
            return
        group = FUNCTIONS[job.fn].group
        assert group in startable
        queue = [entry for entry in self.waiting if FUNCTIONS[entry[1]].group == group]
        size = FUNCTIONS[job.fn].batch or 1
        expected = [event for event, fn, _ in queue if fn == queue[0][1]][:size]
        assert [event.id for event in job.events] == expected  # QUEUE-002, QUEUE-014
        self.scheduler.started(job)
        self.waiting = [entry for entry in self.waiting if entry[0] not in expected]
        self.jobs.append(job)
        behind = [entry for entry in queue if entry[0] not in expected]
        self.stale |= {event for event, _, session in behind if session in self.boxes}

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK, value=st.lists(st.integers(0, 3), max_size=3))
    def emit(self, pick: int, value: list[int]) -> None:
        job = self.jobs[pick % len(self.jobs)]
        held = self.scheduler.held(job)
        if held:
            assert self.members(job) & self.live.keys()
            self.held[job.id] = job
        elif FUNCTIONS[job.fn].batch is None:
            self.scheduler.emitted(job.events[0].id, [value], self.now)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK, good=st.booleans(), slow=st.booleans())
    def finish(self, pick: int, good: bool, slow: bool) -> None:
        job = self.jobs[pick % len(self.jobs)]
        if good:
            last = [event.values or [None] for event in job.events]
            self.scheduler.completed(job, last, self.now)
        else:
            self.scheduler.failed(job, Failure({"error": None}))
        for event in job.events:
            self.end(event.id)
        self.release()
        if not slow:
            self.end_job(job)

    @precondition(lambda self: self.jobs)
    @rule(pick=PICK)
    def return_late(self, pick: int) -> None:
        job = self.jobs[pick % len(self.jobs)]
        if not self.members(job) & self.live.keys():
            self.end_job(job)

    @rule()
    def tick(self) -> None:
        self.now += 1.0

    @rule(wait=st.sampled_from([0.0, 0.001, 100.0]))
    def announce(self, wait: float) -> None:
        """In the end everybody who reads knows of the last move, each told once (QUEUE-008)."""
        self.now += wait
        self.scheduler.announce(self.now)
        if wait < 100:
            return
        assert self.scheduler.news_at is None
        for session in list(self.boxes):
            self.take(session)
        waiting = {event for event, _, session in self.waiting if session in self.boxes}
        assert not self.stale & waiting

    # --- judgement -------------------------------------------------------------------------------

    @invariant()
    def limits_hold(self) -> None:
        for group, limit in LIMITS.items():
            running = [job for job in self.jobs if FUNCTIONS[job.fn].group == group]
            assert limit is None or len(running) <= limit  # QUEUE-003
        assert self.scheduler.waiting == len(self.waiting)
        assert len(self.jobs) <= 6
        assert all(self.members(job) & self.live.keys() for job in self.held.values())

    def teardown(self) -> None:
        for job in list(self.jobs):
            self.scheduler.failed(job, Failure({"error": None}))
            for event in job.events:
                self.end(event.id)
            self.end_job(job)
        while self.waiting:
            self.start()
            self.finish(0, good=True, slow=False)
        for session in ("s", "t", "u"):
            self.read(session)
        lost = {e for e in self.over if self.terminal.get(e, 0) != 1} - self.dropped
        assert not lost  # EVT-003: nothing lost, nothing doubled

    def see(self, stream: int, message: dict[str, Any]) -> None:
        observed = self.monitor.message(stream, message)
        assert not observed.violations, observed.violations
        event = message["event_id"]
        if message["msg"] == "estimation":
            self.stale.discard(event)
        if message["msg"] == "process_completed":
            self.terminal[event] = self.terminal.get(event, 0) + 1
            assert event in self.over
        if message["msg"] == "estimation" and event in {entry[0] for entry in self.waiting}:
            group = FUNCTIONS[self.function_of(event)].group
            queue = [e for e, fn, _ in self.waiting if FUNCTIONS[fn].group == group]
            assert (message["rank"], message["queue_size"]) == (queue.index(event), len(queue))

    def release(self) -> None:
        for job in self.scheduler.released():
            self.held.pop(job.id, None)

    def waits_for(self, job: Job, session: str) -> bool:
        return any(self.live.get(event) == session for event in self.members(job))

    def startable(self, group: str) -> bool:
        limit = LIMITS[group]
        running = [job for job in self.jobs if FUNCTIONS[job.fn].group == group]
        free = limit is None or len(running) < limit
        return free and any(FUNCTIONS[fn].group == group for _, fn, _ in self.waiting)

    def function_of(self, event: str) -> int:
        waiting = {entry[0]: entry[1] for entry in self.waiting}
        running = {e: job.fn for job in self.jobs for e in self.members(job)}
        return (waiting | running)[event]

    def members(self, job: Job) -> set[str]:
        return {event.id for event in job.events}

    def end(self, event: str) -> None:
        if self.live.pop(event, None) is not None:
            self.over.add(event)

    def end_job(self, job: Job) -> None:
        self.scheduler.ended(job)
        self.jobs.remove(job)


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=100, stateful_step_count=40)
