"""What differs between two sides: every edit once, under one rule. Sans-I/O."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

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
from gradio_spec.documents import schemas_among
from gradio_spec.releases import Number
from gradio_spec.releases import Release
from gradio_spec.releases import number
from gradio_spec.releases import table
from gradio_spec.views import Documents

__all__ = ["differences", "document_differences"]


def differences(old: Side, new: Side) -> tuple[Difference, ...]:
    """Every difference between two versions, in the order of the documents."""
    return (*_releases(old, new), *document_differences(old.documents, new.documents))


def document_differences(old: Documents, new: Documents) -> tuple[Difference, ...]:
    """The same for the documents alone; families and encoders aside."""
    told = (
        *_shapes(old, new),
        *lifecycle_differences(old["lifecycle"], new["lifecycle"]),
    )
    return (
        *told,
        *clause_differences(old, new, told),
        *profile_differences(old["profiles"], new["profiles"]),
    )


def _shapes(old: Documents, new: Documents) -> Iterator[Difference]:
    """Routes and schemas; what goes which way is asked only where one of them is another."""
    names = ("openapi", *schemas_among(old), *schemas_among(new))
    if any(old.get(name) is not new.get(name) for name in names):
        ways = directions_of(old) | directions_of(new)
        yield from route_differences(old, new, ways)
        yield from schema_differences(old, new, ways)


def _releases(old: Side, new: Side) -> Iterator[Difference]:
    was, now = old.release, new.release
    if was is None or now is None:
        return
    if was.family != now.family:
        place = Place("family", f"/{_newer(old, new).family}")
        yield difference("family-changed", place, "family", was.family, now.family)
    for before, after in pairwise(_encoders(was, now)):
        backwards = number(now.number) < number(was.number)
        place = Place("encoder", f"/{before if backwards else after}")
        yield difference("encoder-changed", place, "encoder", before, after)


def _newer(old: Side, new: Side) -> Release:
    assert old.release is not None
    assert new.release is not None
    return max(old.release, new.release, key=lambda release: number(release.number))


def _encoders(old: Release, new: Release) -> list[str | None]:
    """The encoders from one release to another, those between included: each step is an edit."""
    first, last = sorted((number(old.number), number(new.number)))
    found: list[str | None] = [] if min((old, new), key=_number).encoder else [None]
    for row in table()["diff_encoders"]:
        end = number(row["last"]) if row["last"] else last
        if end >= first and number(row["first"]) <= last:
            found.append(row["id"])
    return found if _number(old) <= _number(new) else found[::-1]


def _number(release: Release) -> Number:
    return number(release.number)
