"""Discovery: what ``/info`` says of the endpoints, their parameters and their results."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from gradio_conformance.answers import named_endpoints
from gradio_conformance.answers import objects
from gradio_conformance.answers import read_config
from gradio_conformance.answers import read_info
from gradio_conformance.answers import record_errors
from gradio_conformance.answers import require_schema_clause
from gradio_conformance.binding import check
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe


def _names(probe: Probe, clause: str, query: str = "") -> set[str]:
    return set(named_endpoints(read_info(probe, clause, query), clause))


def _endpoint(info: Mapping[str, Any], name: str, clause: str) -> Mapping[str, Any]:
    """One endpoint of ``/info``, which has to be there."""
    endpoints = named_endpoints(info, clause)
    require(f"/{name}" in endpoints, clause, f"the endpoint /{name}", sorted(endpoints))
    found: Mapping[str, Any] = endpoints[f"/{name}"]
    return found


def _all(info: Mapping[str, Any], member: str, clause: str) -> list[Mapping[str, Any]]:
    """Every parameter, or every return value, of every endpoint; there must be some to judge."""
    found = [
        item
        for endpoint in named_endpoints(info, clause).values()
        for item in objects(endpoint, member, clause)
    ]
    if not found:
        raise NotApplicable(f"no public endpoint has {member}")
    return found


def _is_public(probe: Probe, dependency: Mapping[str, Any]) -> bool:
    """By the member that tells it in the version that the server is judged by."""
    if probe.has("config#/$defs/Dependency/properties/api_visibility"):
        return dependency.get("api_visibility") == "public"
    if probe.has("config#/$defs/Dependency/properties/show_api"):
        return dependency.get("show_api") is True
    return True  # nothing could be hidden


def _declared(probe: Probe, name: str) -> Sequence[Mapping[str, Any]]:
    """The parameters of an endpoint as the testbed's contract has them."""
    for endpoint in probe.spec.testbed["endpoints"]:
        if endpoint["name"] == name:
            declared: Sequence[Mapping[str, Any]] = endpoint["parameters"]
            return declared
    raise KeyError(name)


@check("DISC-012")
def check_info_has_both_maps(probe: Probe) -> None:
    """GET info answers 200 with named_endpoints and unnamed_endpoints as objects."""
    info = read_info(probe, "DISC-012")
    for member in ("named_endpoints", "unnamed_endpoints"):
        there = isinstance(info.get(member), Mapping)
        require(there, "DISC-012", f"an object in {member}", info.get(member, "absent"))


@check("DISC-013")
def check_info_lists_the_public_endpoints(probe: Probe) -> None:
    """/info lists every public dependency of /config under its name, and nothing else."""
    dependencies = objects(read_config(probe), "dependencies", "DISC-013")
    public = {
        f"/{d['api_name']}"
        for d in dependencies
        if _is_public(probe, d) and isinstance(d.get("api_name"), str)
    }
    listed = _names(probe, "DISC-013")
    require_equal(sorted(listed), sorted(public), "DISC-013", "the public endpoints of /config")


@check("DISC-014", needs=("undocumented",))
def check_undocumented_endpoints_are_listed_on_request(probe: Probe) -> None:
    """The undocumented endpoint is listed with all_endpoints=true and left out without it."""
    everything = _names(probe, "DISC-014", "?all_endpoints=true")
    require("/undocumented" in everything, "DISC-014", "/undocumented", sorted(everything))
    require("/echo" in everything, "DISC-014", "the public ones as well", sorted(everything))
    usual = _names(probe, "DISC-014")
    require("/undocumented" not in usual, "DISC-014", "no /undocumented", sorted(usual))


@check("DISC-015", needs=("private",))
def check_private_endpoints_are_never_listed(probe: Probe) -> None:
    """The private endpoint is in no /info, whatever is asked for."""
    for query in ("", "?all_endpoints=true", "?all_endpoints=1", "?all_endpoints=private"):
        listed = _names(probe, "DISC-015", query)
        require("/echo" in listed, "DISC-015", "the public endpoints", sorted(listed))
        require("/private" not in listed, "DISC-015", f"no /private in /info{query}", "listed")


@check("DISC-016", needs=("undocumented",))
def check_all_endpoints_can_be_denied(probe: Probe) -> None:
    """all_endpoints=false and all_endpoints=0 do not list the undocumented endpoint."""
    for value in ("false", "0"):
        listed = _names(probe, "DISC-016", f"?all_endpoints={value}")
        expected = f"no /undocumented with all_endpoints={value}"
        require("/echo" in listed, "DISC-016", "the public endpoints", sorted(listed))
        require("/undocumented" not in listed, "DISC-016", expected, sorted(listed))


@check("DISC-018")
def check_parameters_are_complete(probe: Probe) -> None:
    """Every parameter in /info carries the members that clients read."""
    info = read_info(probe)
    require_schema_clause(probe, "info", info, "DISC-018")
    _all(info, "parameters", "DISC-018")


@check("DISC-019")
def check_returns_are_complete(probe: Probe) -> None:
    """Every return value in /info carries the members that clients read."""
    info = read_info(probe)
    require_schema_clause(probe, "info", info, "DISC-019")
    _all(info, "returns", "DISC-019")


@check("DISC-020")
def check_types_are_json_schemas(probe: Probe) -> None:
    """Every type in /info is a valid JSON Schema."""
    info = read_info(probe)
    require_schema_clause(probe, "info", info, "DISC-020")
    for endpoint in named_endpoints(info, "DISC-020").values():
        for member in ("parameters", "returns"):
            for one in objects(endpoint, member, "DISC-020"):
                require("type" in one, "DISC-020", f"a type for each of {member}", one)
    _all(info, "returns", "DISC-020")


@check("DISC-021")
def check_no_default_means_null(probe: Probe) -> None:
    """A parameter that has no default lists null as its default."""
    info = read_info(probe)
    for parameter in _all(info, "parameters", "DISC-021"):
        if parameter.get("parameter_has_default") is False:
            told = parameter.get("parameter_default", "absent")
            require(told is None, "DISC-021", "parameter_default null", dict(parameter))


@check("DISC-021", needs=("pair", "described", "add"))
def check_parameters_without_default_say_so(probe: Probe) -> None:
    """The testbed's parameters without default are listed with parameter_has_default false."""
    info = read_info(probe)
    for name in ("pair", "described", "add"):
        listed = objects(_endpoint(info, name, "DISC-021"), "parameters", "DISC-021")
        bare = [p["name"] for p in _declared(probe, name) if "default" not in p]
        for parameter in listed:
            if parameter.get("parameter_name") in bare:
                told = parameter.get("parameter_has_default")
                require(told is False, "DISC-021", "parameter_has_default false", dict(parameter))
        have = [p.get("parameter_name") for p in listed]
        require(set(bare) <= set(have), "DISC-021", f"the parameters {bare} of {name}", have)


@check("DISC-028")
def check_info_keeps_its_schema(probe: Probe) -> None:
    """The whole of /info conforms to info.schema.json."""
    record_errors(probe, "info", read_info(probe), "DISC-028")


@check("DISC-029", needs=("described", "echo_text"))
def check_descriptions_are_told(probe: Probe) -> None:
    """What the author wrote about an endpoint stands in its description."""
    info = read_info(probe)
    told = _endpoint(info, "described", "DISC-029").get("description")
    require_equal(told, "Says it back.", "DISC-029", "description of /described")
    other = _endpoint(info, "echo_text", "DISC-029").get("description")
    require(other != told, "DISC-029", "another description of /echo_text", other)


@check("DISC-030", needs=("typed", "add", "echo_text"))
def check_parameters_keep_order_names_and_defaults(probe: Probe) -> None:
    """The parameters are listed in the order of data, with their names and defaults."""
    info = read_info(probe)
    for name in ("typed", "add", "echo_text"):
        listed = objects(_endpoint(info, name, "DISC-030"), "parameters", "DISC-030")
        told = [
            [p.get("parameter_name"), p.get("parameter_has_default"), p.get("parameter_default")]
            for p in listed
        ]
        wanted = [[p["name"], "default" in p, p.get("default")] for p in _declared(probe, name)]
        require_equal(told, wanted, "DISC-030", f"name, has_default, default of {name}")
