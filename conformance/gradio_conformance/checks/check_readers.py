"""Readers that come and go: disconnects, reconnects and second readers of a session stream."""

from __future__ import annotations

from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe

GATE_S = 30.0  # testbed.yaml: a wait that nobody releases fails after that


@check("SSE-020", needs=("hold", "release", "journal"))
def check_waiting_events_leave_with_their_reader(probe: Probe) -> None:
    """When a reader goes away, its waiting events never start."""
    gates = [probe.gate() for _ in range(3)]
    owner = probe.session()
    running = owner.join("hold", [gates[0].key])
    owner.open()
    running.until("process_starts", clause="QUEUE-001")
    leaver = probe.session()
    waiting = leaver.join("hold", [gates[1].key])
    leaver.open()
    waiting.until("estimation", clause="QUEUE-007")
    leaver.drop()
    last = probe.session()
    behind = last.join("hold", [gates[2].key])
    last.open()
    behind.until("estimation", clause="QUEUE-007")
    probe.wait(
        lambda: probe.request("GET", "/queue/status").json("QUEUE-011").get("queue_size") == 1,
        "SSE-020",
        "one waiting event after the reader of the other went away",
        lambda: probe.request("GET", "/queue/status").text,
        poll_s=0.05,
    )
    gates[0].release()
    gates[2].release()
    require_equal(behind.result(), [gates[2].key], "SSE-020", "result of the event behind")
    require_equal(gates[1].happened("start"), [], "SSE-020", "starts of the abandoned event")


@check("SSE-021", needs=("hold_generator", "release", "journal"))
def check_generator_stops_when_its_reader_leaves(probe: Probe) -> None:
    """When a reader goes away, its running generator is closed at its next step."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("hold_generator", [gate.key, 50])
    session.open()
    event.until("process_generating", clause="EVT-010")
    session.drop()
    for _ in range(10):
        journal = gate.journal()
        if journal[-1]["what"] == "closed":
            break
        # A server learns of the disconnect when it next writes or reads: a few steps may pass
        # before.
        gate.release()
        gate.wait_growth(len(journal), "SSE-021", "the next step or the close of the generator")
    gate.wait_journal("closed", 1, "SSE-021", "the generator to be closed")


@check("SSE-022", needs=("hold_unlimited", "release", "echo"))
def check_session_works_after_a_disconnect(probe: Probe) -> None:
    """After a reader went away, a new join gets a stream that ends with close_stream."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("hold_unlimited", [gate.key])
    session.open()
    event.until("process_starts", clause="QUEUE-004")
    session.drop()
    gate.release()
    gate.wait_journal("end", 1, "QUEUE-004", "the abandoned function to end")
    again = session.join("echo", ["again"])
    session.open()
    require_equal(
        again.result(clause="SSE-022"), ["again"], "SSE-022", "result after the disconnect"
    )
    session.until_closed(clause="SSE-022")


@check("SSE-024", needs=("hold", "release"))
def check_newer_reader_replaces_the_older(probe: Probe) -> None:
    """With two readers, the newer gets every later message and the older response ends."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("hold", [gate.key])
    older = session.open()
    event.until("process_starts", clause="QUEUE-001")
    newer = session.open()
    newer.until_ready()
    older.until_end(clause="SSE-024")
    require(older.end == "eof", "SSE-024", "a clean end of the older response", older.describe())
    events = [session.join("echo", [number]) for number in range(4)]
    for later in events:
        later.completed(clause="SSE-024")
    gate.release()
    event.completed(clause="SSE-024")
    session.until_closed(clause="SSE-024")
    on_newer = {m["event_id"] for m in newer.messages if m.get("msg") == "process_completed"}
    wanted = {event.id, *(e.id for e in events)}
    require_equal(
        sorted(on_newer), sorted(wanted), "SSE-024", "events completed on the newer stream"
    )


@check("SSE-031", needs=("hold", "release"))
def check_stream_of_a_held_event_does_not_end(probe: Probe) -> None:
    """A stream lives at least as long as the event that it must tell of."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("hold", [gate.key])
    stream = session.open()
    limit = 3 * probe.target.heartbeat_s
    # A gate waits for 30 seconds: with a long interval there is time for one.
    beats = 2 if limit < GATE_S else 1
    stream.until("heartbeat", nth=beats, clause="SSE-014", within=limit)
    require(stream.end is None, "SSE-031", "an open stream", stream.describe())
    gate.release()
    require_equal(event.result(clause="SSE-031"), [gate.key], "SSE-031", "result")
    session.until_closed()
