"""Streaming input: chunks for an event that runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from typing import Any

import httpx

from gradio_conformance.answers import json_object
from gradio_conformance.answers import objects
from gradio_conformance.answers import read_config
from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.calls import start_call
from gradio_conformance.calls import told
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.faults import show
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session
from gradio_conformance.wire import Reply

SERVER = "media"
POLL_S = 0.05
NOBODY = "0123456789abcdef0123456789abcdef"


def send(probe: Probe, event_id: str, data: Any, **members: Any) -> Reply:
    """One chunk; nothing is demanded of the answer."""
    return probe.request("POST", f"/stream/{event_id}", json_body={"data": data, **members})


def close(probe: Probe, event_id: str) -> Reply:
    return probe.request("POST", f"/stream/{event_id}/close", json_body={})


def require_taken(reply: Reply, clause: str) -> None:
    """Demand the answer to a chunk or a close that is taken."""
    body = json_object(reply.require_status(clause, 200), clause)
    require_equal(dict(body), {"msg": "success"}, clause, f"the answer to {reply.path}")


@contextmanager
def running(
    probe: Probe,
    name: str,
    data: Sequence[Any],
    clause: str,
    session: Session | None = None,
    first: bool = True,
) -> Iterator[Event]:
    """A streaming-input event whose stream is read, at first until the outcome of its join is
    told. It is closed in the end.
    """
    session = session or probe.session()
    event = session.join(name, data, clause=clause)
    session.open()
    try:
        if first:
            event.until("process_streaming", clause=clause)
        yield event
    finally:
        if not event.is_completed:
            with suppress(httpx.HTTPError):
                close(probe, event.id)


def outcome(event: Event, nth: int, clause: str) -> Any:
    """The values of the ``nth`` process_streaming."""
    message = event.until("process_streaming", clause=clause, nth=nth)
    return message["output"]["data"]


def succeeded(event: Event, clause: str) -> list[Any]:
    """Wait for the successful end; returns its values."""
    return event.result(clause=clause)


@check("STREAM-001", "STREAM-002", "DIFF-014", needs="chunk_echo", server=SERVER)
def check_each_chunk_is_answered(probe: Probe) -> None:
    """What comes of the join and of each chunk is told by a process_streaming, in full."""
    with running(probe, "chunk_echo", ["a"], "STREAM-001") as event:
        require_equal(outcome(event, 1, "STREAM-001"), ["a"], "STREAM-001", "data of the join")
        for nth, text in enumerate(("ab", "abc", "abcd"), 2):
            require_taken(send(probe, event.id, [text]), "STREAM-002")
            found = outcome(event, nth, "STREAM-002")
            full = len(found) == 1 and isinstance(found[0], str)
            require(full, "DIFF-014", f"the full value {text!r}", found)
            require_equal(found, [text], "STREAM-002", f"data of chunk {nth - 1}")
        require_equal(event.kinds.count("process_streaming"), 4, "STREAM-002", "one for each call")


@check("STREAM-003", needs="chunk_echo", server=SERVER)
def check_only_live_events_take_chunks(probe: Probe) -> None:
    """An id that nobody has given out, and one whose event has ended, are not there."""
    for reply in (send(probe, NOBODY, ["x"]), close(probe, NOBODY)):
        reply.require_status("STREAM-003", 404)
    with running(probe, "chunk_echo", ["a"], "STREAM-001") as event:
        close(probe, event.id)
        event.completed()
    for what in (lambda: send(probe, event.id, ["x"]), lambda: close(probe, event.id)):
        _until_gone(probe, what)


def _until_gone(probe: Probe, ask: Any) -> None:
    reply: Reply = ask()

    def gone() -> bool:
        nonlocal reply
        reply = ask()
        return reply.status == 404

    expected = "404 for an event that has ended"
    probe.wait(gone, "STREAM-003", expected, lambda: show(reply.describe()), poll_s=POLL_S)


@check("STREAM-004", needs="chunk_echo", server=SERVER)
def check_a_close_completes(probe: Probe) -> None:
    """After a close the event completes, with the values that were told last."""
    with running(probe, "chunk_echo", ["a"], "STREAM-001") as event:
        send(probe, event.id, ["b"])
        outcome(event, 2, "STREAM-002")
        require_taken(close(probe, event.id), "STREAM-004")
        require_equal(succeeded(event, "STREAM-004"), ["b"], "STREAM-004", "the result")
        require_equal(event.kinds.count("process_streaming"), 2, "STREAM-004", "no further call")


@check("STREAM-005", "STREAM-006", needs="chunk_limited", server=SERVER)
def check_the_time_limit_is_an_end(probe: Probe) -> None:
    """With and without chunks, an event completes when its time limit is over, and not before."""
    limit = _limit(probe, "chunk_limited")
    begun = time.monotonic()
    with (
        running(probe, "chunk_limited", ["a"], "STREAM-001", first=False) as silent,
        running(probe, "chunk_limited", ["0"], "STREAM-001") as fed,
    ):
        number = 0
        while not fed.is_completed:
            if time.monotonic() > begun + limit + probe.patience_s:
                raise TooLate("STREAM-005", f"an end after {limit:g} s", show(fed.kinds))
            number += 1
            send(probe, fed.id, [str(number)])
            with probe.changed:  # so that chunks go on, and not too many
                probe.changed.wait_for(lambda: fed.is_completed, limit / 8)
        succeeded(fed, "STREAM-005")
        _require_not_before(fed, begun + limit, "STREAM-005")
        require_equal(succeeded(silent, "STREAM-006"), ["a"], "STREAM-006", "the result")
        _require_not_before(silent, begun + limit, "STREAM-006")


def _require_not_before(event: Event, due: float, clause: str) -> None:
    (stream,) = event.session.streams
    told = zip(stream.messages, stream.times, strict=True)
    ended = next(at for message, at in told if message.get("msg") == "process_completed")
    early = due - ended
    require(early <= 0.1, clause, "no end before the time limit", f"{early:.2f} s too early")


def _limit(probe: Probe, name: str) -> float:
    found = (probe.target.dependency(name) or {}).get("time_limit")
    good = isinstance(found, int | float) and not isinstance(found, bool) and 0 < found <= 5
    if not good or found is None:
        raise NonConformance("STREAM-019", f"the time_limit of {name}, in seconds", show(found))
    return float(found)


@check("STREAM-007", needs=("hold_generator", "release"))
def check_other_events_take_no_chunks(probe: Probe) -> None:
    """A chunk for an event without streaming input is refused, and changes nothing."""
    session, gate = probe.session(), probe.gate()
    event = session.join("hold_generator", [gate.key, 3], clause="STREAM-007")
    session.open()
    event.until("process_generating", clause="STREAM-007")
    try:
        send(probe, event.id, [gate.key, 1]).require_client_error("STREAM-007")
        close(probe, event.id).require_client_error("STREAM-007")
        gate.release(3)
        require_equal(succeeded(event, "STREAM-007"), [2], "STREAM-007", "the result")
        require_equal(event.kinds.count("process_generating"), 3, "STREAM-007", "its values")
    finally:
        if not event.is_completed:
            event.cancel_in_background()  # some servers answer when the step has ended
            gate.open_for_good()


@check("STREAM-008", needs="chunk_echo", server=SERVER)
def check_a_chunk_without_data_is_refused(probe: Probe) -> None:
    """A body that is no chunk is answered 422, and the event goes on."""
    with running(probe, "chunk_echo", ["a"], "STREAM-001") as event:
        for body in ({}, {"x": 1}, {"data": "x"}, {"data": None}, ["x"], "x"):
            reply = probe.request("POST", f"/stream/{event.id}", json_body=body)
            reply.require_status("STREAM-008", 422)
        send(probe, event.id, ["b"])
        found = outcome(event, 2, "STREAM-008")
        require_equal(found, ["b"], "STREAM-008", "what comes of the next good chunk")


@check("STREAM-015", needs="chunk_echo", server=SERVER)
def check_the_end_of_the_heartbeat_completes(probe: Probe) -> None:
    """When the heartbeat of its session ends, an event that waits for chunks completes."""
    session = probe.session()
    heartbeat = probe.heartbeat(session.hash)
    heartbeat.until_beat(1, clause="STATE-017")
    with running(probe, "chunk_echo", ["a"], "STREAM-001", session) as event:
        heartbeat.drop()
        require_equal(succeeded(event, "STREAM-015"), ["a"], "STREAM-015", "the result")


@check("STREAM-016", needs="chunk_single", server=SERVER)
def check_the_join_comes_before_the_chunks(probe: Probe) -> None:
    """The first outcome is that of the join's data, though a chunk was there before the start."""
    with (
        running(probe, "chunk_single", ["first"], "STREAM-001") as before,
        running(probe, "chunk_single", ["joined"], "STREAM-016", first=False) as event,
    ):
        event.until("estimation", clause="EVT-001")
        send(probe, event.id, ["early"])
        close(probe, before.id)
        found = outcome(event, 1, "STREAM-016")
        require_equal(found, ["joined"], "STREAM-016", "the first outcome")


@check("STREAM-017", needs="chunk_total", server=SERVER)
def check_chunks_do_not_choose_the_session(probe: Probe) -> None:
    """State goes on from chunk to chunk in the session of the join, whatever chunks name."""
    session, other = probe.session(), probe.session()
    with running(probe, "chunk_total", [1, None], "STREAM-001", session) as event:
        total = 1
        named: tuple[dict[str, Any], ...] = (
            {"session_hash": session.hash},
            {},
            {"session_hash": other.hash},
            {"session_hash": None},
        )
        for nth, members in enumerate(named, 2):
            send(probe, event.id, [10, None], **members)
            total += 10
            found = outcome(event, nth, "STREAM-017")
            require_equal(found, [total, None], "STREAM-017", f"the sum after {show(members)}")
    reply = probe.run("chunk_total", [0, None], session_hash=other.hash)
    body = json_object(reply.require_status("STREAM-017", 200), "STREAM-017")
    require_equal(body.get("data"), [0, None], "STREAM-017", "the sum of the other session")


@check("STREAM-019", needs=("chunk_echo", "chunk_limited", "media_steps"), server=SERVER)
def check_config_tells_of_streaming_input(probe: Probe) -> None:
    """A client sees in /config to which functions it sends chunks, for how long, how often."""
    config = read_config(probe, "STREAM-019")
    found = {d.get("api_name"): d for d in objects(config, "dependencies", "STREAM-019")}
    for name, connection in (
        ("chunk_echo", "stream"),
        ("chunk_limited", "stream"),
        ("media_steps", "sse"),
    ):
        told_of = found.get(name, {}).get("connection")
        require_equal(told_of, connection, "STREAM-019", f"connection of {name}")
    require_equal(found["chunk_echo"].get("time_limit"), None, "STREAM-019", "no time_limit")
    require_equal(_limit(probe, "chunk_limited"), 1.0, "STREAM-019", "time_limit")
    every = found["chunk_limited"].get("stream_every")
    require_equal(every, 0.1, "STREAM-019", "stream_every of chunk_limited")


@check("STREAM-020", needs=("chunk_echo", "chunk_limited"), server=SERVER)
def check_the_time_limit_is_told(probe: Probe) -> None:
    """A process_streaming tells how long chunks are taken, and null where there is no limit."""
    limit = _limit(probe, "chunk_limited")
    with (
        running(probe, "chunk_echo", ["a"], "STREAM-001") as endless,
        running(probe, "chunk_limited", ["a"], "STREAM-001") as limited,
    ):
        (message,) = endless.of_kind("process_streaming")
        require_equal(message.get("time_limit"), None, "STREAM-020", "time_limit without one")
        found = limited.of_kind("process_streaming")[0].get("time_limit")
        number = isinstance(found, int | float) and not isinstance(found, bool)
        good = number and found is not None and 0 < found <= limit
        require(good, "STREAM-020", f"more than 0 and at most {limit:g}", found)


@check("STREAM-021", needs="chunk_echo", server=SERVER)
def check_a_chunk_that_fails_ends_the_event(probe: Probe) -> None:
    """When the function fails on a chunk, or cannot be called with it, the event has failed."""
    for data in (["fail"], []):
        with running(probe, "chunk_echo", ["a"], "STREAM-001") as event:
            send(probe, event.id, data)
            message = event.completed(clause="STREAM-021")
            require_equal(message.get("success"), False, "STREAM-021", "success")
            output = message.get("output")
            require_valid(probe, "messages#/$defs/ErrorPayload", output, "STREAM-021")


@check("STREAM-022", needs="chunk_echo", server=SERVER)
def check_calls_tell_what_comes_of_chunks(probe: Probe) -> None:
    """On the stream of a simple call, each outcome is a generating event with full values."""
    stream = start_call(probe, "chunk_echo", ["a"])
    try:
        stream.until("generating", clause="STREAM-022")
        send(probe, stream.event_id, ["ab"])
        stream.until("generating", clause="STREAM-022", nth=2)
    finally:
        close(probe, stream.event_id)
    wanted = [["generating", ["a"]], ["generating", ["ab"]], ["complete", ["ab"]]]
    events = told(stream, "STREAM-022")
    require_equal(events, wanted, "STREAM-022", "the events of the call")
