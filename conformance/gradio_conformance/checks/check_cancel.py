"""Cancelling: what it stops, what it must leave alone, and how it is told."""

from __future__ import annotations

from concurrent.futures import wait
from typing import Any

from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session

FREE = "0" * 32
# The cancel and the first releases travel on different connections, so a few steps may still be
# taken before it counts.
STEPS_UNTIL_CANCELLED = 5
MANY_STEPS = 40
CANCEL_S = 1.0  # for an answer that a server may give only when the function has gone on
GENERATOR = ("hold_generator", "release", "journal")


def start(session: Session, endpoint: str, gate: Gate, *more: Any) -> Event:
    """Join a holding endpoint with the stream open and wait until its function runs."""
    event = session.join(endpoint, [gate.key, *more])
    if not session.streams:
        session.open()
    event.until("process_starts", clause="EVT-002")
    kind = "step" if endpoint == "hold_generator" else "start"
    gate.wait_journal(kind, 1, "QUEUE-013", "the function to begin")
    return event


def require_marker(event: Event) -> None:
    """Demand the terminal message of a cancelled event (CANCEL-006)."""
    message = event.completed(clause="CANCEL-006")
    good = message.get("success") is True and message.get("output") == {}
    require(good, "CANCEL-006", "success true and the empty object as output", dict(message))


@check("CANCEL-001", needs=("echo",))
def check_cancel_of_nothing_is_a_success(probe: Probe) -> None:
    """Unknown and finished events are cancelled with 200 and success true."""
    session = probe.session()
    event = session.run("echo", ["x"])
    require_equal(event.result(), ["x"], "EVT-008", "data")
    session.until_closed()
    for event_id in (event.id, FREE, "no-such-event"):
        reply = probe.cancel(session_hash=session.hash, fn_index=event.fn_index, event_id=event_id)
        body = reply.require_status("CANCEL-001", 200).json("CANCEL-001")
        require_equal(body, {"success": True}, "CANCEL-001", "body")


@check("CANCEL-001")
def check_any_server_accepts_a_cancel_of_nothing(probe: Probe) -> None:
    """On any app, the cancel of an unknown event is 200 and success true; without its id, 422."""
    reply = probe.cancel(session_hash="nobody", fn_index=0, event_id=None)
    reply.require_status("CANCEL-002", 422)
    reply = probe.cancel(session_hash="nobody", fn_index=0, event_id=FREE)
    body = reply.require_status("CANCEL-001", 200).json("CANCEL-001")
    require_equal(body, {"success": True}, "CANCEL-001", "body")


@check("CANCEL-002")
def check_incomplete_cancels_are_refused(probe: Probe) -> None:
    """Each member of a cancel that is missing, null or ill-typed gives 422; the complete one
    200.
    """
    good: dict[str, Any] = {"session_hash": "nobody", "fn_index": 0, "event_id": FREE}
    wrong: dict[str, list[Any]] = {
        "session_hash": [None, 7, []],
        "fn_index": [None, "x", []],
        "event_id": [None, 7, {}],
    }
    for member, values in wrong.items():
        bodies = [{k: v for k, v in good.items() if k != member}]
        bodies += [{**good, member: value} for value in values]
        for body in bodies:
            reply = probe.request("POST", "/cancel", json_body=body)
            reply.require_status("CANCEL-002", 422).require_client_error("CANCEL-002")
    probe.request("POST", "/cancel", json_body=good).require_status("CANCEL-001", 200)


@check("CANCEL-003", needs=GENERATOR)
def check_running_generator_stops(probe: Probe) -> None:
    """A cancelled generator is closed no later than at its next step."""
    gate = probe.gate()
    session = probe.session()
    event = start(session, "hold_generator", gate, 50)
    event.until("process_generating", clause="EVT-010")
    answer = event.cancel_in_background()
    for _ in range(STEPS_UNTIL_CANCELLED):
        journal = gate.journal()
        if journal[-1]["what"] == "closed":
            break
        gate.release()
        gate.wait_growth(len(journal), "CANCEL-003", "the next step or the close of the generator")
    event.completed(clause="CANCEL-003")
    gate.wait_journal("closed", 1, "CANCEL-003", "the generator to be closed")
    answer.result(probe.patience_s).require_status("CANCEL-001", 200)


@check("CANCEL-004", "CANCEL-006", "CANCEL-012", "CANCEL-016", needs=("hold_async", "journal"))
def check_running_async_function_is_cancelled(probe: Probe) -> None:
    """Cancellation reaches an awaiting function; the event ends with the marker and the stream
    closes.
    """
    gate = probe.gate()
    session = probe.session()
    event = start(session, "hold_async", gate)
    event.cancel().require_status("CANCEL-001", 200)
    require_marker(event)
    session.until_closed(clause="CANCEL-012")
    gate.wait_journal("cancelled", 1, "CANCEL-004", "the cancellation to reach the function")
    for message in event.messages:
        marked = message.get("cancelled")
        is_end = message["msg"] == "process_completed"
        require(
            marked is None or (marked is True and is_end), "CANCEL-016", "true, at the end", message
        )


@check("CANCEL-005", "CANCEL-006", needs=("hold", "release", "journal"))
def check_waiting_event_never_starts(probe: Probe) -> None:
    """A cancelled waiting event ends with the marker and never starts."""
    gates = [probe.gate() for _ in range(3)]
    owner, other, last = (probe.session() for _ in range(3))
    running = start(owner, "hold", gates[0])
    waiting = other.join("hold", [gates[1].key])
    other.open()
    waiting.until("estimation", clause="QUEUE-007")
    waiting.cancel().require_status("CANCEL-001", 200)
    require_marker(waiting)
    other.until_closed(clause="CANCEL-012")
    behind = last.join("hold", [gates[2].key])
    last.open()
    # The cancelled one, too: should it start, then it ends, and its journal tells.
    for gate in gates:
        gate.release()
    require_equal(behind.result(), [gates[2].key], "CANCEL-005", "result of the event behind")
    require_equal(running.result(), [gates[0].key], "CANCEL-007", "result of the running event")
    require_equal(gates[1].happened("start"), [], "CANCEL-005", "starts of the cancelled event")


@check("CANCEL-007", needs=("hold_async", "release", "journal"))
def check_cancel_spares_the_twin(probe: Probe) -> None:
    """Of two running events of one session and function, only the named one is cancelled."""
    gates = [probe.gate(), probe.gate()]
    session = probe.session()
    victim = start(session, "hold_async", gates[0])
    twin = start(session, "hold_async", gates[1])
    victim.cancel().require_status("CANCEL-001", 200)
    require_marker(victim)
    gates[1].release()
    message = twin.completed(clause="CANCEL-007")
    wanted = [gates[1].key]
    got = message["output"].get("data")
    require(got == wanted, "CANCEL-007", f"the twin's result {wanted}", dict(message))
    session.until_closed(clause="CANCEL-012")


@check("CANCEL-007", needs=("hold", "release", "journal"))
def check_cancel_of_a_waiting_event_spares_the_running_one(probe: Probe) -> None:
    """Cancelling a waiting event leaves the running one of the same session and function alone."""
    gates = [probe.gate(), probe.gate()]
    session = probe.session()
    running = start(session, "hold", gates[0])
    waiting = session.join("hold", [gates[1].key])
    waiting.until("estimation", clause="QUEUE-007")
    waiting.cancel().require_status("CANCEL-001", 200)
    gates[0].release()
    gates[1].release()
    message = running.completed(clause="CANCEL-007")
    got = message["output"].get("data")
    wanted = [gates[0].key]
    require(got == wanted, "CANCEL-007", f"the running event's result {wanted}", dict(message))
    require_marker(waiting)
    session.until_closed(clause="CANCEL-012")


@check("CANCEL-008", needs=GENERATOR)
def check_foreign_session_cannot_stop_a_generator(probe: Probe) -> None:
    """A cancel with another session's hash leaves a running generator alone."""
    gate = probe.gate()
    session = probe.session()
    # Long enough that a server which closes the generator between two steps finds such a moment.
    event = start(session, "hold_generator", gate, MANY_STEPS)
    event.until("process_generating", clause="EVT-010")
    answer = event.cancel_in_background(session_hash="somebody-else")
    # The cancel counts before the generator goes on, unless the server wants it to go on first.
    wait([answer], timeout=CANCEL_S)
    for _ in range(MANY_STEPS):
        gate.release()
    event.completed(clause="CANCEL-008")
    chunks = len(event.of_kind("process_generating"))
    require_equal(chunks, MANY_STEPS, "CANCEL-008", "chunks of the generator that was left alone")
    require_equal(event.result(clause="CANCEL-008"), [MANY_STEPS - 1], "CANCEL-008", "result")
    answer.result(probe.patience_s).require_status("CANCEL-001", 200)


@check("CANCEL-008", needs=("hold", "release", "journal"))
def check_foreign_session_cannot_remove_a_waiting_event(probe: Probe) -> None:
    """A cancel with another session's hash leaves a waiting event in the queue."""
    gates = [probe.gate(), probe.gate()]
    start(probe.session(), "hold", gates[0])
    session = probe.session()
    waiting = session.join("hold", [gates[1].key])
    session.open()
    waiting.until("estimation", clause="QUEUE-007")
    waiting.cancel(session_hash="somebody-else").require_status("CANCEL-001", 200)
    gates[0].release()
    gates[1].release()
    waiting.completed(clause="CANCEL-008")
    require_equal(waiting.result(clause="CANCEL-008"), [gates[1].key], "CANCEL-008", "result")


@check("CANCEL-009", needs=("hold", "release", "journal", "echo"))
def check_wrong_function_has_no_effect(probe: Probe) -> None:
    """A cancel with another function's index leaves the event alone."""
    gate = probe.gate()
    event = start(probe.session(), "hold", gate)
    other = probe.target.fn_index("echo")
    event.cancel(fn_index=other).require_status("CANCEL-001", 200)
    gate.release()
    message = event.completed(clause="CANCEL-009")
    got = message["output"].get("data")
    require(got == [gate.key], "CANCEL-009", f"the result {[gate.key]}", dict(message))


@check("CANCEL-010", "SSE-029", needs=("no_outputs", "echo", "journal"))
def check_cancel_after_the_end_leaves_nothing(probe: Probe) -> None:
    """Cancelling an event that has ended, before its result was read, adds no message."""
    gate = probe.gate()
    session = probe.session()
    done = session.join("no_outputs", [gate.key])
    gate.wait_journal("called", 1, "QUEUE-013", "the function to run")
    # The function has run; a later event of another session has completed, so its end is known to
    # the server.
    probe.session().run("echo", ["later"])
    done.cancel().require_status("CANCEL-001", 200)
    session.open()
    require_equal(done.result(clause="CANCEL-010"), [], "CANCEL-010", "data of the ended event")
    session.until_closed()
    again = session.run("echo", ["next"], clause="CANCEL-010")
    session.until_closed(clause="CANCEL-010")
    require_equal(again.result(), ["next"], "SSE-015", "result on the next stream")
    ends = len(done.of_kind("process_completed"))
    require_equal(ends, 1, "CANCEL-010", "terminal messages of the cancelled event")


@check("CANCEL-011", needs=("hold_async", "journal", "echo"))
def check_two_cancels_give_one_end(probe: Probe) -> None:
    """Cancelling an event twice leads to one terminal message."""
    gate = probe.gate()
    session = probe.session()
    event = start(session, "hold_async", gate)
    event.cancel().require_status("CANCEL-001", 200)
    event.cancel().require_status("CANCEL-001", 200)
    require_marker(event)
    session.until_closed(clause="CANCEL-012")
    session.run("echo", ["next"], clause="CANCEL-011")
    session.until_closed(clause="CANCEL-011")
    ends = len(event.of_kind("process_completed"))
    require_equal(ends, 1, "CANCEL-011", "terminal messages")


@check("CANCEL-013", needs=("hold", "release", "journal"))
def check_reset_does_nothing(probe: Probe) -> None:
    """reset answers success and the event goes on."""
    gate = probe.gate()
    event = start(probe.session(), "hold", gate)
    reply = probe.request("POST", "/reset", json_body={"event_id": event.id})
    body = reply.require_status("CANCEL-013", 200).json("CANCEL-013")
    require_equal(body, {"success": True}, "CANCEL-013", "body")
    gate.release()
    require_equal(event.result(clause="CANCEL-013"), [gate.key], "CANCEL-013", "result")


@check("CANCEL-015", needs=("hold", "release", "journal"))
def check_slot_stays_occupied_until_the_function_ends(probe: Probe) -> None:
    """A cancelled function that goes on in its thread keeps its slot."""
    gates = [probe.gate(), probe.gate()]
    first = start(probe.session(), "hold", gates[0])
    first.cancel().require_status("CANCEL-001", 200)
    session = probe.session()
    second = session.join("hold", [gates[1].key])
    session.open()
    second.until("estimation", clause="QUEUE-007")
    # Another group answers meanwhile: whatever the cancel set free has had its chance to start.
    probe.session().run("echo", ["settled"])
    require_equal(
        gates[1].happened("start"), [], "CANCEL-015", "starts while the function still runs"
    )
    gates[0].release()
    gates[1].release()
    second.completed(clause="QUEUE-013")


@check("QUEUE-013", needs=("hold_shared_narrow", "release", "journal"))
def check_a_cancelled_place_is_given_on(probe: Probe) -> None:
    """When a waiting event is cancelled, those behind it move up and run."""
    gates = [probe.gate() for _ in range(3)]
    sessions = [probe.session() for _ in range(3)]
    start(sessions[0], "hold_shared_narrow", gates[0])
    events = []
    for session, gate in zip(sessions[1:], gates[1:], strict=True):
        events.append(session.join("hold_shared_narrow", [gate.key]))
        session.open()
        events[-1].until("estimation", clause="QUEUE-007")
    events[0].cancel().require_status("CANCEL-001", 200)
    for gate in gates:
        gate.release()
    require_equal(events[1].result(clause="QUEUE-013"), [gates[2].key], "QUEUE-013", "result")
