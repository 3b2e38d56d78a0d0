"""Faults of what functions return, raise and say."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import context
from gradio_reference import worker as worker_module
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.encoding import NotSerialisable
from gradio_reference.encoding import plain
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Outcome
from gradio_reference.failures import explain
from gradio_reference.user_messages import Error
from gradio_reference.worker import Worker


@fault
def unserialisable_results_end_nothing(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if not isinstance(outcome.error, NotSerialisable):
            original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def unserialisable_results_end_the_session(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if isinstance(outcome.error, NotSerialisable):
            for event in list(job.events[0].mailbox.outstanding.values()):
                if event.job is not None and event.job is not job:
                    worker._broker.failed(event.job, Failure({"error": None}))
        original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def generators_end_with_null(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if endpoint.signature.kind.generates and outcome.error is None:
            outcome = replace(outcome, values=None)
        original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def empty_generators_end_with_nothing(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        empty = endpoint.signature.kind.generates and outcome.values is None
        if empty and outcome.error is None:
            outcome = replace(outcome, values=[])
        original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def first_chunk_is_an_edit(patch: Patches) -> None:
    original = Scheduler.emitted

    def emitted(scheduler: Scheduler, event_id: str, values: list[Any], now: float) -> None:
        event = scheduler._running(event_id)
        if event is not None and event.values is None:
            event.values = [None] * len(values)
        original(scheduler, event_id, values, now)

    patch(Scheduler, "emitted", emitted)


@fault
def full_chunks_for_all(patch: Patches) -> None:
    original = Scheduler.join

    def join(scheduler: Scheduler, *args: Any, **options: Any) -> Event:
        return original(scheduler, *args, **{**options, "full_chunks": True})

    patch(Scheduler, "join", join)


@fault
def a_failure_swallows_a_chunk(patch: Patches) -> None:
    original = Scheduler.failed

    def failed(scheduler: Scheduler, job: Job, failure: Failure) -> None:
        for event in job.events:
            chunks = [
                slot
                for slot in event.mailbox.slots
                if slot.event is event and slot.message["msg"] == "process_generating"
            ]
            for slot in chunks[-1:]:
                event.mailbox.slots.remove(slot)
        original(scheduler, job, failure)

    patch(Scheduler, "failed", failed)


# -- errors --------------------------------------------------------------------------------------


def _explanations(patch: Patches, change: Callable[[BaseException, bool], Failure]) -> None:
    patch(worker_module, "explain", change)


@fault
def secrets_are_told(patch: Patches) -> None:
    _explanations(patch, lambda error, show_error: explain(error, True))


@fault
def secrets_are_logged(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if outcome.error is not None:
            entry = Log(str(outcome.error), "warning", 10, True, "Warning")
            worker._broker.logged(job.events[0].id, entry)
        original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def shown_errors_are_hidden(patch: Patches) -> None:
    _explanations(patch, lambda error, show_error: explain(error, False))


@fault
def user_errors_are_hidden(patch: Patches) -> None:
    def hidden(error: BaseException, show_error: bool) -> Failure:
        if isinstance(error, Error) and not show_error:
            return Failure({"error": None})
        return explain(error, show_error)

    _explanations(patch, hidden)


# -- logs and values -----------------------------------------------------------------------------


def _relay_to(patch: Patches, same_session: bool) -> None:
    def relay(worker: Worker, job: Job, reports: Iterable[context.Report]) -> None:
        session = job.events[0].session
        table = worker._broker.scheduler._events  # type: ignore[attr-defined]
        for event in list(table.values()):
            if event.state is not State.RUNNING or (same_session and event.session != session):
                continue
            for report in reports:
                if isinstance(report, Log):
                    worker._broker.logged(event.id, report)
                else:
                    worker._broker.progressed(event.id, report)

    patch(Worker, "_relay", relay)


@fault
def logs_go_to_all_who_run(patch: Patches) -> None:
    _relay_to(patch, same_session=False)


@fault
def logs_go_to_the_session(patch: Patches) -> None:
    _relay_to(patch, same_session=True)


@fault
def missing_values_are_null(patch: Patches) -> None:
    original = Endpoint.outputs

    def outputs(endpoint: Endpoint, returned: Any) -> list[Any]:
        count = len(endpoint.signature.returns)
        if count > 1 and isinstance(returned, tuple):
            returned = (*returned, *[None] * (count - len(returned)))
        return original(endpoint, returned)

    patch(Endpoint, "outputs", outputs)


@fault
def surplus_values_are_kept(patch: Patches) -> None:
    original = Endpoint.outputs

    def outputs(endpoint: Endpoint, returned: Any) -> list[Any]:
        values = original(endpoint, returned)
        if len(values) > 1:
            values += [plain(value) for value in returned[len(values) :]]
        return values

    patch(Endpoint, "outputs", outputs)
