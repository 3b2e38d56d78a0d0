"""Faults of batch functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.core import messages
from gradio_reference.core.group import Group
from gradio_reference.core.messages import Failure
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.endpoint import Endpoint
from gradio_reference.endpoint import WrongOutput
from gradio_reference.executor import Outcome
from gradio_reference.worker import Worker


@fault
def batches_too_large(patch: Patches) -> None:
    original = Group.next_of
    patch(Group, "next_of", lambda group, fn, count: original(group, fn, count + 1))


@fault
def batches_of_one(patch: Patches) -> None:
    original = Group.next_of
    patch(Group, "next_of", lambda group, fn, count: original(group, fn, 1))


@fault
def batches_take_the_newest(patch: Patches) -> None:
    def next_of(group: Group, fn: int, count: int) -> list[Event]:
        return [group._waiting[seq] for seq in list(group._queues[fn])[-count:]]

    patch(Group, "next_of", next_of)


@fault
def batch_results_are_mixed_up(patch: Patches) -> None:
    original = Endpoint.batch_outputs

    def batch_outputs(endpoint: Endpoint, returned: Any, size: int) -> list[list[Any]]:
        rows = original(endpoint, returned, size)
        return rows[1:] + rows[:1]

    patch(Endpoint, "batch_outputs", batch_outputs)


@fault
def batches_wait_until_full(patch: Patches) -> None:
    original = Scheduler.next_runnable

    def next_runnable(scheduler: Scheduler, now: float) -> Job | None:
        for name, group in list(scheduler._ready.items()):
            size = scheduler._functions[group.head().fn].batch
            if size is not None and len(group) < size:
                del scheduler._ready[name]
        return original(scheduler, now)

    patch(Scheduler, "next_runnable", next_runnable)


@fault
def batch_failure_fails_the_first(patch: Patches) -> None:
    original = Scheduler.failed

    def failed(scheduler: Scheduler, job: Job, failure: Failure) -> None:
        for event in job.events[1:]:
            if event.state is State.RUNNING:
                nothing = messages.output([None], is_generating=False, duration=0.0, average=None)
                scheduler._finish(event, messages.process_completed(event.id, nothing))
        original(scheduler, job, failure)

    patch(Scheduler, "failed", failed)


@fault
def batches_seem_to_generate(patch: Patches) -> None:
    original = Scheduler.completed

    def completed(scheduler: Scheduler, job: Job, results: Iterable[list[Any]], now: float) -> None:
        original(scheduler, job, results, now)
        if scheduler._functions[job.fn].batch is not None:
            for event in job.events:
                for slot in event.mailbox.slots:
                    if slot.event is event and slot.message["msg"] == "process_completed":
                        slot.message["output"]["is_generating"] = True

    patch(Scheduler, "completed", completed)


@fault
def batch_results_are_filled_up(patch: Patches) -> None:
    original = Endpoint._rows

    def rows(endpoint: Endpoint, returned: Any, size: int) -> list[Any]:
        columns = [[*column, *[None] * (size - len(column))] for column in returned]
        return list(original(endpoint, columns, size))

    patch(Endpoint, "_rows", rows)


@fault
def batch_results_that_lack_are_waited_for(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if not (endpoint.options.batch and isinstance(outcome.error, WrongOutput)):
            original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)
