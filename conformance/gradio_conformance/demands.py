"""What the clauses demand of the answer to a POST, read off the bytes that were sent.

A description of routes cannot say it: a body that is not what the document asks for has to be
refused in some ways only (JOIN-004: unknown members are ignored), and what is refused by which
clause depends on the names and numbers of the server's own functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal
from urllib.parse import unquote
from urllib.parse import urlsplit

from gradio_spec.schemas import Schemas

Verdict = Literal["refused", "accepted", "open"]

NO_JSON = object()
DIRECT = ("/run/{name}", "/api/{name}")
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
# The clause by which a body that is no JSON object is refused, and an unknown name.
NO_OBJECT = {
    "/queue/join": "JOIN-007",
    "/cancel": "CANCEL-002",
    "/call/{name}": "CALL-012",
    "/call/v2/{name}": "CALL-025",
    "/run/{name}": "RUN-008",
    "/api/{name}": "RUN-008",
}
NO_NAME = {"/call/{name}": "CALL-011", "/call/v2/{name}": "CALL-011"}
ACCEPTED = {"/queue/join": "JOIN-001", "/cancel": "CANCEL-001", "/call/{name}": "CALL-001"}
_ROUTE = re.compile(r"/(?:(queue/join|cancel|reset)|(call/v2|call|run|api)/([^/]+))")
# Which errors of a body have to lead to a refusal: the clause that says so, and the member.
_DEMANDED = {
    *(("JOIN-005", ""), ("JOIN-006", ""), ("JOIN-008", ""), ("JOIN-008", "/data")),
    *(("JOIN-010", "/session_hash"), ("JOIN-012", "/session_hash"), ("CANCEL-002", "")),
    *(("CANCEL-002", "/session_hash"), ("CANCEL-002", "/fn_index"), ("CANCEL-002", "/event_id")),
    *(("CALL-012", ""), ("CALL-012", "/data"), ("CALL-025", ""), ("RUN-008", "")),
    ("RUN-008", "/data"),
}


@dataclass(frozen=True, slots=True)
class Demand:
    """How a request has to be answered, and the clause that says so."""

    verdict: Verdict
    clause: str = ""


class Open(Exception):
    """The clauses leave the answer to this request to the server."""


def route_and_name(url: str, prefix: str) -> tuple[str, str]:
    """The key in ``BODIES`` of a URL, and the endpoint in it; ("", "") for other routes."""
    path = urlsplit(url).path.removeprefix(prefix)
    found = _ROUTE.fullmatch(path.rstrip("/"))
    if found is None:
        return "", ""
    plain, named, name = found.groups()
    return (f"/{plain}", "") if plain else (f"/{named}/{{name}}", unquote(name))


@dataclass(frozen=True, slots=True)
class Demands:
    """``ids``: the fn_index of each endpoint name of the server."""

    schemas: Schemas
    prefix: str
    ids: Mapping[str, int]

    def of_post(self, url: str, content_type: str, body: bytes) -> Demand:
        """How a POST with this body has to be answered."""
        route, name = route_and_name(url, self.prefix)
        if not route or route == "/reset":
            return Demand("open")  # nothing is said of bad ones
        try:
            return self._of(route, name, content_type, body)
        except Open:
            return Demand("open")

    def _of(self, route: str, name: str, content_type: str, body: bytes) -> Demand:
        if content_type.partition(";")[0].strip().lower() != "application/json":
            if route == "/queue/join" and "json" not in content_type:
                return Demand("refused", "JOIN-009")
            raise Open
        found = _parsed(body)
        if not isinstance(found, dict):
            no_text = found is NO_JSON or route != "/queue/join"
            return Demand("refused", NO_OBJECT[route] if no_text else "JOIN-008")
        return self._of_object(route, name, found)

    def _of_object(self, route: str, name: str, body: Mapping[str, Any]) -> Demand:
        if route == "/call/{name}" and body.get("session_hash") == "":
            raise Open  # taken or refused
        index = body.get("fn_index") if route in ("/queue/join", *DIRECT) else None
        if isinstance(index, (bool, float, str)):
            raise Open  # some servers read an integer in it
        if isinstance(index, int) and index not in self.ids.values():
            return Demand("refused", "JOIN-011" if route == "/queue/join" else "RUN-007")
        if name and name not in self.ids and index is None:
            return Demand("refused", NO_NAME.get(route, "RUN-007"))
        broken = {(error.clause, error.path) for error in self.schemas.check(BODIES[route], body)}
        for clause, _ in sorted((c or "", path) for c, path in broken & _DEMANDED):
            return Demand("refused", clause)
        if route == "/queue/join" and index is None:
            return Demand("refused", "JOIN-006")
        if broken or route == "/call/v2/{name}":  # CALL-015 depends on the endpoint
            raise Open
        return Demand("accepted", ACCEPTED.get(route, "RUN-001"))


def _parsed(body: bytes) -> Any:
    """The value of a body, or ``NO_JSON``."""
    try:
        return json.loads(body.decode(), parse_constant=_unspecified)
    except (ValueError, RecursionError):
        return NO_JSON


def _unspecified(_: str) -> Any:
    raise Open
