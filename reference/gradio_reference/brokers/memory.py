"""The default broker: the scheduler of this process, a clock, and wake-ups for its readers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from gradio_reference.brokers import BrokerClosed
from gradio_reference.brokers import StreamLost
from gradio_reference.brokers.feeds import MemoryFeeds
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Delivery
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Progress
from gradio_reference.core.model import Haste
from gradio_reference.core.model import Job
from gradio_reference.core.model import Result
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.ids import new_id

STOPPED = "The server is stopping."
REPLACED = "A newer stream of the same session has taken over."
UNKNOWN = "Session not found."


# Seconds that a reader waits, at most, for what may follow. Nobody notices; a write for each
# message would cost several times what the message does.
GATHER = 0.004


class MemoryStream:
    """One reader of one mailbox of a ``MemoryBroker``."""

    def __init__(self, broker: MemoryBroker, address: Address) -> None:
        self._broker = broker
        self._address = address
        # Not an asyncio.Event, for its size: thousands of readers do nothing but wait.
        self._awake = False
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._taken = 0.0  # when it last had something
        self.gathers = False
        self._mailbox: Mailbox | None = None
        self._over = False

    def wake(self, haste: Haste) -> None:
        if haste is Haste.NOW:
            self._wake()
        elif haste is Haste.PROMPT and self._broker.clock() - self._taken > GATHER:
            self._wake()  # the first of many chunks does not wait at all
        elif not self.gathers:
            self.gathers = True
            self._broker.gather(self)

    def _wake(self) -> None:
        self._awake = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _wake_within(self, timeout: float) -> None:
        # An alarm outlives the messages before it: heartbeats are due at the same time still.
        loop = asyncio.get_running_loop()
        when = loop.time() + timeout
        if self._alarm is None or when < self._alarm.when():
            self._still()
            self._alarm = loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._wake()

    def _still(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    async def next(self, timeout: float) -> Delivery:
        if self._mailbox is None:
            self._mailbox = self._broker.scheduler.attach(self._address, self)
            if self._mailbox is None:
                self._over = True
                raise StreamLost(UNKNOWN, unknown=True)
            self._broker.pump()
        self._wake_within(timeout)
        if not self._awake:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        # What becomes ready in this turn of the loop goes into the same write; and a stream that
        # always has something to say really suspends.
        await asyncio.sleep(0)
        try:
            return self._take(self._mailbox)
        finally:
            if self._over:
                self._still()

    def _take(self, mailbox: Mailbox) -> Delivery:
        if mailbox.reader is not self:
            self._over = True
            raise StreamLost(REPLACED)  # SSE-024
        self._awake = False
        self.gathers = False
        self._taken = self._broker.clock()
        delivery: Delivery = self._broker.scheduler.take(mailbox, self._taken)
        self._broker.release()
        self._over = delivery.finished
        if self._broker.closed and not delivery.messages:
            self._over = True
            raise StreamLost(STOPPED)
        if self._broker.closed:
            self._awake = True
        return delivery

    def close(self) -> None:
        self._still()
        if self._mailbox is None or self._over or self._mailbox.reader is not self:
            return
        self._over = True
        self._broker.drop(self._address)


class MemoryBroker:
    """A scheduler with a worker: ``employ`` says who runs jobs."""

    def __init__(
        self, scheduler: Scheduler, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.scheduler = scheduler
        self.feeds = MemoryFeeds(scheduler)
        self.clock = clock
        self.closed = False
        self._start: Callable[[Job], None] = lambda job: None
        self._stop: Callable[[Job], None] = lambda job: None
        self._held: dict[int, asyncio.Event] = {}
        self._news: asyncio.TimerHandle | None = None
        self._gathering: list[MemoryStream] = []

    def employ(self, start: Callable[[Job], None], stop: Callable[[Job], None]) -> None:
        """``start`` runs a job and reports back; ``stop`` asks a job that nobody waits for to
        end.
        """
        self._start, self._stop = start, stop

    async def join(
        self,
        fn: int,
        session: str | None,
        payload: Any,
        *,
        weight: int = 0,
        call: bool = False,
        full_chunks: bool = False,
    ) -> str:
        event_id, owner = self._named(session)
        self.scheduler.join(
            fn,
            owner,
            event_id,
            payload=payload,
            weight=weight,
            call=call,
            full_chunks=full_chunks,
        )
        self.pump()
        return event_id

    async def answered(
        self,
        fn: int,
        session: str | None,
        result: Result,
        seconds: float,
        *,
        call: bool = False,
        full_chunks: bool = False,
    ) -> str:
        event_id, owner = self._named(session)
        self.scheduler.answered(
            fn, owner, event_id, result, seconds, call=call, full_chunks=full_chunks
        )
        self.pump()
        return event_id

    def _named(self, session: str | None) -> tuple[str, str]:
        """A new event id (JOIN-002), and the session that owns it: its own for a call without."""
        if self.closed:
            raise BrokerClosed(STOPPED)
        event_id = new_id()
        return event_id, event_id if session is None else session

    async def require_room(self, weight: int = 0) -> None:
        self.scheduler.require_room(weight)

    async def cancel(self, event_id: str, session: str, fn: int) -> None:
        job = self.scheduler.cancelled(event_id, session, fn)
        if job is not None:
            self._stop(job)
        self.pump()

    async def waiting(self) -> int:
        return self.scheduler.waiting

    def stream(self, address: Address) -> MemoryStream:
        return MemoryStream(self, address)

    def drop(self, address: Address) -> None:
        for job in self.scheduler.dropped(address):
            self._stop(job)
        self.pump()

    def stored(self, event_id: str, changed: Iterable[int]) -> None:
        self.scheduler.stored(event_id, changed)

    def emitted(self, event_id: str, values: list[Any]) -> None:
        self.scheduler.emitted(event_id, values, self.clock())
        self._notify()

    def logged(self, event_id: str, entry: Log) -> None:
        job = self.scheduler.logged(event_id, entry)
        if job is not None:
            self._stop(job)
        self.pump()

    def progressed(self, event_id: str, units: Progress) -> None:
        self.scheduler.progressed(event_id, units)
        self._notify()

    def completed(self, job: Job, results: list[list[Any]]) -> None:
        self.scheduler.completed(job, results, self.clock())
        # No pump: ``ended`` follows at once, and only then there is something to start.

    def failed(self, job: Job, failure: Failure) -> None:
        self.scheduler.failed(job, failure)
        self.pump()

    def rejected(self, event_id: str, failure: Failure) -> None:
        # No pump: this comes from the start of a job, which is part of one.
        self.scheduler.rejected(event_id, failure)

    def ended(self, job: Job) -> None:
        self.scheduler.ended(job)
        self.pump()

    def held(self, job: Job) -> bool:
        return not self.closed and self.scheduler.held(job)

    async def room(self, job: Job) -> None:
        while self.held(job):
            awake = self._held[job.id] = asyncio.Event()
            try:
                await awake.wait()
            finally:
                del self._held[job.id]

    def mean_duration(self, fn: int) -> float | None:
        return self.scheduler.durations.mean(fn)

    def observed(self, fn: int, seconds: float) -> None:
        self.scheduler.durations.add(fn, seconds)

    def close(self) -> None:
        self.closed = True
        if self._news is not None:
            self._news.cancel()
        for reader in self.scheduler.readers():
            reader.wake(Haste.NOW)
        for held in self._held.values():
            held.set()

    def pump(self) -> None:
        """Start what can start, wake who has something to read."""
        while not self.closed:
            job = self.scheduler.next_runnable(self.clock())
            if job is None:
                break
            self.scheduler.started(job)
            self._start(job)
        self._notify()
        if self._news is None and not self.closed:
            self._plan_news()

    def _notify(self) -> None:
        """What made nothing startable and nobody wait has only readers to tell."""
        for reader, haste in self.scheduler.woken().items():
            reader.wake(haste)
        self.release()

    def release(self) -> None:
        """Let the jobs look again whose readers have read."""
        for job in self.scheduler.released():
            held = self._held.get(job.id)
            if held is not None:
                held.set()

    def gather(self, reader: MemoryStream) -> None:
        """Wake a reader soon, together with others."""
        if not self._gathering:
            asyncio.get_running_loop().call_later(GATHER, self._gathered)
        self._gathering.append(reader)

    def _gathered(self) -> None:
        readers, self._gathering = self._gathering, []
        for reader in readers:
            if reader.gathers:  # it may have had everything meanwhile
                reader.wake(Haste.NOW)

    def _plan_news(self) -> None:
        due = self.scheduler.news_at
        if due is not None:
            wait = max(0.0, due - self.clock())
            self._news = asyncio.get_running_loop().call_later(wait, self._announce)

    def _announce(self) -> None:
        self._news = None
        self.scheduler.announce(self.clock())
        self.pump()
