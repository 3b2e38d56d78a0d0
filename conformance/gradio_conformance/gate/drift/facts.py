"""What an observation says, as facts that can be compared. Pure.

Routes and members come of all that passed; the rest is what the plan tells of its steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradio_conformance.gate.drift.encoding import generations
from gradio_conformance.gate.drift.exchanges import Exchanges
from gradio_conformance.gate.drift.exchanges import Told
from gradio_conformance.gate.drift.exchanges import value_of
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.places import clause_at
from gradio_conformance.gate.drift.plan import Telling
from gradio_conformance.gate.drift.plan import plan
from gradio_conformance.gate.drift.shapes import Kind
from gradio_conformance.gate.drift.shapes import Member
from gradio_conformance.gate.drift.shapes import Shapes
from gradio_conformance.gate.drift.telling import View
from gradio_conformance.gate.drift.telling import tell
from gradio_conformance.traffic.exchange import CALL_STREAMS
from gradio_conformance.traffic.exchange import DATA
from gradio_spec.loader import load_spec
from gradio_spec.model import Spec
from gradio_spec.pointers import escaped
from gradio_spec.routes import Operation
from gradio_spec.schemas import CALL_EVENTS
from gradio_spec.schemas import SERVER_MESSAGE
from gradio_spec.schemas import Schemas

ABSENT = (404, 405)
UPLOADS = "GET /upload_progress"
UPLOAD_MESSAGE = "files#/$defs/UploadMessage"
JSON = "application/json"
ENCODER = "encoder"
EDITS = "edits"  # the step whose facts show the encoder
AREAS = {"config": "discovery", "info": "discovery", "messages": "events", "files": "files"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that can be seen, under a ``key`` that is the same for all servers; ``value`` is a
    JSON value. ``places`` are those of the newest document that speak of it, ``telling`` is what
    the plan says of it.
    """

    key: str
    sort: str  # route, member, step or encoder
    area: str
    value: Any
    places: tuple[str, ...]
    clauses: tuple[str, ...]
    telling: Telling | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts of an observation, and ``absent``: step → why it tells nothing."""

    by_key: Mapping[str, Fact]
    absent: Mapping[str, str]


def facts_of(observation: Observation) -> Facts:
    """All that an observation says."""
    spec = load_spec()
    servers = {
        name: Exchanges(spec.routes, traffic) for name, traffic in observation.traffic.items()
    }
    found = [
        *_routes(spec, servers),
        *_members(spec, servers),
        *_steps(observation, servers),
    ]
    encoder = _encoder(observation, servers)
    facts = {fact.key: fact for fact in (*found, *encoder)}
    absent = {s.id: s.skipped or s.stuck or "" for s in observation.steps if s.skipped or s.stuck}
    return Facts(facts, absent)


def readable(facts: Facts) -> dict[str, Any]:
    """The facts as the document of an observation has them."""
    found: dict[str, dict[str, Any]] = {"route": {}, "member": {}, "step": {}, "encoder": {}}
    for key, fact in sorted(facts.by_key.items()):
        found[fact.sort][key.partition(" ")[2] or key] = fact.value
    return {
        "routes": found["route"],
        "members": found["member"],
        "steps": found["step"],
        "encoder": found["encoder"].get(ENCODER),
        "absent": dict(facts.absent),
    }


# -- routes ---------------------------------------------------------------------------------------


def _routes(spec: Spec, servers: Mapping[str, Exchanges]) -> Iterator[Fact]:
    answered: dict[str, bool] = {}
    operations: dict[str, Operation] = {}
    for told in _all(servers):
        operation, status = told.exchange.place.operation, told.exchange.status
        if operation is None or status is None:
            continue
        operations[operation.name] = operation
        there = status not in ABSENT
        answered[operation.name] = answered.get(operation.name, False) or there
    for name, is_there in answered.items():
        operation = operations[name]
        place = f"openapi#/paths/{escaped(operation.path)}/{operation.method.lower()}"
        value = "answers" if is_there else "404 or 405"
        yield Fact(f"route {name}", "route", "routes", value, (place,), operation.clauses[:1])


def _all(servers: Mapping[str, Exchanges]) -> Iterator[Told]:
    for server in servers.values():
        yield from server.by_number.values()


# -- members --------------------------------------------------------------------------------------


def _members(spec: Spec, servers: Mapping[str, Exchanges]) -> Iterator[Fact]:
    shapes = Shapes(spec.schemas)
    for told in _all(servers):
        _show(shapes, told)
    for place, kind in shapes.kinds.items():
        for name, member in kind.members.items():
            yield _member(spec.schemas, place, kind, name, member)


def _show(shapes: Shapes, told: Told) -> None:
    exchange = told.exchange
    for event in told.events:
        value = value_of(event.data)
        if exchange.name == DATA:
            shapes.see(SERVER_MESSAGE, value)
            shapes.files(value.get("output") if isinstance(value, dict) else None)
        elif exchange.name in CALL_STREAMS and event.event in CALL_EVENTS:
            shapes.see(CALL_EVENTS[event.event or ""], value)
        elif exchange.name == UPLOADS:
            shapes.see(UPLOAD_MESSAGE, value)
    # What is refused differs with what is asked for; the plan tells of refusals.
    operation = exchange.place.operation
    found = operation.response(200) if operation and exchange.status == 200 else None
    if found and exchange.is_json and not told.events:
        ref = found[1].get("content", {}).get(JSON, {}).get("schema", {}).get("$ref", "")
        if ".schema.json" in ref:
            shapes.see(ref.replace(".schema.json", ""), exchange.answer)


def _member(schemas: Schemas, place: str, kind: Kind, name: str, member: Member) -> Fact:
    value = {
        "presence": "always" if member.count == kind.count else "sometimes",
        "types": sorted(member.types),
        "null": {0: "never", member.count: "always"}.get(member.nulls, "sometimes"),
    }
    if member.values:
        value["values"] = sorted(member.values)
    places = (*sorted(member.places), f"{place}/properties/{escaped(name)}")
    clauses = dict.fromkeys(c for p in places if (c := clause_at(schemas.documents, p)) is not None)
    area = AREAS.get(place.partition("#")[0], "routes")
    known = tuple(dict.fromkeys(places)) if member.places else ()
    return Fact(f"member {place}.{name}", "member", area, value, known, tuple(clauses))


# -- steps ----------------------------------------------------------------------------------------


def _steps(observation: Observation, servers: Mapping[str, Exchanges]) -> Iterator[Fact]:
    played = {step.id: step for step in observation.steps}
    for step in plan():
        done = played.get(step.id)
        if done is None or done.server not in servers:
            continue
        server = servers[done.server]
        for telling in step.facts:
            told = server.by_number.get(done.exchanges.get(telling.of, 0))
            if told is not None and telling.needs in (None, *server.site.ids):
                key = f"step {step.id}.{telling.of}.{telling.what}"
                value = tell(telling.what, View(told, server))
                places, clauses = telling.places, telling.clauses
                yield Fact(key, "step", step.area, value, (*places, *clauses), clauses, telling)


def _encoder(observation: Observation, servers: Mapping[str, Exchanges]) -> Iterator[Fact]:
    step = next((s for s in observation.steps if s.id == EDITS), None)
    if step is None or step.server not in servers:
        return
    server = servers[step.server]
    seen = []
    for label, number in step.exchanges.items():
        told = server.by_number.get(number)
        sent = told.exchange.sent if told is not None else None
        if told is None or not isinstance(sent, dict) or "data" not in sent:
            continue
        edits = tell(EDITS, View(told, server))
        (old, new) = sent["data"][0]
        seen.append((label, old, new, value_of(edits) if edits.startswith("[") else None))
    if seen:
        value = json.loads(json.dumps(generations(seen)))
        yield Fact(ENCODER, "encoder", "edits", value, (), ("DIFF-001",))
