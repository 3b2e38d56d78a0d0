"""``POST call/v2/{name}``: arguments by name, defaults filled in, mistakes named."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.binding import check
from gradio_conformance.calls import event_id_of
from gradio_conformance.calls import require_completes
from gradio_conformance.calls import start_call_v2
from gradio_conformance.faults import require
from gradio_conformance.faults import show
from gradio_conformance.inputs import Endpoint
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.schema_values import strategy_for
from gradio_conformance.wire import Reply

NO_ENDPOINT = "no-such-endpoint"
NO_OBJECTS = (b"[1]", b"[]", b"7", b'"text"', b"null", b"true", b'{"text":', b"{,}", b"")
TYPED: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "choice": {"enum": ["red", "green"]},
    "items": {"type": "array", "items": {"type": "integer"}},
    "mapping": {"type": "object", "additionalProperties": {"type": "integer"}},
}
GIVEN = {name: strategy_for(schema) for name, schema in TYPED.items()}
MAYBE = {"maybe": st.none() | strategy_for({"type": "string"})}


@check("CALL-014", needs=("add", "echo_text"))
def check_arguments_go_by_name(probe: Probe) -> None:
    """Members of the body are parameters by name, in any order; a missing one has its default."""
    calls: tuple[tuple[str, dict[str, Any], Any], ...] = (
        ("add", {"a": 2, "b": 5}, 7),
        ("add", {"b": 5, "a": 2}, 7),
        ("add", {"a": 2}, 3),
        ("echo_text", {"text": "named"}, "named"),
        ("echo_text", {}, "hello"),
    )
    for name, arguments, wanted in calls:
        stream = start_call_v2(probe, name, arguments, "CALL-014")
        require_completes(stream, [wanted], "CALL-014")


@check("CALL-014", needs=("typed",))
@given(
    arguments=st.fixed_dictionaries(GIVEN, optional=MAYBE),
    order=st.randoms(use_true_random=False),
)
def check_any_arguments_reach_their_parameter(
    probe: Probe, arguments: dict[str, Any], order: Any
) -> None:
    """Whatever the values and the order of the members, each parameter gets its own."""
    names = list(arguments)
    order.shuffle(names)
    shuffled = {name: arguments[name] for name in names}
    wanted = {"maybe": None, **arguments}
    stream = start_call_v2(probe, "typed", shuffled, "CALL-014")
    require_completes(stream, [wanted], "CALL-014")
    probe.verify()


def _names_the_mistake(reply: Reply, member: str) -> None:
    reply.require_client_error("CALL-015")
    body = reply.json("CALL-015")
    detail = show(body.get("detail") if isinstance(body, dict) else body, 4000)
    require(member in detail, "CALL-015", f"a detail that names {member!r}", detail)


@check("CALL-015", needs=("pair",))
def check_missing_argument_is_named(probe: Probe) -> None:
    """A parameter without default that is missing gives a 4xx that names it."""
    require_completes(start_call_v2(probe, "pair", {"text": "x", "whole": 3}), ["x", 3], "CALL-014")
    _names_the_mistake(probe.call_v2("pair", {"text": "x"}), "whole")
    _names_the_mistake(probe.call_v2("pair", {"whole": 3}), "text")


@check("CALL-015", needs=("pair",))
def check_unknown_argument_is_named(probe: Probe) -> None:
    """A member that is no parameter gives a 4xx that names it."""
    good = {"text": "x", "whole": 3}
    require_completes(start_call_v2(probe, "pair", good), ["x", 3], "CALL-014")
    _names_the_mistake(probe.call_v2("pair", {**good, "surplus_one": 1}), "surplus_one")


@check("CALL-016", needs=("echo_text",))
def check_result_is_on_both_routes(probe: Probe) -> None:
    """The result of a v2 call is read from call/{name} and from call/v2/{name} alike."""
    for v2 in (False, True):
        text = f"v2 {v2}"
        event_id = event_id_of(probe, probe.call_v2("echo_text", {"text": text}), "CALL-016")
        stream = probe.call_stream("echo_text", event_id, v2=v2)
        require_completes(stream, [text], "CALL-016")


@check("CALL-011")
def check_unknown_name_is_not_found(probe: Probe) -> None:
    """POST call/v2/{name} for a name that no endpoint has gives 404 with detail."""
    event_id_of(probe, probe.call_v2(*_named_sample(probe)))
    reply = probe.call_v2(NO_ENDPOINT, {})
    reply.require_status("CALL-011", 404).require_client_error("CALL-011")


def _named_sample(probe: Probe) -> tuple[str, dict[str, Any]]:
    endpoint: Endpoint = some_endpoint(probe.target)
    return endpoint.name, endpoint.by_name(endpoint.sample)


@check("CALL-025")
def check_body_must_be_an_object(probe: Probe) -> None:
    """A body that is no JSON object gives 422 with detail; an object is accepted."""
    name, arguments = _named_sample(probe)
    headers = {"content-type": "application/json"}
    path = f"/call/v2/{name}"
    for content in NO_OBJECTS:
        reply = probe.request("POST", path, content=content, headers=headers)
        reply.require_status("CALL-025", 422).require_client_error("CALL-025")
    good = json.dumps(arguments).encode()
    event_id_of(probe, probe.request("POST", path, content=good, headers=headers), "CALL-025")
