"""/info: every endpoint with its parameters and return values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gradio_reference.documents.labels import description
from gradio_reference.documents.labels import ordinal
from gradio_reference.documents.snippets import snippets
from gradio_reference.endpoint import Endpoint
from gradio_reference.schema import type_text
from gradio_reference.service import API_PREFIX


def info(endpoints: Iterable[Endpoint], root: str, *, everything: bool = False) -> dict[str, Any]:
    """Public endpoints; with ``everything`` also the undocumented ones, and no code snippets."""
    shown = ("public", "undocumented") if everything else ("public",)
    named = {}
    for endpoint in endpoints:
        if endpoint.options.api_visibility in shown:  # DISC-013, DISC-014, DISC-015
            named[f"/{endpoint.name}"] = _endpoint_info(endpoint, None if everything else root)
    return {"named_endpoints": named, "unnamed_endpoints": {}}


def _endpoint_info(endpoint: Endpoint, root: str | None) -> dict[str, Any]:
    document = _described(endpoint) or _derived(endpoint)
    if root is not None:
        document["code_snippets"] = snippets(endpoint, root, API_PREFIX)
    return document


def _described(endpoint: Endpoint) -> dict[str, Any] | None:
    described = endpoint.described
    return None if described is None else dict(described.entry)


def _derived(endpoint: Endpoint) -> dict[str, Any]:
    signature = endpoint.signature
    return {
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
