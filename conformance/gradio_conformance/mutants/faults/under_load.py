"""Faults that show only now and then: in a longer queue, or after a cancel."""

from __future__ import annotations

from collections.abc import Callable

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.core.group import Group
from gradio_reference.core.line import Line
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler


@fault
def an_event_runs_twice_under_load(patch: Patches) -> None:
    original = Scheduler.next_runnable
    again: set[str] = set()

    def next_runnable(scheduler: Scheduler, now: float) -> Job | None:
        job = original(scheduler, now)
        if job is not None and len(job.group) and len(job.events) == 1:
            event, group = job.events[0], job.group
            if event.id not in again:
                box = Mailbox(Address("nobody"))
                ghost = Event(
                    f"{event.id} again", event.fn, "nobody", event.payload, event.seq, group, box
                )
                again.add(ghost.id)
                box.accept(ghost)
                scheduler._events[ghost.id] = ghost
                scheduler.waiting += 1
                group._queues[ghost.fn] = Line([ghost.seq, *group._queues[ghost.fn]])
                group._waiting[ghost.seq] = ghost
                scheduler._settle(group)
        return job

    patch(Scheduler, "next_runnable", next_runnable)


def _after_a_cancel(patch: Patches, then: Callable[[Scheduler, Event], None]) -> None:
    """Do something when an event was cancelled that waited."""
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        event = scheduler._events.get(event_id)
        waited = event is not None and event.state is State.WAITING
        job = original(scheduler, event_id, session, fn)
        if event is not None and waited and event.state is State.DONE:
            then(scheduler, event)
        return job

    patch(Scheduler, "cancelled", cancelled)


@fault
def a_cancel_shuffles_the_queue(patch: Patches) -> None:
    shuffled: set[Group] = set()
    original = Group.head

    def head(group: Group) -> Event:
        if group in shuffled and len(group) > 1:
            shuffled.discard(group)
            return group._waiting[sorted(group._waiting)[1]]
        return original(group)

    _after_a_cancel(patch, lambda scheduler, event: shuffled.add(event.group))
    patch(Group, "head", head)


def _ghosts(patch: Patches) -> dict[Group, list[int]]:
    """The places of cancelled events that nobody cleared up."""
    left: dict[Group, list[int]] = {}
    _after_a_cancel(patch, lambda _, event: left.setdefault(event.group, []).append(event.seq))
    return left


@fault
def a_cancelled_event_keeps_its_rank(patch: Patches) -> None:
    ghosts = _ghosts(patch)
    ahead, length = Group.ahead, Group.__len__

    def with_ghosts(group: Group, event: Event) -> dict[int, int]:
        counts = ahead(group, event)
        more = sum(seq < event.seq for seq in ghosts.get(group, ()))
        return {**counts, event.fn: counts.get(event.fn, 0) + more} if more else counts

    patch(Group, "ahead", with_ghosts)
    patch(Group, "__len__", lambda group: length(group) + len(ghosts.get(group, ())))


@fault
def a_cancelled_event_counts_as_waiting(patch: Patches) -> None:
    ghosts = _ghosts(patch)
    length = Group.__len__
    patch(Group, "__len__", lambda group: length(group) + len(ghosts.get(group, ())))


@fault
def a_cancelled_event_stays_in_the_status(patch: Patches) -> None:
    def count(scheduler: Scheduler, event: Event) -> None:
        scheduler.waiting += 1

    _after_a_cancel(patch, count)


@fault
def limit_passed_for_an_instant(patch: Patches) -> None:
    original = Scheduler.ended

    def ended(scheduler: Scheduler, job: Job) -> None:
        group = job.group
        if group.limit is not None and group.limit > 1 and len(group) > 1:
            # A slot too many for one start; it is gone as soon as it is used.
            group.running.pop(next(iter(group.running)))
        original(scheduler, job)

    patch(Scheduler, "ended", ended)


@fault
def a_small_batch_skips_an_event(patch: Patches) -> None:
    original = Group.next_of

    def next_of(group: Group, fn: int, count: int) -> list[Event]:
        events = original(group, fn, count)
        return [events[0], *events[2:]] if 1 < len(events) < count else events

    patch(Group, "next_of", next_of)
