"""Discovery: what ``/config`` and the routes beside it tell a client that knows only the URL."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from gradio_conformance.answers import followed
from gradio_conformance.answers import json_object
from gradio_conformance.answers import named_endpoints
from gradio_conformance.answers import objects
from gradio_conformance.answers import read_config
from gradio_conformance.answers import read_info
from gradio_conformance.answers import record_errors
from gradio_conformance.answers import require_schema_clause
from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Wire

# The largest whole number that every JSON reader sees as it was written.
SAFE_INTEGER = 2**53 - 1
QUERIES = ("?serialize=False", "?nonsense=1", "?nonsense=%F0%9F%99%82&nonsense=")


def _config_member(probe: Probe, member: str, clause: str) -> Any:
    """One member of ``/config`` that the schema ties to ``clause``."""
    config = read_config(probe)
    require_schema_clause(probe, "config", config, clause)
    require(member in config, clause, f"the member {member}", sorted(config))
    return config[member]


def _listed(config: Mapping[str, Any], member: str, clause: str) -> Sequence[Mapping[str, Any]]:
    """The items of a list without which there is nothing to judge."""
    found = objects(config, member, clause)
    if not found:
        raise NotApplicable(f"/config lists no {member}")
    return found


@check("DISC-001")
def check_config_is_a_json_object(probe: Probe) -> None:
    """GET /config, without the API prefix, answers 200 with a JSON object."""
    read_config(probe, "DISC-001")


@check("DISC-002")
def check_api_prefix_is_a_path(probe: Probe) -> None:
    """api_prefix begins with a slash and does not end with one."""
    prefix = _config_member(probe, "api_prefix", "DISC-002")
    good = isinstance(prefix, str) and prefix.startswith("/") and not prefix.endswith("/")
    require(good, "DISC-002", "a path with a slash in front and none behind", prefix)


@check("DISC-003")
def check_protocol_is_sse_v3(probe: Probe) -> None:
    """The member protocol is sse_v3."""
    protocol = _config_member(probe, "protocol", "DISC-003")
    require_equal(protocol, probe.spec.release.announced, "DISC-003", "protocol")


@check("DISC-004")
def check_version_is_new_enough_for_the_clients(probe: Probe) -> None:
    """The member version is a PEP 440 version, 4.29.1 or newer."""
    _config_member(probe, "version", "DISC-004")


@check("DISC-005")
def check_root_leads_to_the_api(probe: Probe) -> None:
    """The member root is an absolute URL under which the API answers."""
    root = _config_member(probe, "root", "DISC-005")
    require(not str(root).endswith("/"), "DISC-005", "no slash at the end", root)
    there = Wire(str(root), probe.timeline, probe.patience_s)
    try:
        reply = there.request("GET", f"{probe.target.prefix}/info")
    finally:
        there.close()
    reply.require_status("DISC-005", 200)


@check("DISC-006")
def check_dependencies_are_complete(probe: Probe) -> None:
    """Each dependency has the members that clients read, and an id of its own."""
    config = read_config(probe)
    require_schema_clause(probe, "config", config, "DISC-006")
    ids = [d.get("id") for d in _listed(config, "dependencies", "DISC-006")]
    if not probe.has("config#/$defs/Dependency/properties/id"):
        return  # a function is known by its place
    require(len(ids) == len(set(ids)), "DISC-006", "an id of its own for each", ids)


@check("DISC-007")
def check_inputs_and_outputs_are_components(probe: Probe) -> None:
    """Every component id that a dependency names is that of a component."""
    config = read_config(probe)
    known = {c.get("id") for c in objects(config, "components", "DISC-007")}
    for dependency in _listed(config, "dependencies", "DISC-007"):
        for member in ("inputs", "outputs"):
            named = dependency.get(member)
            good = isinstance(named, list) and all(one in known for one in named)
            where = f"ids of components in {member} of {dependency.get('api_name')}"
            require(good, "DISC-007", where, named)


@check("DISC-008")
def check_components_are_complete(probe: Probe) -> None:
    """Each component has id, type, props and skip_api."""
    config = read_config(probe)
    require_schema_clause(probe, "config", config, "DISC-008")
    _listed(config, "components", "DISC-008")


@check("DISC-009")
def check_connect_heartbeat_is_told(probe: Probe) -> None:
    """The member connect_heartbeat is a boolean."""
    told = _config_member(probe, "connect_heartbeat", "DISC-009")
    require(isinstance(told, bool), "DISC-009", "true or false", told)


@check("DISC-010")
def check_max_file_size_is_told(probe: Probe) -> None:
    """The member max_file_size is null or a whole number of bytes."""
    _config_member(probe, "max_file_size", "DISC-010")


@check("DISC-011")
def check_config_with_a_slash_is_the_same(probe: Probe) -> None:
    """GET /config/ leads to the same object."""
    plain = read_config(probe, "DISC-011")
    reply = followed(probe, probe.root_request("GET", "/config/"), "DISC-011")
    body = json_object(reply.require_status("DISC-011", 200), "DISC-011")
    require_equal(body, plain, "DISC-011", "the object of /config")


@check("DISC-017")
def check_unknown_query_parameters_are_ignored(probe: Probe) -> None:
    """Query parameters that nobody knows change neither /config nor /info."""
    config, info = read_config(probe, "DISC-017"), read_info(probe, "DISC-017")
    for query in QUERIES:
        told = read_config(probe, "DISC-017", query)
        require_equal(told, config, "DISC-017", f"/config{query} as without the query")
        told = read_info(probe, "DISC-017", query)
        require_equal(told, info, "DISC-017", f"/info{query} as without the query")


def _app_id(probe: Probe) -> Mapping[str, Any]:
    reply = probe.request("GET", "/app_id").require_status("DISC-022", 200)
    return json_object(reply, "DISC-022")


@check("DISC-022")
def check_app_id_is_that_of_config(probe: Probe) -> None:
    """GET app_id answers the app_id of /config, each time."""
    first, config, second = _app_id(probe), read_config(probe, "DISC-022"), _app_id(probe)
    require_schema_clause(probe, "http#/$defs/AppId", first, "DISC-022")
    require_equal(first["app_id"], config.get("app_id"), "DISC-022", "the app_id of /config")
    require_equal(second, first, "DISC-022", "the same answer again")


@check("DISC-023")
def check_app_id_survives_every_json_reader(probe: Probe) -> None:
    """app_id is text, or a whole number that JavaScript does not round."""
    told = _app_id(probe).get("app_id")
    small = isinstance(told, int) and abs(told) <= SAFE_INTEGER
    good = isinstance(told, str) or (small and not isinstance(told, bool))
    require(good, "DISC-023", f"text or an integer up to {SAFE_INTEGER}", told)


@check("DISC-024")
def check_openapi_lists_the_public_endpoints(probe: Probe) -> None:
    """GET openapi.json answers an OpenAPI 3 document with call/v2 of every public endpoint."""
    reply = probe.request("GET", "/openapi.json").require_status("DISC-024", 200)
    document = json_object(reply, "DISC-024")
    require_valid(probe, "http#/$defs/OpenApiDocument", document, "DISC-024")
    for name in named_endpoints(read_info(probe)):
        listed = any(path.endswith(f"/call/v2{name}") for path in document["paths"])
        require(listed, "DISC-024", f"a path ending in /call/v2{name}", sorted(document["paths"]))


@check("DISC-025")
def check_unknown_routes_and_methods_are_told(probe: Probe) -> None:
    """Below the prefix, an unknown path is 404 and a wrong method 405, both as JSON."""
    probe.request("GET", "/info").require_status("DISC-025", 200)
    wrong = (
        ("GET", "/no-such-route", 404),
        ("POST", "/no-such-route/deeper", 404),
        ("DELETE", "/info", 405),
        ("POST", "/info", 405),
    )
    for method, path, status in wrong:
        _not_served(probe, method, path, status)
    for operation in probe.spec.routes.operations:
        if operation.below_prefix:
            # A server that does not claim the profile of a route need not have it.
            clauses = operation.clauses[:1]
            here = [probe.spec.clause(c).profile for c in clauses] == ["discover"]
            _not_served(probe, "DELETE", operation.example, *((405,) if here else (404, 405)))


def _not_served(probe: Probe, method: str, path: str, *statuses: int) -> None:
    reply = probe.request(method, path).require_status("DISC-025", *statuses)
    require_valid(probe, "http#/$defs/NotServed", json_object(reply, "DISC-025"), "DISC-025")


@check("DISC-027")
def check_config_keeps_its_schema(probe: Probe) -> None:
    """The whole of /config conforms to config.schema.json."""
    record_errors(probe, "config", read_config(probe), "DISC-027")
