"""Laws that hold on every app: each public endpoint of ``/info``, called with generated inputs.

Whatever the functions do with such inputs, the protocol is kept: every event ends, every stream
closes, the monitor finds nothing, and a success has as many outputs as ``/info`` lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.answers import taken
from gradio_conformance.binding import check
from gradio_conformance.calls import Told
from gradio_conformance.calls import start_call
from gradio_conformance.calls import start_call_v2
from gradio_conformance.calls import told
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import Endpoint
from gradio_conformance.inputs import endpoints
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.session import CallStream
from gradio_conformance.session import Event
from gradio_conformance.wire import Reply

# Of the testbed's endpoints these wait for a gate or work the gates, …
WAITING = ("hold", "progress", "release", "journal", "settings", "state_")
# … and these bring about what checks of their own judge: late failures, edits of any values,
# values that are no JSON, and errors whose author may have chosen a negative duration.
JUDGED_ELSEWHERE = (
    *("fail_after", "fail_user_after", "yields", "yields_pairs"),
    *("unserialisable", "fail_user"),
)
# What these answer is known: what they were sent.
ECHOES = ("echo", "echo_text")
CALLS_AT_ONCE = 3

Call = tuple[str, list[Any]]


def callable_endpoints(probe: Probe) -> dict[str, Endpoint]:
    """The endpoints that may be called with any input, by name."""
    found = endpoints(probe.target)
    if probe.target.is_testbed:
        found = [e for e in found if not e.name.startswith(WAITING)]
        found = [e for e in found if e.name not in JUDGED_ELSEWHERE]
    if not found:
        raise NotApplicable("the app has no public endpoint that takes no file")
    return {endpoint.name: endpoint for endpoint in found}


def draw_calls(probe: Probe, data: st.DataObject) -> list[Call]:
    """A few endpoints with generated arguments."""
    offered = callable_endpoints(probe)
    one = st.sampled_from(list(offered)).flatmap(
        lambda name: st.tuples(st.just(name), offered[name].arguments)
    )
    return data.draw(st.lists(one, min_size=1, max_size=CALLS_AT_ONCE), label="calls")


def samples(probe: Probe) -> list[Call]:
    """Every endpoint, each with plain arguments."""
    return [(name, endpoint.sample) for name, endpoint in callable_endpoints(probe).items()]


def _slots(probe: Probe, name: str, member: str) -> list[bool]:
    """For each input or output of an endpoint: is it a part of the API, or State?"""
    components = {c.get("id"): c for c in probe.target.config.get("components", ())}
    dependency = probe.target.dependency(name) or {}
    return [not components.get(i, {}).get("skip_api") for i in dependency.get(member, ())]


def positional(probe: Probe, call: Call) -> list[Any]:
    """The array ``data``: the arguments, and null for each State input."""
    name, arguments = call
    left = iter(arguments)
    return [next(left, None) if is_api else None for is_api in _slots(probe, name, "inputs")]


def require_outputs(probe: Probe, call: Call, data: Any, clause: str) -> None:
    """Demand one item for each return that ``/info`` lists and for each State output."""
    name, arguments = call
    wanted = callable_endpoints(probe)[name].outputs
    wanted += _slots(probe, name, "outputs").count(False)
    good = isinstance(data, list) and len(data) == wanted
    require(good, clause, f"{wanted} items of data from /{name} for {arguments}", data)


def _still_running(probe: Probe, name: str) -> CouldNotRun:
    # How long a stranger's function runs is no matter of the protocol.
    within = f"{probe.patience_s:g} s"
    return CouldNotRun(f"/{name} had not ended after {within}; --patience allows for more")


def _completed(probe: Probe, event: Event, name: str) -> Mapping[str, Any]:
    try:
        return event.completed(clause="EVT-003")
    except NonConformance:
        open_still = event.session.streams[-1].end is None
        if probe.target.is_testbed or not open_still or "process_starts" not in event.kinds:
            raise
        raise _still_running(probe, name) from None


def _events_of_call(probe: Probe, stream: CallStream) -> Told:
    try:
        return told(stream)
    except NonConformance:
        if probe.target.is_testbed or stream.end is not None:
            raise
        raise _still_running(probe, stream.name) from None


def _direct(probe: Probe, route: str, call: Call) -> Reply:
    name, _ = call
    body = {"data": positional(probe, call)}
    try:
        return probe.request("POST", f"/{route}/{name}", json_body=body)
    except httpx.TimeoutException:
        if probe.target.is_testbed:
            raise
        raise _still_running(probe, name) from None


def through_the_queue(probe: Probe, calls: list[Call]) -> list[Event]:
    """Join all of them in one session and see its stream to the end."""
    session = probe.session()
    events = [session.join(call[0], positional(probe, call)) for call in calls]
    session.open()
    for call, event in zip(calls, events, strict=True):
        message = _completed(probe, event, call[0])
        output = message.get("output")
        if message.get("success") is True and output != {}:
            data = output.get("data") if isinstance(output, Mapping) else None
            require_outputs(probe, call, data, "EVT-008")
            if probe.target.is_testbed and call[0] in ECHOES:
                require_equal(data, call[1], "EVT-008", f"data of {call[0]}")
    session.until_closed()
    return events


def require_call_events(probe: Probe, call: Call, stream: CallStream) -> None:
    """See a call to its end: chunks, then one result."""
    events = _events_of_call(probe, stream)
    *chunks, last = [kind for kind, _ in events] or ["nothing"]
    good = last in ("complete", "error") and set(chunks) <= {"generating"}
    require(good, "CALL-003", "generating events, then complete or error", events)
    if last == "complete" and events[-1][1] is not None:
        require_outputs(probe, call, events[-1][1], "CALL-004")


def require_direct_answers(probe: Probe, call: Call) -> None:
    """A direct call by either name brings a result, or the error object with 500."""
    statuses = []
    for route in ("run", "api"):
        reply = _direct(probe, route, call)
        body = taken(probe, reply, "RUN-002")
        statuses.append(reply.status)
        if reply.status == 200:
            require_outputs(probe, call, body["data"], "RUN-001")
    if probe.target.is_testbed:
        require_equal(statuses[1], statuses[0], "RUN-002", "the status of run")


@check("EVT-001", "EVT-002", "EVT-003", "EVT-033", "EVT-034", "SSE-011")
def check_every_endpoint_runs_its_course_in_the_queue(probe: Probe) -> None:
    """Every public endpoint, all in one session: each event runs its course, the stream closes."""
    events = through_the_queue(probe, samples(probe))
    for event in events:
        if event.completed().get("used_cache") != "full":
            kinds = event.kinds
            require_equal(kinds.count("process_starts"), 1, "EVT-002", "process_starts")
            start = kinds.index("process_starts")
            require("estimation" in kinds[:start], "EVT-001", "an estimation first", kinds)
            require("estimation" not in kinds[start:], "EVT-033", "none afterwards", kinds)
    seen = {m.get("event_id") for m in events[0].session.messages} - {None}
    require_equal(sorted(seen), sorted(e.id for e in events), "EVT-034", "ids on the stream")


@check("EVT-002", "EVT-003", "SSE-011", "JOIN-001")
@given(data=st.data())
def check_generated_inputs_keep_the_queue_in_order(probe: Probe, data: st.DataObject) -> None:
    """Generated inputs through the queue: every event ends, the stream closes."""
    through_the_queue(probe, draw_calls(probe, data))
    probe.verify()


@check("EVT-004", "EVT-006")
def check_estimations_keep_their_range(probe: Probe) -> None:
    """Every event is told a rank inside its queue and a rank_eta that is null or not negative."""
    endpoint = some_endpoint(probe.target)
    for event in through_the_queue(probe, [(endpoint.name, endpoint.sample)] * 4):
        estimations = event.of_kind("estimation")
        require(estimations != [], "EVT-001", "an estimation", event.kinds)
        for message in estimations:
            rank, size = message.get("rank"), message.get("queue_size")
            inside = isinstance(rank, int) and isinstance(size, int) and 0 <= rank < size
            require(inside, "EVT-004", "0 <= rank < queue_size", dict(message))
            eta = message.get("rank_eta", "absent")
            good = eta is None or (isinstance(eta, int | float) and eta >= 0)
            require(good, "EVT-006", "rank_eta null or not below 0", dict(message))


@check("QUEUE-010")
def check_estimates_need_a_history(probe: Probe) -> None:
    """An event that starts without an eta was told no rank_eta either."""
    without = 0
    for event in through_the_queue(probe, samples(probe)):
        starts = event.of_kind("process_starts")
        if starts and starts[0].get("eta") is None:
            without += 1
            told_etas = [m.get("rank_eta") for m in event.of_kind("estimation")]
            wanted = [None] * len(told_etas)
            require_equal(told_etas, wanted, "QUEUE-010", "rank_eta without history")
    if not without:
        raise NotApplicable("every public endpoint has succeeded before")


def _first_success(probe: Probe) -> tuple[Call, Event]:
    """An endpoint that succeeds with plain arguments, and the event of its success."""
    first = some_endpoint(probe.target)
    for call in [(first.name, first.sample), *samples(probe)]:
        event = through_the_queue(probe, [call])[0]
        message = event.completed()
        if message.get("success") is True and message.get("used_cache") != "full":
            return call, event
    raise NotApplicable("no public endpoint succeeds with plain arguments")


@check("EVT-007")
def check_eta_is_known_after_a_success(probe: Probe) -> None:
    """After a success of any app's function, the eta of its next start is a number."""
    call, _ = _first_success(probe)
    again = through_the_queue(probe, [call])[0]
    eta = again.until("process_starts", clause="EVT-002").get("eta")
    good = isinstance(eta, int | float) and not isinstance(eta, bool) and eta >= 0
    require(good, "EVT-007", "a number not below 0", eta)


@check("EVT-027", "EVT-028")
def check_successes_carry_their_measures(probe: Probe) -> None:
    """An output with data has a duration and changed_state_ids."""
    _, event = _first_success(probe)
    output = event.completed().get("output")
    output = output if isinstance(output, Mapping) else {}
    duration, changed = output.get("duration"), output.get("changed_state_ids")
    seconds = isinstance(duration, int | float) and type(duration) is not bool and duration >= 0
    require(seconds, "EVT-027", "a duration not below 0", dict(output))
    if "EVT-028" not in probe.spec.clauses:
        return
    good = isinstance(changed, list) and all(type(i) is int for i in changed)
    require(good, "EVT-028", "an array of integers", dict(output))


def _start(probe: Probe, call: Call) -> CallStream:
    return start_call(probe, *call)


def _start_by_name(probe: Probe, call: Call) -> CallStream:
    name, arguments = call
    return start_call_v2(probe, name, callable_endpoints(probe)[name].by_name(arguments))


@check("CALL-001", "CALL-003", "CALL-023")
def check_every_endpoint_answers_calls(probe: Probe) -> None:
    """Every public endpoint by POST call/{name}: known events, one result, a clean end."""
    for call in samples(probe):
        require_call_events(probe, call, _start(probe, call))


@check("CALL-003", "CALL-023")
def check_every_endpoint_answers_calls_by_name(probe: Probe) -> None:
    """Every public endpoint by POST call/v2/{name}: known events, one result, a clean end."""
    for call in samples(probe):
        require_call_events(probe, call, _start_by_name(probe, call))


@check("CALL-001", "CALL-003", "CALL-023")
@given(data=st.data(), by_name=st.booleans())
def check_generated_inputs_keep_calls_in_order(
    probe: Probe, data: st.DataObject, by_name: bool
) -> None:
    """Generated inputs by call/{name} and call/v2/{name}: known events, a result, a clean end."""
    calls = draw_calls(probe, data)
    by_name = by_name and probe.knows("POST", "/call/v2/x")
    start = _start_by_name if by_name else _start
    streams = [start(probe, call) for call in calls]
    for call, stream in zip(calls, streams, strict=True):
        require_call_events(probe, call, stream)
    probe.verify()


@check("RUN-002")
def check_every_endpoint_answers_directly(probe: Probe) -> None:
    """Every public endpoint by run and by api: a result, or 500 with the error object."""
    for call in samples(probe):
        require_direct_answers(probe, call)


@check("RUN-002")
@given(data=st.data())
def check_generated_inputs_are_answered_directly(probe: Probe, data: st.DataObject) -> None:
    """Generated inputs by run and by api: a result, or 500 with the error object."""
    for call in draw_calls(probe, data):
        require_direct_answers(probe, call)
