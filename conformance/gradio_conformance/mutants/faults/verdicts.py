"""Faults of validators and caches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.bodies import Rejected
from gradio_reference.cache import Results
from gradio_reference.core import messages
from gradio_reference.core.model import Result
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.endpoint import Endpoint
from gradio_reference.routes import answers
from gradio_reference.routes import queue as queue_routes
from gradio_reference.validators import Invalid
from gradio_reference.worker import Call
from gradio_reference.worker import Worker

Verdicts = list[dict[str, Any]]


def _other_verdicts(patch: Patches, status: int, change: Any) -> None:
    original = answers.judging

    @contextmanager
    def judging() -> Iterator[None]:
        try:
            with original():
                yield
        except Rejected as refusal:
            raise Rejected(status, change(refusal.detail)) from None

    patch(queue_routes, "judging", judging)


@fault
def validators_are_not_asked(patch: Patches) -> None:
    async def validate(worker: Worker, endpoint: Endpoint, call: Call) -> None:
        return None

    patch(Worker, "validate", validate)


@fault
def validators_answer_400(patch: Patches) -> None:
    _other_verdicts(patch, 400, lambda verdicts: verdicts)


@fault
def validators_tell_a_sentence(patch: Patches) -> None:
    _other_verdicts(patch, 422, lambda verdicts: str(Invalid(verdicts)))


@fault
def good_inputs_have_no_verdict(patch: Patches) -> None:
    _other_verdicts(patch, 422, lambda verdicts: [v for v in verdicts if not v["is_valid"]])


@fault
def verdicts_come_backwards(patch: Patches) -> None:
    _other_verdicts(patch, 422, lambda verdicts: verdicts[::-1])


@fault
def verdicts_name_no_parameter(patch: Patches) -> None:
    def nameless(verdicts: Verdicts) -> Verdicts:
        return [{k: v for k, v in each.items() if k != "parameter_name"} for each in verdicts]

    _other_verdicts(patch, 422, nameless)


@fault
def refused_calls_run(patch: Patches) -> None:
    original = Worker.validate

    async def validate(worker: Worker, endpoint: Endpoint, call: Call) -> None:
        try:
            await original(worker, endpoint, call)
        except Invalid:
            await worker.direct(endpoint, call)
            raise

    patch(Worker, "validate", validate)


@fault
def nothing_is_remembered(patch: Patches) -> None:
    def recall(results: Results, *inputs: Any) -> None:
        return None

    patch(Results, "recall", recall)


@fault
def remembered_chunks_are_left_out(patch: Patches) -> None:
    original = Results.recall

    def recall(results: Results, *inputs: Any) -> Result | None:
        found = original(results, *inputs)
        return None if found is None else Result((), found.final)

    patch(Results, "recall", recall)


@fault
def remembered_answers_wait(patch: Patches) -> None:
    original = Scheduler.answered

    def answered(
        scheduler: Scheduler, fn: int, session: str, event_id: str, *args: Any, **how: Any
    ) -> None:
        put, told = Scheduler._put, messages.estimation(event_id, 0, 1, None)

        def first(_: Scheduler, event: Any, message: Any, **options: Any) -> None:
            patch(Scheduler, "_put", put)
            put(scheduler, event, told)
            put(scheduler, event, message, **options)

        patch(Scheduler, "_put", first)
        original(scheduler, fn, session, event_id, *args, **how)

    patch(Scheduler, "answered", answered)
