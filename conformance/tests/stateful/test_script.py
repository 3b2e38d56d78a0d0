"""Scripts: data and back, files, words, and refusals that name the step."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.stateful.script import STEPS
from gradio_conformance.stateful.script import Cancel
from gradio_conformance.stateful.script import Join
from gradio_conformance.stateful.script import Open
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import ScriptError
from gradio_conformance.stateful.script import Step
from gradio_conformance.stateful.script import as_data
from gradio_conformance.stateful.script import circumstances
from gradio_conformance.stateful.script import from_data
from gradio_conformance.stateful.script import read_script
from gradio_conformance.stateful.script import write_script
from gradio_conformance.values import json_values

MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "event": st.integers(1, 9).map("e{}".format),
    "call": st.integers(1, 9).map("c{}".format),
    "session": st.sampled_from("ABC"),
    "endpoint": st.sampled_from(["echo", "hold"]),
    "data": st.lists(json_values(3), max_size=2),
    "way": st.sampled_from(["plainly", "stranger"]),
    "action": st.sampled_from(["join", "call"]),
    "hurried": st.booleans(),
}


def names(kind: type[Step]) -> list[str]:
    return [field.name for field in fields(kind)]


def _steps() -> st.SearchStrategy[Step]:
    kinds = [
        st.builds(kind, **{name: MEMBERS[name] for name in names(kind)}) for kind in STEPS.values()
    ]
    return st.one_of(kinds)


SCRIPTS = st.builds(Script, st.lists(_steps(), max_size=6).map(tuple))
JOIN = Join("e1", "A", "hold", ["$gate"])
FOUND = Script(
    (JOIN, Open("A", hurried=True), Cancel("e1", "stranger")),
    clause="CANCEL-008",
    circumstance="cancel in running by stranger",
    expected="result as the end of e1",
    actual="nothing",
)


@settings(max_examples=30)
@given(SCRIPTS)
def test_a_script_survives_its_data(script: Script) -> None:
    assert from_data(as_data(script)) == script


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


@settings(max_examples=30)
@given(script=SCRIPTS)
def test_a_script_survives_its_file(folder: Path, script: Script) -> None:
    path = folder / "one.yaml"
    write_script(script, path)
    assert read_script(path) == script


def test_a_script_reads_like_a_story(tmp_path: Path) -> None:
    path = tmp_path / "found.yaml"
    write_script(FOUND, path)
    told = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    assert told == [
        '# 1. A joins hold with ["$gate"] as e1',
        "# 2. A opens its stream, and does not wait",
        "# 3. cancel of e1, stranger",
        "# 4. all gates open; all that is owed is read to its end",
        "#    CANCEL-008: expected result as the end of e1",
        "#    got nothing",
    ]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"script": "2"}, "script: '1' was expected"),
    ({"steps": [{"dance": {}}]}, "steps/0: .*dance"),
    (
        {"steps": [{"open": {"session": "A"}}, {"open": {}}]},
        "steps/1/open: 'session' is",
    ),
    ({"steps": [{"fetch": {"call": "x"}}]}, "steps/0/fetch/call: 'x' does not match"),
    ({"steps": [{"open": {"session": "A", "way": "x"}}]}, "steps/0/open: .*way"),
    ({"steps": [{"reset": {"event": "e1", "way": "x"}}]}, "step 1, reset: .*way"),
    ({"server": "third"}, "server: 'third' is not one of"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[message for _, message in BAD])
def test_a_wrong_script_is_refused_by_place_and_reason(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump({**as_data(FOUND), **change}), "utf-8")
    with pytest.raises(ScriptError, match=message):
        read_script(path)


def test_what_is_no_yaml_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("a: [", "utf-8")
    with pytest.raises(ScriptError, match=r"bad.yaml: not YAML"):
        read_script(path)


def test_circumstances_tell_what_was_not_seen() -> None:
    assert circumstances("cancel", "running", "plainly") == "cancel in running"
    assert circumstances("cancel", "a", "b", "stranger") == "cancel in unseen by stranger"
