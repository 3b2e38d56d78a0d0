"""The families with a connection for each event: order, shapes and turns, and real recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from transcripts import ROOT

from gradio_spec.connections import ConnectionMonitor
from gradio_spec.data import PACKAGE
from gradio_spec.loader import load_spec
from gradio_spec.machine import SERVER
from gradio_spec.monitor import Monitor

EVENTS = [
    pytest.param(version, path, id=f"{version}-{path.stem}")
    for version in ("3.50.2", "4.0.2", "4.8.0")
    for path in sorted((ROOT / f"gradio-{version}").glob("event_*.json"))
]
ESTIMATION = {
    "msg": "estimation",
    "rank": 0,
    "queue_size": 1,
    "rank_eta": None,
    "queue_eta": 1.0,
    "avg_event_process_time": 0.0,
    "avg_event_concurrent_process_time": None,
}
OUTPUT = {"data": ["hi"], "is_generating": False, "duration": 0.1, "average_duration": 0.1}
DONE = {"msg": "process_completed", "output": OUTPUT, "success": True}
HASH, DATA = {"session_hash": "s", "fn_index": 0}, {"data": ["hi"], "fn_index": 0}
SEND_DATA = {"msg": "send_data", "event_id": "e"}
WS: list[Any] = [
    {"msg": "send_hash"},
    ("hash", HASH),
    ESTIMATION,
    SEND_DATA,
    ("data", DATA),
    {"msg": "process_starts"},
    DONE,
    "closed",
]
SSE: list[Any] = [
    *(ESTIMATION, SEND_DATA, ("data", {**DATA, "event_id": "e"})),
    *({"msg": "process_starts"}, DONE, "eof"),
]


def tell(monitor: ConnectionMonitor, number: int, said: Any) -> list[str]:
    """The clauses that one observation breaks."""
    if isinstance(said, str):
        observed = monitor.ended(number, said)
    elif isinstance(said, tuple):
        observed = monitor.sent(number, *said)
    else:
        observed = monitor.received(number, said)
    return [violation.clause for violation in observed.violations]


def judged(name: str, story: list[Any]) -> list[str]:
    monitor = ConnectionMonitor(load_spec(name))
    number = monitor.opened()
    return [clause for said in story for clause in tell(monitor, number, said)]


# -- the recordings -----------------------------------------------------------------------------


def of_socket(frames: list[Any]) -> Iterator[Any]:
    for frame in frames:
        if frame.get("dir") == "close":
            yield "closed" if frame["code"] == 1000 else "cut"
        elif frame.get("dir") == "c2s":
            body = json.loads(frame["raw"])
            yield ("data" if "data" in body else "hash", body)
        elif frame.get("dir") == "s2c":
            yield frame["raw"]
        elif "note" in frame:
            yield "left"


def of_stream(recording: Any) -> Iterator[Any]:
    """The recorder kept requests apart from the stream: each came when it was due, and the reset
    before the stream ended.
    """
    posts = list(recording["posts"])
    for frame in recording["stream"]["frames"]:
        yield frame["raw"].removeprefix("data: ")
        if json.loads(frame["raw"].removeprefix("data: "))["msg"] == "send_data":
            yield ("data", posts.pop(0)["request"]["json"])
    yield from (("reset", post["request"]["json"]) for post in posts)
    yield recording["stream"]["end"]


@pytest.mark.parametrize(("version", "path"), EVENTS)
def test_a_recorded_connection_is_in_order(version: str, path: Path) -> None:
    recording = json.loads(path.read_text("utf-8"))
    story = list(of_socket(recording["frames"]) if "frames" in recording else of_stream(recording))
    monitor = ConnectionMonitor(load_spec(f"gradio-{version}"))
    number, found = monitor.opened(), []
    for said in story:
        raw = isinstance(said, str) and said.startswith("{")
        observed = monitor.received(number, said) if raw else None
        broken = observed.violations if observed else tell(monitor, number, said)
        found += [str(one) for one in broken]
    assert found == []
    assert monitor.state(number) == "ended"
    assert len(story) > 4


# -- the order ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "story"), [("ws", WS), ("sse", SSE)], ids=["ws", "sse"])
def test_a_plain_event_is_in_order(name: str, story: list[Any]) -> None:
    assert judged(name, story) == []


@pytest.mark.parametrize(("name", "story"), [("ws", WS), ("sse", SSE)], ids=["ws", "sse"])
def test_whose_turn_it_is(name: str, story: list[Any]) -> None:
    monitor = ConnectionMonitor(load_spec(name))
    number = monitor.opened()
    for said in story:
        is_client = isinstance(said, tuple)
        symbol = said[0] if is_client else said if isinstance(said, str) else said["msg"]
        assert ("client" if is_client else SERVER, symbol) in monitor.expected(number)
        tell(monitor, number, said)
    assert monitor.expected(number) == frozenset()


@pytest.mark.parametrize(
    ("name", "left_out", "clause"),
    [
        ("ws", 0, "WS-001"),
        ("ws", 1, "WS-002"),
        ("ws", 2, "WS-003"),
        ("ws", 3, "WS-004"),
        ("ws", 4, "WS-004"),
        ("ws", 5, "WS-005"),
        ("ws", 6, "WS-006"),
        ("sse", 0, "SSEZERO-001"),
        ("sse", 1, "SSEZERO-002"),
        ("sse", 2, "SSEZERO-002"),
        ("sse", 3, "SSEZERO-003"),
        ("sse", 4, "SSEZERO-004"),
    ],
)
def test_what_is_left_out_is_missed(name: str, left_out: int, clause: str) -> None:
    story = WS if name == "ws" else SSE
    assert judged(name, story[:left_out] + story[left_out + 1 :])[0] == clause


@pytest.mark.parametrize(
    ("name", "story", "clause"),
    [
        ("ws", [*WS[:-1], DONE], "WS-006"),
        ("ws", [*WS, {"msg": "send_hash"}], "WS-008"),
        ("ws", [*WS[:-1], "cut"], "WS-008"),
        ("ws", [*WS[:6], {"msg": "alive?"}], "WS-009"),
        ("ws", [*WS[:2], {**ESTIMATION, "rank": 1}], "WS-012"),
        ("ws", [*WS[:2], {"msg": "estimation"}], "WS-007"),
        ("ws", ["not JSON"], "WS-007"),
        ("ws", [WS[0], ("hash", {"fn_index": 0})], "WS-011"),
        ("sse", [*SSE[:4], "eof"], "SSEZERO-004"),
        ("sse", [*SSE[:2], ("data", DATA)], "SSEZERO-009"),
        ("sse", [{"msg": "close_stream"}], "SSEZERO-007"),
    ],
)
def test_what_is_wrong_is_found(name: str, story: list[Any], clause: str) -> None:
    monitor = ConnectionMonitor(load_spec(name))
    number = monitor.opened()
    found: list[str] = []
    for said in story:
        if said == "not JSON":
            found += [v.clause for v in monitor.received(number, said).violations]
        else:
            found += tell(monitor, number, said)
    assert found[0] == clause


def test_a_result_repeats_the_last_chunk() -> None:
    chunk = {**DONE, "msg": "process_generating", "output": {**OUTPUT, "data": ["other"]}}
    assert judged("ws", [*WS[:6], chunk, *WS[6:]]) == ["WS-010"]
    assert judged("sse", [*SSE[:4], chunk, *SSE[4:]]) == ["SSEZERO-008"]


def test_a_reset_event_ends_without_a_result() -> None:
    assert judged("sse", [*SSE[:4], ("reset", {"event_id": "e"}), "eof"]) == []


def test_a_full_queue() -> None:
    assert judged("ws", [*WS[:2], {"msg": "queue_full"}, "closed"]) == []
    assert judged("sse", [{"msg": "queue_full"}, "eof"]) == []


def test_messages_come_and_go() -> None:
    alive, log = {"msg": "alive?"}, {"msg": "log", "log": "x", "level": "info"}
    assert judged("gradio-3.34.0", [*WS[:6], alive, *WS[6:]]) == []
    assert judged("gradio-3.35.0", [*WS[:6], log])[0] == "WS-009"
    assert judged("gradio-3.36.0", [*WS[:6], log]) == []


# -- the documents ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ws", "sse"])
def test_the_document_is_whole(name: str) -> None:
    spec = load_spec(name)
    (document,) = spec.schemas.documents.values()
    Draft202012Validator.check_schema(document)
    for key, schema in document["$defs"].items():
        assert schema["title"]
        assert schema["description"].endswith(".")
        for example in schema["examples"]:
            assert spec.schemas.check(f"messages#/$defs/{key}", example) == []
    prose = (PACKAGE / "versions" / name / "protocol.md").read_text("utf-8")
    assert [clause for clause in spec.clauses if f"[{clause}]" not in prose] == []


def test_each_monitor_knows_its_families() -> None:
    with pytest.raises(ValueError, match="a connection for each event"):
        Monitor(load_spec("ws"))
    with pytest.raises(ValueError, match="streams of sessions"):
        ConnectionMonitor(load_spec("sse_v1"))
