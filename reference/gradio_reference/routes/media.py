"""Profile media: input for events that run, and playlists of what they give."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from quart import Blueprint
from quart import Response
from quart import g
from quart import request

from gradio_reference import bodies
from gradio_reference.bodies import Rejected
from gradio_reference.core.model import Event
from gradio_reference.core.model import Refused
from gradio_reference.core.playlists import EXTENSIONS
from gradio_reference.core.playlists import TYPES
from gradio_reference.core.playlists import Playlist
from gradio_reference.media import PLAYLIST
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import session_key
from gradio_reference.service import Service

Provider = Callable[[], Service]
TAKEN = {"msg": "success"}
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
STREAM = "/stream/<path:session_hash>/<run>/<component>/"


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_media", __name__)
    _inputs(routes, provide)
    _outputs(routes, provide)
    return routes


def _inputs(routes: Blueprint, provide: Provider) -> None:
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


def _own(service: Service, event_id: str) -> Event:
    """The live streaming-input event of this id, if the caller is the user who joined it. To others
    it does not exist (STREAM-003, STREAM-007, STREAM-009).
    """
    event = service.broker.feeds.find(event_id)
    if event is None or event.payload.request.username != g.get("username"):
        raise Rejected(404, f"There is no streaming-input event '{event_id}'.")
    return event


def _outputs(routes: Blueprint, provide: Provider) -> None:
    @routes.get(STREAM + PLAYLIST, merge_slashes=False)
    async def playlist(session_hash: str, run: str, component: str) -> Response:
        found = _playlist(provide(), session_hash, run, component)
        signature = request.args.get("__sign")
        query = f"?{urlencode({'__sign': signature})}" if signature else ""
        response = Response(found.text(query), content_type=PLAYLIST_TYPE)
        response.headers["Cache-Control"] = "private, no-store" if signature else "no-store"
        return response

    @routes.get(STREAM + "<segment>", merge_slashes=False)
    async def segment(session_hash: str, run: str, component: str, segment: str) -> Response:
        _, dot, extension = segment.rpartition(".")
        if dot and extension not in TYPES:
            raise Rejected(400, f"extension: must be one of {', '.join(TYPES)}, not {extension!r}")
        piece = _playlist(provide(), session_hash, run, component).segments.get(segment)
        if piece is None:
            raise Rejected(404, "There is no such segment.")
        return Response(piece.data, content_type=TYPES[extension])

    @routes.get(STREAM + "playlist-file", merge_slashes=False)
    async def whole(session_hash: str, run: str, component: str) -> Response:
        found = _playlist(provide(), session_hash, run, component)
        extension = EXTENSIONS[found.kind]
        response = Response(found.data, content_type=TYPES[extension])
        name = f'attachment; filename="{found.kind}-stream.{extension}"'
        response.headers["Content-Disposition"] = name
        response.headers["Cache-Control"] = "no-store"  # it may grow
        return response


def _playlist(service: Service, session_hash: str, run: str, component: str) -> Playlist:
    """The media stream of this user's session (STREAM-013)."""
    number = int(component) if component.isdecimal() and len(component) < 10 else -1
    found = service.media.playlists.find((session_key(session_hash), run, number))
    if found is None:
        raise Rejected(404, "There is no such media stream.")
    return found
