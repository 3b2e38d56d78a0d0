"""Profile media: what a client sends to a streaming-input event."""

from __future__ import annotations

from collections.abc import Callable

from quart import Blueprint
from quart import Response
from quart import g
from quart import request

from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.core.model import Event
from gradio_reference.core.model import Refused
from gradio_reference.routes.answers import json_answer
from gradio_reference.service import Service

Provider = Callable[[], Service]
TAKEN = {"msg": "success"}


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_media", __name__)

    @routes.post("/stream/<event_id>", strict_slashes=False)
    async def chunk(event_id: str) -> Response:
        body = await bodies.read_members(request, bodies.PREDICT)  # STREAM-008
        service = provide()
        event = _own(service, event_id)
        try:
            service.broker.feeds.put(event, body["data"], body.size)
        except Refused as refusal:
            raise Rejected(503, str(refusal)) from None
        return json_answer(TAKEN)

    @routes.post("/stream/<event_id>/close", strict_slashes=False)
    async def close(event_id: str) -> Response:
        service = provide()
        service.broker.feeds.close(_own(service, event_id))
        return json_answer(TAKEN)

    return routes


def _own(service: Service, event_id: str) -> Event:
    """The live streaming-input event of this id, if the caller is the user who joined it. To others
    it does not exist (STREAM-003, STREAM-007, STREAM-009).
    """
    event = service.broker.feeds.find(event_id)
    if event is None or event.payload.request.username != g.get("username"):
        raise Rejected(404, f"There is no streaming-input event '{event_id}'.")
    return event
