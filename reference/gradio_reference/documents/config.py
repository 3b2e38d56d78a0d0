"""/config: what the official clients read first."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from typing import Any

from gradio_reference.documents.labels import component
from gradio_reference.documents.labels import label
from gradio_reference.endpoint import Endpoint
from gradio_reference.schema import Schema
from gradio_reference.service import API_PREFIX
from gradio_reference.service import COMPATIBLE_VERSION
from gradio_reference.service import Service
from gradio_reference.state import State

_COMPONENT_CLASS = hashlib.sha256(b"gradio_reference api component").hexdigest()
_STATE_CLASS = hashlib.sha256(b"gradio_reference state").hexdigest()


def config(service: Service, root: str, username: str | None = None) -> dict[str, Any]:
    """``root``: the URL under which the caller, the user ``username``, reaches the server."""
    states = service.states
    components = [_state_component(state, number) for state, number in states.items()]
    dependencies = [_dependency(endpoint, components, states) for endpoint in service.endpoints]
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
        "max_file_size": service.settings.max_file_size,  # FILE-010
        "components": components,
        "dependencies": dependencies,
        "layout": layout,
        "pages": [["", "Home", True]],
        "page": {"": page},
        "mcp_server": bool(service.settings.mcp_server),  # MCP-001
        "connect_heartbeat": service.wants_heartbeats,
        "username": username,
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
    "pwa": False,
    "run_history": False,
    "space_id": None,
    "stylesheets": [],
    "theme": "default",
    "theme_hash": "",
    "vibe_mode": False,
}


def _state_component(state: State[Any], number: int) -> dict[str, Any]:
    """Clients know it by ``skip_api`` (STATE-011); its value stays here (STATE-012)."""
    return {
        "id": number,
        "type": "state",
        "props": {
            "time_to_live": state.time_to_live,
            "name": "state",
            "_selectable": False,
        },
        "skip_api": True,
        "component_class_id": _STATE_CLASS,
        "key": None,
    }


def _component(
    components: list[dict[str, Any]],
    schema: Schema,
    endpoint: Endpoint,
    side: str,
    place: int,
    **props: Any,
) -> int:
    """Append a component, that of one of the endpoint's ``parameters`` or ``returns``; return its
    id.
    """
    number, kind = len(components) + 1, component(endpoint, side, place).lower()
    components.append(
        {
            "id": number,
            "type": kind,
            "props": {
                **props,
                "_api_info": schema,
                "label": label(endpoint, side, place),
                "name": kind,
                "_selectable": False,
            },
            "skip_api": False,
            "component_class_id": _COMPONENT_CLASS,
            "key": None,
            "api_info": schema,
            "api_info_as_input": schema,
            "api_info_as_output": schema,
            "example_inputs": props.get("value", "..."),
        }
    )
    return number


# Members of a dependency that belong to Gradio's own frontend and are the same for all endpoints.
_DEPENDENCY: dict[str, Any] = {
    "backend_fn": True,
    "js": None,
    "scroll_to_output": False,
    "show_progress": "hidden",
    "show_progress_on": None,
    "cancels": [],
    "collects_event_data": False,
    "trigger_after": None,
    "trigger_only_on_success": False,
    "trigger_only_on_failure": False,
    "trigger_mode": "once",
    "rendered_in": None,
    "render_id": None,
    "event_specific_args": None,
    "component_prop_inputs": [],
    "js_implementation": None,
}


def _dependency(
    endpoint: Endpoint, components: list[dict[str, Any]], states: Mapping[State[Any], int]
) -> dict[str, Any]:
    signature, options = endpoint.signature, endpoint.options
    inputs, outputs = [], []
    places = itertools.count(1)
    for item in signature.inputs:
        if isinstance(item, State):
            inputs.append(states[item])
            continue
        default = {} if item.json_default is None else {"value": item.json_default}
        place = next(places)
        inputs.append(_component(components, item.schema, endpoint, "parameters", place, **default))
    places = itertools.count(1)
    for number, output in enumerate(signature.outputs):
        if isinstance(output, State):
            outputs.append(states[output])
            continue
        props = {"streaming": True} if number in signature.media else {}
        place = next(places)
        outputs.append(_component(components, output, endpoint, "returns", place, **props))
    listened = options.on_change
    targets = [] if listened is None else [[states[listened], "change"]]  # STATE-013
    if endpoint.streams:
        targets += [[number, "stream"] for number in inputs[:1]]
    return {
        "id": endpoint.index,
        "inputs": inputs,
        "outputs": outputs,
        "queue": options.queue,
        "api_name": endpoint.name,
        "api_description": options.description,
        "batch": options.batch,
        "max_batch_size": options.max_batch_size,
        "types": {"generator": signature.kind.generates, "cancel": False},
        "api_visibility": options.api_visibility,
        "connection": options.connection,
        "time_limit": options.time_limit,
        "stream_every": options.stream_every,
        **_DEPENDENCY,
        "targets": targets,
    }
