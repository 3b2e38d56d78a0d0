"""The steps from which traces are made: small messages of every kind that either side knows, ends,
and what a client of a connection says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.model import Side
from gradio_conformance.gate.witness.described import kinds
from gradio_conformance.gate.witness.playing import Step
from gradio_conformance.gate.witness.samples import examples
from gradio_conformance.gate.witness.samples import made
from gradio_spec.schemas import CALL_EVENTS
from gradio_spec.schemas import SERVER_MESSAGE

_MOST = 12  # messages of one kind
_ENDS = ("eof", "cut", "closed")
_EVENT = "e"
_EDITS: tuple[Any, ...] = (
    [["append", [], "b"]],
    [["replace", ["a"], 0]],
    [["exchange", [], 0]],
)


def steps_of(old: Side, new: Side) -> list[Step]:
    """The alphabet of two sides, always in the same order."""
    sides = (old, new)
    steps: list[Step] = [["message", message] for message in _messages(sides)]
    steps += [["say", name] for name in _said(sides)]
    steps += [["end", how] for how in _ENDS]
    steps += [["event", name, data] for name, data in _call_events(sides)]
    return [*steps, ["beat", None, "ALIVE"]]


def _messages(sides: tuple[Side, Side]) -> Iterator[dict[str, Any]]:
    """Of each kind those that both sides take, then those that one takes."""
    pool: dict[str, list[dict[str, Any]]] = {}
    candidates = [*examples(SERVER_MESSAGE)]
    for side in sides:
        for name in kinds(side.documents, "messages", "ServerMessage"):
            candidates += examples(f"messages#/$defs/{name}")
            candidates += made(side.documents, "messages", name)
    kept = [_named(one) for one in candidates if isinstance(one, dict) and "msg" in one]
    kept += [variant for one in kept for variant in _variants(one)]
    unlike = {json.dumps(one, sort_keys=True): one for one in kept}
    for message in sorted(unlike.values(), key=lambda one: len(json.dumps(one))):
        if any(side.spec.schemas.is_valid(SERVER_MESSAGE, message) for side in sides):
            pool.setdefault(str(message["msg"]), []).append(message)
    for kind in sorted(pool):
        yield from _shapes(sorted(pool[kind], key=lambda m: not _taken_by_both(m, sides)))


def _shapes(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The smallest of each shape."""
    found: dict[str, dict[str, Any]] = {}
    for message in messages:
        output = message.get("output")
        parts = [message.get(member) for member in ("success", "rank", "queue_size", "used_cache")]
        if isinstance(output, dict):
            parts += [output.get("data"), output.get("is_generating"), sorted(output) == []]
        found.setdefault(repr(parts), message)
    return list(found.values())[:_MOST]


def _variants(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same message with other ranks, or with other values: two texts, then edits of the first,
    ones that do not apply, and ones that are none.
    """
    if "rank" in message:
        for rank, size in ((0, 2), (1, 2), (2, 2)):
            yield {**message, "rank": rank, "queue_size": size}
    if isinstance(message.get("output"), dict):
        yield {**message, "output": {}, "success": True}
        if "data" in message["output"]:
            more = (["a", "b"], *([edits] for edits in _EDITS))
            for data in (["a"], ["ab"], *(more if message["msg"] == "process_generating" else ())):
                yield {**message, "success": True, "output": {**message["output"], "data": data}}


def _taken_by_both(message: dict[str, Any], sides: tuple[Side, Side]) -> bool:
    return all(side.spec.schemas.is_valid(SERVER_MESSAGE, message) for side in sides)


def _named(message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "event_id": _EVENT} if message.get("event_id") else message


def _said(sides: tuple[Side, Side]) -> list[str]:
    machines = (side.spec.lifecycle.machines.get("connection") for side in sides)
    return sorted({n for m in machines if m for by, n in _inputs(m) if by == "client"})


def _inputs(machine: Any) -> Iterator[tuple[str, str]]:
    for state in machine.states:
        yield from machine.expected(state)


def _call_events(sides: tuple[Side, Side]) -> Iterator[tuple[str, Any]]:
    for name, reference in CALL_EVENTS.items():
        definition = reference.rpartition("/")[2]
        there = [s for s in sides if definition in s.documents["messages"]["$defs"]]
        values = [*examples(reference)]
        for side in there:
            values += made(side.documents, "messages", definition)
        for value in sorted(values, key=lambda value: len(json.dumps(value)))[:2]:
            yield name, value
