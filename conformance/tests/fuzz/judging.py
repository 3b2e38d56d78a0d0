"""The checks that every answer has to pass which the documented links lead to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from gradio_conformance.demands import DIRECT
from gradio_conformance.demands import Demands
from gradio_conformance.demands import route_and_name
from gradio_spec.schemas import Schemas

from .server import PREFIX
from .server import Server

ROOT = Path(gradio_spec.__file__).parent / "versions" / "sse_v3"
SCHEMAS = Schemas(ROOT)
Check = Callable[[CheckContext, Response, Case[Any]], bool | None]


class Judge:
    """The checks that every answer of one server has to pass."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._demands = Demands(SCHEMAS, PREFIX, server.ids)
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
        wanted = self._demands.of_post(url, content_type, _sent(response)).verdict
        status = response.status_code
        if wanted == "refused":
            assert 400 <= status < 500, f"{status}, but this has to be refused"
        elif wanted == "accepted" and route_and_name(url, PREFIX)[0] in DIRECT:
            # Of a direct call it is open how missing data are answered, and functions may fail.
            assert status in (200, 422, 500), f"{status}, but there is nothing wrong with it"
        elif wanted == "accepted":
            assert status == 200, f"{status}, but this has to be accepted"

    def refused_joins_leave_nothing(
        self, _: CheckContext, response: Response, case: Case[Any]
    ) -> None:
        """JOIN-016."""
        if route_and_name(str(response.request.url), PREFIX)[0] != "/queue/join":
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
