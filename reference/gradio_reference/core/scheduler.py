"""The scheduler: accepted calls in, messages and runnable jobs out. Pure and single-threaded.

Back-pressure: a job for which ``held`` is true waits until ``released`` names it; otherwise what a
reader leaves unread would pile up. ``Limits`` says how much of it is kept.

Life of an event: ``join`` → ``next_runnable`` + ``started`` → ``emitted`` / ``logged`` /
``progressed`` → ``completed`` or ``failed``; ``cancelled`` and ``dropped`` end it early. A job
keeps its concurrency slot until ``ended``, whatever became of its events (CANCEL-015). Reports
about events that are over are ignored.
"""

from __future__ import annotations

from collections import Counter
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from gradio_reference.core import messages
from gradio_reference.core.estimates import Durations
from gradio_reference.core.feeds import Feed
from gradio_reference.core.group import Group
from gradio_reference.core.group import groups_of
from gradio_reference.core.idle import Idle
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Delivery
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Message
from gradio_reference.core.messages import Progress
from gradio_reference.core.model import Event
from gradio_reference.core.model import Function
from gradio_reference.core.model import Haste
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.core.model import QueueFull
from gradio_reference.core.model import Result
from gradio_reference.core.model import State
from gradio_reference.core.model import Unread
from gradio_reference.core.payloads import Payloads
from gradio_spec import diff

OVERRUN = Failure(messages.shown_error("Too many messages that nobody reads."))
# Event kinds that a simple call shows; the others would only pile up in its mailbox (CALL-003).
_CALL_MESSAGES = frozenset({"process_generating", "process_streaming", "process_completed"})
_HASTE = {
    "estimation": Haste.SOON,
    "process_starts": Haste.SOON,
    "progress": Haste.SOON,
    "process_generating": Haste.PROMPT,
    "process_streaming": Haste.PROMPT,
    "log": Haste.PROMPT,
}


class Scheduler:
    """All queue state of one server.

    ``max_size`` bounds the waiting events, ``max_running`` the jobs at once, ``limits`` what is
    kept for readers. Nothing is kept of an event that is over but its messages.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        *,
        max_size: int | None = None,
        max_running: int = 40,
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self.max_size = max_size
        self.max_running = max_running
        self.limits = limits
        self.durations = Durations()
        self.waiting = 0
        self.payloads = Payloads()
        self.ends: Counter[tuple[int, messages.Outcome]] = Counter()  # by function
        self._functions = {function.index: function for function in functions}
        self._groups = groups_of(self._functions.values())
        self._ready: OrderedDict[str, Group] = OrderedDict()
        self._events: dict[str, Event] = {}
        self._jobs: dict[int, Job] = {}
        self._mailboxes: dict[Address, Mailbox] = {}
        self._idle = Idle()
        self._news: dict[Group, None] = {}  # groups with watchers that are to be told
        self._released: dict[int, Job] = {}
        self._woken: dict[Any, Haste] = {}
        self._seq = 0
        self._job_ids = 0

    @property
    def running(self) -> int:
        """Events that run and are not over."""
        return len(self._events) - self.waiting

    # --- in: calls -------------------------------------------------------------------------------

    def join(
        self,
        fn: int,
        session: str,
        event_id: str,
        *,
        payload: Any = None,
        weight: int = 0,
        call: bool = False,
        full_chunks: bool = False,
    ) -> Event:
        """Accept a call, whose payload has ``weight`` bytes. ``call`` gives it a mailbox of its
        own; raises ``QueueFull``, ``Overweight`` or ``Unread`` and keeps nothing.
        """
        self.require_room(weight)
        event = self._event(fn, session, event_id, payload, call=call, full_chunks=full_chunks)
        self.waiting += 1
        self.payloads.add(event, weight)
        event.group.add(event)
        event.mailbox.accept(event)
        self._wake(event.mailbox, Haste.SOON)
        self._settle(event.group)
        return event

    def require_room(self, weight: int = 0) -> None:
        """Raises ``QueueFull`` if no call can wait now (QUEUE-012), ``Overweight`` if none of so
        many bytes can.
        """
        if self.max_size is not None and self.waiting >= self.max_size:
            raise QueueFull(self.max_size, self.waiting)
        self.payloads.require(weight, self.limits)

    def answered(
        self,
        fn: int,
        session: str,
        event_id: str,
        result: Result,
        seconds: float,
        *,
        call: bool = False,
        full_chunks: bool = False,
    ) -> None:
        """Accept a call whose result is known already: it never waits (EVT-029), so a full queue
        has room for it; raises ``Unread``. ``seconds``: how long it took to find it.
        """
        event = self._event(fn, session, event_id, None, call=call, full_chunks=full_chunks)
        event.state = State.RUNNING
        event.mailbox.outstanding[event_id] = event
        for values in result.chunks:
            self._generated(event, values, seconds)
        average = self.durations.mean(fn)
        output = messages.output(
            result.final, is_generating=False, duration=seconds, average=average
        )
        message = messages.process_cached(event_id, output, seconds=seconds, average=average)
        self._finish(event, message)

    def cancelled(self, event_id: str, session: str, fn: int) -> Job | None:
        """End one event with the cancel marker; returns its job if that has nothing left to do.

        Nothing happens unless the session owns the event and the function is the right one.
        """
        event = self._events.get(event_id)
        # CANCEL-008, CANCEL-009; a finished event is not in the table any more (CANCEL-010).
        if event is None or event.session != session or event.fn != fn:
            return None
        return self._abort(event, messages.process_cancelled(event.id))

    def dropped(self, address: Address) -> list[Job]:
        """The client of this mailbox went away: forget it, return the jobs that nobody waits
        for now.
        """
        mailbox = self._mailboxes.pop(address, None)
        if mailbox is None:
            return []
        mailbox.detach()
        self._idle.remove(address)
        jobs = [self._abort(event, None) for event in list(mailbox.outstanding.values())]
        return [job for job in jobs if job is not None]  # SSE-020, SSE-021

    # --- in: what became of jobs -----------------------------------------------------------------

    def next_runnable(self, now: float) -> Job | None:
        """Claim a slot and the events to run in it, or None. Groups take turns (QUEUE-006)."""
        if not self._ready or len(self._jobs) >= self.max_running:
            return None
        _, group = self._ready.popitem(last=False)
        head = group.head()
        batch = self._functions[head.fn].batch
        events = [head] if batch is None else group.next_of(head.fn, batch)
        self._introduce(events, group, now)
        self._job_ids += 1
        job = Job(self._job_ids, head.fn, group, tuple(events), now)
        for event in events:
            self._stop_waiting(event)  # QUEUE-024: nobody else will find it
            event.state = State.RUNNING
            event.job = job
        self._jobs[job.id] = group.running[job.id] = job
        self._settle(group)
        return job

    def _introduce(self, events: list[Event], group: Group, now: float) -> None:
        """EVT-001: an event that starts before it was ever told its rank is told now."""
        size = len(group)
        for place, event in enumerate(events):
            if not event.estimated:
                eta = group.rank_eta(event, {event.fn: place} if place else {}, self.durations, now)
                self._put(event, messages.estimation(event.id, place, size, eta))

    def started(self, job: Job) -> None:
        """The job's events have started; everybody still waiting in the group moved up."""
        eta = self.durations.mean(job.fn)
        for event in job.events:
            if event.state is State.RUNNING:
                self._put(event, messages.process_starts(event.id, eta))
        job.group.moves += 1
        self._tell(job.group, job.started)

    def live(self, event_id: str) -> Event | None:
        """The event of this id, if its terminal message is still to come."""
        return self._events.get(event_id)

    def fed_by(self, session: str) -> list[Event]:
        """The live events of a session that take chunks."""
        return [e for e in self._events.values() if e.feed is not None and e.session == session]

    def stored(self, event_id: str, changed: Iterable[int]) -> None:
        """What the event is about to output has changed these States (STATE-013)."""
        event = self._running(event_id)
        if event is not None:
            event.changed = tuple(changed)

    def emitted(self, event_id: str, values: list[Any], now: float) -> None:
        """One yield of a generator: full values first, then edits of what the receiver holds."""
        event = self._running(event_id)
        if event is not None and event.job is not None:
            self._generated(event, values, now - event.job.started)

    def _generated(self, event: Event, values: list[Any], duration: float) -> None:
        data: list[Any] = values
        if event.values is not None and not event.full_chunks and event.feed is None:
            pairs = zip(event.values, values, strict=True)
            data = [diff.encode(old, new) for old, new in pairs]  # EVT-013
        event.values = values
        average = self.durations.mean(event.fn)
        result = messages.output(
            data,
            is_generating=True,
            duration=duration,
            average=average,
            changed=event.changed,
        )
        event.changed = ()
        message = (
            messages.process_generating(event.id, result)
            if event.feed is None
            else messages.process_streaming(event.id, result, time_limit=event.feed.left)
        )
        self._put(event, message)

    def logged(self, event_id: str, entry: Log) -> Job | None:
        """Returns the job if nobody waits for it now: its event had to be ended."""
        event = self._running(event_id)
        if event is None:
            return None
        if len(event.mailbox.slots) >= self.limits.backlog:
            return self._abort(event, messages.process_failed(event.id, OVERRUN))
        self._put(event, messages.log(event.id, entry))
        return None

    def progressed(self, event_id: str, units: Progress) -> None:
        event = self._running(event_id)
        if event is not None:
            self._put(event, messages.progress(event.id, units), replaceable=True)

    def completed(self, job: Job, results: Iterable[list[Any]], now: float) -> None:
        """The run succeeded: one list of output values for each event of the job, in order."""
        duration = max(0.0, now - job.started)
        feed = job.events[0].feed  # what is expected of streaming input is its first output
        self.durations.add(job.fn, duration if feed is None else feed.first or 0.0)
        average = self.durations.mean(job.fn)
        for event, values in zip(job.events, results, strict=True):
            if event.state is State.RUNNING:
                # DIFF-012: always the full values.
                result = messages.output(
                    values,
                    is_generating=False,
                    duration=duration,
                    average=average,
                    changed=event.changed,
                )
                self._finish(event, messages.process_completed(event.id, result))

    def failed(self, job: Job, failure: Failure) -> None:
        """The run failed, and with it every event of the job that is not over yet (QUEUE-016)."""
        for event in job.events:
            if event.state is State.RUNNING:
                self._finish(event, messages.process_failed(event.id, failure))

    def rejected(self, event_id: str, failure: Failure) -> None:
        """One event of a job could not be run; the others of its batch go on."""
        event = self._running(event_id)
        if event is not None:
            self._finish(event, messages.process_failed(event.id, failure))

    def ended(self, job: Job) -> None:
        """The function really returned: its slot is free (QUEUE-013, CANCEL-015)."""
        self._jobs.pop(job.id, None)
        job.group.running.pop(job.id, None)
        self._settle(job.group)

    # --- out: back-pressure and news -------------------------------------------------------------

    def held(self, job: Job) -> bool:
        """Whether the job should wait, for a reader of its messages is behind; ``released`` will
        name it.
        """
        behind = [e.mailbox for e in job.events if e.live and e.mailbox.full(self.limits)]
        for mailbox in behind:
            mailbox.held[job.id] = job
            job.held = True
        return bool(behind)

    def released(self) -> list[Job]:
        """Jobs that were held and should look again, since the last call."""
        jobs, self._released = self._released, {}
        return list(jobs.values())

    @property
    def news_at(self) -> float | None:
        """When to call ``announce`` next."""
        return min((group.news_at for group in self._news), default=None)

    def announce(self, now: float) -> None:
        """Tell those who wait of their new places (QUEUE-008), as many as are due."""
        for group in list(self._news):
            self._tell(group, now)

    # --- out: streams ----------------------------------------------------------------------------

    def attach(self, address: Address, reader: Any) -> Mailbox | None:
        """Make ``reader`` the only reader of a mailbox; None if there is no such mailbox
        (SSE-017).
        """
        mailbox = self._mailboxes.get(address)
        if mailbox is None:
            return None
        if mailbox.reader is not None:
            self._wake(mailbox)
        self._idle.remove(address)
        mailbox.attach(reader)
        self._wake(mailbox)
        return mailbox

    def take(self, mailbox: Mailbox, now: float) -> Delivery:
        """Everything due to the reader. ``finished``: nothing is outstanding, the stream ends
        (SSE-011).
        """
        out = mailbox.drain()
        self._release(mailbox)
        if not mailbox.address.call:
            out.extend(self._estimate(event, now) for event in mailbox.due())
        finished = mailbox.finished
        if finished:
            mailbox.detach()
            self._retire(mailbox)
            if not mailbox.address.call:
                out.append(messages.close_stream())
        return Delivery(out, finished)

    def woken(self) -> dict[Any, Haste]:
        """Readers that have something to take since the last call."""
        readers, self._woken = self._woken, {}
        return readers

    def readers(self) -> list[Any]:
        """All readers that are attached now."""
        return [box.reader for box in self._mailboxes.values() if box.reader is not None]

    # --- inside ----------------------------------------------------------------------------------

    def _event(
        self, fn: int, session: str, event_id: str, payload: Any, *, call: bool, full_chunks: bool
    ) -> Event:
        """A new event, not yet in a line or in its mailbox. Raises ``Unread`` and keeps nothing."""
        mailbox = self._mailbox(Address(event_id, call=True) if call else Address(session))
        function = self._functions[fn]
        group = self._groups[function.group]
        self._seq += 1
        event = Event(
            event_id, fn, session, payload, self._seq, group, mailbox, full_chunks or call
        )
        if function.streams:
            event.feed = Feed(function.time_limit)
        self._events[event_id] = event
        return event

    def _mailbox(self, address: Address) -> Mailbox:
        """Where to put the messages of one more event. Raises ``Unread`` and keeps nothing."""
        mailbox = self._mailboxes.get(address)
        if mailbox is None:
            mailbox = self._mailboxes[address] = Mailbox(address)
        count = len(mailbox.outstanding) + len(mailbox.slots)
        if count >= self.limits.backlog or mailbox.weight >= self.limits.weight:
            raise Unread(count)
        self._idle.remove(address)
        return mailbox

    def _running(self, event_id: str) -> Event | None:
        event = self._events.get(event_id)
        return event if event is not None and event.state is State.RUNNING else None

    def _estimate(self, event: Event, now: float) -> Message:
        event.estimated = True
        ahead = event.group.ahead(event)
        eta = event.group.rank_eta(event, ahead, self.durations, now)
        return messages.estimation(event.id, sum(ahead.values()), len(event.group), eta)

    def _put(self, event: Event, message: Message, *, replaceable: bool = False) -> None:
        if event.mailbox.address.call and message["msg"] not in _CALL_MESSAGES:
            return
        event.mailbox.put(event, message, replaceable=replaceable)
        self._wake(event.mailbox, _HASTE.get(message["msg"], Haste.NOW))

    def _wake(self, mailbox: Mailbox, haste: Haste = Haste.NOW) -> None:
        reader = mailbox.reader
        if reader is not None:
            self._woken[reader] = max(haste, self._woken.get(reader, haste))

    def _release(self, mailbox: Mailbox) -> None:
        for job in mailbox.held.values():
            job.held = False
            self._released[job.id] = job
        mailbox.held.clear()

    def _tell(self, group: Group, now: float) -> None:
        for mailbox in group.tell(now):
            mailbox.moved[group] = None
            self._wake(mailbox, Haste.SOON)
        if group.stale:
            self._news[group] = None
        else:
            self._news.pop(group, None)

    def _settle(self, group: Group) -> None:
        if group.startable:
            self._ready[group.name] = group
        else:
            self._ready.pop(group.name, None)

    def _stop_waiting(self, event: Event) -> None:
        event.group.remove(event)
        event.mailbox.stop_waiting(event)
        self.waiting -= 1

    def _abort(self, event: Event, marker: Message | None) -> Job | None:
        if event.state is State.WAITING:
            self._stop_waiting(event)
            self._settle(event.group)
        self._finish(event, marker)
        job = event.job
        return job if job is not None and not job.live else None

    def _finish(self, event: Event, message: Message | None) -> None:
        event.state = State.DONE
        event.values = event.payload = None
        self.payloads.remove(event)
        del self._events[event.id]
        self.ends[event.fn, messages.outcome(message)] += 1
        mailbox = event.mailbox
        if event.job is not None:
            event.job.live -= 1
            if event.job.held:
                self._release(mailbox)
        del mailbox.outstanding[event.id]
        if message is not None:
            self._put(event, message)
            if not mailbox.outstanding and mailbox.reader is None:
                self._idle_now(mailbox)

    def _retire(self, mailbox: Mailbox) -> None:
        """Its stream is over. A session stays known (SSE-023); a delivered call is forgotten
        (CALL-010).
        """
        if mailbox.address.call:
            self._mailboxes.pop(mailbox.address, None)
        else:
            self._idle_now(mailbox)

    def _idle_now(self, mailbox: Mailbox) -> None:
        for address in self._idle.add(mailbox, self.limits):
            del self._mailboxes[address]
