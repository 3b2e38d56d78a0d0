"""The handlers of MCP requests, on the low-level server of the official SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from mcp import types
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import McpError

from gradio_reference.mcp import results
from gradio_reference.mcp.asked import ASKED
from gradio_reference.mcp.asked import Asked
from gradio_reference.mcp.calling import CallFailed
from gradio_reference.mcp.calling import Tell
from gradio_reference.mcp.calling import call
from gradio_reference.mcp.offers import Offer
from gradio_reference.mcp.offers import WrongArguments
from gradio_reference.mcp.offers import result_schema
from gradio_reference.service import Service

RESOURCE_NOT_FOUND = -32002

Handler = Callable[[Any], Awaitable[types.ServerResult]]


def make_server(service: Service, offered: Iterable[Offer], version: str) -> Server[Any, Any]:
    server: Server[Any, Any] = Server(service.settings.title, version=version)
    handlers = Handlers(server, service, tuple(offered))
    table: dict[type, Handler] = {
        types.ListToolsRequest: handlers.list_tools,
        types.CallToolRequest: handlers.call_tool,
        types.ListResourcesRequest: handlers.list_resources,
        types.ListResourceTemplatesRequest: handlers.list_templates,
        types.ReadResourceRequest: handlers.read_resource,
        types.ListPromptsRequest: handlers.list_prompts,
        types.GetPromptRequest: handlers.get_prompt,
    }
    server.request_handlers.update(table)
    return server


class Handlers:
    """One method for each request. Raises ``McpError``, which the SDK sends as JSON-RPC error."""

    def __init__(
        self, server: Server[Any, Any], service: Service, offered: tuple[Offer, ...]
    ) -> None:
        self._server = server
        self._service = service
        self._offered = offered

    async def list_tools(self, _: types.ListToolsRequest) -> types.ServerResult:
        tools = [_tool(offer) for offer in self._of_kind("tool")]
        return types.ServerResult(types.ListToolsResult(tools=tools))

    async def call_tool(self, asked: types.CallToolRequest) -> types.ServerResult:
        """A call that fails is a result with ``isError``, which a model can read (MCP-012)."""
        offer = self._named("tool", asked.params.name)
        if offer is None:
            return _failed(f"Unknown tool: {asked.params.name}")  # MCP-013
        try:
            outputs = await self._call(offer, asked.params.arguments or {})
            blocks = await asyncio.to_thread(results.content, outputs)
        except (CallFailed, WrongArguments, OSError) as error:
            return _failed(str(error))
        marks = offer.marks
        structured = {"result": results.single(outputs)} if marks.structured_output else None
        return types.ServerResult(
            types.CallToolResult.model_validate(
                {
                    "content": blocks,
                    "structuredContent": structured,
                    "isError": False,
                    "_meta": None if marks.meta is None else dict(marks.meta),
                }
            )
        )

    async def list_resources(self, _: types.ListResourcesRequest) -> types.ServerResult:
        resources = [
            types.Resource.model_validate({"uri": offer.marks.uri_template} | _resource(offer))
            for offer in self._of_kind("resource")
            if not offer.is_template
        ]
        return types.ServerResult(types.ListResourcesResult(resources=resources))

    async def list_templates(self, _: types.ListResourceTemplatesRequest) -> types.ServerResult:
        templates = [
            types.ResourceTemplate.model_validate(
                {"uriTemplate": offer.marks.uri_template} | _resource(offer)
            )
            for offer in self._of_kind("resource")
            if offer.is_template
        ]
        return types.ServerResult(types.ListResourceTemplatesResult(resourceTemplates=templates))

    async def read_resource(self, asked: types.ReadResourceRequest) -> types.ServerResult:
        uri = str(asked.params.uri)
        for offer in self._of_kind("resource"):
            fields = offer.fields(uri)
            if fields is not None:
                break
        else:
            raise _error(RESOURCE_NOT_FOUND, f"Resource not found: {uri}")  # MCP-021
        try:
            outputs = await self._call(offer, offer.from_texts(fields))
            found = await asyncio.to_thread(results.resource, outputs, offer.marks.mime_type)
        except WrongArguments as wrong:
            raise _error(types.INVALID_PARAMS, str(wrong)) from None
        except (CallFailed, OSError, ValueError) as failed:
            raise _error(types.INTERNAL_ERROR, str(failed)) from None
        contents = [{"uri": uri, "mimeType": offer.marks.mime_type, **found}]
        return types.ServerResult(types.ReadResourceResult.model_validate({"contents": contents}))

    async def list_prompts(self, _: types.ListPromptsRequest) -> types.ServerResult:
        prompts = [_prompt(offer) for offer in self._of_kind("prompt")]
        return types.ServerResult(types.ListPromptsResult(prompts=prompts))

    async def get_prompt(self, asked: types.GetPromptRequest) -> types.ServerResult:
        offer = self._named("prompt", asked.params.name)
        if offer is None:
            raise _error(types.INVALID_PARAMS, f"Unknown prompt: {asked.params.name}")  # MCP-023
        try:
            arguments = offer.from_texts(asked.params.arguments or {})
            outputs = await self._call(offer, arguments)
        except WrongArguments as wrong:
            raise _error(types.INVALID_PARAMS, str(wrong)) from None
        except CallFailed as failed:
            raise _error(types.INTERNAL_ERROR, str(failed)) from None
        value = results.single(outputs)
        text = value if isinstance(value, str) else str(value)
        message = {"role": "user", "content": {"type": "text", "text": text}}
        return types.ServerResult(types.GetPromptResult.model_validate({"messages": [message]}))

    async def _call(self, offer: Offer, arguments: dict[str, Any]) -> list[Any]:
        asked: Asked = self._request.scope[ASKED]
        data = offer.positional(arguments, asked.root)
        return await call(self._service, offer.endpoint, data, asked, self._teller())

    def _of_kind(self, kind: str) -> list[Offer]:
        """Those of a kind; with ``?tools=a,b`` in the URL of the request only these."""
        return selected(self._offered, self._request.query_params.get("tools"), kind)

    @property
    def _request(self) -> Any:
        """The HTTP request of the current call, as Starlette has it."""
        return self._server.request_context.request

    def _named(self, kind: str, name: str) -> Offer | None:
        return next((offer for offer in self._of_kind(kind) if offer.name == name), None)

    @property
    def _progress_token(self) -> types.ProgressToken | None:
        meta = self._server.request_context.meta
        return None if meta is None else meta.progressToken

    def _teller(self) -> Tell | None:
        """Sends what it is told as progress, if the client wants any (MCP-016)."""
        context, token = self._server.request_context, self._progress_token
        if token is None:
            return None
        count = 0

        async def tell(text: str) -> None:
            nonlocal count
            await context.session.send_progress_notification(
                token, count, message=text, related_request_id=str(context.request_id)
            )
            count += 1

        return tell


def selected(offered: Iterable[Offer], names: str | None, kind: str | None = None) -> list[Offer]:
    """The offers of a kind that a comma-separated list names; without a list, all."""
    wanted = None if names is None else {name.strip() for name in names.split(",")}
    return [
        offer
        for offer in offered
        if kind in (None, offer.marks.kind) and (wanted is None or offer.name in wanted)
    ]


def _tool(offer: Offer) -> types.Tool:
    document = {
        "name": offer.name,
        "description": offer.description,
        "inputSchema": offer.input_schema,
    }
    if offer.marks.structured_output:
        document["outputSchema"] = result_schema(offer.endpoint.signature.returns)
    if offer.marks.meta is not None:
        document["_meta"] = dict(offer.marks.meta)
    tool: types.Tool = types.Tool.model_validate(document)
    return tool


def _resource(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "description": offer.description,
        "mimeType": offer.marks.mime_type,
    }


def _prompt(offer: Offer) -> types.Prompt:
    required = offer.input_schema.get("required", ())
    arguments = [
        {"name": name, "description": schema["description"], "required": name in required}
        for name, schema in offer.input_schema["properties"].items()
    ]
    document = {"name": offer.name, "description": offer.description, "arguments": arguments}
    prompt: types.Prompt = types.Prompt.model_validate(document)
    return prompt


def _failed(text: str) -> types.ServerResult:
    content = [types.TextContent(type="text", text=text)]
    return types.ServerResult(types.CallToolResult(content=content, isError=True))


def _error(code: int, text: str) -> McpError:
    return McpError(types.ErrorData(code=code, message=text))
