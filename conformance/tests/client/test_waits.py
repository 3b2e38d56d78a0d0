"""A check's client against scripted servers: what it waits for, and when it gives up."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate

from .scripted import CLOSE
from .scripted import JOINED
from .scripted import LONG_S
from .scripted import WHOLE
from .scripted import Peer
from .scripted import ProbeOf
from .scripted import Script
from .scripted import broken
from .scripted import chunk
from .scripted import completed
from .scripted import estimation
from .scripted import output
from .scripted import sse
from .scripted import starts
from .scripted import told

pytestmark = pytest.mark.usefixtures("no_thread_left")


# -- joins --------------------------------------------------------------------------------------


def test_a_whole_session(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=told(*WHOLE))
    session = probe.session()
    event = session.run("echo", ["x"])
    assert event.result() == ["x"]
    session.until_closed()
    probe.close()
    assert (event.id, event.kinds) == ("e1", ["estimation", "process_starts", "process_completed"])
    assert [m["msg"] for m in session.messages] == [*event.kinds, "close_stream"]
    assert broken(probe) == []
    states = [e.state for e in probe.timeline.entries if e.event_id]
    assert states == ["waiting", "running", "completed"]


@pytest.mark.parametrize(
    ("answer", "clause"),
    [
        ({}, "JOIN-001"),
        ([], "JOIN-001"),
        ({"event_id": 7}, "JOIN-001"),
        ({"event_id": ""}, "JOIN-002"),
        (lambda peer: peer.answer(b"no json"), "JOIN-001"),
        (lambda peer: peer.answer(b"{}", "404 Not Found"), "JOIN-001"),
    ],
)
def test_an_odd_answer_to_a_join(probe_of: ProbeOf, answer: Any, clause: str) -> None:
    probe = probe_of(queue_join=answer)
    with pytest.raises(NonConformance) as error:
        probe.session().join("echo")
    assert error.value.clause == clause


def test_an_event_id_given_twice_is_found(probe_of: ProbeOf) -> None:
    probe = probe_of()
    session = probe.session()
    session.join("echo")
    session.join("echo")
    assert broken(probe) == ["JOIN-002"]


def test_messages_may_come_before_the_join_is_answered(probe_of: ProbeOf) -> None:
    seen = threading.Event()

    def late_answer(peer: Peer) -> None:
        assert seen.wait(LONG_S)
        peer.answer(json.dumps(JOINED).encode())

    messages = [estimation(), starts(), chunk("a"), chunk("ab"), completed("ab"), CLOSE]
    probe = probe_of(queue_join=late_answer, queue_data=told(*messages))
    session = probe.session()
    asked = threading.Thread(target=lambda: session.join("echo", simple_format=True))
    with probe.changed:  # nothing of the stream is read before the join is on its way
        stream = session.open()
        probe.monitor.joining(session.hash, simple_format=True)
    asked.start()
    assert stream.until_end(clause="SSE-011") == "eof"
    seen.set()
    asked.join(LONG_S)
    probe.close()
    assert broken(probe) == []


# -- waits --------------------------------------------------------------------------------------


def test_a_wait_ends_with_the_message_that_fulfils_it(probe_of: ProbeOf) -> None:
    go = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*sse(estimation()))
        assert go.wait(LONG_S)
        peer.chunks(*sse(starts(), completed("x"), CLOSE))
        peer.finish()

    probe = probe_of(queue_data=script)
    session = probe.session()
    event = session.join("echo")
    session.open()
    assert event.until("estimation", clause="EVT-001")["rank"] == 0
    assert not event.is_completed
    go.set()
    assert event.completed()["success"] is True


def test_what_does_not_come_in_time_is_too_late(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=told(estimation(), end=False))
    session = probe.session()
    event = session.join("echo")
    stream = session.open()
    event.until("estimation", clause="EVT-001")
    for wait in (
        lambda: event.completed(within=0.05),
        lambda: stream.until("heartbeat", clause="EVT-003", within=0.05),
        lambda: stream.until_end(clause="EVT-003", within=0.05),
        lambda: session.until_closed(clause="EVT-003", within=0.05),
    ):
        with pytest.raises(TooLate) as error:
            wait()
        assert error.value.clause == "EVT-003"
        assert "(within 0.05 s)" in error.value.expected
        assert "estimation" in error.value.actual
    probe.patience_s = 0.05
    with pytest.raises(TooLate):
        event.completed()


def test_headers_that_do_not_come_are_too_late(probe_of: ProbeOf) -> None:
    probe = probe_of(0.1, queue_data=lambda peer: peer.wait_gone())
    stream = probe.session().open()
    with pytest.raises(TooLate, match="SSE-001"):
        stream.until_ready()
    stream.drop()
    assert stream.end == "dropped"


@pytest.mark.parametrize(
    "stream",
    [
        told(estimation(), CLOSE),
        told(estimation(), {"msg": "unexpected_error", "message": "x", "success": False}),
        lambda peer: peer.answer(b"{}", "404 Not Found"),
        lambda peer: None,
    ],
)
def test_what_cannot_come_any_more_is_not_waited_for(probe_of: ProbeOf, stream: Script) -> None:
    probe = probe_of(queue_data=stream)  # patience far longer than the tests may take
    session = probe.session()
    event = session.join("echo")
    session.open()
    with pytest.raises(NonConformance) as error:
        event.completed()
    assert not isinstance(error.value, TooLate)
    assert "within" not in error.value.expected
    with pytest.raises(NonConformance):
        session.streams[0].until("heartbeat", clause="SSE-014")


def test_nothing_comes_after_the_terminal_message(probe_of: ProbeOf) -> None:
    probe = probe_of(queue_data=told(estimation(), starts(), completed("x"), end=False))
    session = probe.session()
    event = session.run("echo")
    with pytest.raises(NonConformance, match=r"EVT-035: .*progress number 1 for event e1"):
        event.until("progress", clause="EVT-035")


def test_a_condition_that_no_message_announces_is_asked_again(probe_of: ProbeOf) -> None:
    answers = iter([False, False, False, True])
    probe = probe_of()
    probe.wait(lambda: next(answers), "SSE-001", "it", lambda: "not yet", poll_s=0.01)
    assert next(answers, "no more") == "no more"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (completed("x", success=False), "success true"),
        ({**completed(), "output": {"error": "x"}}, "success true"),
        ({**completed(), "output": None}, "success true"),
        ({**completed(), "output": {**output("x", False)}}, "an array in output.data"),
    ],
)
def test_a_result_is_demanded(probe_of: ProbeOf, answer: Any, fault: str) -> None:
    probe = probe_of(queue_data=told(estimation(), starts(), answer, CLOSE))
    event = probe.session().run("echo")
    with pytest.raises(NonConformance, match=f"EVT-008: expected .*{fault}"):
        event.result()
