"""Faults of the queue: order, limits, what is counted."""

from __future__ import annotations

from dataclasses import replace

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import service
from gradio_reference.core import messages
from gradio_reference.core.estimates import Durations
from gradio_reference.core.group import Group
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Event
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.model import QueueFull
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.endpoint import Endpoint


@fault
def lifo_queue(patch: Patches) -> None:
    def head(group: Group) -> Event:
        return group._waiting[max(group._waiting)]

    patch(Group, "head", head)


@fault
def one_session_last_in_first_out(patch: Patches) -> None:
    def head(group: Group) -> Event:
        first = group._waiting[min(group._waiting)]
        own = [seq for seq, event in group._waiting.items() if event.session == first.session]
        return group._waiting[max(own)]

    patch(Group, "head", head)


def _limits(patch: Patches, change: dict[int | None, int | None]) -> None:
    """Every declared or default limit in the keys becomes its value."""
    original = service.function

    def function(endpoint: Endpoint, default_limit: int | None) -> Function:
        made = original(endpoint, default_limit)
        return replace(made, limit=change.get(made.limit, made.limit))

    patch(service, "function", function)


@fault
def two_at_a_time_by_default(patch: Patches) -> None:
    _limits(patch, {1: 2})


@fault
def limit_passed_by_one(patch: Patches) -> None:
    _limits(patch, {2: 3})


@fault
def limit_never_used_up(patch: Patches) -> None:
    _limits(patch, {2: 1})


@fault
def no_limit_means_three(patch: Patches) -> None:
    _limits(patch, {None: 3})


@fault
def highest_shared_limit_wins(patch: Patches) -> None:
    original = Group.__init__

    def init(group: Group, name: str, functions: list[Function]) -> None:
        members = tuple(functions)
        original(group, name, members)
        limits = [member.limit for member in members if member.limit is not None]
        group.limit = max(limits) if limits else None

    patch(Group, "__init__", init)


@fault
def concurrency_id_ignored(patch: Patches) -> None:
    original = service.function

    def function(endpoint: Endpoint, default_limit: int | None) -> Function:
        return replace(original(endpoint, default_limit), group=f"fn {endpoint.index}")

    patch(service, "function", function)


@fault
def one_group_for_all(patch: Patches) -> None:
    original = service.function

    def function(endpoint: Endpoint, default_limit: int | None) -> Function:
        made = original(endpoint, default_limit)
        shared = made.group.startswith("id ") or made.limit is None or made.batch is not None
        return made if shared else replace(made, group="everybody")

    patch(service, "function", function)


@fault
def a_full_group_blocks_all(patch: Patches) -> None:
    original = Scheduler.next_runnable

    def next_runnable(scheduler: Scheduler, now: float) -> Job | None:
        blocked = any(len(group) and not group.startable for group in scheduler._groups.values())
        return None if blocked else original(scheduler, now)

    patch(Scheduler, "next_runnable", next_runnable)


@fault
def everybody_is_told_to_be_first(patch: Patches) -> None:
    def estimate(scheduler: Scheduler, event: Event, now: float) -> Message:
        event.estimated = True
        return messages.estimation(event.id, 0, len(event.group), None)

    patch(Scheduler, "_estimate", estimate)


@fault
def no_news_for_the_waiting(patch: Patches) -> None:
    def started(scheduler: Scheduler, job: Job) -> None:
        eta = scheduler.durations.mean(job.fn)
        for event in job.events:
            scheduler._put(event, messages.process_starts(event.id, eta))

    patch(Scheduler, "started", started)


@fault
def queue_size_counts_the_running(patch: Patches) -> None:
    original = Group.__len__
    patch(Group, "__len__", lambda group: original(group) + len(group.running))


@fault
def rank_counts_the_running(patch: Patches) -> None:
    def estimate(scheduler: Scheduler, event: Event, now: float) -> Message:
        event.estimated = True
        rank = sum(event.group.ahead(event).values()) + len(event.group.running)
        size = len(event.group) + len(event.group.running)
        return messages.estimation(event.id, rank, size, None)

    patch(Scheduler, "_estimate", estimate)


@fault
def estimates_without_history(patch: Patches) -> None:
    original = Group.rank_eta

    def rank_eta(
        group: Group, event: Event, ahead: dict[int, int], durations: Durations, now: float
    ) -> float | None:
        known = original(group, event, ahead, durations, now)
        return 1.0 + len(ahead) if known is None else known

    patch(Group, "rank_eta", rank_eta)


@fault
def max_size_counts_the_running(patch: Patches) -> None:
    original = Scheduler.join

    def join(scheduler: Scheduler, *args: object, **options: object) -> Event:
        size = scheduler.waiting + len(scheduler._jobs)
        if scheduler.max_size is not None and size >= scheduler.max_size:
            raise QueueFull(scheduler.max_size, size)
        return original(scheduler, *args, **options)  # type: ignore[arg-type]

    patch(Scheduler, "join", join)


@fault
def max_size_ignored(patch: Patches) -> None:
    original = Scheduler.__init__

    def init(scheduler: Scheduler, functions: object, **options: object) -> None:
        original(scheduler, functions, **{**options, "max_size": None})  # type: ignore[arg-type]

    patch(Scheduler, "__init__", init)


@fault
def a_failure_keeps_its_slot(patch: Patches) -> None:
    failed, ended = Scheduler.failed, Scheduler.ended
    broken: set[int] = set()

    def fail(scheduler: Scheduler, job: Job, failure: Failure) -> None:
        broken.add(job.id)
        failed(scheduler, job, failure)

    def end(scheduler: Scheduler, job: Job) -> None:
        if job.id not in broken:
            ended(scheduler, job)

    patch(Scheduler, "failed", fail)
    patch(Scheduler, "ended", end)


@fault
def a_free_slot_waits_for_the_next_join(patch: Patches) -> None:
    def ended(scheduler: Scheduler, job: Job) -> None:
        scheduler._jobs.pop(job.id, None)
        job.group.running.pop(job.id, None)
        scheduler._ready.pop(job.group.name, None)

    patch(Scheduler, "ended", ended)


@fault
def a_cancelled_place_blocks_the_queue(patch: Patches) -> None:
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        event = scheduler._events.get(event_id)
        waits = event is not None and event.state is State.WAITING
        job = original(scheduler, event_id, session, fn)
        if event is not None and waits:
            event.group.limit = 0
            scheduler._settle(event.group)
        return job

    patch(Scheduler, "cancelled", cancelled)


@fault
def every_join_is_news_for_all(patch: Patches) -> None:
    original = Scheduler.join

    def join(scheduler: Scheduler, *args: object, **options: object) -> Event:
        event = original(scheduler, *args, **options)  # type: ignore[arg-type]
        for mailbox in list(event.group.watchers):
            mailbox.moved[event.group] = None
            scheduler._wake(mailbox)
        return event

    patch(Scheduler, "join", join)


@fault
def eta_of_a_start_is_a_guess(patch: Patches) -> None:
    original = Group.rank_eta

    def rank_eta(
        group: Group, event: Event, ahead: dict[int, int], durations: Durations, now: float
    ) -> float | None:
        known = original(group, event, ahead, durations, now)
        return None if known is None else known + 1.0

    patch(Group, "rank_eta", rank_eta)
