"""Places of the specification, such as ``messages#/$defs/Log``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio_spec import pointers


def part_at(documents: Mapping[str, Any], place: str) -> Any:
    """The part of a document that a place names; ``None`` if there is none."""
    name, _, pointer = place.partition("#")
    return pointers.part_at(documents.get(name), pointer)


def clause_at(documents: Mapping[str, Any], place: str) -> str | None:
    """The clause that the innermost part around a place enforces."""
    name, _, pointer = place.partition("#")
    clause: str | None = None
    for part in pointers.along(documents.get(name), pointer):
        if isinstance(part, Mapping):
            clause = part.get("x-clause", clause)
    return clause
