"""Profiles queue and stream: join, data, cancel, reset, status."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from collections.abc import Callable

from quart import Blueprint
from quart import Response
from quart import request

from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.bodies import problem
from gradio_reference.brokers import BrokerClosed
from gradio_reference.calls import accept
from gradio_reference.core import messages
from gradio_reference.core.mailbox import Address
from gradio_reference.core.model import Refused
from gradio_reference.endpoint import Endpoint
from gradio_reference.incoming import Incoming
from gradio_reference.routes import streams
from gradio_reference.routes.answers import endpoint_by_index
from gradio_reference.routes.answers import get_only
from gradio_reference.routes.answers import incoming
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import judging
from gradio_reference.routes.answers import session_key
from gradio_reference.routes.answers import stream_answer
from gradio_reference.service import Service
from gradio_reference.worker import Call

Provider = Callable[[], Service]


async def enqueue(
    service: Service,
    asked: Incoming,
    endpoint: Endpoint,
    data: list[object],
    session: str | None,
    *,
    size: int,
    call: bool = False,
    full_chunks: bool = False,
) -> dict[str, str]:
    """Accept a call; the answer tells its event id. Raises ``Rejected`` 503 (JOIN-017), or with
    what its validator has against it (JOIN-015).
    """
    root = asked.root(service.settings.root_path)
    made = Call(data, asked.snapshot(session), root, size)
    try:
        with judging():
            event_id = await accept(service, endpoint, made, call=call, full_chunks=full_chunks)
    except (Refused, BrokerClosed) as refusal:
        raise Rejected(503, str(refusal)) from None
    return {"event_id": event_id}


async def join(service: Service, asked: Incoming, sent: bodies.Sent) -> dict[str, str]:
    """POST queue/join."""
    body = await bodies.read_members(sent, bodies.PREDICT)
    if body["session_hash"] is None:
        raise Rejected(400, "Session hash not found.")  # JOIN-005
    if not body["session_hash"]:
        # JOIN-012
        loc: list[str | int] = ["body", "session_hash"]
        raise Rejected(422, [problem("string_too_short", loc, "must not be empty", "")])
    if body["fn_index"] is None:
        raise Rejected(400, "No function index provided.")  # JOIN-006
    endpoint = endpoint_by_index(service, body["fn_index"])
    return await enqueue(
        service,
        asked,
        endpoint,
        body["data"],
        body["session_hash"],
        size=body.size,
        full_chunks=body["simple_format"],  # JOIN-021
    )


def session_stream(service: Service, asked: Incoming) -> AsyncGenerator[bytes, None]:
    """The body of GET queue/data. Raises ``Rejected`` for a request that names no session."""
    session = asked.query.get("session_hash")
    if session is None:
        loc: list[str | int] = ["query", "session_hash"]
        raise Rejected(422, [problem("missing", loc, "this parameter is required")])
    stream = service.broker.stream(Address(asked.session_key(session)))
    return streams.session_stream(stream, service.settings.heartbeat)


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_queue", __name__)
    _joins(routes, provide)
    _streams(routes, provide)
    _controls(routes, provide)
    return routes


def _joins(routes: Blueprint, provide: Provider) -> None:
    @routes.post("/queue/join", strict_slashes=False)
    async def join_queue() -> Response:
        return json_answer(await join(provide(), incoming(), request))

    @routes.get("/queue/status", strict_slashes=False)
    async def status() -> Response:
        waiting = await provide().broker.waiting()
        return json_answer(messages.estimation(None, None, waiting, None))


def _streams(routes: Blueprint, provide: Provider) -> None:
    @routes.get("/queue/data", strict_slashes=False)
    async def data() -> Response:
        get_only()
        return stream_answer(session_stream(provide(), incoming()))


def _controls(routes: Blueprint, provide: Provider) -> None:
    @routes.post("/cancel", strict_slashes=False)
    async def cancel() -> Response:
        body = await bodies.read_members(request, bodies.CANCEL)
        fn = int(body["fn_index"])
        await provide().broker.cancel(body["event_id"], session_key(body["session_hash"]), fn)
        return json_answer({"success": True})  # CANCEL-001

    @routes.post("/reset", strict_slashes=False)
    async def reset() -> Response:
        await bodies.read_members(request, bodies.RESET)
        return json_answer({"success": True})  # CANCEL-013
