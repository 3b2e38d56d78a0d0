"""The table for people: marks, footnotes, and a whole document."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from eras.makers import OK
from eras.makers import cell
from eras.makers import failed
from gradio_conformance.eras.comparing import compare
from gradio_conformance.eras.console import show
from gradio_conformance.eras.markdown import rendered
from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.words import footnote
from gradio_conformance.eras.words import mark

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).with_name("golden.md")
HANG = Outcome(Status.HANG)
ALONE = Outcome(Status.HANG, alone=Status.OK)
REFUSED = Cell(
    Kind.AS,
    "6.31.0",
    "py-1.3.0",
    {
        CONNECT: failed("ValueError: 404"),
        **dict.fromkeys(["echo", "generator", "error", "file", "cancel"], Outcome(Status.SKIPPED)),
    },
)
FIRST_ONLY = cell("4.16.0", "js-2.7.0", every=ALONE, echo=OK)
# Nothing of it was seen in the study, but for two cells that agree and one that is explained.
TABLE = Table(
    [
        cell("4.44.1", "py-2.7.2"),
        cell("4.44.1", "js-1.19.1", every=Outcome(Status.OK, None, ("its iterator never ends",))),
        cell("4.8.0", "js-2.7.0", every=HANG),
        cell("4.8.0", "js-2.7.0", Kind.LIVE, every=HANG, file=failed("<a|b>")),
    ]
)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (cell("4.44.1", "py-2.7.2"), "ok"),
        (cell("4.44.1", "py-2.7.2", every=failed("no")), "✗"),
        (cell("4.44.1", "py-2.7.2", file=failed("no")), "✓✓✓✗✓"),
        (FIRST_ONLY, "✓⧖⧖⧖⧖"),
        (REFUSED, "✗ connect"),
    ],
)
def test_a_mark_for_all_or_one_for_each(found: Cell, text: str) -> None:
    assert mark(found) == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (cell("4.44.1", "py-2.7.2"), None),
        (cell("4.44.1", "py-2.7.2", every=failed("no")), "“no”"),
        (cell("4.44.1", "py-2.7.2", file=failed("no"), echo=failed("no")), "echo, file: “no”"),
        (FIRST_ONLY, "generator, error, file, cancel: never ends, ok on a client of its own"),
        (REFUSED, "“ValueError: 404”"),
    ],
)
def test_a_footnote_says_the_rest(found: Cell, text: str | None) -> None:
    assert footnote(found) == text


def test_the_document() -> None:
    assert rendered(TABLE, compare(TABLE)) == GOLDEN.read_text("utf-8")


def test_the_console_says_the_same() -> None:
    out = io.StringIO()
    show(TABLE, compare(TABLE), Console(file=out, width=200))
    text = out.getvalue()
    assert "UNEXPLAINED" in text
    assert "explained: the-iterator" in text
    assert "✓✓✓✓✓" not in text
    for note in ("never ends", "“<a|b>”"):
        assert note in text


def test_the_document_that_is_checked_in_is_made_of_the_table_that_is() -> None:
    path = ROOT / "eras.json"
    table = Table.of_json(json.loads(path.read_text("utf-8")), path.name)
    comparison = compare(table)
    assert (ROOT / "ERAS.md").read_text("utf-8") == rendered(table, comparison)
    assert comparison.is_good
