"""Places of the specification, such as ``messages#/$defs/Log``. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any


def part_at(documents: Mapping[str, Any], place: str) -> Any:
    """The part of a document that a place names; ``None`` if there is none."""
    name, _, pointer = place.partition("#")
    parts = list(_parts(documents.get(name), pointer))
    return parts[-1]


def clause_at(documents: Mapping[str, Any], place: str) -> str | None:
    """The clause that the innermost part around a place enforces."""
    name, _, pointer = place.partition("#")
    clause: str | None = None
    for part in _parts(documents.get(name), pointer):
        if isinstance(part, Mapping):
            clause = part.get("x-clause", clause)
    return clause


def _parts(part: Any, pointer: str) -> Iterator[Any]:
    """The parts that a JSON pointer leads through, ``None`` where it leads nowhere."""
    yield part
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(part, list):
            part = part[int(key)] if key.isdigit() and int(key) < len(part) else None
        else:
            part = part.get(key) if isinstance(part, Mapping) else None
        yield part
