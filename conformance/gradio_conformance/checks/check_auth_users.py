"""What belongs to a user: events, their messages, State, and the name that functions see."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from gradio_conformance.answers import outputs
from gradio_conformance.binding import check
from gradio_conformance.calls import require_completes
from gradio_conformance.calls import start_call
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.logins import GUARDED
from gradio_conformance.logins import User
from gradio_conformance.logins import logged_in
from gradio_conformance.logins import users
from gradio_conformance.probe import Probe
from gradio_conformance.timeline import RECEIVED
from gradio_spec import sse


@check("AUTH-008", needs="who", server=GUARDED)
def check_direct_calls_know_the_user(probe: Probe) -> None:
    """A function that is called directly sees the name of each user."""
    for user in users(probe):
        headers = logged_in(probe, user)
        reply = probe.request("POST", "/run/who", json_body={"data": []}, headers=headers)
        require_equal(outputs(probe, reply, "AUTH-008"), [user.name], "AUTH-008", "who")


@check("AUTH-008", needs="who", server=GUARDED)
def check_queued_events_know_the_user(probe: Probe) -> None:
    """A function that is called by the queue or by call sees the name of the user."""
    user = users(probe)[0]
    result = probe.session().run("who", clause="AUTH-008").result(clause="AUTH-008")
    require_equal(result, [user.name], "AUTH-008", "the result by the queue")
    call = start_call(probe, "who")
    require_completes(call, [user.name], "AUTH-008")


@check("AUTH-009", needs="echo", server=GUARDED)
def check_messages_reach_the_user_who_joined(probe: Probe) -> None:
    """Who uses the session hash of another user gets nothing of theirs, and takes nothing away."""
    session = probe.session()
    event = session.join("echo", ["private"])
    heard = _heard_by(probe, users(probe)[1], session.hash)
    betrayed = [data for data in heard if event.id in data or "private" in data]
    require(not betrayed, "AUTH-009", "no message of the event for another user", betrayed)
    session.open()
    require_equal(event.result(clause="AUTH-009"), ["private"], "AUTH-009", "the result")


def _heard_by(probe: Probe, user: User, session_hash: str) -> list[str]:
    """All that a user is told on a session hash, until an own event there has ended."""
    headers, lane = logged_in(probe, user), user.name
    heard: list[str] = []
    ended: list[str] = []

    def hear(item: sse.Event) -> None:
        heard.append(item.data)
        probe.timeline.add(RECEIVED, lane, item.data, payload=item.data)

    own = {
        "data": ["own"],
        "fn_index": probe.target.fn_index("echo"),
        "session_hash": session_hash,
    }
    reply = probe.request("POST", "/queue/join", json_body=own, headers=headers, lane=lane)
    path = f"/queue/data?session_hash={quote(session_hash, safe='')}"
    stream = probe.open_stream(path, lane, hear, ended.append, headers)
    try:
        # A server may refuse the join of a hash that another user has; then nothing will come.
        done: Callable[[], bool] = (
            stream.ready.is_set if reply.status != 200 else lambda: bool(ended)
        )
        probe.wait(done, "AUTH-009", "the end of the user's own event", lambda: heard, poll_s=0.01)
    finally:
        stream.drop()
    return list(heard)


@check("AUTH-019", needs="remember", server=GUARDED)
def check_state_belongs_to_a_user(probe: Probe) -> None:
    """Two users with the same session hash have State of their own."""
    ann, bob = (logged_in(probe, user) for user in users(probe)[:2])
    session = f"s-{uuid.uuid4().hex[:12]}"

    def remember(text: str, headers: Any) -> Any:
        body = {"data": [text, None], "session_hash": session}
        reply = probe.request("POST", "/run/remember", json_body=body, headers=headers)
        return outputs(probe, reply, "AUTH-019")[0]

    found = [remember("of ann", ann), remember("of bob", bob), remember("", ann)]
    require_equal(found, ["", "", "of ann"], "AUTH-019", "what each user finds")


@check("AUTH-020", needs=("hold", "journal", "release"), server=GUARDED)
def check_nobody_cancels_for_another_user(probe: Probe) -> None:
    """A cancel by another user, with all the right ids, does not reach the event."""
    other = logged_in(probe, users(probe)[1])
    gate = probe.gate()
    event = probe.session().join("hold", [gate.key])
    event.session.open()
    event.until("process_starts", clause="AUTH-020")
    gate.wait_journal("start", 1, "AUTH-020", "the function to run")
    body = {
        "session_hash": event.session.hash,
        "fn_index": event.fn_index,
        "event_id": event.id,
    }
    probe.request("POST", "/cancel", json_body=body, headers=other)
    gate.release()
    require_equal(event.result(clause="AUTH-020"), [gate.key], "AUTH-020", "the result")
