"""Workflow commands: whatever a text says, it stays one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.reporting.words import visible
from gradio_conformance.reporting.workflow import SHOWN
from gradio_conformance.reporting.workflow import Annotation
from gradio_conformance.reporting.workflow import as_data
from gradio_conformance.reporting.workflow import as_property
from gradio_conformance.reporting.workflow import outputs
from gradio_conformance.reporting.workflow import shown

TEXTS = st.text(st.sampled_from("%:,\r\n=DA03C2a ¶☃\x1b") | st.characters(), max_size=40)


def told(line: str) -> tuple[str, dict[str, str], str]:
    """As the runner reads a command: the first ``::`` after the properties ends them."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    kind, _, rest = head.partition(" ")
    pairs = [pair.partition("=") for pair in rest.split(",")]
    found = {name: _back(_back(value, "%3A", ":"), "%2C", ",") for name, _, value in pairs}
    return kind, {name: _text(value) for name, value in found.items()}, _text(data)


def _back(text: str, code: str, sign: str) -> str:
    return text.replace(code, sign)


def _text(value: str) -> str:
    return _back(_back(_back(value, "%0D", "\r"), "%0A", "\n"), "%25", "%")


@given(TEXTS, TEXTS)
def test_a_command_is_one_line_that_says_what_it_was_given(title: str, message: str) -> None:
    line = str(Annotation("error", title, message))
    assert len(line.splitlines()) == 1
    kind, values, data = told(line)
    assert (kind, values["title"], data) == (
        "error",
        visible(title.replace("\r\n", "\n")),
        visible(message.replace("\r\n", "\n")),
    )


@pytest.mark.parametrize(
    ("text", "data", "value"),
    [
        ("100%", "100%25", "100%25"),
        ("a: b, c", "a: b, c", "a%3A b%2C c"),
        ("a\nb\r\nc", "a%0Ab%0Ac", "a%0Ab%0Ac"),
        ("%0A", "%250A", "%250A"),
        ("::error::x", "::error::x", "%3A%3Aerror%3A%3Ax"),
    ],
)
def test_escapes(text: str, data: str, value: str) -> None:
    assert (as_data(text), as_property(text)) == (data, value)


def test_a_place_comes_first() -> None:
    line = str(Annotation("warning", "t", "m", "known,failing.yaml", 3))
    assert line == "::warning file=known%2Cfailing.yaml,line=3,title=t::m"


def test_no_more_than_github_shows() -> None:
    lines = shown([Annotation("error", str(n), "") for n in range(25)], "the report")
    assert len(lines) == SHOWN
    assert lines[-1] == "::error title=gradio-protocol::16 more of these are in the report"
    assert len(shown([Annotation("error", "", "")] * SHOWN, "")) == SHOWN


@given(st.dictionaries(st.sampled_from(["verdict", "failed"]), TEXTS))
def test_an_output_cannot_set_another(values: dict[str, str]) -> None:
    lines = iter(outputs(values).split("\n"))
    found = {}
    for line in lines:
        if not line:
            continue
        name, _, delimiter = line.partition("<<")
        kept = []
        while (inner := next(lines)) != delimiter:
            kept.append(inner)
        found[name] = "\n".join(kept)
    assert found == values
