"""Direct calls: one request, one answer, no queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given

from gradio_conformance.answers import json_object
from gradio_conformance.answers import require_valid
from gradio_conformance.answers import taken
from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.values import json_values
from gradio_conformance.wire import Reply

NO_ENDPOINT = "no-such-endpoint"
NO_ARRAYS: tuple[Any, ...] = (None, "x", 7, True, {"0": "x"})
# What the official clients send along, and what it may be instead.
MEMBERS: tuple[dict[str, Any], ...] = (
    {"event_data": None, "trigger_id": None, "fn_index": None, "session_hash": "s-run-members"},
    {"event_data": {"index": 1}, "trigger_id": 1, "session_hash": None, "oauth_token": None},
)
TIMES = ("duration", "average_duration")


def result_of(probe: Probe, reply: Reply, clause: str = "RUN-001") -> Mapping[str, Any]:
    """The answer of a direct call that succeeded."""
    body = json_object(reply.require_status(clause, 200), clause)
    require_valid(probe, "http#/$defs/RunResult", body, clause)
    return body


def require_result(
    probe: Probe, name: str, data: list[Any], wanted: list[Any], clause: str = "RUN-001"
) -> None:
    """Demand a successful direct call with these outputs."""
    body = result_of(probe, probe.run(name, data), clause)
    require_equal(body["data"], wanted, clause, f"data of {name}")


@check("RUN-001", needs=("quick", "echo", "pair", "no_outputs"))
def check_direct_call_answers_with_its_result(probe: Probe) -> None:
    """run/{name} answers 200 with data, is_generating and the durations."""
    calls: tuple[tuple[str, list[Any], list[Any]], ...] = (
        ("quick", ["x"], ["x"]),
        ("echo", [{"a": [1, None]}], [{"a": [1, None]}]),
        ("pair", ["x", 3], ["x", 3]),
        ("no_outputs", ["x"], []),
    )
    for name, data, wanted in calls:
        body = result_of(probe, probe.run(name, data))
        require_equal(body["data"], wanted, "RUN-001", f"data of {name}")
        require_equal(body["is_generating"], False, "RUN-001", "is_generating")
    for members in MEMBERS:
        body = result_of(probe, probe.run("echo", ["x"], **members))
        require_equal(body["data"], ["x"], "RUN-001", f"data of echo with {members}")


@check("RUN-001", needs=("echo",))
@given(value=json_values())
def check_any_json_value_comes_back(probe: Probe, value: Any) -> None:
    """A direct call of echo returns every JSON value as it was sent."""
    require_result(probe, "echo", [value], [value])


@check("RUN-001", needs=("quick", "hold", "hold_two", "release", "journal"))
def check_direct_call_does_not_wait_for_the_queue(probe: Probe) -> None:
    """While groups are held and events wait, a direct call answers, and the queue is as before."""
    gates = [probe.gate() for _ in range(5)]
    sessions = [probe.session() for _ in gates]
    names = ("hold", "hold_two", "hold_two", "hold", "hold_two")
    events = []
    for session, name, gate in zip(sessions, names, gates, strict=True):
        events.append(session.join(name, [gate.key]))
        session.open()
    for event in events[:3]:
        event.until("process_starts", clause="QUEUE-013")
    require_result(probe, "quick", ["through"], ["through"])
    status = json_object(probe.request("GET", "/queue/status"), "QUEUE-011")
    require_equal(status.get("queue_size"), 2, "RUN-001", "waiting events after the direct call")


@check("RUN-002")
def check_api_is_another_name_of_run(probe: Probe) -> None:
    """api/{name} answers as run/{name} does, for a good body and for a bad one."""
    endpoint = some_endpoint(probe.target)
    taken(probe, probe.run(endpoint.name, endpoint.sample))
    for body in ({"data": endpoint.sample}, {"data": "x"}, {}):
        replies = [
            probe.request("POST", f"/{route}/{endpoint.name}", json_body=body)
            for route in ("run", "api")
        ]
        told = [reply.status for reply in replies]
        require(told[0] == told[1], "RUN-002", f"status {told[0]} from both", told)
        run, api = (_without_times(json_object(reply, "RUN-002")) for reply in replies)
        require_equal(sorted(api), sorted(run), "RUN-002", "members of the answer of run")
        # An app of its own may answer differently each time; the testbed does not.
        if probe.target.is_testbed:
            require_equal(api, run, "RUN-002", "the answer of run")


def _without_times(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in TIMES}


@check("RUN-003", needs=("echo", "add"))
def check_fn_index_wins_over_the_name(probe: Probe) -> None:
    """The body's fn_index selects the function, whatever the path names."""
    require_result(probe, "echo", [2, 5], [2], "RUN-003")
    for name, other, wanted in (("echo", "add", [7]), ("add", "echo", [2])):
        reply = probe.run(name, [2, 5], fn_index=probe.target.fn_index(other))
        body = result_of(probe, reply, "RUN-003")
        require_equal(body["data"], wanted, "RUN-003", f"data of {other}")


def _fails_as_in_the_queue(probe: Probe, name: str, data: list[Any]) -> None:
    reply = probe.run(name, data).require_status("RUN-004", 500)
    error = json_object(reply, "RUN-004")
    require_valid(probe, "http#/$defs/RunError", error, "RUN-004")
    output = probe.session().run(name, data).completed().get("output")
    require_equal(error, output, "RUN-004", f"the output of process_completed of {name}")


@check("RUN-004", needs=("fail", "fail_user", "echo"))
def check_failure_is_told_as_in_the_queue(probe: Probe) -> None:
    """A direct call that fails answers 500 with the error object of the queue."""
    require_result(probe, "echo", ["x"], ["x"])
    _fails_as_in_the_queue(probe, "fail", ["told"])
    _fails_as_in_the_queue(probe, "fail_user", ["told", "Too bad", 4, False])


@check("RUN-004", needs=("fail", "fail_user"), server="second")
def check_shown_errors_are_told_as_in_the_queue(probe: Probe) -> None:
    """With show_error, a direct call tells the text of an ordinary exception."""
    reply = probe.run("fail", ["because of x7"]).require_status("RUN-004", 500)
    error = json_object(reply, "RUN-004").get("error")
    require_equal(error, "because of x7", "RUN-004", "error")
    _fails_as_in_the_queue(probe, "fail", ["told"])
    _fails_as_in_the_queue(probe, "fail_user", ["told", "Too bad", 4, False])


@check("RUN-005", needs=("tokens", "tokens_async"))
def check_generator_answers_its_first_values(probe: Probe) -> None:
    """Each direct call of a generator answers its first values, with is_generating true."""
    for name in ("tokens", "tokens", "tokens_async", "tokens_async"):
        body = result_of(probe, probe.run(name, ["one two three"]), "RUN-005")
        require_equal(body["data"], ["one"], "RUN-005", f"the first values of {name}")
        require_equal(body["is_generating"], True, "RUN-005", "is_generating")


@check("RUN-007")
def check_unknown_name_is_refused(probe: Probe) -> None:
    """run/{name} for a name that no endpoint has gives a 4xx with detail."""
    endpoint = some_endpoint(probe.target)
    taken(probe, probe.run(endpoint.name, endpoint.sample))
    probe.run(NO_ENDPOINT).require_client_error("RUN-007")
    older = probe.request("POST", f"/api/{NO_ENDPOINT}", json_body={"data": []})
    older.require_client_error("RUN-007")


@check("RUN-008")
def check_data_must_be_an_array(probe: Probe) -> None:
    """Missing data and data that is no array give 422 with detail; an array is taken."""
    endpoint = some_endpoint(probe.target)
    bodies: list[dict[str, Any]] = [{"data": value} for value in NO_ARRAYS]
    for body in [{}, {"args": endpoint.sample}, *bodies]:
        reply = probe.request("POST", f"/run/{endpoint.name}", json_body=body)
        reply.require_status("RUN-008", 422).require_client_error("RUN-008")
    taken(probe, probe.run(endpoint.name, endpoint.sample), "RUN-008")
