"""Values between MCP and endpoints: files, which are text there, and text that stands for more.

A language model cannot write a ``FileData``; it can pass on the URL or the path of a file.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from gradio_reference import filedata
from gradio_reference.schema import Schema

_AS_TEXT: Schema = {"type": "string", "format": "Gradio File Input - URL or path of an upload"}
_SERVED = "/gradio_api/file="
_LISTS = ("prefixItems", "oneOf", "anyOf")
_SINGLE = ("items", "additionalProperties")
_NOT_TEXT = ("integer", "number", "boolean", "array", "object", "null")


def is_file(schema: Schema) -> bool:
    return bool(schema.get("properties") == filedata.MEMBERS)


def holds_file(schema: Schema) -> bool:
    """Is a file wanted anywhere in values of this schema?"""
    return is_file(schema) or any(map(holds_file, _parts(schema)))


def as_text(schema: Schema) -> Schema:
    """The schema with a string wherever it wants a file."""
    if is_file(schema):
        return dict(_AS_TEXT)
    changed = dict(schema)
    for key in _LISTS:
        if key in schema:
            changed[key] = [as_text(part) for part in schema[key]]
    for key in _SINGLE:
        if isinstance(schema.get(key), dict):
            changed[key] = as_text(schema[key])
    if "properties" in schema:
        changed["properties"] = {k: as_text(part) for k, part in schema["properties"].items()}
    return changed


def _parts(schema: Schema) -> list[Schema]:
    found = [part for key in _LISTS for part in schema.get(key, ())]
    found += [schema[key] for key in _SINGLE if isinstance(schema.get(key), dict)]
    return found + list(schema.get("properties", {}).values())


def from_text(value: Any, schema: Schema, root: str) -> Any:
    """The value with a file for each text that stands for one. ``root``: the URL under which the
    caller reaches this server, with which the URL of a file of its own begins.
    """
    if not holds_file(schema):
        return value
    if isinstance(value, str):
        wants = is_file(schema) or any(
            map(is_file, (*schema.get("oneOf", ()), *schema.get("anyOf", ())))
        )
        return {"path": _path(value, root), "meta": {"_type": filedata.TYPE}} if wants else value
    for member in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        value = from_text(value, member, root)
    if isinstance(value, list):
        first = schema.get("prefixItems", ())
        rest = schema.get("items", {})
        return [
            from_text(item, first[place] if place < len(first) else rest, root)
            for place, item in enumerate(value)
        ]
    if isinstance(value, dict):
        named, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        return {name: from_text(item, named.get(name, rest), root) for name, item in value.items()}
    return value


def _path(text: str, root: str) -> str:
    served = root + _SERVED
    return unquote(text[len(served) :]) if text.startswith(served) else text


def typed(text: str, schema: Schema) -> Any:
    """A text as the value that its schema wants, if it can be read as one."""
    kinds = {schema.get("type"), *(part.get("type") for part in schema.get("oneOf", ()))}
    if not kinds.intersection(_NOT_TEXT):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value
