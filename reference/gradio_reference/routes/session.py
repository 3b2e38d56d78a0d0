"""Profile session: the heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable

from quart import Blueprint
from quart import Response

from gradio_reference.request import Request
from gradio_reference.routes.answers import get_only
from gradio_reference.routes.answers import snapshot
from gradio_reference.routes.answers import stream_answer
from gradio_reference.routes.streams import Pace
from gradio_reference.service import Service

Provider = Callable[[], Service]
ALIVE = b"data: ALIVE\n\n"


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_session", __name__)

    @routes.get("/heartbeat/<session_hash>", strict_slashes=False)
    async def heartbeat(session_hash: str) -> Response:
        get_only()
        return stream_answer(_alive(provide(), snapshot(session_hash)))

    return routes


async def _alive(service: Service, request: Request) -> AsyncIterator[bytes]:
    """The body of GET heartbeat/{session_hash}: it lasts as long as client and server
    (STATE-018).
    """
    pace = Pace(service.settings.heartbeat)
    service.sessions.opened(str(request.session_key))
    try:
        yield ALIVE
        while not service.closed.is_set():
            try:
                await asyncio.wait_for(service.closed.wait(), pace.left())
            except TimeoutError:
                pace.due()
                yield ALIVE
    finally:
        service.sessions.closed(request)
