"""openapi.json: the simple API of every public endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from gradio_reference.documents.labels import description
from gradio_reference.documents.labels import type_names
from gradio_reference.endpoint import Endpoint
from gradio_reference.schema import Schema
from gradio_reference.service import API_PREFIX
from gradio_reference.service import COMPATIBLE_VERSION
from gradio_reference.signature import Parameter

_EVENT_ID = {
    "type": "object",
    "required": ["event_id"],
    "properties": {"event_id": {"type": "string"}},
}


def openapi(endpoints: Sequence[Endpoint], title: str, root: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document of the simple API of every public endpoint (DISC-024)."""
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        if endpoint.options.api_visibility == "public":
            paths[f"{API_PREFIX}/call/v2/{endpoint.name}"] = {"post": _call_operation(endpoint)}
            result = f"{API_PREFIX}/call/{endpoint.name}/{{event_id}}"
            paths[result] = {"get": _result_operation(endpoint)}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": COMPATIBLE_VERSION},
        "servers": [{"url": root}],
        "paths": paths,
    }


def _call_operation(endpoint: Endpoint) -> dict[str, Any]:
    parameters = endpoint.signature.parameters
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {item.name: _property(endpoint, item) for item in parameters},
        "additionalProperties": False,
    }
    required = [item.name for item in parameters if not item.has_default]
    if required:
        schema["required"] = required
    return {
        "summary": description(endpoint) or f"Call {endpoint.name}",
        "operationId": f"{endpoint.name}_call",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "200": {
                "description": "The call was accepted; fetch its result by this id",
                "content": {"application/json": {"schema": _EVENT_ID}},
            },
            "422": {"description": "An argument is missing, unknown or not JSON"},
            "503": {"description": "The queue is full"},
        },
    }


def _property(endpoint: Endpoint, item: Parameter) -> Schema:
    if endpoint.described is not None and not _is_schema(item.schema):
        return {}
    schema = dict(item.schema)
    if endpoint.described is not None and "$defs" in schema:
        # What its references point into is this schema, not the whole document.
        schema["$id"] = f"urn:{quote(endpoint.name, safe='')}:{quote(item.name, safe='')}"
    return schema | {"default": item.json_default} if item.has_default else schema


def _is_schema(found: Any) -> bool:
    from gradio_spec.json_schema import Shape  # only a mock needs what it stands on

    return isinstance(found, dict) and Shape(found).judges


def _result_operation(endpoint: Endpoint) -> dict[str, Any]:
    returns = type_names(endpoint)
    return {
        "summary": f"Result of {endpoint.name}",
        "description": f"The complete event carries an array: [{', '.join(returns)}]",
        "operationId": f"{endpoint.name}_result",
        "parameters": [
            {"name": "event_id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "responses": {
            "200": {
                "description": "Server-sent events: generating, complete, error, heartbeat",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            }
        },
    }
