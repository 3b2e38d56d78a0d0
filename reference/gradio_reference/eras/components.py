"""Components of Gradio 3, of which its clients take how to convert values: text boxes, and files.

Later clients convert by the schema alone, whatever the component is called. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SIMPLE = frozenset({"string", "integer", "number", "boolean"})
_PATH = {"type": "string", "description": "filepath on your computer (or URL) of file"}
_FILE = {
    "oneOf": [
        _PATH,
        {
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "name of file"},
                "data": {"type": "string", "description": "base64 representation of file"},
                "size": {"type": "integer", "description": "size of image in bytes"},
                "is_file": {"type": "boolean"},
                "orig_name": {"type": "string", "description": "original name of the file"},
            },
            "required": ["name", "data"],
        },
    ]
}


def component(item: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """An entry of /config's components, as Gradio 3 would have it for values of this schema."""
    kind, serializer = _kind(schema)
    props = {key: value for key, value in item["props"].items() if key != "_api_info"}
    if kind == "file":
        props["file_count"] = "multiple" if _many(schema) else "single"
    return {
        **item,
        "type": kind,
        "props": {**props, "name": kind},
        "serializer": serializer,
        "api_info": {"info": described(schema), "serialized_info": kind == "file"},
        "example_inputs": {"raw": "", "serialized": ""},
    }


def value(item: Mapping[str, Any], schema: Any) -> dict[str, Any]:
    """A parameter or return of /info."""
    kind, serializer = _kind(schema)
    told = {**item, "type": described(schema), "component": kind.title(), "serializer": serializer}
    if kind == "file":
        told["python_type"] = {"type": "str", "description": _PATH["description"]}
    return told


def described(schema: Any) -> dict[str, Any]:
    """A type that a client of Gradio 3 can write down; most others are any value to it."""
    if _kind(schema)[0] == "file":
        return {"type": "array", "items": _FILE} if _many(schema) else _FILE
    if isinstance(schema, Mapping) and schema.get("type") in _SIMPLE:
        return dict(schema)
    return {"type": {}, "description": "any value"}


def _kind(schema: Any) -> tuple[str, str]:
    """The type of the component, and the serializer that clients take for it."""
    is_file = _is_file(schema) or _many(schema)
    return ("file", "FileSerializable") if is_file else ("textbox", "StringSerializable")


def _many(schema: Any) -> bool:
    return isinstance(schema, Mapping) and _is_file(schema.get("items"))


def _is_file(schema: Any) -> bool:
    return isinstance(schema, Mapping) and {"path", "meta"} <= set(schema.get("properties", ()))
