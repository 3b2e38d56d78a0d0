"""One HTTP exchange by ``openapi.yaml``: whatever it has must be described.

An exchange is ``{"method", "path"}`` with, where they matter, ``query`` (an object), ``body`` (its
media type), ``status`` and ``type`` (the media type of the answer).
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from gradio_conformance.gate.model import Side
from gradio_spec.routes import Operation

Exchange = Mapping[str, Any]


def prefix(side: Side) -> str:
    """The path below which the routes of a side lie."""
    servers = side.documents["openapi"].get("servers") or [{}]
    return str(servers[0].get("variables", {}).get("prefix", {}).get("default", ""))


def parameters(side: Side, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """What an operation takes beside its path and its body, by name."""
    document = side.documents["openapi"]
    item = document["paths"][operation.path]
    rows = [*item.get("parameters", ()), *item[operation.method.lower()].get("parameters", ())]
    found = (_resolved(document, row) for row in rows)
    return {row["name"]: row for row in found if row["in"] in ("query", "header")}


def answered(exchange: Exchange, side: Side) -> str | None:
    """What of an exchange a side does not describe; ``None`` if it describes all of it."""
    method, path = exchange["method"], exchange["path"]
    operation, _ = side.spec.routes.find(method, path, prefix(side))
    if operation is None:
        return f"{method} {path} is not described"
    return next(_wrong(exchange, side, operation), None)


def _wrong(exchange: Exchange, side: Side, operation: Operation) -> Iterator[str]:
    if "query" in exchange:
        yield from _wrong_query(exchange["query"], parameters(side, operation))
    if "body" in exchange:
        yield from _wrong_body(exchange["body"], operation.request)
    if "status" in exchange:
        case = operation.response(exchange["status"])
        if case is None:
            yield f"the status {exchange['status']} is not described"
        elif "type" in exchange and exchange["type"] not in case[1].get("content", {}):
            yield f"an answer of the type {exchange['type']} is not described"


def _wrong_query(given: Exchange, known: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, value in given.items():
        if name not in known:
            yield f"the parameter {name} is not described"
        elif not Draft202012Validator(_plain(known[name])).is_valid(value):
            yield f"the parameter {name} is not of its schema"
    for name, row in known.items():
        if row.get("required") and name not in given:
            yield f"the parameter {name} is required"


def _wrong_body(kind: str | None, request: Mapping[str, Any]) -> Iterator[str]:
    if kind is None and request.get("required"):
        yield "a body is required"
    if kind is not None and kind not in request.get("content", {}):
        yield f"a body of the type {kind} is not described"


def _plain(row: Mapping[str, Any]) -> Any:
    schema = row.get("schema", {})
    return {} if "$ref" in schema else schema


def _resolved(document: Any, row: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in row:
        return row
    for step in row["$ref"].split("/")[1:]:
        document = document[step]
    found: Mapping[str, Any] = document
    return found
