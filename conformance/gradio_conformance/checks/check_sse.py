"""The session stream: its bytes, its messages, and what belongs on it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.binding import check
from gradio_conformance.checks.check_diff import rebuilt
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.samples import answered
from gradio_conformance.samples import any_call
from gradio_conformance.session import NOT_FOUND
from gradio_conformance.session import Session

LINE_ENDS = "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# A heartbeat may be late by scheduling; three intervals without one is no lateness any more.
HEARTBEAT_SLACK = 3.0
CONTROL_ID = "messages#/$defs/StreamMessage/properties/event_id"
SIMPLE_FORMAT = "http#/$defs/PredictBody/properties/simple_format"
EDITS = "messages#/$defs/ProcessGeneratingEdits"


def finished(probe: Probe) -> Session:
    """A session that has made one call, got its answer and seen its stream to the end."""
    session = probe.session()
    event = any_call(probe, session)
    session.open()
    answered(event)
    session.until_closed()
    return session


@check("SSE-001")
def check_stream_is_an_event_stream(probe: Probe) -> None:
    """GET queue/data answers 200 with text/event-stream."""
    session = probe.session()
    event = any_call(probe, session)
    stream = session.open()
    stream.until_ready()
    require_equal(stream.reader.status, 200, "SSE-001", "status")
    media_type = stream.reader.headers.get("content-type", "").split(";")[0].strip()
    require_equal(media_type, "text/event-stream", "SSE-001", "content type")
    answered(event)
    session.until_closed()


@check("SSE-002")
def check_messages_are_single_data_lines(probe: Probe) -> None:
    """On the wire, each message is one data line and an empty line, and nothing else."""
    stream = finished(probe).streams[0]
    text = bytes(stream.reader.received).decode("utf-8", "replace")
    require("\r" not in text, "SSE-002", "LF as line end", text)
    blocks = text.split("\n\n")
    require_equal(blocks[-1], "", "SSE-002", "an empty line at the end")
    require_equal(len(blocks) - 1, len(stream.messages), "SSE-002", "one block per message")
    for block in blocks[:-1]:
        good = block.startswith("data:") and "\n" not in block
        require(good, "SSE-002", "one data line and no other field", block)


@check(
    "SSE-003",
    "SSE-004",
    "SSE-005",
    "SSE-032",
    needs=("logs_between", "progress", "release", "fail"),
)
def check_every_kind_of_message_keeps_its_shape(probe: Probe) -> None:
    """Messages of every kind that a testbed can cause keep their schema and their event id."""
    gate = probe.gate()
    session = probe.session()
    session.join("logs_between", ["x"])
    progress = session.join("progress", [gate.key])
    session.join("fail", ["x"])
    session.open()
    progress.until("progress", clause="EVT-035")
    session.streams[0].until(
        "heartbeat", clause="SSE-014", within=HEARTBEAT_SLACK * probe.target.heartbeat_s
    )
    gate.release(2)
    session.until_closed()
    seen = {str(m.get("msg")) for m in session.messages}
    kinds = {"estimation", "process_starts", "progress", "log", "process_generating"}
    kinds |= {"process_completed", "heartbeat"}
    kinds |= {"close_stream"} if probe.closes_streams else set()
    require(seen >= kinds, "SSE-004", f"the messages {sorted(kinds)}", sorted(seen))
    for message in session.messages:
        # Since control messages have the member at all, it is null there.
        told = message.get("event_id", "absent" if probe.has(CONTROL_ID) else None)
        require(told is None or isinstance(told, str), "SSE-003", "a string or null", dict(message))
        control = message["msg"] in ("heartbeat", "close_stream", probe.stream_failure)
        require(
            (told is None) == control, "SSE-005", "null for control messages only", dict(message)
        )


@check("SSE-003", "SSE-004", "SSE-005", "SSE-032")
def check_messages_of_any_app_keep_their_shape(probe: Probe) -> None:
    """On any app, the messages of one call keep their schema and their event id."""
    session = finished(probe)
    kinds = [m.get("msg") for m in session.messages]
    require("process_completed" in kinds, "SSE-004", "a process_completed", kinds)


@check("SSE-006", needs=("unserialisable", "echo"))
def check_numbers_that_are_not_finite_are_null(probe: Probe) -> None:
    """NaN and the infinities arrive as null, text of any script as UTF-8."""
    session = probe.session()
    event = session.run("unserialisable", ["nan"])
    require_equal(event.result(), [[None, None, None]], "SSE-006", "data")
    text = "naïve 日本語 🙂 \u0000\u001f"
    require_equal(session.run("echo", [text]).result(), [text], "SSE-006", "data")
    session.until_closed()
    for stream in session.streams:
        bytes_ok = "\ufffd" not in bytes(stream.reader.received).decode("utf-8", "replace")
        require(bytes_ok, "SSE-006", "valid UTF-8", stream.describe())


@check("SSE-007", needs=("no_outputs", "journal"))
def check_late_stream_misses_nothing(probe: Probe) -> None:
    """A stream opened after the function has ended brings all messages of the event."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("no_outputs", [gate.key])
    gate.wait_journal("called", 1, "QUEUE-013", "the function to run")
    session.open()
    require_equal(event.result(clause="SSE-007"), [], "SSE-007", "data")
    wanted = ["estimation", "process_starts", "process_completed"]
    require_equal(list(dict.fromkeys(event.kinds)), wanted, "SSE-007", "messages of the event")
    session.until_closed()


@check("SSE-008", needs=("yields",))
def check_messages_keep_their_order(probe: Probe) -> None:
    """The chunks of a generator arrive in the order of its yields."""
    values, plainly = list(range(30)), probe.has(SIMPLE_FORMAT)
    members: dict[str, Any] = {"simple_format": True} if plainly else {}
    event = probe.session().run("yields", [values], **members)
    if not plainly and probe.has(EDITS):
        chunks = [[value] for value in rebuilt(event)]
    else:
        chunks = [m["output"]["data"] for m in event.of_kind("process_generating")]
    require_equal(chunks, [[value] for value in values], "SSE-008", "chunks in order")


@check("SSE-009", "SSE-011", "SSE-013", "SSE-031")
def check_one_stream_carries_the_session(probe: Probe) -> None:
    """Several events of a session end on one stream, which then closes."""
    session = probe.session()
    events = [any_call(probe, session) for _ in range(3)]
    stream = session.open()
    for event in events:
        answered(event, clause="SSE-009")
    session.until_closed()
    require_equal(len(session.streams), 1, "SSE-009", "one stream")
    kinds = [m.get("msg") for m in stream.messages]
    if probe.closes_streams:
        place = kinds.index("close_stream")
        require_equal(place, len(kinds) - 1, "SSE-013", "close_stream as the last message")
    require_equal(stream.end, "eof", "SSE-031", "a clean end of the stream")


@check("SSE-010")
def check_sessions_do_not_mix(probe: Probe) -> None:
    """Two sessions at once: each stream carries only its own events."""
    sessions = [probe.session() for _ in range(3)]
    for session in sessions:
        any_call(probe, session)
        any_call(probe, session)
    for session in sessions:
        session.open()
    for session in sessions:
        for event in session.events:
            answered(event)
        session.until_closed()
        own = {event.id for event in session.events}
        seen = {m["event_id"] for m in session.messages if m.get("event_id") is not None}
        require_equal(sorted(seen), sorted(own), "SSE-010", "events on the stream of their session")


@check("SSE-010", needs=("hold_unlimited", "release", "yields"))
def check_open_sessions_do_not_mix(probe: Probe) -> None:
    """While two sessions are held with open streams, neither hears of the other's events."""
    gates = [probe.gate(), probe.gate()]
    sessions = [probe.session(), probe.session()]
    held = []
    for session, gate in zip(sessions, gates, strict=True):
        held.append(session.join("hold_unlimited", [gate.key]))
        session.open()
        held[-1].until("process_starts", clause="QUEUE-004")
    for session in sessions:
        session.join("yields", [["a", "b"]]).completed()
    for session, gate in zip(sessions, gates, strict=True):
        gate.release()
        session.until_closed()
        own = {event.id for event in session.events}
        seen = {m["event_id"] for m in session.messages if m.get("event_id") is not None}
        require_equal(sorted(seen), sorted(own), "SSE-010", "events on the stream of their session")


@check("SSE-012", "SSE-016", "SSE-033", needs=("hold", "release", "echo"))
def check_stream_stays_open_while_something_is_held(probe: Probe) -> None:
    """While one event is held, another joins, completes on the open stream, and nothing closes."""
    gate = probe.gate()
    session = probe.session()
    held = session.join("hold", [gate.key])
    stream = session.open()
    held.until("process_starts", clause="SSE-033")
    late = session.join("echo", ["x"])
    require_equal(late.completed(clause="SSE-016")["output"].get("data"), ["x"], "SSE-016", "data")
    # A further event of the session answers on this stream: close_stream cannot have been sent
    # before it.
    session.join("echo", ["y"]).completed(clause="SSE-012")
    require_equal(stream.of_kind("close_stream"), [], "SSE-012", "no close_stream yet")
    gate.release()
    require_equal(held.result(), [gate.key], "SSE-012", "result of the held event")
    session.until_closed()
    require_equal(len(session.streams), 1, "SSE-016", "one stream for all")


@check("SSE-014", needs=("hold", "release", "settings"))
def check_heartbeats_keep_coming(probe: Probe) -> None:
    """While a session waits, a heartbeat comes in every interval."""
    gate = probe.gate()
    session = probe.session()
    session.join("hold", [gate.key])
    stream = session.open()
    limit = HEARTBEAT_SLACK * probe.target.heartbeat_s
    for number in (1, 2, 3):
        beat = stream.until("heartbeat", nth=number, clause="SSE-014", within=limit)
        require_equal(beat.get("event_id"), None, "SSE-005", "event_id of a heartbeat")
    gate.release()
    session.until_closed()


@check("SSE-015")
def check_session_can_be_used_again(probe: Probe) -> None:
    """After close_stream, the same session hash works as before."""
    session = finished(probe)
    for _ in range(2):
        event = any_call(probe, session)
        session.open()
        answered(event, clause="SSE-015")
        session.until_closed(clause="SSE-015")


@check("SSE-017")
def check_unknown_session_is_told(probe: Probe) -> None:
    """A session that never joined gets one unexpected_error with session_not_found."""
    finished(probe)  # one that has joined gets what it asked for
    stream = probe.session().open()
    stream.until_end(clause="SSE-017")
    require_equal(stream.reader.status, 200, "SSE-017", "status")
    require_equal(len(stream.messages), 1, "SSE-017", "exactly one message")
    message = stream.messages[0]
    marked = {"session_not_found": True} if probe.has(NOT_FOUND) else {}
    wanted = {"msg": probe.stream_failure, **marked, "success": False}
    told = {name: message.get(name) for name in wanted}
    require_equal(told, wanted, "SSE-017", "the message of an unknown session")


@check("SSE-018")
def check_refused_stream_ends_cleanly(probe: Probe) -> None:
    """The response for an unknown session ends without a transport error."""
    finished(probe)
    stream = probe.session().open()
    end = stream.until_end(clause="SSE-018")
    kinds = [m.get("msg") for m in stream.messages]
    require_equal(kinds, [probe.stream_failure], "SSE-017", "the messages of an unknown session")
    require_equal(end, "eof", "SSE-018", "a proper end of the body")


@check("SSE-018")
def check_closed_stream_ends_cleanly(probe: Probe) -> None:
    """The response ends without a transport error after close_stream."""
    stream = finished(probe).streams[0]
    require_equal(stream.end, "eof", "SSE-018", "a proper end of the body")


@check("SSE-019")
def check_stream_needs_a_session(probe: Probe) -> None:
    """GET queue/data without session_hash gives 422 with detail; with one, a stream."""
    finished(probe)
    reply = probe.request("GET", "/queue/data")
    reply.require_status("SSE-019", 422).require_client_error("SSE-019")


@check("SSE-023")
def check_stream_with_nothing_to_tell_ends(probe: Probe) -> None:
    """A second GET after the end of the first stream ends instead of hanging."""
    session = finished(probe)
    stream = session.open()
    stream.until_end(clause="SSE-023", within=min(probe.patience_s, 5.0))
    told = [m.get("msg") for m in stream.messages if m.get("msg") != "heartbeat"]
    ends = ["close_stream"] if probe.closes_streams else []
    require(told in (ends, [probe.stream_failure]), "SSE-023", "the closing message alone", told)


@check("SSE-027")
def check_stream_is_marked_uncacheable(probe: Probe) -> None:
    """The stream carries Cache-Control: no-cache or no-store, and X-Accel-Buffering: no."""
    headers = finished(probe).streams[0].reader.headers
    control = headers.get("cache-control", "absent")
    require(
        "no-cache" in control or "no-store" in control, "SSE-027", "no-cache or no-store", control
    )
    buffering = headers.get("x-accel-buffering", "absent")
    require_equal(buffering, "no", "SSE-027", "X-Accel-Buffering")


@check("SSE-030", needs=("echo",))
@given(text=st.text(st.sampled_from(list("ab" + LINE_ENDS)), max_size=8))
def check_line_ends_inside_strings_are_harmless(probe: Probe, text: str) -> None:
    """No line terminator inside a string breaks the framing."""
    session = probe.session()
    data: list[Any] = [{text: text}]
    event = session.run("echo", data, clause="SSE-030")
    require_equal(event.result(clause="SSE-030"), data, "SSE-030", "data")
    session.until_closed()
    probe.verify()


@check("SSE-025", needs=("unserialisable", "hold_unlimited", "release"))
def check_a_value_that_is_no_json_fails_alone(probe: Probe) -> None:
    """A result that JSON cannot hold ends its own event; the other event of the session
    completes.
    """
    for kind in ("int-keys", "big-int", "surrogate", "object"):
        gate = probe.gate()
        session = probe.session()
        other = session.join("hold_unlimited", [gate.key])
        strange = session.join("unserialisable", [kind])
        session.open()
        message = strange.completed(clause="SSE-025")
        # A server may instead know a JSON form for the value; then data has to be there.
        good = message["success"] is False or "data" in message["output"]
        require(good, "SSE-025", "success false, or data", dict(message))
        gate.release()
        require_equal(
            other.result(clause="SSE-025"), [gate.key], "SSE-025", "the other event's result"
        )
        session.until_closed(clause="SSE-025")


@check("SSE-029", needs=("echo",))
def check_results_are_delivered_once(probe: Probe) -> None:
    """Over several streams of a session, each event has one terminal message."""
    session = probe.session()
    for number in range(3):
        require_equal(session.run("echo", [number]).result(), [number], "EVT-008", "data")
        session.until_closed()
    for event in session.events:
        ends = len(event.of_kind("process_completed"))
        require_equal(ends, 1, "SSE-029", "terminal messages of the event")
