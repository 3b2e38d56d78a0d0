"""Faults of call, call/v2 and run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import worker as worker_module
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Event
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.endpoint import Endpoint
from gradio_reference.signature import Kind
from gradio_reference.signature import MissingInput
from gradio_reference.signature import Signature
from gradio_reference.worker import Call
from gradio_reference.worker import Worker


@fault
def calls_get_edits(patch: Patches) -> None:
    original = Scheduler.join

    def join(scheduler: Scheduler, *args: Any, **options: Any) -> Event:
        event = original(scheduler, *args, **options)
        event.full_chunks = False
        return event

    patch(Scheduler, "join", join)


@fault
def calls_need_a_reader(patch: Patches) -> None:
    original = Scheduler._put

    def put(
        scheduler: Scheduler, event: Event, message: Message, *, replaceable: bool = False
    ) -> None:
        if not event.mailbox.address.call or event.mailbox.reader is not None:
            original(scheduler, event, message, replaceable=replaceable)

    patch(Scheduler, "_put", put)


@fault
def calls_of_a_session_hear_each_other(patch: Patches) -> None:
    original = Scheduler._put
    boxes: dict[str, list[Event]] = {}

    def put(
        scheduler: Scheduler, event: Event, message: Message, *, replaceable: bool = False
    ) -> None:
        original(scheduler, event, message, replaceable=replaceable)
        if not event.mailbox.address.call or message["msg"] != "process_completed":
            return
        others = boxes.setdefault(event.session, [])
        for other in others:
            original(scheduler, other, message)
        others.append(event)

    patch(Scheduler, "_put", put)


@fault
def calls_hear_each_other(patch: Patches) -> None:
    """The result of a call goes to every call that is not over."""
    original = Scheduler._put

    def put(
        scheduler: Scheduler, event: Event, message: Message, *, replaceable: bool = False
    ) -> None:
        original(scheduler, event, message, replaceable=replaceable)
        if event.mailbox.address.call and message["msg"] == "process_completed":
            for other in scheduler._events.values():
                if other is not event and other.mailbox.address.call:
                    original(scheduler, other, message)

    patch(Scheduler, "_put", put)


@fault
def calls_have_another_session(patch: Patches) -> None:
    def owned(call: Call, session: str) -> Call:
        if call.request.session_hash is not None:
            return call
        return replace(call, request=replace(call.request, session_hash=f"call {session}"))

    patch(worker_module, "_owned", owned)


@fault
def calls_cannot_be_cancelled(patch: Patches) -> None:
    original = MemoryBroker.cancel

    async def cancel(broker: MemoryBroker, event_id: str, session: str, fn: int) -> None:
        if event_id != session:
            await original(broker, event_id, session, fn)

    patch(MemoryBroker, "cancel", cancel)


# -- arguments by name ---------------------------------------------------------------------------


from_names = Signature.from_names


@fault
def named_arguments_go_by_position(patch: Patches) -> None:
    def by_position(signature: Signature, named: dict[str, Any]) -> list[Any]:
        from_names(signature, named)
        return signature.complete(list(named.values()))

    patch(Signature, "from_names", by_position)


@fault
def named_arguments_have_no_defaults(patch: Patches) -> None:
    def by_name(signature: Signature, named: dict[str, Any]) -> list[Any]:
        for position, parameter in enumerate(signature.parameters):
            if parameter.name not in named:
                raise MissingInput(parameter.name, position)
        return from_names(signature, named)

    patch(Signature, "from_names", by_name)


@fault
def unknown_arguments_are_ignored(patch: Patches) -> None:
    def by_name(signature: Signature, named: dict[str, Any]) -> list[Any]:
        known = {parameter.name for parameter in signature.parameters}
        return from_names(signature, {n: v for n, v in named.items() if n in known})

    patch(Signature, "from_names", by_name)


@fault
def missing_arguments_are_null(patch: Patches) -> None:
    def by_name(signature: Signature, named: dict[str, Any]) -> list[Any]:
        bare = {p.name: None for p in signature.parameters if not p.has_default}
        return from_names(signature, {**bare, **named})

    patch(Signature, "from_names", by_name)


# -- direct calls --------------------------------------------------------------------------------


@fault
def direct_calls_wait_their_turn(patch: Patches) -> None:
    original = Worker.direct

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        scheduler = worker._broker.scheduler  # type: ignore[attr-defined]
        # The testbed's controls are asynchronous, and must work all the same.
        while scheduler.waiting and endpoint.signature.kind is Kind.FUNCTION:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return await original(worker, endpoint, call)

    patch(Worker, "direct", direct)


@fault
def direct_calls_join_the_queue(patch: Patches) -> None:
    """A direct call counts as one more waiting event while it runs, and after it."""
    original = Worker.direct

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        if endpoint.signature.kind is Kind.FUNCTION:
            worker._broker.scheduler.waiting += 1  # type: ignore[attr-defined]
        return await original(worker, endpoint, call)

    patch(Worker, "direct", direct)


@fault
def direct_calls_run_generators_to_the_end(patch: Patches) -> None:
    original = Worker.direct

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        if not endpoint.signature.kind.generates:
            return await original(worker, endpoint, call)
        values = endpoint.signature.complete(call.data)
        run = worker._prepare(
            endpoint, values, call.request, None, worker._direct, endpoint.outputs
        )
        chunks: list[Any] = [[None]]
        await run.run(chunks.append)
        return {
            "data": chunks[-1],
            "is_generating": True,
            "duration": 0.0,
            "average_duration": None,
        }

    patch(Worker, "direct", direct)


@fault
def direct_calls_go_on_with_generators(patch: Patches) -> None:
    """Each direct call of a generator answers the values after those of the call before."""
    original = Worker.direct
    calls: dict[int, int] = {}

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        if not endpoint.signature.kind.generates:
            return await original(worker, endpoint, call)
        count = calls[endpoint.index] = calls.get(endpoint.index, 0) + 1
        values = endpoint.signature.complete(call.data)
        run = worker._prepare(
            endpoint, values, call.request, None, worker._direct, endpoint.outputs
        )
        chunks: list[Any] = []
        await run.run(chunks.append)
        answer = await original(worker, endpoint, call)
        return {**answer, "data": chunks[min(count, len(chunks)) - 1]}

    patch(Worker, "direct", direct)
