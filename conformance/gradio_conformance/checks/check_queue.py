"""Scheduling: order, limits, estimates, batches. The testbed's gates make every situation exact."""

from __future__ import annotations

from gradio_conformance.answers import json_object
from gradio_conformance.binding import check
from gradio_conformance.exploration import Exploration
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session

HOLD = ("hold", "release", "journal")


def opened(probe: Probe, count: int) -> list[Session]:
    """``count`` fresh sessions; their streams open at the first join (a session is made by a
    join).
    """
    return [probe.session() for _ in range(count)]


def queue_up(
    sessions: list[Session], endpoint: str, gates: list[Gate], *, clause: str = "JOIN-001"
) -> list[Event]:
    """One join for each session, in order, with its stream opened at once; a refusal breaks
    ``clause``.
    """
    events = []
    for session, gate in zip(sessions, gates, strict=True):
        events.append(session.join(endpoint, [gate.key], clause=clause))
        session.open()
    return events


def started(gates: list[Gate]) -> list[int]:
    """Which of the held functions have begun, by the testbed's own journal."""
    return [number for number, gate in enumerate(gates) if gate.happened("start")]


def require_started(gates: list[Gate], wanted: list[int], clause: str, what: str) -> None:
    """Demand that these functions have begun, and no other. Its process_starts may be here a
    moment before a function is.
    """
    for number in wanted:
        gates[number].wait_journal("start", 1, clause, f"{what}: {wanted}")
    require_equal(started(gates), wanted, clause, what)


@check("QUEUE-001", needs=HOLD)
def check_default_limit_is_one(probe: Probe) -> None:
    """A function without a declared limit runs one event at a time."""
    gates = [probe.gate(), probe.gate()]
    first, second = queue_up(opened(probe, 2), "hold", gates)
    first.until("process_starts", clause="QUEUE-001")
    second.until("estimation", clause="QUEUE-007")
    require_started(gates, [0], "QUEUE-001", "the only running function")
    gates[0].release()
    second.until("process_starts", clause="QUEUE-013")
    require_started(gates, [0, 1], "QUEUE-001", "started after one release")
    ended, began = gates[0].happened("end")[0]["t"], gates[1].happened("start")[0]["t"]
    require(
        ended <= began, "QUEUE-001", "the second to start after the first ended", [ended, began]
    )
    gates[1].release()
    require_equal(second.result(), [gates[1].key], "QUEUE-001", "the second result")


@check("QUEUE-002", needs=HOLD)
def check_group_starts_in_join_order(probe: Probe) -> None:
    """Events of one group start in the order of their joins, over several sessions."""
    gates = [probe.gate() for _ in range(5)]
    events = queue_up(opened(probe, 5), "hold", gates)
    for number, (event, gate) in enumerate(zip(events, gates, strict=True)):
        event.until("process_starts", clause="QUEUE-002")
        require_started(gates, list(range(number + 1)), "QUEUE-002", "started so far")
        gate.release()
        event.completed()


@check("QUEUE-002", needs=HOLD)
def check_one_session_starts_in_join_order(probe: Probe) -> None:
    """Events of one session and group start in the order of their joins."""
    gates = [probe.gate() for _ in range(4)]
    session = probe.session()
    events = [session.join("hold", [gate.key]) for gate in gates]
    session.open()
    for gate, event in zip(gates, events, strict=True):
        event.until("process_starts", clause="QUEUE-002")
        gate.release()
        event.completed()
    times = [gate.happened("start")[0]["t"] for gate in gates]
    require_equal(times, sorted(times), "QUEUE-002", "start times in join order")


@check("QUEUE-003", needs=("hold_two", "release", "journal"))
def check_limit_is_used_and_never_passed(probe: Probe) -> None:
    """A limit of two lets two run, and the third only when one has ended."""
    gates = [probe.gate() for _ in range(4)]
    events = queue_up(opened(probe, 4), "hold_two", gates)
    events[0].until("process_starts", clause="QUEUE-003")
    events[1].until("process_starts", clause="QUEUE-003")
    events[3].until("estimation", clause="QUEUE-007")
    require_started(gates, [0, 1], "QUEUE-003", "the running functions")
    gates[1].release()
    events[2].until("process_starts", clause="QUEUE-003")
    require_started(gates, [0, 1, 2], "QUEUE-003", "started after one release")
    gates[0].release()
    events[3].until("process_starts", clause="QUEUE-003")


@check("QUEUE-004", needs=("hold_unlimited", "release", "journal"))
def check_no_limit_lets_all_run(probe: Probe) -> None:
    """Without a limit, every event starts while the others are held."""
    gates = [probe.gate() for _ in range(8)]
    events = queue_up(opened(probe, 8), "hold_unlimited", gates)
    for event in events:
        event.until("process_starts", clause="QUEUE-004")
    require_started(gates, list(range(8)), "QUEUE-004", "functions running at once")


@check("QUEUE-005", needs=("hold_shared_wide", "hold_shared_narrow", "release", "journal"))
def check_shared_group_keeps_the_lowest_limit(probe: Probe) -> None:
    """Functions with one concurrency_id share the lowest limit declared among them."""
    for endpoint in ("hold_shared_narrow", "hold_shared_wide"):
        gate = probe.gate()
        gate.release()
        probe.session().run(endpoint, [gate.key])
    names = ("hold_shared_wide", "hold_shared_wide", "hold_shared_narrow", "hold_shared_wide")
    gates = [probe.gate() for _ in names]
    sessions = opened(probe, len(names))
    events = []
    for session, name, gate in zip(sessions, names, gates, strict=True):
        events.append(session.join(name, [gate.key]))
        session.open()
    for number, (event, gate) in enumerate(zip(events, gates, strict=True)):
        event.until("process_starts", clause="QUEUE-005")
        events[-1].until("estimation", clause="QUEUE-007")
        require_started(gates, list(range(number + 1)), "QUEUE-005", "started so far")
        gate.release()
        event.completed()


@check("QUEUE-006", needs=("hold", "release", "journal", "echo"))
def check_a_blocked_group_blocks_no_other(probe: Probe) -> None:
    """While one group is held and has a queue, another answers."""
    gates = [probe.gate(), probe.gate()]
    first, second = queue_up(opened(probe, 2), "hold", gates)
    first.until("process_starts", clause="QUEUE-006")
    other = probe.session().run("echo", ["through"], clause="QUEUE-006")
    require_equal(other.result(), ["through"], "QUEUE-006", "result of the other group")
    require(
        not second.of_kind("process_starts"), "QUEUE-001", "the held queue unchanged", second.kinds
    )


@check("QUEUE-022", needs=("hold", "hold_two", "release", "journal"))
def check_functions_without_group_are_independent(probe: Probe) -> None:
    """Two functions that declare no concurrency_id do not wait for one another."""
    gates = [probe.gate(), probe.gate()]
    first = probe.session().join("hold", [gates[0].key])
    first.session.open()
    first.until("process_starts", clause="QUEUE-022")
    second = probe.session().join("hold_two", [gates[1].key])
    second.session.open()
    second.until("process_starts", clause="QUEUE-022")
    gates[1].wait_journal("start", 1, "QUEUE-022", "the second function to run")
    require_equal(started(gates), [0, 1], "QUEUE-022", "functions running at once")


@check("QUEUE-007", "QUEUE-009", "EVT-004", needs=HOLD)
def check_join_is_answered_with_its_place(probe: Probe) -> None:
    """The first estimation tells the place and the number of waiting events of the group."""
    gates = [probe.gate() for _ in range(4)]
    sessions = opened(probe, 4)
    queue_up(sessions[:1], "hold", gates[:1])[0].until("process_starts", clause="QUEUE-007")
    for place, (session, gate) in enumerate(zip(sessions[1:], gates[1:], strict=True)):
        # One at a time: a newer estimation may replace one that was not delivered yet (QUEUE-008).
        event = queue_up([session], "hold", [gate])[0]
        told = event.until("estimation", clause="QUEUE-007")
        require_equal(told["rank"], place, "QUEUE-007", "rank behind those that joined before")
        require_equal(told["queue_size"], place + 1, "QUEUE-009", "waiting events of the group")


@check("QUEUE-008", "EVT-005", needs=HOLD)
def check_a_start_moves_the_queue_up(probe: Probe) -> None:
    """When an event starts, those that still wait are told their new rank."""
    gates = [probe.gate() for _ in range(3)]
    first, second, third = queue_up(opened(probe, 3), "hold", gates)
    first.until("process_starts", clause="QUEUE-008")
    # Told its place behind the second: what it learns later is news.
    third.until("estimation", clause="QUEUE-007")
    gates[0].release()
    second.until("process_starts", clause="QUEUE-008")
    probe.wait(
        lambda: (
            third.of_kind("estimation")[-1:] != [] and third.of_kind("estimation")[-1]["rank"] == 0
        ),
        "QUEUE-008",
        "an estimation with rank 0 for the event that is next now",
        lambda: third.messages,
    )
    newest = third.of_kind("estimation")[-1]
    require_equal(newest["queue_size"], 1, "QUEUE-009", "queue_size of the last waiting event")


@check("QUEUE-021", needs=HOLD)
def check_a_join_disturbs_nobody_else(probe: Probe) -> None:
    """A waiting event gets no estimation because another one joined behind it."""
    gates = [probe.gate() for _ in range(4)]
    sessions = opened(probe, 4)
    first, second = queue_up(sessions[:2], "hold", gates[:2])
    first.until("process_starts", clause="QUEUE-007")
    second.until("estimation", clause="QUEUE-007")
    probe.session().run("echo", ["settled"])
    before = len(second.messages)
    later = queue_up(sessions[2:], "hold", gates[2:])
    later[-1].until("estimation", clause="QUEUE-007")
    probe.session().run("echo", ["settled"])
    require_equal(started(gates), [0], "QUEUE-001", "the only running function")
    require_equal(len(second.messages), before, "QUEUE-021", "messages of the waiting event")


@check("QUEUE-010", "EVT-007", "QUEUE-020", "EVT-006", needs=("hold_two", "release", "journal"))
def check_estimates_follow_the_history(probe: Probe) -> None:
    """rank_eta is null without history; with it, an idle function's rank_eta is the eta of its
    start.
    """
    if not probe.has("messages#/$defs/ProcessStarts/properties/eta"):
        raise NotApplicable(f"{probe.spec.release.id} tells no eta of a start")
    session = probe.session()
    for _ in range(2):
        gate = probe.gate()
        gate.release()
        event = session.run("hold_two", [gate.key])
        eta = event.until("process_starts", clause="EVT-002")["eta"]
        told = [m["rank_eta"] for m in event.of_kind("estimation")]
        if eta is None:
            require_equal(told, [None] * len(told), "QUEUE-010", "rank_eta without history")
        session.until_closed()
    require(eta is not None, "EVT-007", "a number as eta after a successful call", eta)
    require_equal(told[-1], eta, "QUEUE-020", "rank_eta of an event that starts at once")


@check("QUEUE-011", needs=HOLD)
def check_status_counts_the_waiting(probe: Probe) -> None:
    """queue/status counts the waiting events of all groups and no running ones."""
    require_equal(_waiting(probe), 0, "QUEUE-011", "waiting events of an idle server")
    gates = [probe.gate() for _ in range(5)]
    events = queue_up(opened(probe, 2), "hold", gates[:2])
    events[0].until("process_starts", clause="QUEUE-001")
    require_equal(_waiting(probe), 1, "QUEUE-011", "waiting events, one group")
    more = queue_up(opened(probe, 3), "hold_two", gates[2:])
    more[0].until("process_starts", clause="QUEUE-003")
    more[1].until("process_starts", clause="QUEUE-003")
    require_equal(_waiting(probe), 2, "QUEUE-011", "waiting events, two groups")


def _waiting(probe: Probe) -> int:
    reply = probe.request("GET", "/queue/status").require_status("QUEUE-011", 200)
    body = reply.json("QUEUE-011")
    for error in probe.spec.schemas.check("http#/$defs/QueueStatus", body):
        require(False, error.clause or "QUEUE-011", error.message, body)
    return int(body["queue_size"])


@check("QUEUE-012", "JOIN-017", "JOIN-016", needs=HOLD, server="second")
def check_full_queue_refuses(probe: Probe) -> None:
    """With max_size waiting, a join is 503 and leaves nothing behind; after a start it is
    accepted.
    """
    most = int(probe.run("settings").json("RUN-001")["data"][0]["max_size"])
    gates = [probe.gate() for _ in range(most + 2)]
    sessions = opened(probe, most + 2)
    first = queue_up(sessions[:1], "hold", gates[:1])[0]
    first.until("process_starts", clause="QUEUE-012")
    waiting = queue_up(sessions[1:-1], "hold", gates[1:-1], clause="QUEUE-012")
    late = sessions[-1]
    fn_index = probe.target.fn_index("hold")
    body = {"data": [gates[-1].key], "fn_index": fn_index, "session_hash": late.hash}
    refused = late.post_join(body).require_status("QUEUE-012", 503)
    detail = refused.json("JOIN-017")
    text = detail.get("detail") if isinstance(detail, dict) else None
    require(isinstance(text, str) and text != "", "JOIN-017", "a string as detail", detail)
    # A simple call joins the same queue, on a server that has simple calls.
    probe.call("hold", [late.hash]).require_status("JOIN-017", 503, 404)
    if probe.knows("POST", "/call/v2/hold"):
        probe.call_v2("hold", {"key": late.hash}).require_status("JOIN-017", 503, 404)
    require_equal(_waiting(probe), most, "JOIN-016", "waiting events after the refused join")
    gates[0].release()
    waiting[0].until("process_starts", clause="QUEUE-013")
    event = late.adopt(late.post_join(body).require_status("QUEUE-012", 200), fn_index)
    late.open()
    event.until("estimation", clause="QUEUE-007")
    for gate in gates[1:]:
        gate.release()
    require_equal(event.result(), [gates[-1].key], "QUEUE-012", "result of the accepted join")
    require_equal(
        len(gates[-1].happened("start")), 1, "JOIN-016", "starts of the refused and repeated join"
    )


@check("QUEUE-013", needs=("hold", "fail", "release", "journal"))
def check_a_freed_slot_is_used(probe: Probe) -> None:
    """After a result and after a failure the next event of the group starts by itself."""
    gates = [probe.gate(), probe.gate()]
    first, second = queue_up(opened(probe, 2), "hold", gates)
    first.until("process_starts", clause="QUEUE-013")
    gates[0].release()
    second.until("process_starts", clause="QUEUE-013")
    gates[1].release()
    second.completed(clause="QUEUE-013")
    session = probe.session()
    failing = [session.join("fail", ["x"]) for _ in range(3)]
    session.open()
    for event in failing:
        event.completed(clause="QUEUE-013")


@check("QUEUE-014", "QUEUE-015", "QUEUE-017", needs=("batch_upper", "release", "journal"))
def check_batch_takes_what_waits(probe: Probe, exploration: Exploration) -> None:
    """The first event runs alone at once; what waited meanwhile runs together, four at most."""
    gate = probe.gate()
    session = probe.session()
    first = session.join("batch_upper", [f"hold:{gate.key}"])
    session.open()
    first.until("process_starts", clause="QUEUE-015")
    texts = ["a", "b", "c", "d", "e"]
    rest = [session.join("batch_upper", [text]) for text in texts]
    gate.release()
    require_equal(first.result(), [f"HOLD:{gate.key.upper()}/1"], "QUEUE-015", "a batch of one")
    results = [event.result()[0] for event in rest]
    expected = ["A/4", "B/4", "C/4", "D/4", "E/1"]
    with exploration.sparing(probe):
        require_equal(results, expected, "QUEUE-014", "results with the size of their batch")
    for event in [first, *rest]:
        output = event.completed()["output"]
        generating = output.get("is_generating")
        require(generating in (None, False), "QUEUE-017", "is_generating null or false", output)


@check("QUEUE-016", needs=("batch_fail", "release"))
def check_batch_failure_fails_all(probe: Probe) -> None:
    """When a batch call fails, every one of its events ends with success false."""
    gate = probe.gate()
    session = probe.session()
    events = [session.join("batch_fail", [f"hold:{gate.key}"])]
    session.open()
    events[0].until("process_starts", clause="QUEUE-015")
    events += [session.join("batch_fail", [text]) for text in "abc"]
    gate.release()
    for event in events:
        message = event.completed(clause="QUEUE-016")
        require(message["success"] is False, "QUEUE-016", "success false", dict(message))


@check("QUEUE-016", needs=("batch_lossy", "release"))
def check_batch_with_too_few_results_fails_all(probe: Probe) -> None:
    """A batch call that returns too little fails every one of its events: whose result is missing
    cannot be told.
    """
    gate = probe.gate()
    session = probe.session()
    first = session.join("batch_lossy", [f"hold:{gate.key}"])
    session.open()
    first.until("process_starts", clause="QUEUE-015")
    events = [session.join("batch_lossy", [text]) for text in ("a", "lost", "b")]
    gate.release()
    require_equal(first.result(), [f"hold:{gate.key}"], "QUEUE-016", "a batch with all results")
    for event in events:
        message = event.completed(clause="QUEUE-016")
        require(message["success"] is False, "QUEUE-016", "success false", dict(message))


@check("QUEUE-018", needs=("batch_upper",))
def check_direct_batch_call_is_one_sample(probe: Probe) -> None:
    """run on a batch function takes and returns one sample."""
    reply = probe.run("batch_upper", ["solo"]).require_status("QUEUE-018", 200)
    data = json_object(reply, "QUEUE-018").get("data")
    require_equal(data, ["SOLO/1"], "QUEUE-018", "data")
