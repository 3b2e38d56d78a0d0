"""Single edits of the specification are told as a table made by hand says, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.gate.compare import document_differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.rules import all_rules
from gradio_spec.data import PACKAGE
from gradio_spec.data import read_yaml
from gradio_spec.documents import documents_of
from gradio_spec.overlays import overlaid
from gradio_spec.releases import number
from gradio_spec.releases import resolve
from gradio_spec.views import Documents
from gradio_spec.views import Moment

EDITS = read_yaml(Path(__file__).parent / "edits.yaml")["edits"]
# Between two releases, or as a whole, so that no edit of one document can show them.
BEYOND = {"encoder-changed", "family-changed"}
# What only comes along with something else; test_neighbours sees them.
ALONG = {"attached-clause", "attached-advice", "clause-follows", "variant"}


@cache
def original() -> Documents:
    asked = resolve("sse_v3")
    return documents_of(PACKAGE / "versions" / asked.family, asked)


@cache
def both_ways(name: str) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    row = next(row for row in EDITS if row["edit"] == name)
    overlay = {"version": "edited", "changes": row["changes"]}
    edited = overlaid(original(), overlay, Moment(number("6.31.0")))
    return document_differences(original(), edited), document_differences(edited, original())


def told(found: tuple[Difference, ...]) -> list[list[str]]:
    """The differences; clauses that come along with another one are not what was edited."""
    return [
        [one.rule, one.client.value, one.server.value]
        for one in found
        if not one.rule.startswith("attached-")
    ]


def expected(row: Mapping[str, Any], way: str) -> list[list[str]]:
    return [] if row["to"] is None else [row[way]]


@pytest.mark.parametrize("row", EDITS, ids=lambda row: row["edit"])
def test_an_edit_is_one_difference_as_the_table_says(row: Mapping[str, Any]) -> None:
    forwards, backwards = both_ways(row["edit"])
    assert told(forwards) == expected(row, "to")
    assert told(backwards) == expected(row, "back")


@pytest.mark.parametrize("row", [row for row in EDITS if row["to"]], ids=lambda row: row["edit"])
def test_an_edit_backwards_is_its_mirror_at_the_same_place(row: Mapping[str, Any]) -> None:
    (forth, *_), (back, *_) = both_ways(row["edit"])
    assert back.place == forth.place
    assert (back.old, back.new) == (forth.new, forth.old)
    assert all_rules()[forth.rule].mirror == back.rule


def test_the_table_is_large_and_has_every_rule() -> None:
    assert len([row for row in EDITS if row["to"]]) >= 60
    assert len({row["edit"] for row in EDITS}) == len(EDITS)
    shown = {row[way][0] for row in EDITS if row["to"] for way in ("to", "back")}
    left = all_rules().keys() - shown - BEYOND
    assert {rule for rule in left if not rule.startswith(tuple(ALONG))} == set()
