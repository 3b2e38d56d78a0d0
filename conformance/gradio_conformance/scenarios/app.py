"""The documents of a scripted server: /config and /info, made of a scenario's ``App``. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from gradio_conformance.scenarios.model import App

VERSION = "6.31.0"
FILE = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "url": {"oneOf": [{"type": "null"}, {"type": "string"}]},
        "size": {"oneOf": [{"type": "null"}, {"type": "integer"}]},
        "orig_name": {"oneOf": [{"type": "null"}, {"type": "string"}]},
        "mime_type": {"oneOf": [{"type": "null"}, {"type": "string"}]},
        "is_stream": {"type": "boolean"},
        "meta": {
            "type": "object",
            "properties": {"_type": {"const": "gradio.FileData"}},
            "required": ["_type"],
        },
    },
    "required": ["path", "url", "size", "orig_name", "mime_type", "is_stream", "meta"],
}
TYPES: Mapping[str, tuple[dict[str, Any], str]] = {
    "text": ({"type": "string"}, "str"),
    "number": ({"type": "number"}, "float"),
    "json": ({}, "Any"),
    "file": (FILE, "filepath"),
}

Document = dict[str, Any]


def numbers(slug: str, app: App) -> dict[str, int]:
    """The number of each endpoint: never its place in the list, and others in each scenario
    (CLIENT-002).
    """
    first = 10 + zlib.crc32(slug.encode()) % 900
    return {row["name"]: first - 3 * place for place, row in enumerate(app.endpoints)}


def config(slug: str, app: App, root: str) -> Document:
    """``GET /config``: the least that a server without a page says, and the scenario's more."""
    components: list[Document] = []

    def component() -> int:
        number = len(components) + 1
        props = {"name": "api", "label": f"label {number}"}
        components.append({"id": number, "type": "api", "props": props, "skip_api": False})
        return number

    ids = numbers(slug, app)
    dependencies = [
        {
            "id": ids[row["name"]],
            "api_name": row["name"],
            "inputs": [component() for _ in row["takes"]],
            "outputs": [component() for _ in row["returns"]],
            "queue": True,
            "batch": False,
            "types": {"generator": row.get("generator", False), "cancel": False},
            "connection": "sse",
            "api_visibility": row.get("visibility", "public"),
            "backend_fn": True,
            **app.members.get("dependency", {}),
        }
        for row in app.endpoints
    ]
    return {
        "protocol": "sse_v3",
        "version": VERSION,
        "root": root,
        "api_prefix": app.prefix,
        "app_id": zlib.crc32(slug.encode()),
        "connect_heartbeat": app.connect_heartbeat,
        "max_file_size": None,
        "components": components,
        "dependencies": dependencies,
        **app.members.get("config", {}),
    }


def info(app: App) -> Document:
    """``GET P/info``: the public endpoints."""
    public = [row for row in app.endpoints if row.get("visibility", "public") == "public"]
    return {
        "named_endpoints": {f"/{row['name']}": _endpoint(row, app) for row in public},
        "unnamed_endpoints": {},
        **app.members.get("info", {}),
    }


def _endpoint(row: Mapping[str, Any], app: App) -> Document:
    return {
        "parameters": [
            {
                **_value(f"in {place}", taken["type"]),
                "parameter_name": taken["name"],
                "parameter_has_default": "default" in taken,
                "parameter_default": taken.get("default"),
                "example_input": "...",
                **app.members.get("parameter", {}),
            }
            for place, taken in enumerate(row["takes"])
        ],
        "returns": [_value(f"out {place}", kind) for place, kind in enumerate(row["returns"])],
        "api_visibility": row.get("visibility", "public"),
        "description": "",
        **app.members.get("endpoint", {}),
    }


def _value(label: str, kind: str) -> Document:
    schema, python = TYPES[kind]
    return {
        "label": label,
        "type": schema,
        "python_type": {"type": python, "description": ""},
        "component": "Api",
    }
