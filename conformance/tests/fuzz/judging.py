"""What the clauses demand of the answer to a request, read off the bytes that were sent.

Schemathesis knows the document: documented statuses, media types, headers and bodies. It cannot
know that a body which is not what the document asks for has to be refused in some ways only
(JOIN-004: unknown members are ignored), nor what a stream has to do when nothing holds it up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from typing import Literal
from urllib.parse import unquote
from urllib.parse import urlsplit

from schemathesis import Case
from schemathesis import CheckContext
from schemathesis import Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import response_headers_conformance
from schemathesis.specs.openapi.checks import response_schema_conformance
from schemathesis.specs.openapi.checks import status_code_conformance
from schemathesis.specs.openapi.checks import unsupported_method

import gradio_spec
from gradio_spec.schemas import Schemas

from .server import PREFIX
from .server import Server

ROOT = Path(gradio_spec.__file__).parent / "versions" / "sse_v3"
SCHEMAS = Schemas(ROOT)
Verdict = Literal["refused", "accepted", "open"]
Check = Callable[[CheckContext, Response, Case[Any]], bool | None]

NO_JSON = object()
# Routes with a body, and the schema of it.
BODIES = {
    "/queue/join": "http#/$defs/PredictBody",
    "/cancel": "http#/$defs/CancelBody",
    "/reset": "http#/$defs/ResetBody",
    "/call/{name}": "http#/$defs/CallBody",
    "/call/v2/{name}": "http#/$defs/CallV2Body",
    "/run/{name}": "http#/$defs/RunBody",
    "/api/{name}": "http#/$defs/RunBody",
}
_ROUTE = re.compile(r"/(?:(queue/join|cancel|reset)|(call/v2|call|run|api)/([^/]+))")
_DIRECT = ("/run/{name}", "/api/{name}")
# Which errors of a body have to lead to a refusal: the clause that says so, and the member.
_DEMANDED = {
    *(("JOIN-005", ""), ("JOIN-006", ""), ("JOIN-008", ""), ("JOIN-008", "/data")),
    *(("JOIN-010", "/session_hash"), ("JOIN-012", "/session_hash"), ("CANCEL-002", "")),
    *(("CANCEL-002", "/session_hash"), ("CANCEL-002", "/fn_index"), ("CANCEL-002", "/event_id")),
    *(("CALL-012", ""), ("CALL-012", "/data"), ("CALL-025", ""), ("RUN-008", "")),
    ("RUN-008", "/data"),
}


class Open(Exception):
    """The clauses leave the answer to this request to the server."""


def route_and_name(url: str) -> tuple[str, str]:
    """The key in ``BODIES`` of a URL, and the endpoint in it; ("", "") for other routes."""
    path = urlsplit(url).path.removeprefix(PREFIX)
    found = _ROUTE.fullmatch(path.rstrip("/"))
    if found is None:
        return "", ""
    plain, named, name = found.groups()
    return (f"/{plain}", "") if plain else (f"/{named}/{{name}}", unquote(name))


def verdict(server: Server, url: str, content_type: str, body: bytes) -> Verdict:
    """How a POST with this body has to be answered."""
    route, name = route_and_name(url)
    try:
        return _verdict(server, route, name, _read(route, content_type, body))
    except Open:
        return "open"


def _read(route: str, content_type: str, body: bytes) -> Any:
    """The value of a body, or ``NO_JSON``."""
    if not route or route == "/reset":
        raise Open  # nothing is said of bad ones
    if content_type.partition(";")[0].strip().lower() != "application/json":
        if route == "/queue/join" and "json" not in content_type:
            return NO_JSON  # JOIN-009
        raise Open
    try:
        return json.loads(body.decode(), parse_constant=_unspecified)
    except (ValueError, RecursionError):
        return NO_JSON  # JOIN-007, JOIN-027, CALL-025; the other routes lack required members


def _unspecified(_: str) -> Any:
    raise Open


def _verdict(server: Server, route: str, name: str, body: Any) -> Verdict:
    if not isinstance(body, dict):
        return "refused"
    index = body.get("fn_index") if route in ("/queue/join", *_DIRECT) else None
    if isinstance(index, (bool, float, str)):
        raise Open  # some servers read an integer in it
    if isinstance(index, int) and index not in server.ids.values():
        return "refused"  # JOIN-011
    if name and name not in server.ids and index is None:
        return "refused"  # CALL-011, RUN-007
    broken = {(error.clause, error.path) for error in SCHEMAS.check(BODIES[route], body)}
    if broken & _DEMANDED or (route == "/queue/join" and index is None):
        return "refused"
    if broken or route == "/call/v2/{name}":  # CALL-015 depends on the endpoint
        raise Open
    return "accepted"


class Judge:
    """The checks that every answer of one server has to pass."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._joined: set[str] = set()

    @property
    def checks(self) -> list[Check]:
        return [
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
            unsupported_methods,
            parameters_are_refused,
            streams_end,
            self.answered_as_demanded,
            self.refused_joins_leave_nothing,
        ]

    def answered_as_demanded(self, _: CheckContext, response: Response, case: Case[Any]) -> None:
        url = str(response.request.url)
        if response.request.method != "POST" or case.operation.method.upper() != "POST":
            return
        content_type = str(response.request.headers.get("Content-Type", ""))
        wanted = verdict(self._server, url, content_type, _sent(response))
        status = response.status_code
        if wanted == "refused":
            assert 400 <= status < 500, f"{status}, but this has to be refused"
        elif wanted == "accepted" and route_and_name(url)[0] in _DIRECT:
            # Of a direct call it is open how missing data are answered, and functions may fail.
            assert status in (200, 422, 500), f"{status}, but there is nothing wrong with it"
        elif wanted == "accepted":
            assert status == 200, f"{status}, but this has to be accepted"

    def refused_joins_leave_nothing(
        self, _: CheckContext, response: Response, case: Case[Any]
    ) -> None:
        """JOIN-016."""
        if route_and_name(str(response.request.url))[0] != "/queue/join":
            return
        try:
            session = json.loads(_sent(response))["session_hash"]
        except (ValueError, TypeError, KeyError):
            return
        if response.status_code == 200:
            self._joined.add(session)
        elif isinstance(session, str) and session not in self._joined:
            assert not self._server.knows(session), f"the refused session {session!r} is known"


def _sent(response: Response) -> bytes:
    body: Any = response.request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)


def unsupported_methods(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """DISC-025."""
    if response.request.method == "GET" and case.operation.path.endswith("/call/v2/{api_name}"):
        return None  # that is call/{api_name}/{event_id} too, of an endpoint v2
    return unsupported_method(ctx, response, case)


def parameters_are_refused(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """SSE-019; no clause lets a server refuse another parameter of the query, nor makes it compare
    the name in the path of a call stream.
    """
    if not case.operation.path.endswith("/queue/data"):
        return None
    return negative_data_rejection(ctx, response, case)


def streams_end(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Nothing here waits for a gate, so no stream has a reason to stay open (SSE-009, SSE-017,
    SSE-023, CALL-009, CALL-010, CALL-023).
    """
    assert not response.stream_cut_short, "the stream did not end"
