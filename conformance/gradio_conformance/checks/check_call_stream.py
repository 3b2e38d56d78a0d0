"""The stream of a call in time: early and late readers, heartbeats, cancels, neighbours."""

from __future__ import annotations

from typing import Any

from gradio_conformance.binding import check
from gradio_conformance.calls import event_id_of
from gradio_conformance.calls import require_completes
from gradio_conformance.calls import start_call
from gradio_conformance.calls import told
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import CallStream

# A heartbeat may be late by scheduling; three intervals without one is no lateness any more.
HEARTBEAT_SLACK = 3.0


@check("CALL-007", needs=("hold", "no_outputs", "release", "journal"))
def check_late_reader_gets_the_result(probe: Probe) -> None:
    """A GET that comes after the function has ended brings its result."""
    gate = probe.gate()
    called = event_id_of(probe, probe.call("no_outputs", [gate.key]))
    gate.wait_journal("called", 1, "QUEUE-013", "the function to run")
    gates = [probe.gate(), probe.gate()]
    held = [event_id_of(probe, probe.call("hold", [one.key])) for one in gates]
    gates[0].release()
    # The second of a group runs only when the first has left its slot: it has ended for good.
    gates[1].wait_journal("start", 1, "QUEUE-013", "the next of the group to run")
    late = probe.call_stream("hold", held[0])
    require_completes(late, [gates[0].key], "CALL-007")
    require_completes(probe.call_stream("no_outputs", called), [], "CALL-007")
    gates[1].release()
    require_completes(probe.call_stream("hold", held[1]), [gates[1].key], "CALL-004")


@check("CALL-008", needs=("hold_generator", "release", "journal"))
def check_early_reader_gets_each_event_at_once(probe: Probe) -> None:
    """While the generator is held, its reader has the chunks so far, and no result."""
    gate = probe.gate()
    stream = start_call(probe, "hold_generator", [gate.key, 3])
    for number in range(3):
        chunk = stream.until("generating", nth=number + 1, clause="CALL-008")
        require_equal(chunk, [number], "CALL-008", f"chunk {number}")
        require(stream.end is None, "CALL-023", "an open response", stream.describe())
        kinds = [kind for kind, _ in stream.events if kind != "heartbeat"]
        require_equal(kinds, ["generating"] * (number + 1), "CALL-008", "events so far")
        gate.release()
    events = told(stream)
    require_equal(events[-1:], [["complete", [2]]], "CALL-008", "the result at the end")


@check("CALL-019", needs=("echo_text",))
def check_calls_of_one_session_do_not_mix(probe: Probe) -> None:
    """Two calls with one session_hash: each stream has the events of its own call."""
    session_hash = probe.session().hash
    texts = ("first", "second")
    ids = [
        event_id_of(probe, probe.call("echo_text", [text], session_hash=session_hash))
        for text in texts
    ]
    for text, event_id in zip(texts, ids, strict=True):
        require_completes(probe.call_stream("echo_text", event_id), [text], "CALL-019")


@check("CALL-019", needs=("hold_unlimited", "release", "journal"))
def check_calls_at_once_do_not_mix(probe: Probe) -> None:
    """Calls without a session that run at the same time end in the order of their gates."""
    gates = [probe.gate() for _ in range(3)]
    streams = [start_call(probe, "hold_unlimited", [gate.key]) for gate in gates]
    for gate in gates:
        gate.wait_journal("start", 1, "QUEUE-013", "the function to run")
    for gate, stream in reversed(list(zip(gates, streams, strict=True))):
        gate.release()
        require_completes(stream, [gate.key], "CALL-019")


@check("CALL-020", needs=("unserialisable",))
def check_numbers_that_are_not_finite_are_null(probe: Probe) -> None:
    """NaN and the infinities arrive as null."""
    stream = start_call(probe, "unserialisable", ["nan"])
    require_completes(stream, [[None, None, None]], "CALL-020")


@check("CALL-020", needs=("echo",))
def check_text_of_any_script_arrives(probe: Probe) -> None:
    """Text of any script arrives as strict JSON in UTF-8, line ends inside included."""
    text = "naïve 日本語 🙂 \u0000\u001f \u2028\u2029\u0085 a\r\nb\n\nc"
    stream = start_call(probe, "echo", [{text: text}])
    require_completes(stream, [{text: text}], "CALL-020")
    try:
        bytes(stream.reader.received).decode("utf-8")
    except UnicodeDecodeError as error:
        require(False, "CALL-020", "valid UTF-8", str(error))


@check("CALL-021", needs=("hold", "release", "settings"))
def check_heartbeats_keep_coming(probe: Probe) -> None:
    """While a call is held, a heartbeat with null comes in every interval."""
    gate = probe.gate()
    stream = start_call(probe, "hold", [gate.key])
    limit = HEARTBEAT_SLACK * probe.target.heartbeat_s
    for number in (1, 2):
        beat = stream.until("heartbeat", nth=number, clause="CALL-021", within=limit)
        require_equal(beat, None, "CALL-021", "data of a heartbeat")
    gate.release()
    require_completes(stream, [gate.key], "CALL-004")


@check("CALL-024", needs=("whoami",))
def check_call_without_session_has_its_event_id(probe: Probe) -> None:
    """The function of a call without session_hash sees the event id as its session."""
    stream = start_call(probe, "whoami")
    require_equal(_session_of(stream), stream.event_id, "CALL-024", "the caller's session_hash")


def _session_of(stream: CallStream) -> Any:
    _, data = stream.result()
    good = isinstance(data, list) and len(data) == 1 and isinstance(data[0], dict)
    require(good, "CALL-004", "the object that whoami returns", data)
    return data[0].get("session_hash")


def _cancelled(probe: Probe) -> CallStream:
    """A held call whose function was reached by the cancel of its event id."""
    gate = probe.gate()
    stream = start_call(probe, "hold_async", [gate.key])
    gate.wait_journal("start", 1, "QUEUE-013", "the function to run")
    fn_index = probe.target.fn_index("hold_async")
    event_id = stream.event_id
    reply = probe.cancel(session_hash=event_id, fn_index=fn_index, event_id=event_id)
    reply.require_status("CANCEL-001", 200)
    gate.wait_journal("cancelled", 1, "CALL-024", "the cancel to reach the function")
    return stream


@check("CALL-024", needs=("hold_async", "release", "journal"))
def check_call_can_be_cancelled_by_its_event_id(probe: Probe) -> None:
    """A cancel that names the event id as session stops the function and ends the stream."""
    stream = _cancelled(probe)
    stream.until_end(clause="CALL-024")


@check("CALL-022", needs=("hold_async", "release", "journal"))
def check_cancelled_call_ends_in_an_error(probe: Probe) -> None:
    """A cancelled call ends in an error event whose error is "cancelled"."""
    events = told(_cancelled(probe))
    if not probe.tells_errors_of_calls:  # CALL-022 in its older words
        good = events in ([["complete", None]], [["error", None]])
        require(good, "CALL-022", "one event, complete or error, with null", events)
        return
    require_equal([kind for kind, _ in events], ["error"], "CALL-022", "the events of the call")
    error = events[0][1]
    told_as = error.get("error") if isinstance(error, dict) else error
    require_equal(told_as, "cancelled", "CALL-022", "the member error of the data")
