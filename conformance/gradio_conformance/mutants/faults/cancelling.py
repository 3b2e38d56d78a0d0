"""Faults of cancel and reset."""

from __future__ import annotations

from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core import messages
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.executor import Execution


@fault
def cancel_of_nothing_is_not_found(patch: Patches) -> None:
    original = MemoryBroker.cancel

    async def cancel(broker: MemoryBroker, event_id: str, session: str, fn: int) -> None:
        if event_id not in broker.scheduler._events:
            raise Rejected(404, "There is no such event.")
        await original(broker, event_id, session, fn)

    patch(MemoryBroker, "cancel", cancel)


@fault
def cancel_does_nothing(patch: Patches) -> None:
    async def cancel(broker: MemoryBroker, event_id: str, session: str, fn: int) -> None:
        return

    patch(MemoryBroker, "cancel", cancel)


@fault
def cancelled_generators_go_on(patch: Patches) -> None:
    async def cancel(broker: MemoryBroker, event_id: str, session: str, fn: int) -> None:
        broker.scheduler.cancelled(event_id, session, fn)
        broker.pump()

    patch(MemoryBroker, "cancel", cancel)


@fault
def async_functions_are_not_cancelled(patch: Patches) -> None:
    def stop(execution: Execution) -> None:
        execution.stopped = True

    patch(Execution, "stop", stop)


@fault
def cancelled_waiting_events_start(patch: Patches) -> None:
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        event = scheduler._events.get(event_id)
        payload = event.payload if event is not None and event.state is State.WAITING else None
        job = original(scheduler, event_id, session, fn)
        if payload is not None:
            scheduler.join(fn, f"ghost of {session}", f"ghost of {event_id}", payload=payload)
        return job

    patch(Scheduler, "cancelled", cancelled)


def _hits(patch: Patches, chosen: Any) -> None:
    """Cancel every event that ``chosen(event, event_id, session, fn)`` says."""
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        hit = [e for e in scheduler._events.values() if chosen(e, event_id, session, fn)]
        jobs = [original(scheduler, event.id, event.session, event.fn) for event in hit]
        return next((job for job in jobs if job is not None), None)

    patch(Scheduler, "cancelled", cancelled)


@fault
def cancel_hits_the_twin(patch: Patches) -> None:
    def twins(event: Event, event_id: str, session: str, fn: int) -> bool:
        return event.session == session and event.fn == fn

    _hits(patch, twins)


@fault
def cancel_hits_the_session(patch: Patches) -> None:
    _hits(patch, lambda event, event_id, session, fn: event.session == session)


@fault
def cancel_ignores_the_owner(patch: Patches) -> None:
    def ours(event: Event, event_id: str, session: str, fn: int) -> bool:
        return event.id == event_id and event.fn == fn

    _hits(patch, ours)


@fault
def cancel_ignores_the_function(patch: Patches) -> None:
    def own(event: Event, event_id: str, session: str, fn: int) -> bool:
        return event.id == event_id and event.session == session

    _hits(patch, own)


def _answers_the_dead(patch: Patches, *, after: str) -> None:
    """A cancel of an event that has ended adds the marker once more."""
    finish, cancel = Scheduler._finish, Scheduler.cancelled
    dead: dict[str, Event] = {}

    def finish_and_keep(scheduler: Scheduler, event: Event, message: Message | None) -> None:
        finish(scheduler, event, message)
        if message is not None and (after == "cancel") == bool(message.get("cancelled")):
            dead[event.id] = event

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        event = dead.get(event_id)
        if event is not None:
            scheduler._put(event, messages.process_cancelled(event.id))
        return cancel(scheduler, event_id, session, fn)

    patch(Scheduler, "_finish", finish_and_keep)
    patch(Scheduler, "cancelled", cancelled)


@fault
def cancel_after_the_end_ends_again(patch: Patches) -> None:
    _answers_the_dead(patch, after="result")


@fault
def two_cancels_end_twice(patch: Patches) -> None:
    _answers_the_dead(patch, after="cancel")


@fault
def reset_cancels(patch: Patches) -> None:
    init, read = MemoryBroker.__init__, bodies.read_members
    brokers: list[MemoryBroker] = []

    def noted(broker: MemoryBroker, *args: Any, **options: Any) -> None:
        init(broker, *args, **options)
        brokers.append(broker)

    async def read_members(request: Any, members: tuple[bodies.Member, ...]) -> dict[str, Any]:
        body = await read(request, members)
        for broker in brokers if members is bodies.RESET else ():
            event = broker.scheduler._events.get(body["event_id"])
            if event is not None:
                await broker.cancel(event.id, event.session, event.fn)
        return body

    patch(MemoryBroker, "__init__", noted)
    patch(bodies, "read_members", read_members)


@fault
def a_cancel_frees_the_slot(patch: Patches) -> None:
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        job = original(scheduler, event_id, session, fn)
        if job is not None:
            job.group.running.pop(job.id, None)
            scheduler._settle(job.group)
        return job

    patch(Scheduler, "cancelled", cancelled)
