"""Answers that all routes share: JSON bodies, refusals, streams, and what a request tells about
its caller.
"""

from __future__ import annotations

import json
import re
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
from gradio_reference.request import Client
from gradio_reference.request import Headers
from gradio_reference.request import Request
from gradio_reference.service import Service
from gradio_reference.urls import URL
from gradio_reference.urls import Named
from gradio_reference.urls import QueryParams
from gradio_reference.validators import Invalid
from gradio_reference.worker import DirectFailure


def json_answer(value: Any, status: int = 200) -> Response:
    """Strict JSON. ASCII, so that an echoed lone surrogate cannot make a 500 of a 422."""
    text = json.dumps(value, allow_nan=False)
    return Response(text, status=status, content_type="application/json")


def stream_answer(body: AsyncIterator[bytes]) -> Response:
    """An SSE response. It may last for ever, and no proxy may buffer or transform it (SSE-027)."""
    response = Response(body, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
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


def snapshot(session_hash: str | None) -> Request:
    """The current request, as an endpoint function may see it."""
    address = request.scope.get("client") or (None, None)
    return Request(
        headers=Headers(request.headers.items()),
        query_params=QueryParams(request.args.items(multi=True)),
        cookies=Named(request.cookies.items(multi=True)),
        path_params=Named(request.view_args or {}),
        client=Client(address[0], address[1]),
        url=URL(request.url),
        method=request.method,
        session_hash=session_hash,
        username=g.get("username"),
    )


def session_key(session_hash: str) -> str:
    """What the server knows a session of the current request's user by (AUTH-009)."""
    user = g.get("username")
    return str(Request(session_hash=session_hash, username=user).session_key)


def public_root(root_path: str) -> str:
    """The URL under which the caller reaches this server, without a trailing slash (DISC-005).

    Whoever sends forwarded headers is believed (NET-001): they change nothing but the URLs of the
    sender's own answers. A ``root_path`` replaces the path at which the app is mounted (NET-002).
    """
    if root_path.startswith(("http://", "https://")):
        return root_path.rstrip("/")
    host = _first("X-Forwarded-Host")
    if not _HOST.fullmatch(host):
        host = request.host
    scheme = _first("X-Forwarded-Proto").lower()
    if scheme not in ("http", "https"):
        scheme = request.scheme
    return f"{scheme}://{host}{root_path or request.root_path}".rstrip("/")


_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)


def _first(header: str) -> str:
    return request.headers.get(header, "").split(",")[0].strip()
