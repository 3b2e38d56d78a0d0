"""Faults of State and heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import Request
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.context import RunContext
from gradio_reference.core.mailbox import Address
from gradio_reference.core.model import Job
from gradio_reference.core.sessions import SessionStore
from gradio_reference.encoding import plain
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Execution
from gradio_reference.executor import Outcome
from gradio_reference.failures import told
from gradio_reference.incoming import Incoming
from gradio_reference.request import Headers
from gradio_reference.routes import session as session_routes
from gradio_reference.service import Service
from gradio_reference.sessions import Sessions
from gradio_reference.signature import Signature
from gradio_reference.state import State
from gradio_reference.worker import Call
from gradio_reference.worker import DirectFailure
from gradio_reference.worker import Worker

LATE_S = 0.3


@fault
def state_comes_from_clients(patch: Patches) -> None:
    complete, fill = Signature.complete, Sessions.fill

    def sent(signature: Signature, data: Sequence[Any]) -> list[Any]:
        values = complete(signature, data)
        for position, item in enumerate(signature.inputs):
            if isinstance(item, State) and position < len(data):
                values[position] = data[position]
        return values

    def filled(
        sessions: Sessions, endpoint: Endpoint, row: list[Any], session: str | None
    ) -> list[Any]:
        kept = fill(sessions, endpoint, row, session)
        return [k if s is None else s for k, s in zip(kept, row, strict=True)]

    patch(Signature, "complete", sent)
    patch(Sessions, "fill", filled)


@fault
def state_travels(patch: Patches) -> None:
    def everything(endpoint: Endpoint, values: Sequence[Any]) -> list[Any]:
        return [plain(value) for value in values]

    patch(Endpoint, "plain", everything)


def _own_session(patch: Patches, wanted: Any) -> None:
    """Direct calls use the State of another session, which ``wanted(session)`` names."""
    original = Worker.direct

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        session = wanted(call.request.session_hash)
        return await original(
            worker, endpoint, replace(call, request=replace(call.request, session_hash=session))
        )

    patch(Worker, "direct", direct)


@fault
def direct_calls_have_state_of_their_own(patch: Patches) -> None:
    _own_session(patch, lambda session: session and f"direct {session}")


@fault
def omitted_state_is_not_filled_in(patch: Patches) -> None:
    patch(Signature, "spread", lambda signature, data: data)


def _everybody(patch: Patches, wanted: Any) -> None:
    fill, keep = Sessions.fill, Sessions.keep

    def filled(
        sessions: Sessions, endpoint: Endpoint, row: list[Any], session: str | None
    ) -> list[Any]:
        return fill(sessions, endpoint, row, wanted(session))

    def kept(
        sessions: Sessions, values: Mapping[State[Any], Any], session: str | None
    ) -> list[int]:
        return keep(sessions, values, wanted(session))

    patch(Sessions, "fill", filled)
    patch(Sessions, "keep", kept)


@fault
def sessions_share_state(patch: Patches) -> None:
    _everybody(patch, lambda session: session and "everybody")


@fault
def calls_without_session_share_state(patch: Patches) -> None:
    _everybody(patch, lambda session: session or "nobody")


@fault
def state_is_stored_late(patch: Patches) -> None:
    keep = Sessions.keep

    def later(
        sessions: Sessions, values: Mapping[State[Any], Any], session: str | None
    ) -> list[int]:
        asyncio.get_running_loop().call_later(LATE_S, keep, sessions, values, session)
        return []

    patch(Sessions, "keep", later)


@fault
def generators_store_nothing(patch: Patches) -> None:
    original = Worker._store

    def store(worker: Worker, job: Job, stash: Any) -> None:
        if not worker._endpoints[job.fn].signature.kind.generates:
            original(worker, job, stash)

    patch(Worker, "_store", store)


@fault
def failures_forget_state(patch: Patches) -> None:
    original = Worker._report

    def report(worker: Worker, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if outcome.error is not None:
            for event in job.events:
                worker._sessions._store._sessions.pop(event.session, None)
        original(worker, job, endpoint, outcome)

    patch(Worker, "_report", report)


@fault
def cancelled_events_store_state(patch: Patches) -> None:
    def stop(execution: Execution) -> None:
        execution.stopped = True

    def store(worker: Worker, job: Job, stash: Any) -> None:
        for event, values in zip(job.events, stash.take(), strict=False):
            worker._sessions.keep(values, event.session)

    patch(Execution, "stop", stop)
    patch(Worker, "_store", store)


def _rows_of(patch: Patches, row_of: Any) -> None:
    """A job's inputs with the State that ``row_of(worker, job, number, own)`` chooses."""
    execution, fill = Worker._execution, Sessions.fill
    running: list[tuple[Worker, Job, int]] = []

    def chosen(
        sessions: Sessions, endpoint: Endpoint, row: list[Any], session: str | None
    ) -> list[Any]:
        if not running:
            return fill(sessions, endpoint, row, session)
        worker, job, number = running.pop()
        running.append((worker, job, number + 1))
        return list(row_of(worker, job, number, lambda s: fill(sessions, endpoint, row, s)))

    def executed(worker: Worker, job: Job, run_context: RunContext) -> Any:
        running.append((worker, job, 0))
        try:
            return execution(worker, job, run_context)
        finally:
            running.clear()

    patch(Sessions, "fill", chosen)
    patch(Worker, "_execution", executed)


@fault
def state_is_read_at_the_join(patch: Patches) -> None:
    original, fill = MemoryBroker.join, Sessions.fill
    snapshots: dict[int, list[Any]] = {}

    async def join(
        broker: MemoryBroker, fn: int, session: str | None, payload: Any, **more: Any
    ) -> str:
        worker: Worker = broker._start.__self__  # type: ignore[attr-defined]
        endpoint = worker._endpoints[fn]
        row = endpoint.signature.complete(payload.data)
        snapshots[id(payload)] = fill(worker._sessions, endpoint, row, payload.request.session_hash)
        return await original(broker, fn, session, payload, **more)

    patch(MemoryBroker, "join", join)
    _rows_of(patch, lambda worker, job, number, own: snapshots.pop(id(job.events[number].payload)))


@fault
def batches_get_the_state_of_the_first(patch: Patches) -> None:
    _rows_of(
        patch,
        lambda worker, job, number, own: own(job.events[0].payload.request.session_hash),
    )


@fault
def batches_store_the_state_of_the_first(patch: Patches) -> None:
    def store(worker: Worker, job: Job, stash: Any) -> None:
        for values in stash.take():
            worker._sessions.keep(values, job.events[0].session)

    patch(Worker, "_store", store)


@fault
def direct_batches_take_one_input(patch: Patches) -> None:
    original = Worker.direct

    async def direct(worker: Worker, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        if endpoint.options.batch and len(endpoint.signature.inputs) > 1:
            raise DirectFailure(told("Not enough input values."))
        return await original(worker, endpoint, call)

    patch(Worker, "direct", direct)


# -- changes and time to live ----------------------------------------------------------------------


@fault
def changes_are_not_told(patch: Patches) -> None:
    patch(MemoryBroker, "stored", lambda broker, event_id, changed: None)


def _told_changes(patch: Patches, chosen: Any) -> None:
    keep = Sessions.keep

    def kept(
        sessions: Sessions, values: Mapping[State[Any], Any], session: str | None
    ) -> list[int]:
        keep(sessions, values, session)
        watched = sessions._store._watched
        return [sessions._ids[state] for state in values if chosen(state in watched)]

    patch(Sessions, "keep", kept)


@fault
def unchanged_state_is_told(patch: Patches) -> None:
    _told_changes(patch, lambda watched: watched)


@fault
def changes_without_listener_are_told(patch: Patches) -> None:
    _told_changes(patch, lambda watched: True)


@fault
def listeners_are_called(patch: Patches) -> None:
    original = MemoryBroker.stored
    tasks: set[asyncio.Future[str]] = set()

    def stored(broker: MemoryBroker, event_id: str, changed: Iterable[int]) -> None:
        changed = list(changed)
        original(broker, event_id, changed)
        event = broker.scheduler._events.get(event_id)
        if not changed or event is None:
            return
        worker: Worker = broker._start.__self__  # type: ignore[attr-defined]
        for endpoint in worker._endpoints:
            if endpoint.options.on_change is not None:
                call = Call([None], Request(session_hash=event.session))
                join = broker.join(endpoint.index, f"ghost of {event_id}", call)
                task = asyncio.ensure_future(join)
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    patch(MemoryBroker, "stored", stored)


@fault
def time_to_live_is_ignored(patch: Patches) -> None:
    patch(SessionStore, "_arm_slot", lambda store, session, owner, variable, slot: None)


@fault
def time_to_live_is_a_moment(patch: Patches) -> None:
    original = State.__init__

    def init(
        state: State[Any], value: Any = None, *, time_to_live: float | None = None, **more: Any
    ) -> None:
        short = None if time_to_live is None else time_to_live / 1000
        original(state, value, time_to_live=short, **more)

    patch(State, "__init__", init)


@fault
def the_heartbeat_stops_the_time_to_live(patch: Patches) -> None:
    closed, arm = SessionStore.closed, SessionStore._arm_slot
    touched: set[str] = set()

    def close(store: SessionStore, session: str, now: float) -> bool:
        touched.add(session)
        return closed(store, session, now)

    def armed(store: SessionStore, session: str, owner: Any, variable: Any, slot: Any) -> None:
        if session not in touched:
            arm(store, session, owner, variable, slot)

    patch(SessionStore, "closed", close)
    patch(SessionStore, "_arm_slot", armed)


# -- heartbeat -------------------------------------------------------------------------------------


@fault
def the_heartbeat_beats_once(patch: Patches) -> None:
    async def alive(service: Service, request: Request) -> AsyncIterator[bytes]:
        yield session_routes.ALIVE
        await service.closed.wait()

    patch(session_routes, "_alive", alive)


@fault
def nobody_is_told_of_the_end(patch: Patches) -> None:
    def closed(sessions: Sessions, request: Request) -> None:
        sessions._store.closed(str(request.session_hash), sessions._clock())

    patch(Sessions, "closed", closed)


@fault
def the_end_is_told_without_its_session(patch: Patches) -> None:
    original = Sessions._unload

    async def unload(sessions: Sessions, listener: Any, request: Request) -> None:
        await original(sessions, listener, replace(request, session_hash="somebody"))

    patch(Sessions, "_unload", unload)


@fault
def every_heartbeat_that_ends_counts(patch: Patches) -> None:
    original = SessionStore.closed

    def closed(store: SessionStore, session: str, now: float) -> bool:
        original(store, session, now)
        return True

    patch(SessionStore, "closed", closed)


@fault
def the_end_of_a_heartbeat_ends_events(patch: Patches) -> None:
    original = session_routes._alive

    async def alive(service: Service, request: Request) -> AsyncIterator[bytes]:
        inner = original(service, request)
        try:
            async for beat in inner:
                yield beat
        finally:
            await inner.aclose()  # type: ignore[attr-defined]
            service.broker.stream(Address(""))._broker.drop(  # type: ignore[attr-defined]
                Address(str(request.session_hash))
            )

    patch(session_routes, "_alive", alive)


@fault
def state_ends_with_the_heartbeat(patch: Patches) -> None:
    original = SessionStore.closed

    def closed(store: SessionStore, session: str, now: float) -> bool:
        last = original(store, session, now)
        store._sessions.pop(session, None)
        return last

    patch(SessionStore, "closed", closed)


def _seen(patch: Patches, **hidden: Any) -> None:
    original = Incoming.snapshot

    def snapshot(asked: Incoming, session_hash: str | None) -> Request:
        return replace(original(asked, session_hash), **hidden)

    patch(Incoming, "snapshot", snapshot)


@fault
def functions_see_no_headers(patch: Patches) -> None:
    _seen(patch, headers=Headers())


@fault
def functions_see_no_query(patch: Patches) -> None:
    _seen(patch, query_params={})


@fault
def functions_see_another_session(patch: Patches) -> None:
    original = Signature.bind

    def bind(signature: Signature, values: Any, request: Any, progress: Any) -> Any:
        if isinstance(request, Request) and request.session_hash:
            request = replace(request, session_hash=request.session_hash.upper())
        return original(signature, values, request, progress)

    patch(Signature, "bind", bind)
