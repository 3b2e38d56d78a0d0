"""The monitor: every refusal and every rule of the lifecycle is seen to fire, and legal streams
stay silent.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import pytest

from gradio_spec.loader import load_spec
from gradio_spec.machine import Machine
from gradio_spec.machine import parse_machine
from gradio_spec.monitor import Monitor
from gradio_spec.rules import KINDS

SPEC = load_spec()
EVENT_SYMBOLS = (
    "estimation process_starts progress log process_generating process_streaming "
    "process_completed stream_lost"
).split()
STREAM_SYMBOLS = (
    "event_message heartbeat close_stream unexpected_error eof cut dropped replaced"
).split()
CALL_SYMBOLS = "generating heartbeat complete error eof cut dropped".split()
HEARTBEAT_SYMBOLS = "alive other eof cut dropped".split()
UPLOAD_SYMBOLS = "update heartbeat done upload_failed eof cut dropped".split()
ALPHABETS = {
    "event": EVENT_SYMBOLS,
    "session_stream": STREAM_SYMBOLS,
    "call_stream": CALL_SYMBOLS,
    "heartbeat_stream": HEARTBEAT_SYMBOLS,
    "upload_progress": UPLOAD_SYMBOLS,
}


def estimation(rank: int = 0, size: int | None = None, event: str = "e1") -> dict[str, Any]:
    size = rank + 1 if size is None else size
    return {
        "msg": "estimation",
        "event_id": event,
        "rank": rank,
        "queue_size": size,
        "rank_eta": None,
    }


def starts(event: str = "e1") -> dict[str, Any]:
    return {"msg": "process_starts", "event_id": event, "eta": None}


def output(data: list[Any], generating: bool) -> dict[str, Any]:
    return {
        "data": data,
        "is_generating": generating,
        "duration": 0.1,
        "average_duration": 0.1,
        "render_config": None,
        "changed_state_ids": [],
        "used_cache": None,
    }


def chunk(*data: Any, event: str = "e1") -> dict[str, Any]:
    return {
        "msg": "process_generating",
        "event_id": event,
        "output": output(list(data), True),
        "success": True,
        "time_limit": None,
    }


def completed(*data: Any, event: str = "e1", **members: Any) -> dict[str, Any]:
    return {
        "msg": "process_completed",
        "event_id": event,
        "output": output(list(data), False),
        "success": True,
        "title": None,
        "used_cache": None,
        "cache_duration": None,
        "avg_time": None,
        **members,
    }


LOG = {
    "msg": "log",
    "event_id": "e1",
    "log": "x",
    "level": "info",
    "duration": 10,
    "visible": True,
    "title": "Info",
}
HEARTBEAT = {"msg": "heartbeat", "event_id": None}
CLOSE = {"msg": "close_stream", "event_id": None}
LOST = {
    "msg": "unexpected_error",
    "event_id": None,
    "message": "gone",
    "session_not_found": True,
    "success": False,
}
CANCELLED = completed(output={})
CACHED = completed("a", used_cache="full")


def broken(
    messages: list[Mapping[str, Any] | str], end: str = "eof", joins: tuple[str, ...] = ("e1",)
) -> list[str]:
    """The clauses that one session with one stream breaks."""
    monitor = Monitor(SPEC)
    found = [v for j in joins for v in monitor.joined("s", j).violations]
    stream = monitor.opened("s")
    for message in messages:
        found += monitor.message(stream, message).violations
    found += monitor.ended(stream, end).violations
    found += monitor.finish()
    return [v.clause for v in found]


LEGAL: dict[str, list[Mapping[str, Any] | str]] = {
    "plain": [estimation(), starts(), completed("x"), CLOSE],
    "moving up": [
        estimation(2, 5),
        estimation(1, 5),
        estimation(0, 4),
        starts(),
        completed(),
        CLOSE,
    ],
    "generator": [
        estimation(),
        starts(),
        chunk("a"),
        LOG,
        chunk([["append", [], "b"]]),
        chunk([]),
        completed("ab"),
        CLOSE,
    ],
    "cancelled while waiting": [estimation(), CANCELLED, CLOSE],
    "cancelled before anything": [CANCELLED, CLOSE],
    "cancelled while running": [estimation(), starts(), chunk("a"), CANCELLED, CLOSE],
    "from a cache": [chunk("a"), chunk([]), CACHED, CLOSE],
    "heartbeats": [HEARTBEAT, estimation(), HEARTBEAT, starts(), HEARTBEAT, completed(), CLOSE],
    "lost": [LOST],
}


@pytest.mark.parametrize("name", LEGAL)
def test_legal_streams_are_silent(name: str) -> None:
    assert broken(LEGAL[name]) == []


ILLEGAL: list[tuple[str, str, list[Mapping[str, Any] | str]]] = [
    ("EVT-001", "no estimation", [starts(), completed(), CLOSE]),
    ("EVT-002", "started twice", [estimation(), starts(), starts(), completed(), CLOSE]),
    ("EVT-002", "log before start", [estimation(), LOG, starts(), completed(), CLOSE]),
    ("EVT-002", "result without start", [estimation(), completed("x"), CLOSE]),
    ("EVT-003", "log after the end", [estimation(), starts(), completed(), LOG, CLOSE]),
    ("EVT-004", "rank beyond the queue", [estimation(2, 2), starts(), completed(), CLOSE]),
    ("EVT-005", "rank grows", [estimation(0, 3), estimation(1, 3), starts(), completed(), CLOSE]),
    ("EVT-013", "two lists for one output", [estimation(), starts(), chunk("a"), chunk([], [])]),
    ("EVT-033", "estimated while running", [estimation(), starts(), estimation(), completed()]),
    ("EVT-034", "unknown event", [estimation(event="e2"), starts("e2"), completed(event="e2")]),
    ("SSE-003", "no event_id", [{"msg": "heartbeat"}, estimation(), starts(), completed(), CLOSE]),
    ("SSE-004", "unknown message", [{"msg": "news", "event_id": None}, LOST]),
    ("SSE-005", "heartbeat with an id", [{**HEARTBEAT, "event_id": "e1"}, LOST]),
    ("SSE-006", "NaN", ['{"msg": "estimation", "event_id": "e1", "rank": NaN}', LOST]),
    ("SSE-006", "no JSON", ["ALIVE", LOST]),
    ("SSE-012", "closed too early", [estimation(), CLOSE]),
    ("SSE-013", "message after the close", [estimation(), starts(), completed(), CLOSE, HEARTBEAT]),
    ("SSE-013", "message after the error", [LOST, HEARTBEAT]),
    ("SSE-029", "completed twice", [estimation(), starts(), completed(), completed(), CLOSE]),
    ("SSE-031", "no close", [estimation(), starts(), completed()]),
    (
        "DIFF-001",
        "chunks do not add up",
        [estimation(), starts(), chunk("a"), completed("b"), CLOSE],
    ),
    ("DIFF-001", "true is not 1", [estimation(), starts(), chunk(1), chunk([]), completed(True)]),
    ("DIFF-002", "unknown op", [estimation(), starts(), chunk("a"), chunk([["put", [], 1]])]),
    (
        "DIFF-003",
        "negative index",
        [estimation(), starts(), chunk([1]), chunk([["delete", [-1], None]])],
    ),
    (
        "DIFF-010",
        "delete with a value",
        [estimation(), starts(), chunk([1]), chunk([["delete", [0], 1]])],
    ),
    ("DIFF-011", "add at the root", [estimation(), starts(), chunk([1]), chunk([["add", [], 1]])]),
]


@pytest.mark.parametrize(
    ("clause", "name", "messages"), ILLEGAL, ids=[f"{c}: {n}" for c, n, _ in ILLEGAL]
)
def test_illegal_streams_name_their_clause(
    clause: str, name: str, messages: list[Mapping[str, Any] | str]
) -> None:
    assert clause in broken(messages)


def test_a_stream_that_is_cut_is_told_whatever_its_last_message() -> None:
    assert broken(LEGAL["plain"], end="cut") == ["SSE-018"]
    assert broken([LOST], end="cut") == ["SSE-018"]


def test_a_client_that_leaves_breaks_nothing() -> None:
    assert broken([estimation(), starts()], end="dropped") == []


def test_an_event_of_another_session_is_told_at_once() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("other", "e1")
    found = monitor.message(monitor.opened("s"), estimation()).violations
    assert [v.clause for v in found] == ["SSE-010"]


def test_a_message_may_come_before_the_answer_to_its_join() -> None:
    monitor = Monitor(SPEC)
    stream = monitor.opened("s")
    assert monitor.message(stream, estimation()).violations == ()
    assert monitor.joined("s", "e1").violations == ()
    assert monitor.finish() == ()


def test_an_event_id_is_never_given_twice() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    assert [v.clause for v in monitor.joined("s", "e1").violations] == ["JOIN-002"]


def test_a_join_that_may_be_younger_than_the_close_is_not_held_against_it() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    stream = monitor.opened("s")
    for message in (estimation(), starts(), completed()):
        monitor.message(stream, message)
    monitor.joined("s", "e2")
    assert monitor.message(stream, CLOSE).violations == ()
    monitor.ended(stream, "eof")
    assert monitor.outstanding("s") == {"e2"}


def test_a_newer_reader_replaces_the_older() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    older = monitor.opened("s")
    monitor.message(older, estimation())
    newer = monitor.opened("s")
    assert monitor.ended(older, "eof").violations == ()
    found = [monitor.message(newer, m).violations for m in (starts(), completed(), CLOSE)]
    assert [*found, monitor.ended(newer, "eof").violations] == [()] * 4


def test_the_events_of_a_reader_that_is_told_of_its_replacement_live_on() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    older = monitor.opened("s")
    for message in (estimation(), starts()):
        monitor.message(older, message)
    newer = monitor.opened("s")
    assert monitor.message(older, {**LOST, "session_not_found": False}).violations == ()
    assert monitor.ended(older, "eof").violations == ()
    assert monitor.events["e1"].state == "running"
    for message in (completed(), CLOSE):
        assert monitor.message(newer, message).violations == ()


def test_a_close_may_be_seen_before_what_the_replaced_response_still_brings() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    older = monitor.opened("s")
    for message in (estimation(), starts()):
        monitor.message(older, message)
    newer = monitor.opened("s")
    assert monitor.message(newer, CLOSE).violations == ()
    assert monitor.message(older, completed()).violations == ()
    monitor.ended(older, "eof")
    monitor.joined("s", "e2")
    last = monitor.opened("s")
    monitor.ended(newer, "eof")
    found = monitor.message(last, CLOSE).violations
    assert [violation.clause for violation in found] == ["SSE-012"]


def test_simple_format_chunks_are_values_not_edits() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1", simple_format=True)
    stream = monitor.opened("s")
    messages = (estimation(), starts(), chunk([["replace", [], 1]]), chunk("b"), completed("b"))
    assert [v for m in messages for v in monitor.message(stream, m).violations] == []


CALLS: list[tuple[list[str], list[tuple[str, str]], str]] = [
    ([], [("generating", "[1]"), ("heartbeat", "null"), ("complete", "[1]")], "eof"),
    ([], [("error", '{"error": null}')], "eof"),
    (["CALL-003"], [("progress", "[]"), ("complete", "[]")], "eof"),
    (["CALL-004"], [("generating", "[1]")], "eof"),
    (["CALL-019"], [("complete", "[1]"), ("complete", "[2]")], "eof"),
    (["CALL-020"], [("complete", "[NaN]"), ("complete", "[1]")], "eof"),
    (["CALL-023"], [("complete", "[1]"), ("heartbeat", "null")], "eof"),
    (["CALL-023"], [("complete", "[1]")], "cut"),
]


@pytest.mark.parametrize(("clauses", "events", "end"), CALLS)
def test_call_streams(clauses: list[str], events: list[tuple[str, str]], end: str) -> None:
    monitor = Monitor(SPEC)
    stream = monitor.call_opened("c1")
    found = [
        v.clause
        for name, data in events
        for v in monitor.call_message(stream, name, data).violations
    ]
    found += [v.clause for v in monitor.ended(stream, end).violations]
    assert [c for c in clauses if c not in found] == []
    assert bool(found) == bool(clauses)


HEARTBEATS: list[tuple[list[str], list[tuple[str | None, str]], str]] = [
    ([], [(None, "ALIVE"), (None, "ALIVE")], "dropped"),
    ([], [], "dropped"),
    (["STATE-017"], [(None, "alive")], "dropped"),
    (["STATE-017"], [("heartbeat", "ALIVE")], "dropped"),
    (["STATE-018"], [(None, "ALIVE"), (None, '{"msg":"heartbeat"}')], "dropped"),
    (["STATE-018"], [(None, "ALIVE")], "eof"),
    (["STATE-018"], [], "cut"),
]


@pytest.mark.parametrize(("clauses", "events", "end"), HEARTBEATS)
def test_heartbeats(clauses: list[str], events: list[tuple[str | None, str]], end: str) -> None:
    monitor = Monitor(SPEC)
    session = monitor.opened("s")
    stream = monitor.heartbeat_opened("s")
    told = [monitor.heartbeat_message(stream, *event).violations for event in events]
    told.append(monitor.ended(stream, end).violations)
    assert [v.clause for violations in told for v in violations] == clauses
    # It is no reader of the session: the session's own stream goes on.
    monitor.joined("s", "e1")
    assert not monitor.message(session, estimation()).violations


def rows() -> Iterator[tuple[Machine, str, str]]:
    for machine in SPEC.lifecycle.machines.values():
        for state in machine.states:
            for symbol in ALPHABETS[machine.name]:
                yield machine, state, symbol


def test_every_input_in_every_state_is_allowed_or_refused_by_a_clause() -> None:
    for machine, state, symbol in rows():
        step = machine.step(state, symbol, {"msg": symbol})
        assert step.refusal is None or step.refusal.clause in SPEC.clauses


def test_every_rule_has_a_kind_and_a_clause() -> None:
    for rule in SPEC.lifecycle.rules:
        assert rule.kind in KINDS
        assert rule.clause in SPEC.clauses


def test_a_row_with_an_unknown_state_is_refused() -> None:
    data = {
        "title": "t",
        "initial": "a",
        "states": {"a": {"title": "a"}},
        "transitions": [{"from": ["b"], "input": "x"}],
        "refusals": [],
    }
    with pytest.raises(ValueError, match=r"unknown states \['b'\]"):
        parse_machine("m", data, {})


def test_transitions_are_counted() -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    stream = monitor.opened("s")
    for message in LEGAL["plain"]:
        monitor.message(stream, message)
    assert monitor.transitions["event", "waiting", "process_starts", "running"] == 1


def test_a_join_announced_as_simple_format_sends_values_before_its_answer() -> None:
    """EVT-034: messages may come first; they must not be read as edits then."""
    for announced in (True, False):
        monitor = Monitor(SPEC)
        monitor.joining("s", simple_format=announced)
        stream = monitor.opened("s")
        messages = [estimation(), starts(), chunk("a"), chunk("ab")]
        broken = {v.clause for m in messages for v in monitor.message(stream, m).violations}
        assert broken == (set() if announced else {"DIFF-002"})


def test_a_number_without_end_is_no_strict_json() -> None:
    monitor = Monitor(SPEC)
    stream = monitor.opened("s")
    for payload in ("1" * 5000, "[" * 100_000, "NaN", '{"a": Infinity}'):
        assert [v.clause for v in monitor.message(stream, payload).violations] == ["SSE-006"]
