"""A check's client against scripted servers: what it judges beside, and what it leaves."""

from __future__ import annotations

import json
import threading
from typing import Any

import httpx
import pytest

from gradio_conformance import probe as probe_module
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate

from .scripted import CLOSE
from .scripted import HEARTBEAT
from .scripted import LONG_S
from .scripted import WHOLE
from .scripted import Peer
from .scripted import ProbeOf
from .scripted import Script
from .scripted import broken
from .scripted import completed
from .scripted import estimation
from .scripted import sse
from .scripted import starts
from .scripted import told

pytestmark = pytest.mark.usefixtures("no_thread_left")


# -- what is judged beside ----------------------------------------------------------------------


def test_every_message_is_judged_while_it_arrives(probe_of: ProbeOf) -> None:
    wrong = {**estimation(), "rank": -1}
    probe = probe_of(queue_data=told(wrong, starts(), completed("x"), CLOSE))
    probe.session().run("echo")
    assert broken(probe) == ["EVT-004"]
    assert [e.violation for e in probe.timeline.entries if e.violation] == ["EVT-004"]
    with pytest.raises(NonConformance, match="EVT-004"):
        probe.verify()


def test_without_a_violation_there_is_nothing_to_raise(probe_of: ProbeOf) -> None:
    probe_of().verify()


def test_bytes_that_are_not_utf8_are_found(probe_of: ProbeOf) -> None:
    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*sse(estimation()), b'data: {"msg": "heartbeat", "x": "\xff"}\n\n')
        peer.chunks(*sse(starts(), completed("x"), CLOSE))
        peer.finish()

    probe = probe_of(queue_data=script)
    session = probe.session()
    session.run("echo")
    session.until_closed()
    assert "SSE-006" in broken(probe)


def test_a_last_message_without_its_empty_line_is_found(probe_of: ProbeOf) -> None:
    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*sse(*WHOLE), b'data: {"msg": "heartbeat"}')
        peer.finish()

    probe = probe_of(queue_data=script)
    session = probe.session()
    session.run("echo")
    session.streams[0].until_end(clause="SSE-011")
    assert broken(probe) == ["SSE-002"]


@pytest.mark.parametrize(
    ("script", "end", "clauses"),
    [
        (told(estimation()), "eof", ["SSE-031"]),
        (lambda peer: (peer.begin(), peer.chunks(*sse(estimation()))), "cut", ["SSE-031"]),
        (lambda peer: (peer.begin(), peer.chunks(*sse(*WHOLE))), "cut", ["SSE-018"]),
        (lambda peer: peer.answer(b"{}", "404 Not Found"), "eof", []),
        (lambda peer: None, "cut", []),
    ],
)
def test_the_end_of_a_stream_is_judged(
    probe_of: ProbeOf, script: Script, end: str, clauses: list[str]
) -> None:
    probe = probe_of(queue_data=script)
    session = probe.session()
    session.join("echo")
    assert session.open().until_end(clause="SSE-011") == end
    assert broken(probe) == clauses
    with pytest.raises(NonConformance):
        session.until_closed()


def test_a_message_of_nobodys_event_is_found_at_the_end(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=told(*WHOLE))
    probe.session().open().until_end(clause="SSE-011")
    probe.close()
    assert broken(probe) == ["EVT-034"]


def test_a_call_stream_is_judged_too(probe_of: ProbeOf) -> None:
    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"event: heartbeat\ndata: null\n\n", b"event: complete\ndata: [NaN]\n\n")
        peer.finish()

    probe = probe_of(call_echo={"event_id": "c1"}, call_echo_c1=script)
    assert probe.call("echo", ["x"]).json("CALL-001") == {"event_id": "c1"}
    assert probe.call_stream("echo", "c1").result() == ("complete", None)
    probe.close()
    assert broken(probe)[0] == "CALL-020"


def test_a_call_stream_that_brings_nothing(probe_of: ProbeOf) -> None:
    def script(peer: Peer) -> None:
        peer.begin()
        peer.finish()

    stream = probe_of(call_echo_c1=script).call_stream("echo", "c1")
    with pytest.raises(
        NonConformance, match=r"CALL-004: expected a complete or error event; .*eof"
    ):
        stream.result()
    with pytest.raises(NonConformance, match="CALL-003"):
        stream.until("heartbeat", clause="CALL-003")
    assert stream.until_end() == "eof"


def test_a_fault_of_the_suite_is_no_silence(
    probe_of: ProbeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks in the background breaks the check, at once, and blames nobody else."""
    probe = probe_of(queue_data=told(*WHOLE))

    def bug(*arguments: Any) -> Any:
        raise LookupError("a row is missing")

    monkeypatch.setattr(probe.monitor, "message", bug)
    session = probe.session()
    event = session.join("echo")
    stream = session.open()
    with pytest.raises(LookupError, match="a row is missing"):
        event.completed()
    assert stream.end == "fault"
    assert broken(probe) == []
    with pytest.raises(LookupError):
        probe.close()


def test_a_fault_while_a_stream_ends_is_no_silence(
    probe_of: ProbeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = probe_of(queue_data=told(*WHOLE))

    def bug(*arguments: Any) -> Any:
        raise LookupError("a row is missing")

    monkeypatch.setattr(probe.monitor, "ended", bug)
    session = probe.session()
    session.run("echo")
    session.streams[0].until_end(clause="SSE-011")
    with pytest.raises(LookupError):
        probe.close()


# -- cancels ------------------------------------------------------------------------------------


def test_a_cancel_names_event_session_and_function(probe_of: ProbeOf) -> None:
    bodies: list[Any] = []

    def script(peer: Peer) -> None:
        bodies.append(json.loads(peer.body))
        peer.answer(b'{"success": true}')

    probe = probe_of(cancel=script)
    event = probe.session("mine").join("echo")
    event.cancel()
    assert event.cancel_in_background(session_hash="yours").result(LONG_S).status == 200
    event.cancel(fn_index=9)
    common = {"event_id": "e1", "fn_index": 0, "session_hash": "mine"}
    assert bodies == [common, {**common, "session_hash": "yours"}, {**common, "fn_index": 9}]


def test_a_cancel_in_the_background_may_fail(probe_of: ProbeOf) -> None:
    probe = probe_of(cancel=lambda peer: None)
    answer = probe.session().join("echo").cancel_in_background()
    assert isinstance(answer.exception(LONG_S), httpx.RemoteProtocolError)


# -- gates --------------------------------------------------------------------------------------


def entries(*kinds: str) -> list[dict[str, Any]]:
    return [{"what": kind, "t": i, "n": None, "endpoint": "x"} for i, kind in enumerate(kinds)]


def test_a_journal_is_read_until_it_tells(probe_of: ProbeOf) -> None:
    pages = [entries(), entries("start"), entries("start", "end")]

    def script(peer: Peer) -> None:
        page = pages.pop(0) if len(pages) > 1 else pages[0]
        peer.answer(json.dumps({"data": [page]}).encode())

    gate = probe_of(run_journal=script).gate()
    gate.wait_journal("end", 1, "QUEUE-013", "an end")
    assert [e["what"] for e in gate.happened("start")] == ["start"]
    gate.wait_growth(1, "QUEUE-013", "growth")


def test_a_journal_that_stays_silent_is_too_late(probe_of: ProbeOf) -> None:
    probe = probe_of(run_journal={"data": [entries("start")]})
    gate = probe.gate()
    probe.patience_s = 0.2  # of the gate only: a busy machine may take its time to answer
    with pytest.raises(TooLate, match="QUEUE-013: expected an end; "):
        gate.wait_journal("end", 1, "QUEUE-013", "an end")
    with pytest.raises(TooLate, match="growth"):
        gate.wait_growth(1, "QUEUE-013", "growth")


def test_the_release_of_a_gate(probe_of: ProbeOf) -> None:
    bodies: list[Any] = []

    def script(peer: Peer) -> None:
        bodies.append(json.loads(peer.body)["data"])
        peer.answer(b'{"data": [null]}')

    probe = probe_of(run_release=script)
    gate = probe.gate()
    gate.release(2)
    probe.close()
    assert bodies == [[gate.key, 2], [gate.key, probe_module.RELEASES_AT_END]]


@pytest.mark.parametrize("script", [lambda peer: None, lambda peer: peer.answer(b"x", "500 No")])
def test_a_gate_that_cannot_be_opened_does_not_hide_the_check(
    probe_of: ProbeOf, script: Script
) -> None:
    probe = probe_of(run_release=script)
    probe.gate()
    probe.close()
    assert "release of gate-" in probe.timeline.entries[-1].summary
    assert broken(probe) == []


# -- the end of a check -------------------------------------------------------------------------


def test_events_may_end_before_the_check_goes_away(probe_of: ProbeOf) -> None:
    """A held function ends once its gate is open: its messages are still judged."""
    opened = threading.Event()

    def stream(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*sse(estimation(), starts()))
        assert opened.wait(LONG_S)
        peer.chunks(*sse(completed("x")))
        peer.wait_gone()

    def release(peer: Peer) -> None:
        opened.set()
        peer.answer(b'{"data": [null]}')

    probe = probe_of(queue_data=stream, run_release=release)
    probe.gate()
    session = probe.session()
    event = session.join("echo")
    session.open()
    event.until("process_starts", clause="EVT-002")
    probe.close()
    assert event.is_completed
    assert session.streams[0].end == "dropped"
    assert broken(probe) == []


def test_events_that_do_not_end_are_left(
    probe_of: ProbeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "SETTLE_S", 0.05)
    probe = probe_of(queue_data=told(estimation(), end=False))
    sessions = [probe.session() for _ in range(2)]
    for session in sessions:
        session.post_join({})
        session.open().until("estimation", clause="EVT-001")
    probe.close()
    assert [session.streams[0].end for session in sessions] == ["dropped", "dropped"]


def test_streams_that_nothing_is_owed_on_are_dropped_at_once(
    probe_of: ProbeOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "SETTLE_S", LONG_S * 10)
    open_call = lambda peer: (peer.begin(), peer.wait_gone())  # noqa: E731
    probe = probe_of(LONG_S * 10, queue_data=told(HEARTBEAT, end=False), call_echo_c1=open_call)
    stream = probe.session().open()
    stream.until("heartbeat", clause="SSE-014")
    call = probe.call_stream("echo", "c1")
    probe.close()
    assert (stream.end, call.end) == ("dropped", "dropped")
    assert broken(probe) == []


def test_a_reader_that_goes_away_is_noted_not_blamed(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=told(estimation(), end=False))
    session = probe.session()
    session.join("echo")
    session.open().until("estimation", clause="EVT-001")
    session.drop()
    assert session.is_over
    assert probe.timeline.entries[-1].summary == "(dropped)"
    assert broken(probe) == []


def test_a_cut_is_told_with_its_reason(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=lambda peer: None)
    probe.session().open().until_end(clause="SSE-011")
    assert probe.timeline.entries[-1].summary.startswith("(cut: RemoteProtocolError")


def test_a_session_hash_is_sent_as_it_is(probe_of: ProbeOf) -> None:
    lines: list[str] = []

    def script(peer: Peer) -> None:
        lines.append(peer.line)
        told(CLOSE)(peer)

    probe = probe_of(queue_data=script)
    probe.session("a b/ü&?#").open().until_end(clause="SSE-011")
    assert lines == ["GET /queue/data?session_hash=a%20b%2F%C3%BC%26%3F%23 HTTP/1.1"]
