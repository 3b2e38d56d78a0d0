"""The plain requests of a script: cancels, resets, calls, and requests that have to be refused."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import wait
from contextlib import suppress
from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import in_background
from gradio_conformance.stateful.accounts import Owed
from gradio_conformance.wire import Reply

NO_FUNCTION = 987_654
SOME_SESSION = "stateful-refused"
STRANGER = "somebody-else"
STEP_S = 0.2
Body = dict[str, Any]

_WRONG_JOINS: Mapping[str, Callable[[Body], Body]] = {
    "unknown-function": lambda body: {**body, "fn_index": NO_FUNCTION},
    "empty-session": lambda body: {**body, "session_hash": ""},
    "no-session": lambda body: {k: v for k, v in body.items() if k != "session_hash"},
    "no-function": lambda body: {k: v for k, v in body.items() if k != "fn_index"},
    "no-data": lambda body: {k: v for k, v in body.items() if k != "data"},
}


def wrong_request(probe: Probe, action: str, way: str) -> Reply:
    """Send a request that is wrong in this way (a ``by`` of the actions of ``lifecycle.yaml``)."""
    if action == "join":
        fn_index = probe.target.fn_index("echo")
        good = {"data": ["x"], "fn_index": fn_index, "session_hash": SOME_SESSION}
        return probe.request("POST", "/queue/join", json_body=_WRONG_JOINS[way](good))
    return probe.request("POST", f"/{action}/no-such-endpoint", json_body={"data": []})


def cancel(probe: Probe, owed: Owed, way: str) -> Future[Reply]:
    """``POST cancel`` from a thread: a server may answer only when the function has ended."""
    if owed.event is not None:
        session_hash, event_id = owed.event.session.hash, owed.event.id
    else:
        assert owed.call is not None
        session_hash, event_id = owed.call.session_hash, owed.call.event_id
    fn_index = probe.target.fn_index(owed.offer.endpoint)
    if way == "stranger":
        session_hash = STRANGER
    elif way == "wrong-function":
        other = "echo" if owed.offer.endpoint != "echo" else "fail"
        fn_index = probe.target.fn_index(other)
    return in_background(
        lambda: probe.cancel(session_hash=session_hash, fn_index=fn_index, event_id=event_id)
    )


def is_answered(probe: Probe, answer: Future[Reply], *, slow: bool) -> bool:
    """Whether the answer comes soon. It need not (cancel.yaml, unspecified): that to the cancel of
    a generator may be a step away, so that it is ``slow``.
    """
    done, _ = wait([answer], STEP_S if slow else probe.patience_s / 2)
    return bool(done)


def require_cancelled(probe: Probe, answer: Future[Reply]) -> None:
    """Demand the answer of a cancel, all gates being open."""
    try:
        reply = answer.result(probe.patience_s)
    except TimeoutError:
        raise TooLate("CANCEL-001", "an answer to the cancel", "nothing") from None
    body = reply.require_status("CANCEL-001", 200).json("CANCEL-001")
    require_equal(body, {"success": True}, "CANCEL-001", "body")


def require_reset(probe: Probe, owed: Owed, clause: str) -> None:
    event_id = owed.event.id if owed.event else owed.call.event_id if owed.call else ""
    reply = probe.request("POST", "/reset", json_body={"event_id": event_id})
    require_equal(reply.require_status(clause, 200).json(clause), {"success": True}, clause, "body")


def waiting(probe: Probe) -> int:
    """How many events wait on the server, by its own word (QUEUE-011)."""
    reply = probe.request("GET", "/queue/status").require_status("QUEUE-011", 200)
    size = json_object(reply, "QUEUE-011").get("queue_size")
    if not isinstance(size, int):
        raise NonConformance("QUEUE-011", "an integer queue_size", reply.describe())
    return size


def until_waiting(probe: Probe, most: int, clause: str, within: float | None = None) -> None:
    """Wait until at most so many events wait."""
    probe.wait(
        lambda: waiting(probe) <= most,
        clause,
        f"at most {most} waiting events",
        lambda: f"{waiting(probe)} waiting events",
        within=within,
        poll_s=0.02,
    )


def stuck(probe: Probe, known: int, within: float) -> int:
    """How many events wait that nobody will see start: as many as wait after ``within`` seconds.
    ``known`` of them are not waited for again; nor is a server that does not tell.
    """
    with suppress(NonConformance):
        until_waiting(probe, known, "QUEUE-011", within)
        return known
    with suppress(NonConformance):
        return max(known, waiting(probe))
    return known
