"""State: a value for each session, which never travels."""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.answers import named_endpoints
from gradio_conformance.answers import objects
from gradio_conformance.answers import read_config
from gradio_conformance.answers import read_info
from gradio_conformance.answers import require_valid
from gradio_conformance.answers import taken
from gradio_conformance.binding import check
from gradio_conformance.calls import require_completes
from gradio_conformance.calls import start_call
from gradio_conformance.calls import start_call_v2
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.session import Session

SERVER = "stateful"
NOTE_LIVES_S = 1.0
ATTEMPTS = 10


def directly(
    probe: Probe, name: str, data: Sequence[Any], session: Session | None, clause: str
) -> list[Any]:
    """The outputs of a direct call that must succeed."""
    members = {} if session is None else {"session_hash": session.hash}
    reply = probe.run(name, data, **members)
    body = json_object(reply.require_status(clause, 200), clause)
    require_valid(probe, "http#/$defs/RunResult", body, clause)
    found: list[Any] = body["data"]
    return found


def total(probe: Probe, session: Session, clause: str) -> Any:
    """The sum that the server keeps for a session."""
    return directly(probe, "state_read", [None], session, clause)[0]


def add(session: Session, n: int, clause: str) -> list[Any]:
    """Add to the session's sum by the queue."""
    return session.run("state_add", [n, None], clause=clause).result(clause=clause)


@check("STATE-001", needs=("state_collect", "state_add"), server=SERVER)
def check_sent_values_of_state_are_ignored(probe: Probe) -> None:
    """Whatever a client sends in the place of a State, the function gets the server's value."""
    session = probe.session()
    kept: list[str] = []
    for number, sent in enumerate((None, ["evil"], "evil", 7, {"value": ["evil"]})):
        for way in ("queue", "run"):
            data = [f"{way} {number}", sent, "!"]
            kept.append(f"{way} {number}!")
            if way == "queue":
                found = session.run("state_collect", data).result(clause="STATE-001")
            else:
                found = directly(probe, "state_collect", data, session, "STATE-001")
            wanted = [kept, None, len(kept)]
            require_equal(found, wanted, "STATE-001", f"data with {sent!r} sent for the State")
    require_equal(add(session, 1, "STATE-001"), [1, None], "STATE-001", "a State of its own")


@check("STATE-002", needs=("state_add", "state_collect", "state_steps", "release"), server=SERVER)
def check_state_outputs_are_null(probe: Probe) -> None:
    """In results and chunks, the place of a State holds null."""
    session, gate = probe.session(), probe.gate()
    gate.release(3)
    require_equal(add(session, 1, "STATE-002"), [1, None], "STATE-002", "data of a join")
    found = directly(probe, "state_collect", ["a", None, "!"], session, "STATE-002")
    require_equal(found, [["a!"], None, 1], "STATE-002", "data of a direct call")
    require_completes(start_call(probe, "state_add", [4, None]), [4, None], "STATE-002")
    event = session.run("state_steps", [gate.key, 3, None], clause="STATE-002")
    first, *later = [m["output"]["data"] for m in event.of_kind("process_generating")]
    require_equal(first, [2, None], "STATE-002", "the first chunk")
    require_equal([item[1] for item in later], [[], []], "STATE-002", "edits of the State")
    require_equal(event.result(clause="STATE-002"), [4, None], "STATE-002", "data of a generator")


@check("STATE-003", needs=("state_add", "state_read"), server=SERVER)
def check_joins_and_direct_calls_share_state(probe: Probe) -> None:
    """What a join stores a direct call of the session sees, and the other way round."""
    session = probe.session()
    require_equal(add(session, 1, "STATE-003"), [1, None], "STATE-003", "a join")
    found = directly(probe, "state_add", [2, None], session, "STATE-003")
    require_equal(found, [3, None], "STATE-003", "a direct call after the join")
    require_equal(add(session, 4, "STATE-003"), [7, None], "STATE-003", "a join after both")
    require_equal(total(probe, session, "STATE-003"), 7, "STATE-003", "another endpoint")


@check("CALL-018", needs="state_add", server=SERVER)
def check_calls_share_state_with_their_session(probe: Probe) -> None:
    """A simple call with a session_hash has the State of that session."""
    session = probe.session()
    require_equal(add(session, 1, "CALL-018"), [1, None], "CALL-018", "a join")
    stream = start_call(probe, "state_add", [2, None], session_hash=session.hash)
    require_completes(stream, [3, None], "CALL-018")
    require_equal(add(session, 4, "CALL-018"), [7, None], "CALL-018", "a join after the call")


@check("CALL-017", needs="state_collect", server=SERVER)
def check_calls_may_leave_state_out(probe: Probe) -> None:
    """A simple call may leave the State between its arguments out, or send null for it."""
    for data in (["a", "!"], ["a", None, "!"]):
        require_completes(start_call(probe, "state_collect", data), [["a!"], None, 1], "CALL-017")
    for arguments, wanted in (({"text": "a", "suffix": "!"}, "a!"), ({"text": "a"}, "a.")):
        stream = start_call_v2(probe, "state_collect", arguments, "CALL-017")
        require_completes(stream, [[wanted], None, 1], "CALL-017")


@check("STATE-004", needs=("state_add", "state_read", "state_collect"), server=SERVER)
def check_sessions_have_state_of_their_own(probe: Probe) -> None:
    """Sessions that use the same endpoints in turns do not see each other's State."""
    first, second = probe.session(), probe.session()
    for times in (1, 2, 3):
        require_equal(add(first, 1, "STATE-004"), [times, None], "STATE-004", "the first session")
        found = directly(probe, "state_add", [10, None], second, "STATE-004")
        require_equal(found, [10 * times, None], "STATE-004", "the second session")
    for session, text in ((first, "a"), (second, "b")):
        found = session.run("state_collect", [text, None, ""]).result(clause="STATE-004")
        require_equal(found, [[text], None, 1], "STATE-004", "a list that each has for itself")
    fresh = probe.session()
    require_equal(total(probe, fresh, "STATE-004"), 0, "STATE-004", "a session that is new")


@check("STATE-005", needs=("state_add", "state_collect"), server=SERVER)
def check_calls_without_session_share_nothing(probe: Probe) -> None:
    """Without a session_hash every call starts with the initial values."""
    for _ in range(2):
        require_completes(start_call(probe, "state_add", [5, None]), [5, None], "STATE-005")
        found = directly(probe, "state_add", [7, None], None, "STATE-005")
        require_equal(found, [7, None], "STATE-005", "a direct call")
        if probe.knows("POST", "/call/v2/state_add"):
            require_completes(start_call_v2(probe, "state_add", {"n": 9}), [9, None], "STATE-005")
        found = directly(probe, "state_collect", ["a", None, "!"], None, "STATE-005")
        require_equal(found, [["a!"], None, 1], "STATE-005", "a direct call with a list")


@check("STATE-006", needs=("state_add", "state_read"), server=SERVER)
def check_state_is_stored_before_the_result_is_told(probe: Probe) -> None:
    """As soon as a result has arrived, another call sees what was stored with it."""
    session = probe.session()
    for wanted in (1, 2, 3):
        require_equal(add(session, 1, "STATE-006"), [wanted, None], "STATE-006", "the result")
        found = total(probe, session, "STATE-006")
        require_equal(found, wanted, "STATE-006", "the State right after the result")


@check("STATE-007", needs=("state_steps", "state_read", "release"), server=SERVER)
def check_generators_store_at_each_step(probe: Probe) -> None:
    """While a generator runs, its session's State is that of its last step."""
    session, gate = probe.session(), probe.gate()
    event = session.join("state_steps", [gate.key, 3, None])
    session.open()
    for step in (1, 2, 3):
        event.until("process_generating", nth=step, clause="STATE-007")
        found = total(probe, session, "STATE-007")
        require_equal(found, step, "STATE-007", f"the State after step {step}")
        gate.release()
    require_equal(event.result(), [3, None], "STATE-007", "data")
    require_equal(total(probe, session, "STATE-007"), 3, "STATE-007", "the State at the end")


@check("STATE-008", needs=("state_fail_after", "state_add", "state_read"), server=SERVER)
def check_failures_keep_the_last_step(probe: Probe) -> None:
    """A failure stores nothing; what was yielded before it stays."""
    session = probe.session()
    require_equal(add(session, 5, "STATE-008"), [5, None], "STATE-008", "data")
    for steps, wanted in ((0, 5), (2, 7)):
        event = session.run("state_fail_after", [steps, None])
        require_equal(event.completed().get("success"), False, "EVT-015", "success")
        found = total(probe, session, "STATE-008")
        require_equal(found, wanted, "STATE-008", f"the State after {steps} steps and a failure")


@check("STATE-008", needs=("state_hold", "state_read", "release", "journal"), server=SERVER)
def check_cancelled_events_store_nothing(probe: Probe) -> None:
    """The State of a cancelled event stays as it was, also when its function could go on."""
    session, gate = probe.session(), probe.gate()
    event = session.join("state_hold", [gate.key, 5, None])
    session.open()
    gate.wait_journal("start", 1, "QUEUE-013", "the function to begin")
    event.cancel().require_status("CANCEL-001", 200)
    event.completed(clause="CANCEL-004")
    # Waits pass in order: when the later one is through, a function that went on is through, too.
    later = probe.session()
    behind = later.join("state_hold", [gate.key, 1, None])
    later.open()
    gate.wait_journal("start", 2, "QUEUE-013", "the later function to begin")
    gate.release(2)
    require_equal(behind.result(), [1, None], "STATE-004", "data of another session")
    require_equal(total(probe, later, "STATE-006"), 1, "STATE-006", "the other session's State")
    require_equal(total(probe, session, "STATE-008"), 0, "STATE-008", "the State after a cancel")


BATCHES = ("state_batch", "state_add", "state_read", "release", "journal")


@check("STATE-009", needs=BATCHES, server=SERVER)
def check_waiting_events_get_what_is_stored_meanwhile(probe: Probe) -> None:
    """A function starts with the State of that moment, not of the time when its event joined."""
    gates = [probe.gate(), probe.gate()]
    blocker, session = probe.session(), probe.session()
    ahead = blocker.join("state_batch", [gates[0].key, 0, None])
    blocker.open()
    gates[0].wait_journal("start", 1, "QUEUE-013", "the batch ahead to begin")
    waiting = session.join("state_batch", [gates[1].key, 1, None])
    session.open()
    waiting.until("estimation", clause="EVT-001")
    found = directly(probe, "state_add", [100, None], session, "STATE-009")
    require_equal(found, [100, None], "STATE-009", "a direct call while the event waits")
    for gate in gates:
        gate.release()
    require_equal(ahead.result(), [0, None], "STATE-004", "data of the batch ahead")
    require_equal(waiting.result(), [101, None], "STATE-009", "data of the event that waited")
    require_equal(total(probe, session, "STATE-009"), 101, "STATE-009", "the State afterwards")


@check("STATE-010", needs=BATCHES, server=SERVER)
def check_a_batch_does_not_mix_sessions(probe: Probe) -> None:
    """Events of two sessions that run in one batch each have the State of their own session."""
    gates = [probe.gate(), probe.gate()]
    sessions = [probe.session(), probe.session()]
    for session, n in zip(sessions, (100, 200), strict=True):
        require_equal(add(session, n, "STATE-010"), [n, None], "STATE-010", "data of state_add")
    blocker = probe.session()
    blocker.join("state_batch", [gates[0].key, 0, None])
    blocker.open()
    gates[0].wait_journal("start", 1, "QUEUE-013", "the batch ahead to begin")
    events = []
    for session in sessions:
        events.append(session.join("state_batch", [gates[1].key, 1, None]))
        session.open()
    gates[0].release()
    gates[1].release(len(events))
    for session, event, wanted in zip(sessions, events, (101, 201), strict=True):
        require_equal(event.result(), [wanted, None], "STATE-010", "data of the event")
        found = total(probe, session, "STATE-010")
        require_equal(found, wanted, "STATE-010", "the State of its session afterwards")


@check("STATE-003", "QUEUE-018", needs=BATCHES, server=SERVER)
def check_direct_call_of_a_batch_function_has_state(probe: Probe) -> None:
    """A direct call of a batch function takes one sample of several inputs, State among them."""
    session, gate = probe.session(), probe.gate()
    gate.release()
    require_equal(add(session, 100, "STATE-003"), [100, None], "STATE-003", "data of state_add")
    found = directly(probe, "state_batch", [gate.key, 1, None], session, "QUEUE-018")
    require_equal(found[1:], [None], "QUEUE-018", "one sample of each output")
    require_equal(found[0], 101, "STATE-003", "the sum")
    require_equal(total(probe, session, "STATE-003"), 101, "STATE-003", "the State afterwards")


# -- what the documents say ------------------------------------------------------------------------


def _flags(config: Mapping[str, Any], dependency: Mapping[str, Any], side: str) -> list[bool]:
    """For each input or output: is its component left out of the API?"""
    components = {c.get("id"): c for c in objects(config, "components", "DISC-008")}
    ids = dependency.get(side)
    good = isinstance(ids, list) and all(i in components for i in ids)
    require(good, "DISC-007", f"ids of components in {side}", dependency)
    return [components[i].get("skip_api") is True for i in ids or ()]


def _described(probe: Probe, config: Mapping[str, Any], name: str) -> tuple[list[bool], list[bool]]:
    found = [d for d in objects(config, "dependencies", "DISC-006") if d.get("api_name") == name]
    require(len(found) == 1, "DISC-013", f"one dependency with the name {name}", found)
    return _flags(config, found[0], "inputs"), _flags(config, found[0], "outputs")


@check("STATE-011")
def check_info_lists_what_is_part_of_the_api(probe: Probe) -> None:
    """Of every public endpoint, /info lists the inputs and outputs without skip_api.

    A result has an item for each of its outputs.
    """
    config, info = read_config(probe), read_info(probe)
    endpoint = some_endpoint(probe.target)
    body = taken(probe, probe.run(endpoint.name, endpoint.sample))
    if "data" in body:
        _, flags = _described(probe, config, endpoint.name)
        require_equal(len(body["data"]), len(flags), "STATE-011", "items of data")
    for key, listed in named_endpoints(info).items():
        sides = _described(probe, config, key.removeprefix("/"))
        for member, flags in zip(("parameters", "returns"), sides, strict=True):
            number = len(objects(listed, member, "DISC-018"))
            require_equal(number, flags.count(False), "STATE-011", f"number of {member} of {key}")


@check("STATE-011", needs=("state_collect", "state_read"), server=SERVER)
def check_state_is_no_part_of_the_api(probe: Probe) -> None:
    """A State has skip_api, and neither a parameter nor a return in /info."""
    config, info = read_config(probe), read_info(probe)
    wanted = {"state_collect": [False, True, False], "state_read": [True]}
    for name, flags in wanted.items():
        inputs, _ = _described(probe, config, name)
        require_equal(inputs, flags, "STATE-011", f"skip_api of the inputs of {name}")
    _, outputs = _described(probe, config, "state_collect")
    require_equal(outputs, [False, True, False], "STATE-011", "skip_api of the outputs")
    endpoints = named_endpoints(info)
    for name, parameters in (("state_collect", ["text", "suffix"]), ("state_read", [])):
        listed = objects(endpoints.get(f"/{name}", {}), "parameters", "DISC-018")
        require_equal(len(listed), len(parameters), "STATE-011", f"parameters of {name}")
        if probe.has("info#/$defs/Parameter/properties/parameter_name"):
            names = [item.get("parameter_name") for item in listed]
            require_equal(names, parameters, "STATE-011", f"parameters of {name}")
    returns = objects(endpoints.get("/state_collect", {}), "returns", "DISC-019")
    require_equal(len(returns), 2, "STATE-011", "number of returns of state_collect")


@check("STATE-012", needs=("state_add", "state_collect"), server=SERVER)
def check_initial_values_are_not_told(probe: Probe) -> None:
    """The component of a State says nothing about its value."""
    config = read_config(probe)
    components = {c.get("id"): c for c in objects(config, "components", "DISC-008")}
    for dependency in objects(config, "dependencies", "DISC-006"):
        if dependency.get("api_name") not in ("state_add", "state_collect"):
            continue
        states = [i for i in dependency["inputs"] if components[i].get("skip_api") is True]
        require_equal(len(states), 1, "STATE-011", "inputs with skip_api")
        component = components[states[0]]
        told = "value" in component or "value" in (component.get("props") or {})
        require(not told, "STATE-012", "no value in the component", component)


# -- changes ---------------------------------------------------------------------------------------


def _changed(session: Session, name: str, data: list[Any]) -> Any:
    message = session.run(name, data, clause="STATE-013").completed()
    output = message.get("output")
    good = isinstance(output, Mapping) and message.get("success") is True
    require(good, "STATE-013", "a result", dict(message))
    return output.get("changed_state_ids") if isinstance(output, Mapping) else None


@check("STATE-013", needs=("state_watch", "state_noticed", "state_add"), server=SERVER)
def check_changes_that_are_listened_to_are_told(probe: Probe) -> None:
    """changed_state_ids names the State that has another value and a listener, and nothing else."""
    noticed = probe.target.dependency("state_noticed") or {}
    targets = noticed.get("targets")
    good = isinstance(targets, list) and len(targets) == 1 and targets[0][1:] == ["change"]
    require(good, "STATE-013", "one target [id, change] of state_noticed", dict(noticed))
    watched = targets[0][0] if isinstance(targets, list) else None
    outputs = (probe.target.dependency("state_watch") or {}).get("outputs")
    require(watched in (outputs or []), "STATE-013", "an output with that id", outputs)
    session = probe.session()
    for text, wanted in (("x", [watched]), ("x", []), ("y", [watched]), ("x", [watched])):
        told = _changed(session, "state_watch", [text])
        require_equal(told, wanted, "STATE-013", f"changed_state_ids for {text!r}")
    require_equal(_changed(session, "state_add", [1, None]), [], "STATE-013", "without listener")
    told = _changed(probe.session(), "state_watch", ["x"])
    require_equal(told, [watched], "STATE-013", "changed_state_ids of another session")
    body = json_object(probe.run("state_watch", ["z"], session_hash=session.hash), "RUN-001")
    require_equal(
        body.get("changed_state_ids"), [watched], "STATE-013", "changed_state_ids of a direct call"
    )


@check("STATE-014", needs=("state_watch", "state_noticed", "journal"), server=SERVER)
def check_listeners_are_left_to_clients(probe: Probe) -> None:
    """A changed State makes the server call nothing; the client's own call of the listener runs."""
    session, journal = probe.session(), probe.gate()
    found = session.run("state_watch", [journal.key]).result()
    require_equal(found, [journal.key, None, None], "STATE-002", "data")
    require_equal(journal.happened("called"), [], "STATE-014", "calls of the listener")
    event = session.run("state_noticed", [None], clause="STATE-014")
    require_equal(event.result(), [], "STATE-014", "data of the listener")
    # In its queue, a call by the server would have had its turn before.
    require_equal(len(journal.happened("called")), 1, "STATE-014", "number of calls")


# -- time to live ----------------------------------------------------------------------------------


def remember(probe: Probe, session: Session, key: str) -> Any:
    """Store a note; returns the one before."""
    return directly(probe, "state_note", [key, None], session, "STATE-015")[0]


@check("STATE-015", needs=("state_note", "journal"), server=SERVER)
def check_a_time_to_live_ends(probe: Probe) -> None:
    """A State that is not stored again is dropped after its time to live, and not before."""
    session, note = probe.session(), probe.gate()
    require_equal(remember(probe, session, note.key), "", "STATE-015", "the initial value")
    note.wait_journal("deleted", 1, "STATE-015", "the deletion of the note")
    require_equal(remember(probe, session, "later"), "", "STATE-015", "the value after its time")
    for _ in range(ATTEMPTS):
        again, started = probe.session(), time.monotonic()
        remember(probe, again, "kept")
        found = remember(probe, again, "after")
        if time.monotonic() - started < NOTE_LIVES_S / 2:
            require_equal(found, "kept", "STATE-015", "the value within its time")
            return
    raise CouldNotRun("two direct calls took longer than half a second every time")
