"""Faults of queue/join."""

from __future__ import annotations

import json
import uuid
from contextvars import ContextVar
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.brokers import memory
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core.mailbox import Address
from gradio_reference.core.model import Event
from gradio_reference.core.model import QueueFull
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.documents import config as config_document
from gradio_reference.endpoint import Endpoint
from gradio_reference.incoming import Incoming
from gradio_reference.routes import answers
from gradio_reference.routes import queue as queue_routes
from gradio_reference.service import Service
from gradio_reference.signature import MissingInput
from gradio_reference.signature import Signature

body_of_join: ContextVar[dict[str, Any] | None] = ContextVar("body_of_join", default=None)


def _read_first(patch: Patches, look: Any) -> None:
    """``look(body)`` sees the object of each join before it is checked."""
    read = bodies.read_object

    async def read_members(request: Any, members: tuple[bodies.Member, ...]) -> bodies.Body:
        body = await read(request)
        if members is bodies.PREDICT:
            look(body)
        return bodies.Body(bodies.check_members(body, members), body.size)

    patch(bodies, "read_members", read_members)


def _ids(patch: Patches, make: Any) -> None:
    """Event ids come from ``make()``."""
    patch(memory, "new_id", make)


@fault
def event_ids_come_again(patch: Patches) -> None:
    numbers = iter(range(10**9))
    _ids(patch, lambda: f"event-{next(numbers) // 2}")


@fault
def the_client_chooses_the_event_id(patch: Patches) -> None:
    _read_first(patch, body_of_join.set)
    _ids(patch, lambda: (body_of_join.get() or {}).get("event_id") or uuid.uuid4().hex)


@fault
def any_content_type_will_do(patch: Patches) -> None:
    async def read_object(request: Any) -> bodies.Body:
        content = await request.get_data(cache=False)
        value = json.loads(content)
        if not isinstance(value, dict):
            raise Rejected(422, "not an object")
        return bodies.Body(value, len(content))

    patch(bodies, "read_object", read_object)


@fault
def stray_bytes_are_replaced(patch: Patches) -> None:
    async def read_object(request: Any) -> bodies.Body:
        text = (await request.get_data(cache=False)).decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except ValueError:
            raise Rejected(422, [bodies.problem("json_invalid", ["body"], "no JSON")]) from None
        if not isinstance(value, dict):
            raise Rejected(422, "not an object")
        return bodies.Body(value, len(text))

    patch(bodies, "read_object", read_object)


def _brokers(patch: Patches) -> list[MemoryBroker]:
    """The brokers that are made from now on."""
    init = MemoryBroker.__init__
    made: list[MemoryBroker] = []

    def noted(broker: MemoryBroker, *args: Any, **options: Any) -> None:
        init(broker, *args, **options)
        made.append(broker)

    patch(MemoryBroker, "__init__", noted)
    return made


@fault
def a_refused_join_makes_a_session(patch: Patches) -> None:
    brokers = _brokers(patch)

    def look(body: dict[str, Any]) -> None:
        name = body.get("session_hash")
        for broker in brokers if isinstance(name, str) else ():
            broker.scheduler._mailbox(Address(str(name)))

    _read_first(patch, look)


@fault
def refused_joins_are_counted(patch: Patches) -> None:
    """A join whose body is refused counts as a waiting event."""
    brokers = _brokers(patch)
    read = bodies.read_object

    async def read_members(request: Any, members: tuple[bodies.Member, ...]) -> bodies.Body:
        good = False
        try:
            whole = await read(request)
            body = bodies.Body(bodies.check_members(whole, members), whole.size)
            good = members is not bodies.PREDICT or body["session_hash"] is not None
            return body
        finally:
            path = getattr(request, "path", "/join")  # the only one that goes around Quart
            for broker in brokers if not good and path.endswith("/join") else ():
                broker.scheduler.waiting += 1

    patch(bodies, "read_members", read_members)


@fault
def a_refused_join_runs_later(patch: Patches) -> None:
    original = Scheduler.join

    def join(scheduler: Scheduler, *args: Any, **options: Any) -> Event:
        size, limit = scheduler.waiting, scheduler.max_size
        if limit is None or size < limit:
            return original(scheduler, *args, **options)
        scheduler.max_size = None
        original(scheduler, *args, **options)
        scheduler.max_size = limit
        raise QueueFull(limit, size)

    patch(Scheduler, "join", join)


@fault
def session_hashes_are_cut(patch: Patches) -> None:
    original = MemoryBroker.join

    async def join(
        broker: MemoryBroker, fn: int, session: str | None, payload: Any, **options: Any
    ) -> str:
        short = None if session is None else session[:64]
        return await original(broker, fn, short, payload, **options)

    patch(MemoryBroker, "join", join)


@fault
def session_hashes_lose_their_case(patch: Patches) -> None:
    original = MemoryBroker.join

    async def join(
        broker: MemoryBroker, fn: int, session: str | None, payload: Any, **options: Any
    ) -> str:
        small = None if session is None else session.lower()
        return await original(broker, fn, small, payload, **options)

    patch(MemoryBroker, "join", join)


def _completing(patch: Patches, complete: Any) -> None:
    patch(Signature, "complete", complete)


complete_data = Signature.complete


@fault
def surplus_data_fails(patch: Patches) -> None:
    def complete(signature: Signature, data: list[Any]) -> list[Any]:
        if len(data) > len(signature.parameters):
            raise MissingInput("surplus", len(signature.parameters))
        return complete_data(signature, data)

    _completing(patch, complete)


@fault
def missing_data_is_null(patch: Patches) -> None:
    def complete(signature: Signature, data: list[Any]) -> list[Any]:
        missing = len(signature.parameters) - len(data)
        return complete_data(signature, [*data, *[None] * missing])

    _completing(patch, complete)


@fault
def defaults_are_ignored(patch: Patches) -> None:
    def complete(signature: Signature, data: list[Any]) -> list[Any]:
        if len(data) < len(signature.parameters):
            raise MissingInput(signature.parameters[len(data)].name, len(data))
        return complete_data(signature, data)

    _completing(patch, complete)


@fault
def texts_are_trimmed(patch: Patches) -> None:
    def complete(signature: Signature, data: list[Any]) -> list[Any]:
        trimmed = [item.strip() if isinstance(item, str) else item for item in data]
        return complete_data(signature, trimmed)

    _completing(patch, complete)


@fault
def large_numbers_are_rounded(patch: Patches) -> None:
    def complete(signature: Signature, data: list[Any]) -> list[Any]:
        rounded = [_rounded(item) for item in data]
        return complete_data(signature, rounded)

    _completing(patch, complete)


def _rounded(item: Any) -> Any:
    whole = isinstance(item, int) and not isinstance(item, bool)
    return item // 1000 * 1000 if whole and abs(item) > 10**9 else item


def _before_queueing(patch: Patches, refuse: Any) -> None:
    """``refuse(endpoint, data)`` may raise ``Rejected`` for a join."""
    original = queue_routes.enqueue

    async def enqueue(
        service: Service,
        asked: Incoming,
        endpoint: Endpoint,
        data: list[Any],
        session: Any,
        **options: Any,
    ) -> Any:
        refuse(endpoint, data)
        return await original(service, asked, endpoint, data, session, **options)

    patch(queue_routes, "enqueue", enqueue)


@fault
def joins_with_missing_data_are_refused(patch: Patches) -> None:
    def refuse(endpoint: Endpoint, data: list[Any]) -> None:
        try:
            endpoint.signature.complete(data)
        except MissingInput as error:
            raise Rejected(422, str(error)) from None

    _before_queueing(patch, refuse)


@fault
def unqueued_functions_cannot_be_joined(patch: Patches) -> None:
    def refuse(endpoint: Endpoint, data: list[Any]) -> None:
        if not endpoint.options.queue:
            raise Rejected(400, f"The endpoint '{endpoint.name}' has no queue.")

    _before_queueing(patch, refuse)


@fault
def private_endpoints_need_a_login(patch: Patches) -> None:
    def refuse(endpoint: Endpoint, data: list[Any]) -> None:
        if endpoint.private:
            raise Rejected(401, "Not authenticated")

    _before_queueing(patch, refuse)


@fault
def fn_index_is_a_position(patch: Patches) -> None:
    """/config lists the dependencies in reverse, and fn_index counts in that list."""
    document, by_index = config_document.config, answers.endpoint_by_index

    def config(service: Service, root: str, username: str | None) -> dict[str, Any]:
        made = document(service, root, username)
        return {**made, "dependencies": made["dependencies"][::-1]}

    def endpoint_by_index(service: Service, index: float) -> Endpoint:
        last = len(service.endpoints) - 1
        return by_index(service, last - index if index <= last else index)

    patch(config_document, "config", config)
    patch(queue_routes, "endpoint_by_index", endpoint_by_index)
