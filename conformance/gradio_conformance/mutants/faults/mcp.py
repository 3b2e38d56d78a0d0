"""Faults of the Model Context Protocol. What needs its SDK is imported when the fault bites."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quart import Response
from quart import request
from werkzeug.exceptions import Forbidden

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.endpoint import Endpoint
from gradio_reference.mcp import offers as offers_of
from gradio_reference.mcp import results
from gradio_reference.mcp.asked import Asked
from gradio_reference.mcp.offers import Offer
from gradio_reference.routes import mcp as mcp_routes
from gradio_reference.schema import Schema
from gradio_reference.service import Service
from gradio_reference.worker import Call

Message = dict[str, Any]


# --- what is offered -----------------------------------------------------------------------------


@fault
def no_tools_are_forbidden(patch: Patches) -> None:
    patch(mcp_routes, "NotFound", Forbidden)


@fault
def tools_for_everybody(patch: Patches) -> None:
    from gradio_reference.mcp import host

    original = offers_of.offers

    def offers(endpoints: Sequence[Endpoint]) -> Any:
        def shown(endpoint: Endpoint) -> Endpoint:
            return replace(endpoint, options=replace(endpoint.options, api_visibility="public"))

        return original(map(shown, endpoints))

    patch(host, "offers", offers)


@fault
def a_tool_is_missing(patch: Patches) -> None:
    from gradio_reference.mcp import host

    original = offers_of.offers
    patch(host, "offers", lambda endpoints: original(endpoints)[1:])


def _other_names(patch: Patches, change: Callable[[str], str]) -> None:
    original = offers_of._name
    patch(offers_of, "_name", lambda *about: change(original(*about)))


@fault
def names_with_blanks(patch: Patches) -> None:
    _other_names(patch, lambda name: f"the tool {name}")


@fault
def all_tools_are_alike(patch: Patches) -> None:
    _other_names(patch, lambda name: "tool")
    patch(offers_of, "_unique", lambda name, taken: name)


@fault
def tools_are_called_otherwise(patch: Patches) -> None:
    _other_names(patch, lambda name: f"testbed-{name}")


def _other_schemas(patch: Patches, change: Callable[[Schema], None]) -> None:
    original = offers_of._input_schema

    def input_schema(endpoint: Endpoint) -> Schema:
        schema = original(endpoint)
        change(schema)
        return schema

    patch(offers_of, "_input_schema", input_schema)


@fault
def tools_want_all_arguments(patch: Patches) -> None:
    def change(schema: Schema) -> None:
        schema["required"] = list(schema["properties"])

    _other_schemas(patch, change)


@fault
def tools_want_a_session(patch: Patches) -> None:
    def change(schema: Schema) -> None:
        schema["properties"]["session_hash"] = {"type": "string", "description": ""}

    _other_schemas(patch, change)


@fault
def tools_want_only_text(patch: Patches) -> None:
    def change(schema: Schema) -> None:
        for item in schema["properties"].values():
            item["type"] = "string"

    _other_schemas(patch, change)


@fault
def tools_have_no_description(patch: Patches) -> None:
    from gradio_reference.mcp import protocol

    original = protocol._tool

    def tool(offer: Offer) -> Any:
        return original(replace(offer, description=""))

    patch(protocol, "_tool", tool)


@fault
def no_tool_takes_files(patch: Patches) -> None:
    patch(Offer, "takes_files", property(lambda offer: False))


@fault
def every_tool_takes_files(patch: Patches) -> None:
    patch(Offer, "takes_files", property(lambda offer: True))


# --- messages ------------------------------------------------------------------------------------


def _bent(patch: Patches, change: Callable[[Message], Message], event: str = "message") -> None:
    """Every message that goes out is another."""
    original = mcp_routes._Relay.__anext__

    async def following(relay: Any) -> bytes:
        chunk = await original(relay)
        if not chunk.startswith(b"event: message"):
            return chunk
        data = chunk.partition(b"data: ")[2]
        text = json.dumps(change(json.loads(data)))
        return f"event: {event}\r\ndata: {text}\r\n\r\n".encode()

    patch(mcp_routes._Relay, "__anext__", following)


@fault
def mcp_versions_are_the_oldest(patch: Patches) -> None:
    def change(message: Message) -> Message:
        if "protocolVersion" in message.get("result", {}):
            message["result"]["protocolVersion"] = "2024-11-05"
        return message

    _bent(patch, change)


@fault
def mcp_events_are_replies(patch: Patches) -> None:
    _bent(patch, lambda message: message, "reply")


@fault
def mcp_servers_have_no_tools(patch: Patches) -> None:
    def change(message: Message) -> Message:
        message.get("result", {}).get("capabilities", {}).pop("tools", None)
        return message

    _bent(patch, change)


@fault
def mcp_ids_are_text(patch: Patches) -> None:
    _bent(
        patch, lambda message: message | {"id": str(message["id"])} if "id" in message else message
    )


@fault
def mcp_wants_a_session(patch: Patches) -> None:
    original = mcp_routes._forwarded

    async def forwarded(relay: Any) -> Response:
        answer = await original(relay)
        wanted = b"initialize" not in await request.get_data()
        return Response(b"", status=400) if wanted and answer.status_code == 200 else answer

    patch(mcp_routes, "_forwarded", forwarded)


@fault
def unknown_mcp_methods_succeed(patch: Patches) -> None:
    def change(message: Message) -> Message:
        if message.get("error", {}).get("message") == "Invalid request parameters":
            return {"jsonrpc": "2.0", "id": message["id"], "result": {}}
        return message

    _bent(patch, change)


@fault
def mcp_bodies_are_not_looked_at(patch: Patches) -> None:
    patch(mcp_routes, "_fault", lambda body: None)


@fault
def mcp_parse_errors_have_another_code(patch: Patches) -> None:
    patch(mcp_routes, "PARSE_ERROR", -32600)


@fault
def mcp_takes_any_accept(patch: Patches) -> None:
    from mcp.server.streamable_http import StreamableHTTPServerTransport

    def accepts(transport: Any, request: Any) -> tuple[bool, bool]:
        return True, True

    patch(StreamableHTTPServerTransport, "_check_accept_headers", accepts)


def _other_answers_to_notifications(patch: Patches, status: int, body: bytes) -> None:
    original = mcp_routes._forwarded

    async def forwarded(relay: Any) -> Response:
        answer = await original(relay)
        return Response(body, status=status) if answer.status_code == 202 else answer

    patch(mcp_routes, "_forwarded", forwarded)


@fault
def notifications_are_answered_200(patch: Patches) -> None:
    _other_answers_to_notifications(patch, 200, b"")


@fault
def notifications_are_answered_in_words(patch: Patches) -> None:
    _other_answers_to_notifications(patch, 202, b"thanks")


@fault
def the_mcp_slash_leads_elsewhere(patch: Patches) -> None:
    patch(mcp_routes, "API_PREFIX", "/elsewhere")


# --- calls ---------------------------------------------------------------------------------------


def _other_calls(patch: Patches, run: Callable[[Service, Endpoint, Call], Any]) -> None:
    """Calls that are made in another way."""
    from gradio_reference.mcp import calling

    async def called(
        service: Service, endpoint: Endpoint, data: Sequence[Any], asked: Asked, tell: Any
    ) -> list[Any]:
        found: list[Any] = await run(service, endpoint, Call(data, asked.request, asked.root))
        return found

    patch(calling, "_call", called)


async def _direct(service: Service, endpoint: Endpoint, call: Call) -> Any:
    return (await service.worker.direct(endpoint, call))["data"]


@fault
def tool_calls_pass_the_queue(patch: Patches) -> None:
    _other_calls(patch, _direct)


@fault
def tools_give_their_first_value(patch: Patches) -> None:
    _other_calls(patch, _direct)


@fault
def tool_results_are_json(patch: Patches) -> None:
    def content(outputs: Sequence[Any]) -> list[Any]:
        return [{"type": "text", "text": json.dumps(results.single(outputs))}]

    patch(results, "content", content)


@fault
def tool_results_are_other_text(patch: Patches) -> None:
    def content(outputs: Sequence[Any]) -> list[Any]:
        return [{"type": "text", "text": f"Result: {results.single(outputs)}"}]

    patch(results, "content", content)


@fault
def files_of_tools_are_paths(patch: Patches) -> None:
    original = results.content

    def content(outputs: Sequence[Any]) -> list[Any]:
        value = results.single(outputs)
        if isinstance(value, dict) and "path" in value:
            return [{"type": "text", "text": value["path"]}]
        return original(outputs)

    patch(results, "content", content)


@fault
def arguments_of_tools_have_no_names(patch: Patches) -> None:
    def positional(offer: Offer, arguments: dict[str, Any], root: str) -> list[Any]:
        return list(arguments.values())

    patch(Offer, "positional", positional)


@fault
def arguments_of_tools_are_not_checked(patch: Patches) -> None:
    def positional(offer: Offer, arguments: dict[str, Any], root: str) -> list[Any]:
        names = (parameter.name for parameter in offer.endpoint.signature.parameters)
        return [found if type(found := arguments.get(name)) is int else 1 for name in names]

    patch(Offer, "positional", positional)


@fault
def tools_have_no_defaults(patch: Patches) -> None:
    original = Offer.positional

    def positional(offer: Offer, arguments: dict[str, Any], root: str) -> list[Any]:
        full = {p.name for p in offer.endpoint.signature.parameters} <= arguments.keys()
        return original(offer, arguments if full else {}, root)

    patch(Offer, "positional", positional)


@fault
def failures_of_tools_are_results(patch: Patches) -> None:
    def change(message: Message) -> Message:
        if message.get("result", {}).get("isError"):
            message["result"]["isError"] = False
        return message

    _bent(patch, change)


@fault
def failures_of_tools_are_silent(patch: Patches) -> None:
    def change(message: Message) -> Message:
        if message.get("result", {}).get("isError"):
            message["result"]["content"] = []
        return message

    _bent(patch, change)


@fault
def errors_of_tools_are_all_alike(patch: Patches) -> None:
    def change(message: Message) -> Message:
        if message.get("result", {}).get("isError"):
            message["result"]["content"] = [{"type": "text", "text": "It failed."}]
        return message

    _bent(patch, change)


@fault
def tools_tell_exceptions(patch: Patches) -> None:
    async def run(service: Service, endpoint: Endpoint, call: Call) -> Any:
        try:
            return await _direct(service, endpoint, call)
        except Exception as error:
            from gradio_reference.mcp.calling import CallFailed

            raise CallFailed(f"{error} {call.data}") from None

    _other_calls(patch, run)


def _other_owners(patch: Patches, kind: str, other: str) -> None:
    """Who is not found is another."""
    from gradio_reference.mcp.protocol import Handlers

    original = Handlers._named

    def named(handlers: Any, wanted: str, name: str) -> Offer | None:
        found = original(handlers, wanted, name)
        if found is None and wanted == kind:
            return original(handlers, "tool", other)
        return found

    patch(Handlers, "_named", named)


@fault
def unknown_tools_echo(patch: Patches) -> None:
    _other_owners(patch, "tool", "echo_text")


@fault
def unknown_prompts_hold(patch: Patches) -> None:
    _other_owners(patch, "prompt", "hold")


@fault
def unknown_resources_are_empty(patch: Patches) -> None:
    from mcp import types

    from gradio_reference.mcp.protocol import Handlers

    async def read(handlers: Any, asked: Any) -> Any:
        return types.ServerResult(types.ReadResourceResult(contents=[]))

    patch(Handlers, "read_resource", read)


# --- progress ------------------------------------------------------------------------------------


def _other_token(patch: Patches, token_of: Callable[[Any], Any]) -> None:
    from gradio_reference.mcp.protocol import Handlers

    original: Any = Handlers._progress_token.fget  # type: ignore[attr-defined]
    patch(Handlers, "_progress_token", property(lambda handlers: token_of(original(handlers))))


@fault
def progress_of_tools_is_for_all(patch: Patches) -> None:
    _other_token(patch, lambda token: 0 if token is None else token)


@fault
def progress_of_tools_is_for_others(patch: Patches) -> None:
    _other_token(patch, lambda token: None if token is None else f"not {token}")


@fault
def progress_of_tools_stands_still(patch: Patches) -> None:
    from mcp.server.session import ServerSession

    original = ServerSession.send_progress_notification

    async def send(session: ServerSession, token: Any, progress: float, **more: Any) -> None:
        await original(session, token, 0, **more)

    patch(ServerSession, "send_progress_notification", send)


@fault
def tools_tell_no_progress(patch: Patches) -> None:
    _other_token(patch, lambda token: None)
