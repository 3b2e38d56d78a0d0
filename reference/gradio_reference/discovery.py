"""The documents that describe the endpoints: /config, /info and openapi.json. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from gradio_reference.endpoint import Endpoint
from gradio_reference.schema import Schema
from gradio_reference.schema import summary
from gradio_reference.schema import type_text
from gradio_reference.service import API_PREFIX
from gradio_reference.service import COMPATIBLE_VERSION
from gradio_reference.service import Service
from gradio_reference.snippets import snippets

_COMPONENT_CLASS = hashlib.sha256(b"gradio_reference api component").hexdigest()


def ordinal(number: int) -> str:
    """1 → ``1st``."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def description(endpoint: Endpoint) -> str:
    given = endpoint.options.description
    if given is None:
        return summary(endpoint.fn)
    return given or ""


# --- /config -------------------------------------------------------------------------------------


def config(service: Service, root: str) -> dict[str, Any]:
    """``root``: the URL under which the caller reaches the server."""
    components: list[dict[str, Any]] = []
    dependencies = [_dependency(endpoint, components) for endpoint in service.endpoints]
    layout = {"id": 0, "children": [{"id": item["id"]} for item in components]}
    page = {
        "layout": layout,
        "components": [item["id"] for item in components],
        "dependencies": [item["id"] for item in dependencies],
    }
    return {
        "version": COMPATIBLE_VERSION,
        "api_prefix": API_PREFIX,
        "mode": "server",
        "app_id": service.app_id,
        "protocol": "sse_v3",
        "root": root,
        "title": service.settings.title,
        "show_error": service.settings.show_error,
        "components": components,
        "dependencies": dependencies,
        "layout": layout,
        "pages": [["", "Home", True]],
        "page": {"": page},
        **_CONSTANTS,
    }


# Members that describe Gradio's own frontend; the official clients want some of them to be present.
_CONSTANTS: dict[str, Any] = {
    "analytics_enabled": False,
    "body_css": {
        "body_background_fill": "white",
        "body_text_color": "black",
        "body_background_fill_dark": "black",
        "body_text_color_dark": "white",
    },
    "connect_heartbeat": False,
    "css": None,
    "dev_mode": False,
    "enable_queue": True,
    "fill_height": False,
    "fill_width": False,
    "footer_links": [],
    "head": None,
    "i18n_translations": None,
    "is_colab": False,
    "js": None,
    "max_file_size": None,
    "mcp_server": False,
    "pwa": False,
    "run_history": False,
    "space_id": None,
    "stylesheets": [],
    "theme": "default",
    "theme_hash": "",
    "username": None,
    "vibe_mode": False,
}


def _component(components: list[dict[str, Any]], schema: Schema, label: str, **default: Any) -> int:
    """Append a component, return its id."""
    number = len(components) + 1
    components.append(
        {
            "id": number,
            "type": "api",
            "props": {
                **default,
                "_api_info": schema,
                "label": label,
                "name": "api",
                "_selectable": False,
            },
            "skip_api": False,
            "component_class_id": _COMPONENT_CLASS,
            "key": None,
            "api_info": schema,
            "api_info_as_input": schema,
            "api_info_as_output": schema,
            "example_inputs": default.get("value", "..."),
        }
    )
    return number


def _dependency(endpoint: Endpoint, components: list[dict[str, Any]]) -> dict[str, Any]:
    signature, options = endpoint.signature, endpoint.options
    inputs = []
    for place, item in enumerate(signature.parameters, 1):
        default = {} if item.json_default is None else {"value": item.json_default}
        inputs.append(_component(components, item.schema, ordinal(place), **default))
    outputs = [
        _component(components, schema, ordinal(place))
        for place, schema in enumerate(signature.returns, 1)
    ]
    return {
        "id": endpoint.index,
        "targets": [],
        "inputs": inputs,
        "outputs": outputs,
        "backend_fn": True,
        "js": None,
        "queue": options.queue,
        "api_name": endpoint.name,
        "api_description": options.description,
        "scroll_to_output": False,
        "show_progress": "hidden",
        "show_progress_on": None,
        "batch": options.batch,
        "max_batch_size": options.max_batch_size,
        "cancels": [],
        "types": {"generator": signature.kind.generates, "cancel": False},
        "collects_event_data": False,
        "trigger_after": None,
        "trigger_only_on_success": False,
        "trigger_only_on_failure": False,
        "trigger_mode": "once",
        "api_visibility": options.api_visibility,
        "rendered_in": None,
        "render_id": None,
        "connection": "sse",
        "time_limit": options.time_limit,
        "stream_every": options.stream_every,
        "event_specific_args": None,
        "component_prop_inputs": [],
        "js_implementation": None,
    }


# --- /info ---------------------------------------------------------------------------------------


def info(endpoints: Iterable[Endpoint], root: str, *, everything: bool = False) -> dict[str, Any]:
    """Public endpoints; with ``everything`` also the undocumented ones, and no code snippets."""
    shown = ("public", "undocumented") if everything else ("public",)
    named = {}
    for endpoint in endpoints:
        if endpoint.options.api_visibility in shown:  # DISC-013, DISC-014, DISC-015
            named[f"/{endpoint.name}"] = _endpoint_info(endpoint, None if everything else root)
    return {"named_endpoints": named, "unnamed_endpoints": {}}


def _endpoint_info(endpoint: Endpoint, root: str | None) -> dict[str, Any]:
    signature = endpoint.signature
    document: dict[str, Any] = {
        "parameters": [
            {
                "label": ordinal(place),
                "parameter_name": item.name,
                "parameter_has_default": item.has_default,
                "parameter_default": item.json_default,
                "type": item.schema,
                "python_type": {"type": type_text(item.schema), "description": ""},
                "component": "Api",
                "example_input": "..." if item.json_default is None else item.json_default,
            }
            for place, item in enumerate(signature.parameters, 1)
        ],
        "returns": [
            {
                "label": ordinal(place),
                "type": schema,
                "python_type": {"type": type_text(schema), "description": ""},
                "component": "Api",
            }
            for place, schema in enumerate(signature.returns, 1)
        ],
        "api_visibility": endpoint.options.api_visibility,
        "description": description(endpoint),
    }
    if root is not None:
        document["code_snippets"] = snippets(endpoint, root, API_PREFIX)
    return document


# --- openapi.json --------------------------------------------------------------------------------

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
        "properties": {item.name: _with_default(item.schema, item) for item in parameters},
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


def _with_default(schema: Schema, item: Any) -> Schema:
    return schema | {"default": item.json_default} if item.has_default else schema


def _result_operation(endpoint: Endpoint) -> dict[str, Any]:
    returns = [type_text(schema) for schema in endpoint.signature.returns]
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
