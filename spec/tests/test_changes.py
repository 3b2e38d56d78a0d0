"""The list of changes and the annotations of the documents say the same."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from gradio_spec.changes import Change
from gradio_spec.changes import all_changes
from gradio_spec.changes import bounds
from gradio_spec.changes import changes_between
from gradio_spec.changes import covers
from gradio_spec.changes import differing
from gradio_spec.data import PACKAGE
from gradio_spec.data import read_yaml
from gradio_spec.documents import documents_of
from gradio_spec.documents import schemas_among
from gradio_spec.releases import begin
from gradio_spec.releases import end
from gradio_spec.releases import number
from gradio_spec.releases import published
from gradio_spec.releases import release
from gradio_spec.releases import resolve
from gradio_spec.releases import table

VERSIONS = PACKAGE / "versions"
CHANGES = all_changes()
FAMILIES = {row["first"] for row in table()["families"]}
NUMBERS = [number(name) for name in published()]


def before(name: str) -> str:
    """The newest release that was published before another one."""
    return published()[max(i for i, n in enumerate(NUMBERS) if n < number(name))]


@cache
def documents(name: str) -> Any:
    asked = release(name)
    return documents_of(VERSIONS / asked.family, asked)


@cache
def changed(name: str) -> tuple[str, ...]:
    """The parts that a release has otherwise than the one before it."""
    return differing(documents(before(name)), documents(name))


def annotated() -> set[str]:
    """Every release with which something in the documents begins, or begins to be otherwise."""
    newest = documents(published()[-1])
    sources = [read_yaml(path) for path in (VERSIONS / "sse_v3").glob("*.yaml")]
    sources += [read_yaml(path) for path in (VERSIONS / "sse_v3").glob("requirements/*.yaml")]
    sources += [read_yaml(path) for path in VERSIONS.glob("sse_v*/overlay.yaml")]
    sources += schemas_among(newest).values()
    found = set()
    for kind, value in (pair for source in sources for pair in bounds(source)):
        last = end(value) if kind == "until" else None
        if last is None:
            found.add(".".join(map(str, begin(value))))
        elif last < NUMBERS[-1]:
            found.add(published()[next(i for i, n in enumerate(NUMBERS) if n > last)])
    return found


def named(change: Change) -> str:
    return f"{change.release} {change.text[:40]}"


def test_the_list_is_in_order() -> None:
    order = [number(change.release) for change in CHANGES]
    assert order == sorted(order)


@pytest.mark.parametrize("change", CHANGES, ids=named)
def test_what_a_change_names_did_change(change: Change) -> None:
    old, new = release(before(change.release)), release(change.release)
    for place in change.at:
        kind, _, name = place.partition(":")
        if kind in ("encoder", "family"):
            assert getattr(new, kind) == name != getattr(old, kind)
        else:
            assert any(covers(place, part) for part in changed(change.release)), place


BEGINNINGS: list[str] = sorted(annotated() - FAMILIES, key=number)


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_changed_is_named(name: str) -> None:
    told = changes_between(release(before(name)), release(name))
    places = [place for change in told for place in change.at]
    left = [part for part in changed(name) if not any(covers(place, part) for place in places)]
    assert left == []


def test_every_change_of_dialects_families_and_encoders_is_named() -> None:
    named = {place for change in CHANGES for place in change.at}
    for row in table()["diff_encoders"]:
        assert f"encoder:{row['id']}" in named
    for row in table()["families"]:
        assert f"family:{row['id']}" in named or number(row["first"]) < number("4.9.0")
    assert {row["first"] for row in table()["dialects"]} <= {c.release for c in CHANGES}


def test_changes_between_two_releases() -> None:
    found = changes_between(resolve("gradio-5.4.0"), resolve("gradio-5.5.0"))
    assert [change.text for change in found] == ["Files in arguments must have meta._type."]
    assert changes_between(resolve("sse_v3"), resolve("sse_v3")) == ()
