"""The heartbeat: how a server learns that a session has gone, and what that changes."""

from __future__ import annotations

from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.answers import read_config
from gradio_conformance.binding import check
from gradio_conformance.checks.check_state import SERVER
from gradio_conformance.checks.check_state import add
from gradio_conformance.checks.check_state import remember
from gradio_conformance.checks.check_state import total
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.heartbeats import Heartbeat
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.session import Session

# It may be late by scheduling; three intervals without one is no lateness any more.
SLACK = 3


def alive(probe: Probe, session_hash: str, clause: str = "STATE-017") -> Heartbeat:
    """A heartbeat whose first event has come."""
    heartbeat = probe.heartbeat(session_hash)
    heartbeat.until_beat(1, clause=clause)
    return heartbeat


def gone(probe: Probe, session: Session, times: int = 1) -> Gate:
    """Wait until the app has been told that a session has gone; returns the journal."""
    journal = probe.journal_of(session.hash)
    journal.wait_journal("called", times, "STATE-019", "the app's function for a gone session")
    return journal


@check("STATE-017")
def check_heartbeat_is_there_for_everybody(probe: Probe) -> None:
    """A session that never joined gets ALIVE as an event stream."""
    fresh = probe.session().hash
    for session_hash in (fresh, f"{fresh}-é 中"):
        heartbeat = alive(probe, session_hash)
        reader = heartbeat.reader
        require_equal(reader.status, 200, "STATE-017", "status")
        media_type = reader.headers.get("content-type", "")
        good = media_type.lower().startswith("text/event-stream")
        require(good, "STATE-017", "content type text/event-stream", media_type)
        require(heartbeat.end is None, "STATE-018", "a stream that stays", heartbeat.describe())


@check("STATE-016", needs="state_add", server=SERVER)
def check_state_asks_for_heartbeats(probe: Probe) -> None:
    """The config of an app with State asks its clients for heartbeats."""
    told = read_config(probe).get("connect_heartbeat")
    require_equal(told, True, "STATE-016", "connect_heartbeat")


@check("STATE-018", needs=("state_add", "settings"), server=SERVER)
def check_heartbeat_goes_on(probe: Probe) -> None:
    """ALIVE comes in every interval, whatever the session does meanwhile."""
    session = probe.session()
    heartbeat = alive(probe, session.hash)
    limit = SLACK * probe.target.heartbeat_s
    for number in (2, 3, 4):
        require_equal(add(session, 1, "STATE-018"), [number - 1, None], "STATE-003", "data")
        session.until_closed()
        heartbeat.until_beat(number, clause="STATE-018", within=limit)
    require(heartbeat.end is None, "STATE-018", "a stream that stays", heartbeat.describe())


@check("STATE-019", needs=("state_add", "journal"), server=SERVER)
def check_the_end_of_a_heartbeat_is_told_to_the_app(probe: Probe) -> None:
    """When its heartbeat ends, the app hears of the session that has gone, and of no other."""
    session, other = probe.session(), probe.session()
    heartbeats = [alive(probe, one.hash) for one in (session, other)]
    require_equal(add(session, 1, "STATE-019"), [1, None], "STATE-003", "data")
    heartbeats[0].drop()
    journal = gone(probe, session)
    entries = [[entry["endpoint"], entry["what"]] for entry in journal.journal()]
    require_equal(entries, [["unload", "called"]], "STATE-019", "the journal of the session")
    left = probe.journal_of(other.hash).journal()
    require_equal(left, [], "STATE-019", "the journal of a session that is still there")


@check("STATE-020", needs=("state_add", "journal"), server=SERVER)
def check_one_of_two_heartbeats_may_end(probe: Probe) -> None:
    """A session with two heartbeats is there until both have ended."""
    session, later = probe.session(), probe.session()
    first, second = alive(probe, session.hash), alive(probe, session.hash)
    require_equal(add(session, 1, "STATE-020"), [1, None], "STATE-003", "data")
    second.drop()
    # Whoever is told of this one, whose heartbeat ended later, would have been told of the other.
    alive(probe, later.hash).drop()
    gone(probe, later)
    journal = probe.journal_of(session.hash)
    require_equal(journal.journal(), [], "STATE-020", "the journal with one heartbeat open")
    first.drop()
    gone(probe, session)
    require_equal(len(journal.journal()), 1, "STATE-020", "entries when both have ended")


@check("STATE-021", needs=("state_hold", "state_batch", "release", "journal"), server=SERVER)
def check_events_outlive_the_heartbeat(probe: Probe) -> None:
    """Events that run or wait when the heartbeat ends complete with their results."""
    blocked, behind, held = (probe.gate() for _ in range(3))
    blocker, session = probe.session(), probe.session()
    heartbeat = alive(probe, session.hash)
    blocker.join("state_batch", [blocked.key, 0, None])
    blocker.open()
    blocked.wait_journal("start", 1, "QUEUE-013", "the batch ahead to begin")
    waiting = session.join("state_batch", [behind.key, 1, None])
    running = session.join("state_hold", [held.key, 5, None])
    session.open()
    held.wait_journal("start", 1, "QUEUE-013", "the function to begin")
    heartbeat.drop()
    gone(probe, session)
    held.release()
    require_equal(running.result(clause="STATE-021"), [5, None], "STATE-021", "a running event")
    blocked.release()
    behind.release()
    require_equal(waiting.result(clause="STATE-021"), [6, None], "STATE-021", "a waiting event")
    session.until_closed(clause="STATE-021")


@check("STATE-022", needs=("state_add", "state_read", "journal"), server=SERVER)
def check_state_outlives_an_interruption(probe: Probe) -> None:
    """A session that comes back after its heartbeat was interrupted finds its State."""
    session = probe.session()
    for times in (1, 2):
        heartbeat = alive(probe, session.hash)
        require_equal(add(session, 1, "STATE-022"), [times, None], "STATE-022", "data")
        heartbeat.drop()
        gone(probe, session, times)
        found = total(probe, session, "STATE-022")
        require_equal(found, times, "STATE-022", "the State without a heartbeat")
    alive(probe, session.hash)
    require_equal(total(probe, session, "STATE-022"), 2, "STATE-022", "the State after it is back")


@check("STATE-015", needs=("state_note", "journal"), server=SERVER)
def check_a_time_to_live_outlives_the_heartbeat(probe: Probe) -> None:
    """After an interruption of the heartbeat, a State still ends when its time is over."""
    session, note = probe.session(), probe.gate()
    remember(probe, session, "before")
    alive(probe, session.hash).drop()
    gone(probe, session)
    alive(probe, session.hash)
    remember(probe, session, note.key)
    note.wait_journal("deleted", 1, "STATE-015", "the deletion of the note")
    require_equal(remember(probe, session, "later"), "", "STATE-015", "the value after its time")


@check("STATE-023", needs="whoami")
def check_functions_see_who_called(probe: Probe) -> None:
    """A function sees session, headers and query of the request that handed in its event."""
    sessions = [probe.session(), probe.session()]
    fn_index = probe.target.fn_index("whoami")
    for number, session in enumerate(sessions):
        wanted = _caller(session.hash, number)
        body: dict[str, Any] = {"data": [], "fn_index": fn_index, "session_hash": session.hash}
        reply = probe.request(
            "POST",
            f"/queue/join?number={number}",
            json_body=body,
            headers={"x-testbed": wanted["header"]},
            lane=session.hash,
        )
        event = session.adopt(reply.require_status("JOIN-001", 200), fn_index)
        session.open()
        require_equal(event.result(), [wanted], "STATE-023", "what a joined function saw")
    wanted = _caller(sessions[0].hash, 7)
    reply = probe.request(
        "POST",
        "/run/whoami?number=7",
        json_body={"data": [], "session_hash": sessions[0].hash},
        headers={"x-testbed": wanted["header"]},
    )
    body = dict(json_object(reply.require_status("RUN-001", 200), "RUN-001"))
    require_equal(body.get("data"), [wanted], "STATE-023", "what a directly called function saw")


def _caller(session_hash: str, number: int) -> dict[str, Any]:
    header = f"header {number}"
    return {"session_hash": session_hash, "header": header, "query": {"number": str(number)}}
