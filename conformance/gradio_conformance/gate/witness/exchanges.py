"""Exchanges that one version describes and the other does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.judges import tried
from gradio_conformance.gate.witness.wire import parameters
from gradio_conformance.gate.witness.wire import prefix
from gradio_spec.pointers import steps
from gradio_spec.routes import Operation

_VALUES: tuple[Any, ...] = ("a", "", 0, 1, True, "1", "true", None)


def exchange_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """The shortest exchange that shows it, on the operation that it is about."""
    names = steps(difference.place.pointer)
    path = names[1] if names[0] == "paths" else None
    method = names[2].upper() if path and len(names) > 2 else None
    for side in (new, old):
        for operation in side.spec.routes.operations:
            if path not in (None, operation.path):
                continue
            if method not in (None, operation.method) and names[2] not in ("parameters", "servers"):
                continue
            for exchange in _exchanges(side, operation, set(names)):
                found = tried("exchange", "openapi", exchange, old, new)
                if found is not None:
                    return found
    return None


def clause_exchange(clause: str, old: Side, new: Side) -> Witness | None:
    """An exchange on an operation that is there for a clause."""
    for side in (new, old):
        for operation in side.spec.routes.operations:
            if clause in operation.clauses:
                exchange = _bare(side, operation)
                found = tried("exchange", "openapi", exchange, old, new)
                if found is not None:
                    return found
    return None


def _bare(side: Side, operation: Operation) -> dict[str, Any]:
    above = prefix(side) if operation.below_prefix else ""
    return {"method": operation.method, "path": above + operation.example}


def _exchanges(side: Side, operation: Operation, about: set[str]) -> Iterator[dict[str, Any]]:
    """Those with a part that the difference is about; all of them if it is about the whole."""
    bare = _bare(side, operation)
    whole = not about & {"parameters", "requestBody", "responses", "components"}
    if whole:
        yield bare
    known = parameters(side, operation)
    if whole or about & {"parameters", "components"}:
        needed = {name: "a" for name, row in known.items() if row.get("required")}
        yield {**bare, "query": needed}
        for name in known:
            yield {**bare, "query": {k: v for k, v in needed.items() if k != name}}
            yield from ({**bare, "query": {**needed, name: value}} for value in _VALUES)
    if whole or about & {"requestBody", "components"}:
        yield {**bare, "body": None}
        yield from ({**bare, "body": kind} for kind in operation.request.get("content", {}))
    if whole or about & {"responses", "components"}:
        for key, answer in operation.responses.items():
            status = int(key.replace("XX", "00")) if key != "default" else 500
            yield {**bare, "status": status}
            for kind in answer.get("content", {}):
                yield {**bare, "status": status, "type": kind}
