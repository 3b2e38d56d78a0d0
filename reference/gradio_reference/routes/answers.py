"""Answers that all routes share: JSON bodies, refusals, streams, and what a request tells about
its caller.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from quart import Response
from quart import g
from quart import request
from werkzeug.exceptions import MethodNotAllowed

from gradio_reference.bodies import Rejected
from gradio_reference.endpoint import Endpoint
from gradio_reference.incoming import Incoming
from gradio_reference.request import Request
from gradio_reference.service import Service
from gradio_reference.validators import Invalid
from gradio_reference.worker import DirectFailure

# No proxy may buffer or transform a stream (SSE-027).
STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def json_body(value: Any) -> bytes:
    """Strict JSON. ASCII, so that an echoed lone surrogate cannot make a 500 of a 422."""
    return json.dumps(value, allow_nan=False).encode()


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(json_body(value), status=status, content_type="application/json")


def stream_answer(body: AsyncIterator[bytes]) -> Response:
    """An SSE response, which may last for ever."""
    response = Response(body, headers=STREAM_HEADERS)
    response.timeout = None
    return response


def get_only() -> None:
    """Refuse HEAD where reading has effects: Quart routes it like GET."""
    if request.method != "GET":
        raise MethodNotAllowed(["GET", "OPTIONS"])


def endpoint_by_name(service: Service, name: str) -> Endpoint:
    endpoint = service.by_name.get(name)
    if endpoint is None:
        raise Rejected(404, f"There is no API endpoint named '{name}'.")  # CALL-011, RUN-007
    return endpoint


def endpoint_by_index(service: Service, index: float) -> Endpoint:
    if not 0 <= index < len(service.endpoints):
        raise Rejected(404, f"There is no function with fn_index {int(index)}.")  # JOIN-011
    # JOIN-023: a private one too, for the app's own pages call theirs over this route.
    return service.endpoints[int(index)]


@contextmanager
def judging() -> Iterator[None]:
    """Refuse a call that the validator of its endpoint does not want (JOIN-015)."""
    try:
        yield
    except Invalid as refusal:
        raise Rejected(422, refusal.verdicts) from None
    except DirectFailure as failed:
        raise Rejected(400, failed.failure.payload["error"] or "The validator failed.") from None


def incoming() -> Incoming:
    """The current request of Quart."""
    return Incoming(request.scope, g.get("username"), request.view_args)


def snapshot(session_hash: str | None) -> Request:
    """The current request, as an endpoint function may see it."""
    return incoming().snapshot(session_hash)


def session_key(session_hash: str) -> str:
    """What the server knows a session of the current request's user by (AUTH-009)."""
    return incoming().session_key(session_hash)


def public_root(root_path: str) -> str:
    """The URL under which the caller reaches this server, without a trailing slash (DISC-005)."""
    return incoming().root(root_path)
