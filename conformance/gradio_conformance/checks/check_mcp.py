"""The Model Context Protocol: what is offered, and how its messages travel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.answers import named_endpoints
from gradio_conformance.answers import objects
from gradio_conformance.answers import read_config
from gradio_conformance.answers import read_info
from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.faults import show
from gradio_conformance.hostility import require_alive
from gradio_conformance.probe import Probe
from gradio_conformance.rpc import BOTH
from gradio_conformance.rpc import PATH
from gradio_conformance.rpc import Rpc
from gradio_conformance.rpc import endpoint_of
from gradio_conformance.rpc import messages
from gradio_spec.json_schema import FILE_TYPE

VERSIONS = ("2025-03-26", "2025-06-18")
NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
NO_JSON = (b"{", b"", b'"\xff"', b'{"jsonrpc": "2.0", "id": 1, "method": "ping"')
NO_MESSAGE = (b"7", b"[]", b'{"id": 1, "method": "ping"}', b'{"jsonrpc": "2.0", "id": 1}')
DEEP = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":' + b"[" * 100_000


@check("MCP-001", needs="settings", server="tools")
def check_config_says_that_there_are_tools(probe: Probe) -> None:
    """mcp_server is true where tools are offered."""
    require_equal(read_config(probe).get("mcp_server"), True, "MCP-001", "mcp_server")


@check("MCP-002", needs="settings")
def check_no_tools_without_mcp(probe: Probe) -> None:
    """Without MCP its routes are not there, and /config says so."""
    told = read_config(probe).get("mcp_server")
    reply = Rpc(probe).post(PING)
    if told is True and reply.status == 200:
        raise NotApplicable("the server itself offers MCP")
    reply.require_status("MCP-002", 404)
    probe.request("GET", "/mcp/schema").require_status("MCP-002", 404)
    require_alive(probe, "MCP-002")  # who knows no route at all has not refused this one
    require(told is not True, "MCP-002", "mcp_server not true", told)


@check("MCP-003", needs="settings", server="tools")
def check_the_schema_lists_what_is_offered(probe: Probe) -> None:
    """GET mcp/schema lists tools, resources and prompts with the endpoint of each."""
    reply = probe.request("GET", "/mcp/schema").require_status("MCP-003", 200)
    require(reply.is_json, "MCP-003", "the content type application/json", reply.describe())
    require_valid(probe, "http#/$defs/McpOffers", reply.json("MCP-003"), "MCP-003")
    known = {str(d.get("api_name")) for d in probe.target.dependencies}
    named = {endpoint_of(entry) for entry in Rpc(probe).offers()}
    require(named <= known, "MCP-003", "names of endpoints", sorted(named - known))


@check("MCP-004", needs="settings", server="tools")
def check_initialize_agrees_on_a_version(probe: Probe) -> None:
    """initialize is answered with the version that was asked for."""
    client = {"name": "gradio-protocol", "version": "1"}
    for version in VERSIONS:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
        result = Rpc(probe).request("initialize", params, clause="MCP-004").result("MCP-004")
        require_equal(result.get("protocolVersion"), version, "MCP-004", "protocolVersion")
        told = result.get("serverInfo")
        good = isinstance(told, Mapping) and {"name", "version"} <= told.keys()
        require(good, "MCP-004", "name and version in serverInfo", result)
        offered = result.get("capabilities")
        good = isinstance(offered, Mapping) and "tools" in offered
        require(good, "MCP-004", "tools in capabilities", result)


@check("MCP-005", needs=("echo_text", "undocumented", "private"), server="tools")
def check_public_endpoints_are_offered(probe: Probe) -> None:
    """The endpoints of mcp/schema are those of /info."""
    offered = sorted(endpoint_of(entry) for entry in Rpc(probe).offers())
    listed = sorted(name.removeprefix("/") for name in named_endpoints(read_info(probe)))
    require_equal(offered, listed, "MCP-005", "the endpoints of mcp/schema")


@check("MCP-006", needs="settings", server="tools")
def check_names_of_tools_are_plain_and_their_own(probe: Probe) -> None:
    """Each tool has a name of its own, of ASCII letters, digits, underscores and hyphens."""
    names = [str(tool.get("name")) for tool in _tools(probe, "MCP-006")]
    for name in names:
        require(NAME.fullmatch(name) is not None, "MCP-006", "a plain name", name)
    require(len(set(names)) == len(names), "MCP-006", "a name of its own for each", names)


@check(
    "MCP-007",
    needs=("typed", "add", "no_inputs", "whoami", "progress", "file_echo"),
    server="tools",
)
def check_arguments_are_the_parameters_of_info(probe: Probe) -> None:
    """inputSchema says the same as /info."""
    for entry, parameters in _described(probe):
        schema = entry.get("inputSchema")
        where = f"inputSchema of {endpoint_of(entry)}"
        if not isinstance(schema, Mapping):
            raise NonConformance("MCP-007", f"an object as {where}", show(schema))
        require_equal(schema.get("type"), "object", "MCP-007", f"type in {where}")
        properties = schema.get("properties", {})
        names = [str(parameter.get("parameter_name")) for parameter in parameters]
        require_equal(sorted(properties), sorted(names), "MCP-007", f"properties of {where}")
        needed = [
            str(parameter.get("parameter_name"))
            for parameter in parameters
            if not parameter.get("parameter_has_default")
        ]
        require_equal(sorted(schema.get("required", [])), sorted(needed), "MCP-007", where)
        for parameter in parameters:
            wanted = _as_text(parameter.get("type"))
            found = properties[str(parameter.get("parameter_name"))]
            kept = {key: found.get(key) for key in wanted}
            require_equal(_as_text(kept), wanted, "MCP-007", f"a property of {where}")


@check("MCP-008", needs=("echo_text", "described"), server="tools")
def check_tools_are_those_of_the_schema(probe: Probe) -> None:
    """tools/list says the same as mcp/schema."""
    wanted = {
        str(entry.get("name")): entry
        for entry in Rpc(probe).offers()
        if entry.get("meta", {}).get("mcp_type") == "tool"
    }
    tools = {str(tool.get("name")): tool for tool in _tools(probe, "MCP-008")}
    require_equal(sorted(tools), sorted(wanted), "MCP-008", "the names of tools/list")
    for name, tool in tools.items():
        for member in ("description", "inputSchema"):
            same = tool.get(member), wanted[name].get(member)
            require_equal(*same, "MCP-008", f"{member} of {name} in tools/list")


@check("MCP-017", needs="settings", server="tools")
def check_each_request_stands_alone(probe: Probe) -> None:
    """Requests need no initialize and no session, and may have ids of either kind."""
    for number in (7, "seven"):
        found = Rpc(probe).request("ping", clause="MCP-017", number=number)
        require_equal(dict(found.result("MCP-017")), {}, "MCP-017", "the result of ping")
        listed = Rpc(probe).request("tools/list", clause="MCP-017", number=number).result("MCP-017")
        require("tools" in listed, "MCP-017", "tools", listed)


@check("MCP-018", needs="settings", server="tools")
def check_what_is_no_message_is_refused(probe: Probe) -> None:
    """What is no JSON, or no message, gets 400 and an error of JSON-RPC."""
    rpc = Rpc(probe)
    for body in (*NO_JSON, *NO_MESSAGE, DEEP):
        reply = rpc.post(body).require_status("MCP-018", 400)
        found = reply.json("MCP-018")
        require_valid(probe, "http#/$defs/McpError", found, "MCP-018")
        if body in NO_JSON:
            require_equal(found["error"]["code"], -32700, "MCP-018", "the code of the error")


@check("MCP-019", needs="settings", server="tools")
def check_clients_take_both_kinds_of_answer(probe: Probe) -> None:
    """An Accept that lacks one of the two gets 406."""
    rpc = Rpc(probe)
    for kind in ("application/json", "text/event-stream"):
        rpc.post(PING, {"accept": kind}).require_status("MCP-019", 406)
    rpc.post(PING, BOTH).require_status("MCP-019", 200)


@check("MCP-020", needs="settings", server="tools")
def check_notifications_are_taken(probe: Probe) -> None:
    """A notification gets 202 and no body."""
    reply = Rpc(probe).post({"jsonrpc": "2.0", "method": "notifications/initialized"})
    reply.require_status("MCP-020", 202)
    require_equal(reply.content, b"", "MCP-020", "the body")


@check("MCP-022", needs="settings", server="tools")
def check_the_slash_may_be_left_out(probe: Probe) -> None:
    """Without the slash the path leads to the one with it."""
    sent = {"content-type": "application/json", **BOTH}
    path = f"{PATH.rstrip('/')}?tools=none"
    reply = probe.request("POST", path, json_body=PING, headers=sent, lane="mcp")
    reply.require_status("MCP-022", 200, 307, 308)
    if reply.status == 200:
        *_, response = messages(reply, "MCP-022")
        require_equal(response.get("id"), PING["id"], "MCP-022", "the id of the response")
    else:
        location = str(reply.headers.get("location", ""))
        wanted = f"{probe.target.prefix}{PATH}?tools=none"
        require(
            location.endswith(wanted), "MCP-022", f"a location that ends with {wanted}", location
        )


@check("MCP-024", needs="settings", server="tools")
def check_unknown_methods_are_errors(probe: Probe) -> None:
    """A method that nobody knows is an error of JSON-RPC."""
    Rpc(probe).request("tools/explode", {}, clause="MCP-024", number="x").require_error("MCP-024")


@check("MCP-026", needs=("file_echo", "file_list", "echo_text"), server="tools")
def check_the_schema_tells_of_files(probe: Probe) -> None:
    """file_data_present is true for endpoints that take files, and for no other."""
    for entry, parameters in _described(probe):
        wanted = any(_holds_file(parameter.get("type")) for parameter in parameters)
        told = entry.get("meta", {}).get("file_data_present")
        require_equal(told, wanted, "MCP-026", f"file_data_present of {endpoint_of(entry)}")


def _tools(probe: Probe, clause: str) -> list[Mapping[str, Any]]:
    result = Rpc(probe).request("tools/list", clause=clause).result(clause)
    return list(objects(result, "tools", clause))


def _described(probe: Probe) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Each entry of mcp/schema that /info lists, with the parameters there."""
    listed = named_endpoints(read_info(probe))
    for entry in Rpc(probe).offers():
        endpoint = listed.get(f"/{endpoint_of(entry)}")
        if endpoint is not None:
            yield entry, list(objects(endpoint, "parameters", "DISC-012"))


def _is_file(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    meta = schema.get("properties", {}).get("meta", {})
    return bool(meta.get("properties", {}).get("_type", {}).get("const") == FILE_TYPE)


def _holds_file(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return _is_file(schema) or any(map(_holds_file, schema.values()))
    return isinstance(schema, list) and any(map(_holds_file, schema))


def _as_text(schema: Any) -> Any:
    """A schema with a string in place of each file; of a string, that it is one."""
    if isinstance(schema, Mapping):
        if _is_file(schema) or schema.get("type") == "string":
            return {"type": "string"}
        return {key: _as_text(value) for key, value in schema.items()}
    return [_as_text(item) for item in schema] if isinstance(schema, list) else schema
