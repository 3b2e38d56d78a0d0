"""Comparisons over stored observations: what is the same, and what was changed on purpose."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from itertools import pairwise
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
from gradio_conformance.gate.drift.notes import notes
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.observation import ObservationError
from gradio_conformance.gate.drift.observation import document_of
from gradio_conformance.gate.drift.observation import parse_observation
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.observation import write_observation
from gradio_conformance.gate.drift.subjects import deviations
from gradio_conformance.gate.drift.subjects import lists_of
from gradio_conformance.traffic.recording import contents
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.releases import release

OBSERVATIONS = Path(__file__).parent / "observations"
NEWEST = "gradio-6.31.0"
STORED = sorted(path.name.removesuffix(".json.gz") for path in OBSERVATIONS.iterdir())


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


def side_of(observation: Observation, release: str = NEWEST) -> Side:
    known = deviations([load_known(name) for name in lists_of(release)])
    return Side(observation, load_spec(release), known)


def stored(release: str) -> Side:
    return side_of(read_observation(OBSERVATIONS / f"{release}.json.gz"), release)


def changed(document: dict[str, Any], change: Callable[[str], str]) -> Observation:
    """The observation with the text of each piece of a body changed."""
    other = copy.deepcopy(document)
    for rows in other["traffic"].values():
        for row in rows:
            if row["kind"] == "piece" and "text" in row:
                row["text"] = change(row["text"])
    return parse_observation(other)


@pytest.mark.parametrize("release", STORED)
def test_a_release_is_what_the_specification_says_of_it(release: str) -> None:
    side = stored(release)
    found = compare_with_spec(side.observation, side.spec, known=side.known)
    assert found.unexplained == ()
    assert Status.KNOWN in {finding.status for finding in found.findings}


# Between two releases: a change that each row shows, by the beginning of its key.
UP_TO_4_44 = {
    "4.22.0: close_stream": "kind messages#/$defs/CloseStream",
    "4.23.0: Parameters": "member info#/$defs/Parameter.parameter_name",
    "4.24.0: A preflight": "step origins.local.header vary",
    "4.25.0: A heartbeat": "route GET /heartbeat/{session_hash}",
    "4.28.0: max_file_size": "member config#/$defs/Config.max_file_size",
    "4.29.0: connect_heartbeat": "member config#/$defs/Config.connect_heartbeat",
    "4.31.0: cancel": "route POST /cancel",
    "4.31.0: A version above": "step config.config.version above 4.29.0",
    "4.31.0: render_config": "member messages#/$defs/FinalOutput.render_config",
    "4.31.4: all_endpoints": "member info#/$defs/Endpoint.show_api",
    "4.32.0: Dependencies": "member config#/$defs/Dependency.id",
    "4.32.0: changed_state_ids": "member messages#/$defs/FinalOutput.changed_state_ids",
    "4.32.0: A preflight": "step origins.preflight.header access-control-allow-credentials",
    "4.33.0: changed_state_ids": "step state-watch.event.changed-states",
    "4.35.0: reset": "step reset-running.event.word",
    "4.35.0: cancel in the types": "member config#/$defs/Dependency/properties/types.cancel",
    "4.37.1: duration": "member messages#/$defs/Log.duration",
    "4.38.0: Dependencies": "member config#/$defs/Dependency.every",
    "4.38.0: username": "member config#/$defs/Config.username",
    "4.39.0: event_id": "member messages#/$defs/UnexpectedError.event_id",
    "4.41.0: Paths": "step upload.upload.path",
}
SHOWN = {
    ("gradio-5.50.0", NEWEST): {
        "6.0.0: api_visibility takes": "member config#/$defs/Dependency.api_visibility",
        "6.0.0: visible without": "step verbose-failure.event.keys",
        "6.0.0: footer_links": "member config#/$defs/Config.footer_links",
        "6.7.0: code_snippets": "member info#/$defs/Endpoint.code_snippets",
        "6.12.0: used_cache": "member messages#/$defs/ProcessCompleted.used_cache",
        "6.13.0: call/v2": "route POST /call/v2/{api_name}",
        "6.13.0: The data of": "step call-failure.call.stream.last",
        "6.14.0: cancel removes": "step cancel-waiting.journal.journal",
        "6.18.0: A call may": "step call-state.call.stream.word",
        "6.20.0: A URL as": "step foreign-path.local-url.status",
        "6.22.0: upload_progress": "step stranger.progress.status",
        "6.24.0: run_history": "member config#/$defs/Config.run_history",
        "6.27.0: The url": "step file-value.event.url",
    },
    ("gradio-4.44.1", "gradio-5.50.0"): {
        "5.0.0: The prefix": "member config#/$defs/Config.api_prefix",
        "5.0.0: Streaming input": "member config#/$defs/Dependency.connection",
        "5.0.0: api_info_as_input": "member config#/$defs/Component.api_info_as_output",
        "5.0.0: like_user_message": "member config#/$defs/Dependency.like_user_message",
        "5.0.0: Pages of": "step origins.nobody.header access-control-allow-origin",
        "5.2.0: Titles": "step user-failure.event.error",
        "5.5.0: Files": "step upload.bare.kind-of-data",
        "5.10.0: Logs": "member messages#/$defs/Log.level",
        "5.15.0: pages": "member config#/$defs/Config.pages",
        "5.28.0: Descriptions": "member info#/$defs/Endpoint.description",
        "5.29.0: openapi.json": "step bad-uploads.unknown.status",
        "5.36.0: Deletes": "encoder",
        "5.36.0: The detail": "step stranger.config.detail",
        "5.38.0: session_not_found": "member messages#/$defs/UnexpectedError.session_not_found",
        "5.30.0: mcp_server": "member config#/$defs/Config.mcp_server",
        "5.38.0: api_description": "member config#/$defs/Dependency.api_description",
        "5.42.0: trigger_only": "member config#/$defs/Dependency.trigger_only_on_failure",
        "5.46.0: all_session": "step user.other.status",
        "5.46.1: The answers of run": "step no-json.set.has {'one'}",
    },
    ("gradio-4.21.0", "gradio-4.44.1"): UP_TO_4_44,
    ("gradio-4.20.1", "gradio-4.44.1"): {
        "4.21.0: File objects": "kind files#/$defs/Meta",
        **UP_TO_4_44,
    },
    ("gradio-4.20.1", "gradio-4.21.0"): {
        "4.21.0: File objects": "kind files#/$defs/Meta",
    },
    ("gradio-4.16.0", "gradio-4.20.1"): {
        "4.17.0: Chunks": "member config#/$defs/Config.protocol",
        "4.18.0: Files in outputs": "step file-value.event.url",
        "4.19.2: Pages": "step origins.stranger.header access-control-allow-origin",
        "4.19.2: Files in arguments": "step foreign-path.event.error-is",
        "4.20.0: Simple calls": "route POST /call/{api_name}",
    },
}


def test_what_is_stored_is_compared_with_what_was_stored_before_it() -> None:
    neighbours = pairwise(STORED)
    assert set(neighbours) <= SHOWN.keys()


@pytest.mark.parametrize("pair", SHOWN, ids=" to ".join)
def test_what_changed_between_two_releases_is_explained(pair: tuple[str, str]) -> None:
    older, newer = map(stored, pair)
    found = compare_releases(older, newer)
    assert found.unexplained == ()
    assert found.missed == ()
    shown = {f"{row.change.release}: {row.change.text}": row.shown for row in found.rows}
    told = {text: keys for text, keys in shown.items() if keys}
    wanted = SHOWN[pair]
    assert len(told) == len(wanted), told
    for begin, key in wanted.items():
        (keys,) = (keys for text, keys in told.items() if text.startswith(begin))
        assert key in keys


def test_a_release_without_a_list_has_what_those_around_it_have() -> None:
    assert lists_of("4.21.0") == ("gradio-4.20.1", "gradio-4.44.1")
    assert lists_of("4.20.1") == ("gradio-4.20.1",)
    assert lists_of("4.9.0") == lists_of("6.99.0") == ()
    older, newer = map(load_known, lists_of("4.21.0"))
    found = deviations([older, newer])
    assert found["DISC-023"].endswith("(so listed for gradio-4.20.1 and gradio-4.44.1)")
    for known in (older, newer):
        assert found.keys() < {entry.clause for entry in known.entries}


def test_a_difference_is_outside_of_the_protocol_up_to_a_release() -> None:
    key = "step origins.cookie.header access-control-allow-origin"
    assert notes().outside(key, release("4.37.2")) is not None
    assert notes().outside(key, release("4.38.0")) is None


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


def test_a_row_about_a_definition_does_not_explain_all_that_happens_to_it() -> None:
    """6.0.0 changed Dependency, but not its member backend_fn."""
    side = stored(NEWEST)
    document = document_of(side.observation, readable(facts_of(side.observation)))
    other = changed(document, lambda text: text.replace('"backend_fn":', '"back":'))
    found = compare_releases(stored("gradio-5.50.0"), side_of(other))
    told = {(finding.sort, finding.key) for finding in found.unexplained}
    assert told == {
        (Sort.GONE, "member config#/$defs/Dependency.backend_fn"),
        (Sort.NEW, "member config#/$defs/Dependency.back"),
    }
