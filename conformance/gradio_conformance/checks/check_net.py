"""What all routes have in common: refusals, client faults, and one JSON form of a value."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.answers import json_object
from gradio_conformance.answers import require_valid
from gradio_conformance.answers import taken
from gradio_conformance.binding import check
from gradio_conformance.calls import event_id_of
from gradio_conformance.calls import start_call
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.values import json_values
from gradio_conformance.wire import Reply

JSON = {"content-type": "application/json"}
NO_ENDPOINT = "no-such-endpoint"
UNKNOWN_FN = 987_654
ROUTES = ("call", "run", "call/v2")
# Kinds of `unserialisable` that a library may or may not have a JSON form for.
FOREIGN = ("int-keys", "big-int", "surrogate", "object", "bytes", "set")
FAILED = ["failed"]
# Values of which JSON encoders are known to differ.
DELICATE: tuple[Any, ...] = (
    *(0, -0.0, 1, 1.0, -1, 0.1, 1e16, 1e-7, 1.5e300, 2**53 - 1, 2**53 + 1, 2**63),
    *(True, False, None, "", [], {}, [[]], [None, {"": [{}]}], {"b": 1, "a": {"1": 2}}),
    *("naïve", "日本語 🙂", "\u2028\u2029\u0085", "\x00\x1f\x7f", "\r\n\n", '"\\/', "</script>"),
)


def _post(probe: Probe, path: str, content: bytes) -> Reply:
    return probe.request("POST", path, content=content, headers=JSON)


def require_refusal(probe: Probe, reply: Reply) -> None:
    """Demand a 4xx with the JSON object of NET-008; a 5xx would break NET-004."""
    expected = f"no 5xx for the client's mistake in {reply.method} {reply.path}"
    require(reply.status < 500, "NET-004", expected, reply.describe())
    require(reply.status >= 400, "NET-008", "a refusal", reply.describe())
    require_valid(probe, "http#/$defs/ErrorDetail", json_object(reply, "NET-008"), "NET-008")


def routes_of(probe: Probe) -> tuple[str, ...]:
    """The ways to call by name that the version has by which the server is judged."""
    return tuple(route for route in ROUTES if probe.knows("POST", f"/{route}/x"))


def require_taken(probe: Probe, route: str) -> str:
    """Demand that the route takes a good body, so that its refusals mean something."""
    endpoint = some_endpoint(probe.target)
    if route == "run":
        taken(probe, probe.run(endpoint.name, endpoint.sample))
    elif route == "call":
        event_id_of(probe, probe.call(endpoint.name, endpoint.sample))
    else:
        event_id_of(probe, probe.call_v2(endpoint.name, endpoint.by_name(endpoint.sample)))
    return endpoint.name


@check("NET-008", "NET-004")
def check_calls_refuse_malformed_bodies(probe: Probe) -> None:
    """Text that is no JSON, or not UTF-8, or of the wrong type is a 4xx with detail."""
    bodies = (b'{"data": [', b"", b"7", b'"x"', b'{"data": "\xff"}', b"\xff\xfe", b"[" * 5000)
    for route in routes_of(probe):
        name = require_taken(probe, route)
        for content in bodies:
            require_refusal(probe, _post(probe, f"/{route}/{name}", content))


@check("NET-008", "NET-004")
@given(
    route=st.sampled_from(ROUTES),
    body=json_values().filter(lambda value: not isinstance(value, dict)),
)
def check_calls_refuse_any_body_that_is_no_object(probe: Probe, route: str, body: Any) -> None:
    """Whatever JSON value stands for the body, the answer is a 4xx with detail."""
    if route in routes_of(probe):
        name = require_taken(probe, route)
        require_refusal(probe, _post(probe, f"/{route}/{name}", json.dumps(body).encode()))


@check("NET-008", "NET-004")
@given(
    route=st.sampled_from(("call", "run")),
    data=json_values().filter(lambda value: not isinstance(value, list)),
)
def check_calls_refuse_any_data_that_is_no_array(probe: Probe, route: str, data: Any) -> None:
    """Whatever JSON value stands for the array data, the answer is a 4xx with detail."""
    name = require_taken(probe, route)
    content = json.dumps({"data": data}).encode()
    require_refusal(probe, _post(probe, f"/{route}/{name}", content))


@check("NET-004")
def check_unknown_names_are_the_clients_fault(probe: Probe) -> None:
    """A call, a v2 call and a direct call of nothing are no 5xx."""
    for route in routes_of(probe):
        require_taken(probe, route)
        body: dict[str, Any] = {} if route == "call/v2" else {"data": []}
        reply = probe.request("POST", f"/{route}/{NO_ENDPOINT}", json_body=body)
        expected = f"no 5xx for an unknown name in {reply.path}"
        require(reply.status < 500, "NET-004", expected, reply.describe())


@check("NET-004")
def check_unknown_fn_index_is_the_clients_fault(probe: Probe) -> None:
    """A direct call with an fn_index that /config does not list is no 5xx."""
    require_taken(probe, "run")
    endpoint = some_endpoint(probe.target)
    reply = probe.run(endpoint.name, endpoint.sample, fn_index=UNKNOWN_FN)
    require(reply.status < 500, "NET-004", "no 5xx for an unknown fn_index", reply.describe())


@check("NET-004")
def check_unknown_arguments_are_the_clients_fault(probe: Probe) -> None:
    """A v2 call with a member that is no parameter is no 5xx."""
    require_taken(probe, "call/v2")
    endpoint = some_endpoint(probe.target)
    arguments = {**endpoint.by_name(endpoint.sample), "surplus_one": 1}
    reply = probe.call_v2(endpoint.name, arguments)
    require(reply.status < 500, "NET-004", "no 5xx for an unknown argument", reply.describe())
    require(reply.status >= 400, "CALL-015", "a refusal of an unknown argument", reply.describe())


NO_TEXT = json_values(3).filter(lambda value: not isinstance(value, str))


@check("CANCEL-002", "NET-008", "NET-004")
@given(session_hash=json_values(3), fn_index=json_values(3), event_id=NO_TEXT)
def check_cancel_refuses_any_wrong_body(
    probe: Probe, session_hash: Any, fn_index: Any, event_id: Any
) -> None:
    """Whatever stands in the other members of a cancel, an event_id that is no text gives 422."""
    body = {"session_hash": session_hash, "fn_index": fn_index, "event_id": event_id}
    probe.cancel(session_hash="nobody", fn_index=0, event_id="0").require_status("CANCEL-001", 200)
    reply = probe.request("POST", "/cancel", json_body=body)
    require_refusal(probe, reply)
    reply.require_status("CANCEL-002", 422)


@check("SSE-019", "NET-008")
def check_refusals_of_the_queue_are_json(probe: Probe) -> None:
    """queue/join, queue/data and cancel refuse with a JSON object that has detail."""
    endpoint = some_endpoint(probe.target)
    session = probe.session()
    session.run(endpoint.name, endpoint.sample)
    session.until_closed()
    for path in ("/queue/join", "/cancel"):
        for content in (b"{", b"[]", b"{}", b"\xff"):
            require_refusal(probe, _post(probe, path, content))
    reply = probe.request("GET", "/queue/data")
    require_refusal(probe, reply)
    reply.require_status("SSE-019", 422)


def _by_run(probe: Probe, name: str, data: list[Any]) -> list[Any]:
    reply = probe.run(name, data)
    if reply.status != 200:
        return FAILED
    outputs = json_object(reply, "NET-007").get("data")
    return ["data", outputs]


def _by_call(probe: Probe, name: str, data: list[Any]) -> list[Any]:
    stream = start_call(probe, name, data)
    kind, outputs = stream.result(clause="NET-007")
    stream.until_end()
    return ["data", outputs] if kind == "complete" else FAILED


def _by_queue(probe: Probe, name: str, data: list[Any]) -> list[Any]:
    event: Event = probe.session().run(name, data)
    message = event.completed(clause="NET-007")
    output = message["output"]
    return ["data", output.get("data")] if message["success"] is True else FAILED


def _require_one_form(probe: Probe, name: str, data: list[Any], what: str) -> None:
    direct = _by_run(probe, name, data)
    require_equal(_by_call(probe, name, data), direct, "NET-007", f"{what} by call as by run")
    require_equal(_by_queue(probe, name, data), direct, "NET-007", f"{what} by queue as by run")


@check("NET-007", needs=("echo",))
def check_json_values_have_one_form(probe: Probe) -> None:
    """JSON values that a function returns are the same by run, by call and by the queue."""
    for value in (*DELICATE, list(DELICATE)):
        direct = _by_run(probe, "echo", [value])
        require_equal(direct, ["data", [value]], "NET-007", "the value as it was sent")
    _require_one_form(probe, "echo", [list(DELICATE)], "the values")


@check("NET-007", needs=("unserialisable",))
def check_foreign_values_have_one_form(probe: Probe) -> None:
    """A value that JSON does not know has one form, or fails, on all three routes alike."""
    for kind in FOREIGN:
        _require_one_form(probe, "unserialisable", [kind], kind)


@check("NET-007", needs=("unserialisable",))
def check_numbers_that_are_not_finite_have_one_form(probe: Probe) -> None:
    """NaN and the infinities have one form on all three routes."""
    _require_one_form(probe, "unserialisable", ["nan"], "NaN and the infinities")
