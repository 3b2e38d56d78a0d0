"""Comparisons over stored observations: what is the same, and what was changed on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.gate.drift.between import Side
from gradio_conformance.gate.drift.between import compare_releases
from gradio_conformance.gate.drift.facts import facts_of
from gradio_conformance.gate.drift.facts import readable
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.from_spec import compare_with_spec
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.observation import ObservationError
from gradio_conformance.gate.drift.observation import document_of
from gradio_conformance.gate.drift.observation import parse_observation
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.observation import write_observation
from gradio_conformance.traffic.recording import contents
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

OBSERVATIONS = Path(__file__).parent / "observations"
NEWEST = "gradio-6.31.0"


@pytest.fixture(scope="module")
def newest() -> Observation:
    return read_observation(OBSERVATIONS / f"{NEWEST}.json.gz")


@pytest.fixture(scope="module")
def document(newest: Observation) -> dict[str, Any]:
    return without("info", document_of(newest, readable(facts_of(newest))))


def without(step: str, document: dict[str, Any]) -> dict[str, Any]:
    """A document without a step; to judge /info takes most of the time."""
    gone = set(next(s for s in document["steps"] if s["id"] == step)["exchanges"].values())
    traffic = {
        name: [row for row in rows if row["id"] not in gone]
        for name, rows in document["traffic"].items()
    }
    steps = [s for s in document["steps"] if s["id"] != step]
    return {**document, "steps": steps, "traffic": traffic}


def judged(observation: Observation) -> Comparison:
    side = side_of(observation)
    return compare_with_spec(observation, side.spec, known=side.known)


def side_of(observation: Observation) -> Side:
    known = {entry.clause: entry.summary for entry in load_known(NEWEST).entries}
    return Side(observation, load_spec(NEWEST), known)


def changed(document: dict[str, Any], change: Callable[[str], str]) -> Observation:
    """The observation with the text of each piece of a body changed."""
    other = copy.deepcopy(document)
    for rows in other["traffic"].values():
        for row in rows:
            if row["kind"] == "piece" and "text" in row:
                row["text"] = change(row["text"])
    return parse_observation(other)


def test_a_release_is_what_the_specification_says_of_it(newest: Observation) -> None:
    found = judged(newest)
    assert not found.unexplained
    assert not found.absent
    assert {finding.status for finding in found.findings} == {Status.KNOWN}


def test_nothing_is_different_from_itself(newest: Observation) -> None:
    assert not compare_releases(side_of(newest), side_of(newest)).findings


def test_a_file_brings_back_what_was_seen(document: dict[str, Any], tmp_path: Path) -> None:
    for name in ("a.json", "a.json.gz"):
        write_observation(document, tmp_path / name)
        assert read_observation(tmp_path / name) == parse_observation(document)
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == document


@pytest.mark.parametrize("path", sorted(OBSERVATIONS.iterdir()), ids=lambda path: path.name)
def test_the_facts_in_a_file_are_those_of_its_traffic(path: Path) -> None:
    stored = json.loads(contents(path))
    assert readable(facts_of(parse_observation(stored))) == stored["facts"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("format", "other", "format: "),
        ("version", 2, "version: "),
        ("steps", [{"id": "echo"}], "steps.0: "),
        ("traffic", {"main": [{"kind": "piece", "id": 1, "at": 0}]}, "traffic.main: "),
    ],
)
def test_what_is_no_observation_is_refused(
    document: dict[str, Any], field: str, value: Any, told: str
) -> None:
    with pytest.raises(ObservationError) as caught:
        parse_observation({**document, field: value})
    assert str(caught.value).startswith(told)


# Changes of the traffic: a text, what stands in its place, and what must be found of it.
CHANGES: dict[str, tuple[str, str, Sort, str]] = {
    "a member of a message is gone": (
        '"changed_state_ids":[]',
        '"ignored":[]',
        Sort.GONE,
        "clause EVT-028",
    ),
    "a member nobody knows": (
        '"msg":"log"',
        '"msg":"log","colour":"red"',
        Sort.NEW,
        "member messages#/$defs/Log.colour",
    ),
    "a member of another type": (
        '"time_limit":null',
        '"time_limit":"soon"',
        Sort.DIFFERENT,
        "clause SSE-032",
    ),
    "a message nobody knows": (
        '"msg":"progress"',
        '"msg":"advance"',
        Sort.DIFFERENT,
        "clause SSE-004",
    ),
    "a message that comes no more": (
        '"msg":"process_streaming"',
        '"msg":"heartbeat"',
        Sort.DIFFERENT,
        "step chunks.event.word",
    ),
    "a member of the config is gone": (
        '"connect_heartbeat":',
        '"connect_heart":',
        Sort.GONE,
        "clause DISC-009",
    ),
    "another value of a member": (
        '"api_visibility":"public"',
        '"api_visibility":"open"',
        Sort.DIFFERENT,
        "clause DISC-006",
    ),
}


@pytest.fixture(scope="module")
def all_changed(document: dict[str, Any]) -> Comparison:
    """With all changes at once: none hides another."""

    def change(text: str) -> str:
        for old, new, _, _ in CHANGES.values():
            text = text.replace(old, new)
        return text

    return judged(changed(document, change))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_traffic_is_drift(all_changed: Comparison, name: str) -> None:
    _, _, sort, key = CHANGES[name]
    assert (sort, key) in {(finding.sort, finding.key) for finding in all_changed.unexplained}


def test_a_refusal_with_another_status_is_drift(document: dict[str, Any]) -> None:
    other = copy.deepcopy(document)
    number = next(s for s in other["steps"] if s["id"] == "full")["exchanges"]["refused"]
    (answer,) = (
        row for row in other["traffic"]["second"] if row["kind"] == "answer" and row["id"] == number
    )
    answer["status"] = 500
    found = judged(parse_observation(other)).unexplained
    assert "step full.refused.status" in {finding.key for finding in found}


def test_what_no_row_explains_is_unexplained(document: dict[str, Any]) -> None:
    other = changed(document, lambda text: text.replace('"run_history":', '"history":'))
    found = compare_releases(side_of(parse_observation(document)), side_of(other))
    told = {(finding.sort, finding.key) for finding in found.unexplained}
    assert told == {
        (Sort.GONE, "member config#/$defs/Config.run_history"),
        (Sort.NEW, "member config#/$defs/Config.history"),
    }
