"""Profile call: the simple API (call, call/v2) and the direct one (run, api)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quart import Blueprint
from quart import Response
from quart import request

from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.bodies import problem
from gradio_reference.core.mailbox import Address
from gradio_reference.endpoint import Endpoint
from gradio_reference.routes import streams
from gradio_reference.routes.answers import endpoint_by_index
from gradio_reference.routes.answers import endpoint_by_name
from gradio_reference.routes.answers import get_only
from gradio_reference.routes.answers import incoming
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import judging
from gradio_reference.routes.answers import stream_answer
from gradio_reference.routes.queue import enqueue
from gradio_reference.service import Service
from gradio_reference.signature import MissingInput
from gradio_reference.store import FileNotAllowed
from gradio_reference.worker import Call
from gradio_reference.worker import DirectFailure

Provider = Callable[[], Service]


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_call", __name__)

    @routes.post("/call/<name>", strict_slashes=False)
    async def call(name: str) -> Response:
        service = provide()
        endpoint = endpoint_by_name(service, name)
        body = await bodies.read_members(request, bodies.CALL)
        data = endpoint.signature.spread(body["data"])
        session = body["session_hash"]
        return json_answer(
            await enqueue(service, incoming(), endpoint, data, session, size=body.size, call=True)
        )

    @routes.post("/call/v2/<name>", strict_slashes=False)
    async def call_v2(name: str) -> Response:
        service = provide()
        endpoint = endpoint_by_name(service, name)
        if endpoint.private:
            # Its parameters are nobody's business: /info does not list them (DISC-015).
            raise Rejected(403, f"The endpoint '{endpoint.name}' is private.")
        body = await bodies.read_object(request)
        data = _named(endpoint, body)
        return json_answer(
            await enqueue(service, incoming(), endpoint, data, None, size=body.size, call=True)
        )

    @routes.get("/call/<name>/<event_id>", strict_slashes=False)
    @routes.get("/call/v2/<name>/<event_id>", strict_slashes=False)
    async def result(name: str, event_id: str) -> Response:
        get_only()
        service = provide()
        stream = service.broker.stream(Address(event_id, call=True))
        return stream_answer(streams.call_stream(stream, service.settings.heartbeat))

    @routes.post("/run/<name>", strict_slashes=False)
    @routes.post("/api/<name>", strict_slashes=False)
    async def run(name: str) -> Response:
        return await _run(provide(), name)

    return routes


async def _run(service: Service, name: str) -> Response:
    body = await bodies.read_members(request, bodies.PREDICT)
    index = body["fn_index"]
    if index is None:
        endpoint = endpoint_by_name(service, name)
    else:
        endpoint = endpoint_by_index(service, index)  # RUN-003
    asked = incoming()
    root = asked.root(service.settings.root_path)
    call = Call(body["data"], asked.snapshot(body["session_hash"]), root)
    with judging():
        await service.worker.validate(endpoint, call)
    try:
        return json_answer(await service.worker.direct(endpoint, call))
    except MissingInput as missing:
        loc: list[str | int] = ["body", "data", missing.position]
        raise Rejected(422, [problem("missing", loc, str(missing))]) from None
    except FileNotAllowed as refused:
        raise Rejected(422, [problem("value_error", ["body", "data"], str(refused))]) from None
    except DirectFailure as failed:
        return json_answer(failed.failure.payload, 500)  # RUN-004


def _named(endpoint: Endpoint, body: dict[str, Any]) -> list[Any]:
    """The arguments of a v2 call by name, as positional data. 422 names the wrong one
    (CALL-015).
    """
    try:
        return endpoint.signature.from_names(body)
    except KeyError as unknown:
        name = unknown.args[0]
        message = f"'{endpoint.name}' has no parameter named {name!r}"
        raise Rejected(422, [problem("unexpected_argument", ["body", name], message)]) from None
    except MissingInput as missing:
        message = f"the parameter {missing.name!r} is required"
        raise Rejected(422, [problem("missing", ["body", missing.name], message)]) from None
