"""What shows that a clause is new, gone or another one: the parts of documents that enforce it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.exchanges import clause_exchange
from gradio_conformance.gate.witness.shapes import shape_witness
from gradio_conformance.gate.witness.traces import clause_trace


def clause_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """A value that a schema refuses for this clause in one version only, an exchange that is there
    for it, or a trace that breaks it.
    """
    clause = difference.place.name
    for place in dict.fromkeys(_places(clause, old, new)):
        about = replace(difference, place=place, old=None, new=None)
        found = shape_witness(about, old, new)
        if found is not None and f"({clause})" in f"{found.old.reason} {found.new.reason}":
            return found
    return clause_exchange(clause, old, new) or clause_trace(clause, old, new)


def _places(clause: str, old: Side, new: Side) -> Iterator[Place]:
    for side in (new, old):
        for reference in side.spec.schemas.places_of(clause):
            document, _, pointer = reference.partition("#")
            yield Place(document, pointer)
