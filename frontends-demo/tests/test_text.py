"""The demo app's own work, without a server: counting, scoring and comparing sentences."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from gradio_reference import Error

APP = Path(__file__).resolve().parents[1] / "html" / "app.py"


@pytest.fixture(scope="module")
def app() -> dict[str, Any]:
    return runpy.run_path(str(APP))


def test_sentences_end_at_marks_and_closing_quotes(app: dict[str, Any]) -> None:
    text = "“Is it?” she asked. It   is…\nYes! 12 34. "
    assert app["split"](text) == ["“Is it?”", "she asked.", "It is…", "Yes!"]


@pytest.mark.parametrize("text", ["", "  \n", "12, 34.", "?!"])
def test_a_text_without_words_is_refused(app: dict[str, Any], text: str) -> None:
    with pytest.raises(Error, match="no word"):
        app["split"](text)


def test_a_text_too_long_to_compare_is_refused_with_its_length(app: dict[str, Any]) -> None:
    with pytest.raises(Error, match=r"601 sentences; at most 600"):
        app["split"]("A word. " * 601)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("cat", 1),
        ("made", 1),
        ("asked", 1),
        ("wanted", 2),
        ("table", 2),
        ("municipal", 4),
        ("hm", 1),
    ],
)
def test_syllables(app: dict[str, Any], word: str, expected: int) -> None:
    assert app["syllables"](word) == expected


def test_reading_ease_is_flesch(app: dict[str, Any]) -> None:
    assert app["ease"](100, 150, 5) == pytest.approx(206.835 - 1.015 * 20 - 84.6 * 1.5, abs=0.05)


def test_readability_adds_up_over_the_sentences(app: dict[str, Any]) -> None:
    steps = list(app["readability"]("The cat sat. Municipal officials deliberate."))
    assert [(step["words"], step["sentences"]) for step in steps] == [(3, 1), (6, 2)]
    assert steps[0]["ease"] > steps[1]["ease"]
    assert [sentence["text"] for sentence in steps[1]["hardest"]] == [
        "Municipal officials deliberate.",
        "The cat sat.",
    ]
