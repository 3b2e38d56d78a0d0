"""The simple API: ``POST call/{name}``, then one stream that tells what came of it."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from gradio_conformance.answers import followed
from gradio_conformance.binding import check
from gradio_conformance.calls import ended
from gradio_conformance.calls import event_id_of
from gradio_conformance.calls import require_completes
from gradio_conformance.calls import require_fails
from gradio_conformance.calls import start_call
from gradio_conformance.calls import told
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.session import CallStream
from gradio_conformance.values import json_values
from gradio_conformance.values import related_values

NO_EVENT = "0" * 32
ERROR_OBJECT = "messages#/$defs/CallError/then"  # in versions whose calls tell what went wrong
NO_ENDPOINT = "no-such-endpoint"
# "A few seconds" (CALL-010): what ends later than this keeps a client waiting.
FEW_SECONDS = 5.0
NO_ARRAYS: tuple[Any, ...] = (None, "x", 7, True, {"0": "x"})


def _some_call(probe: Probe) -> CallStream:
    """A call of some endpoint of the app with sample data, its stream open."""
    endpoint = some_endpoint(probe.target)
    return start_call(probe, endpoint.name, endpoint.sample)


@check("CALL-001")
def check_accepted_call_names_its_event(probe: Probe) -> None:
    """POST call/{name} answers 200 with a string event_id, a new one each time."""
    endpoint = some_endpoint(probe.target)
    members: tuple[dict[str, Any], ...] = ({}, {"session_hash": None, "oauth_token": None})
    replies = [probe.call(endpoint.name, endpoint.sample, **more) for more in members]
    ids = [event_id_of(probe, reply) for reply in replies]
    require(ids[0] != ids[1], "CALL-001", "an event id of its own for each call", ids)
    for event_id in ids:
        ended(probe.call_stream(endpoint.name, event_id))


@check("CALL-002")
def check_stream_has_event_and_data_lines(probe: Probe) -> None:
    """On the wire, each event is an event line, a data line and an empty line, ended by LF."""
    stream = _some_call(probe)
    stream.until_end()
    require_equal(stream.reader.status, 200, "CALL-002", "status")
    media_type = str(stream.reader.headers.get("content-type", "")).partition(";")[0].strip()
    require_equal(media_type, "text/event-stream", "CALL-002", "content type")
    text = bytes(stream.reader.received).decode("utf-8", "replace")
    require("\r" not in text, "CALL-002", "LF as line end", text)
    *blocks, rest = text.split("\n\n")
    require_equal(rest, "", "CALL-002", "an empty line after the last event")
    require_equal(len(blocks), len(stream.events), "CALL-002", "one block per event")
    for block in blocks:
        starts = [line.partition(":")[0] for line in block.split("\n")]
        require_equal(starts, ["event", "data"], "CALL-002", f"the fields of {block!r}")
    ended(stream)


@check("CALL-003", needs=("tokens", "fail"))
def check_events_have_known_names(probe: Probe) -> None:
    """A generator's call has generating and complete, a failing one has error."""
    names = [name for name, _ in told(start_call(probe, "tokens", ["one two"]))]
    require_equal(names, ["generating", "generating", "complete"], "CALL-003", "event names")
    names = [name for name, _ in told(start_call(probe, "fail", ["x"]))]
    require_equal(names, ["error"], "CALL-003", "event names")


@check("CALL-004", needs=("echo", "pair", "no_outputs"))
def check_success_is_one_complete_event(probe: Probe) -> None:
    """A success is one complete event with one item per output."""
    calls: tuple[tuple[str, list[Any], list[Any]], ...] = (
        ("echo", [{"a": [1, None]}], [{"a": [1, None]}]),
        ("pair", ["x", 3], ["x", 3]),
        ("no_outputs", ["x"], []),
    )
    for name, data, wanted in calls:
        require_completes(start_call(probe, name, data), wanted, "CALL-004")


@check("CALL-004", needs=("echo",))
@given(value=json_values())
def check_any_json_value_comes_back(probe: Probe, value: Any) -> None:
    """A call of echo returns every JSON value as it was sent."""
    require_completes(start_call(probe, "echo", [value]), [value], "CALL-004")
    probe.verify()


@check("CALL-005", needs=("tokens", "tokens_async", "yields", "yields_pairs"))
def check_each_yield_is_told_in_full(probe: Probe) -> None:
    """n yields make n generating events with full values, and then complete."""
    words = [["one"], ["one two"], ["one two three"]]
    calls: tuple[tuple[str, list[Any], list[Any], list[Any]], ...] = (
        ("tokens", ["one two three"], words, words[-1]),
        ("tokens_async", ["one two three"], words, words[-1]),
        ("yields_pairs", [[[1, "x"], [1, "xy"]]], [[1, "x"], [1, "xy"]], [1, "xy"]),
        ("yields", [[]], [], [None]),
    )
    for name, data, chunks, last in calls:
        wanted = [*(["generating", chunk] for chunk in chunks), ["complete", last]]
        events = told(start_call(probe, name, data))
        require_equal(events, wanted, "CALL-005", f"events of {name}")


@check("CALL-005", needs=("yields",))
@given(values=related_values())
def check_any_values_are_told_in_full(probe: Probe, values: list[Any]) -> None:
    """Whatever a generator yields, each generating event carries all of it."""
    wanted = [*(["generating", [value]] for value in values), ["complete", values[-1:]]]
    events = told(start_call(probe, "yields", [values]))
    require_equal(events, wanted, "CALL-005", "events of yields")
    probe.verify()


def _queued_error(probe: Probe, name: str, data: list[Any]) -> Any:
    """The output of process_completed when the same failure happens in the queue."""
    return probe.session().run(name, data).completed().get("output")


def _errors_agree(probe: Probe, name: str, data: list[Any]) -> None:
    """The error event of a failing call carries what process_completed has as output."""
    error = require_fails(start_call(probe, name, data), "CALL-006")
    wanted = _told_error(probe, name, data)
    require_equal(error, wanted, "CALL-006", f"what a failure of {name} tells")


def _told_error(probe: Probe, name: str, data: list[Any]) -> Any:
    """The error object of the queue; null in a version whose calls do not tell it."""
    return _queued_error(probe, name, data) if probe.has(ERROR_OBJECT) else None


@check("CALL-006", needs=("fail", "fail_user"))
def check_failure_is_one_error_event(probe: Probe) -> None:
    """A failing call has one error event, with the error object of the queue."""
    _errors_agree(probe, "fail", ["told"])
    _errors_agree(probe, "fail_user", ["told", "Too bad", 4, False])


@check("CALL-006", needs=("fail_after", "fail_user_after", "fail", "fail_user"))
def check_failure_after_chunks_is_one_error_event(probe: Probe) -> None:
    """A call that fails after chunks keeps them and ends in one error event."""
    # The same failure before any chunk, so that the title of late ones (EVT-020) is not judged.
    pairs: tuple[tuple[str, str, list[Any]], ...] = (
        ("fail_after", "fail", ["told"]),
        ("fail_user_after", "fail_user", ["told", "Stopped", 10, True]),
    )
    for name, twin, data in pairs:
        error = _told_error(probe, twin, data)
        wanted = [["generating", [0]], ["generating", [1]], ["error", error]]
        events = told(start_call(probe, name, [2, "told"]))
        require_equal(events, wanted, "CALL-006", f"events of {name}")


@check("CALL-006", needs=("fail", "fail_user"), server="second")
def check_shown_errors_are_told_to_calls(probe: Probe) -> None:
    """With show_error, a call gets the text of an ordinary exception as the queue does."""
    error = require_fails(start_call(probe, "fail", ["because of x7"]), "CALL-006")
    if probe.has(ERROR_OBJECT):
        shown = error.get("error") if isinstance(error, dict) else error
        require_equal(shown, "because of x7", "CALL-006", "error")
    _errors_agree(probe, "fail", ["told"])
    _errors_agree(probe, "fail_user", ["told", "Too bad", 4, False])


@check("CALL-011")
def check_unknown_name_is_not_found(probe: Probe) -> None:
    """POST call/{name} for a name that no endpoint has gives 404 with detail."""
    event_id_of(probe, probe.call(*_name_and_data(probe)))
    reply = probe.call(NO_ENDPOINT, [])
    reply.require_status("CALL-011", 404).require_client_error("CALL-011")


def _name_and_data(probe: Probe) -> tuple[str, list[Any]]:
    endpoint = some_endpoint(probe.target)
    return endpoint.name, endpoint.sample


@check("CALL-012")
def check_data_must_be_an_array(probe: Probe) -> None:
    """Missing data and data that is no array give 422 with detail; an array is accepted."""
    name, data = _name_and_data(probe)
    bodies: list[dict[str, Any]] = [{"data": value} for value in NO_ARRAYS]
    for body in [{}, {"args": data}, *bodies]:
        reply = probe.request("POST", f"/call/{name}", json_body=body)
        reply.require_status("CALL-012", 422).require_client_error("CALL-012")
    told(start_call(probe, name, data))


@check("CALL-013")
def check_trailing_slash_keeps_the_body(probe: Probe) -> None:
    """POST call/{name}/ is handled, or redirected with the method and body kept."""
    name, data = _name_and_data(probe)
    body = {"data": data}
    reply = probe.request("POST", f"/call/{name}/", json_body=body)
    reply.require_status("CALL-013", 200, 307, 308)
    event_id = event_id_of(probe, followed(probe, reply, "CALL-013", body), "CALL-013")
    ended(probe.call_stream(name, event_id))


@check("CALL-009", "CALL-023")
def check_unknown_event_is_told(probe: Probe) -> None:
    """GET call/{name}/{event_id} of a made-up id is 404, or one error event and a clean end."""
    known = _some_call(probe)
    told(known)
    stream = probe.call_stream(known.name, NO_EVENT)
    stream.until_end(clause="CALL-009")
    status = stream.reader.status
    require(status in (200, 404), "CALL-009", "status 200 or 404", stream.describe())
    if status == 200:
        kinds = [kind for kind, _ in stream.events]
        require_equal(kinds, ["error"], "CALL-009", "the events for an unknown id")


@check("CALL-010")
def check_second_reading_ends(probe: Probe) -> None:
    """A second GET for a delivered result ends within a few seconds."""
    first = _some_call(probe)
    told(first)
    again = probe.call_stream(first.name, first.event_id)
    again.until_end(clause="CALL-010", within=min(probe.patience_s, FEW_SECONDS))
    kinds = [kind for kind, _ in again.events if kind not in ("heartbeat", "generating")]
    good = again.reader.status == 404 or kinds in (["error"], ["complete"])
    require(good, "CALL-010", "404, an error event or the result", again.describe())


@check("CALL-023")
def check_response_ends_after_the_result(probe: Probe) -> None:
    """The response ends properly, and nothing follows complete or error."""
    stream = _some_call(probe)
    told(stream)
    kinds = [kind for kind, _ in stream.events]
    require(kinds[-1] in ("complete", "error"), "CALL-023", "the result as last event", kinds)
    ends = sum(kind in ("complete", "error") for kind in kinds)
    require_equal(ends, 1, "CALL-023", "complete or error, once")
