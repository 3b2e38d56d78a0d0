"""What differs between two sides: every edit once, under one rule. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterator

from gradio_conformance.gate.compare.clauses import clause_differences
from gradio_conformance.gate.compare.directions import directions_of
from gradio_conformance.gate.compare.lifecycles import lifecycle_differences
from gradio_conformance.gate.compare.profiles import profile_differences
from gradio_conformance.gate.compare.routes import route_differences
from gradio_conformance.gate.compare.schemas import schema_differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.rules import difference
from gradio_spec.views import Documents

__all__ = ["differences", "document_differences"]


def differences(old: Side, new: Side) -> tuple[Difference, ...]:
    """Every difference between two versions, in the order of the documents."""
    return (*_releases(old, new), *document_differences(old.documents, new.documents))


def document_differences(old: Documents, new: Documents) -> tuple[Difference, ...]:
    """The same for the documents alone; families and encoders aside."""
    ways = directions_of(old) | directions_of(new)
    told = (
        *route_differences(old, new, ways),
        *schema_differences(old, new, ways),
        *lifecycle_differences(old["lifecycle"], new["lifecycle"]),
    )
    return (
        *told,
        *clause_differences(old, new, told),
        *profile_differences(old["profiles"], new["profiles"]),
    )


def _releases(old: Side, new: Side) -> Iterator[Difference]:
    was, now = old.release, new.release
    if was is None or now is None:
        return
    for kind in ("family", "encoder"):
        before, after = getattr(was, kind), getattr(now, kind)
        if before != after:
            place = Place(kind, f"/{after or before}")
            yield difference(f"{kind}-changed", place, kind, before, after)
