"""Type hints → JSON Schema → the type text that /info shows.

Covers the table of hints in Gradio's Server mode; a bare ``tuple``, ``set`` or ``frozenset`` is
an array of anything. Whatever has no JSON form is ``{}``: any value.
"""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import Union
from typing import get_args
from typing import get_origin
from typing import get_type_hints
from typing import is_typeddict

from gradio_reference import filedata
from gradio_reference.filedata import FileData

Schema = dict[str, Any]

_SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    type(None): {"type": "null"},
    bytes: {"type": "string", "format": "byte"},
    bytearray: {"type": "string", "format": "byte"},
    list: {"type": "array", "items": {}},
    tuple: {"type": "array", "items": {}},
    set: {"type": "array", "uniqueItems": True, "items": {}},
    frozenset: {"type": "array", "uniqueItems": True, "items": {}},
    dict: {"type": "object", "additionalProperties": {}},
    FileData: filedata.SCHEMA,
}


class _NoForm(Exception):
    """A part of the hint has no JSON form at all: keys that are not text, a class in itself."""


def json_schema(hint: Any) -> Schema:
    """The JSON Schema of a type hint. Never fails: an unknown hint is ``{}``, and so is one of
    which a part can have no JSON form.
    """
    try:
        return _schema(hint, ())
    except _NoForm:
        return {}


def _schema(hint: Any, parents: tuple[Any, ...]) -> Schema:
    try:
        simple = _SIMPLE.get(hint)
    except TypeError:  # an unhashable hint
        return {}
    if simple is not None:
        return dict(simple)
    if hint in parents:  # a class that contains itself
        raise _NoForm
    origin = get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, (*parents, hint))
    if isinstance(hint, type):
        return _class(hint, (*parents, hint))
    return {}


def _generic(hint: Any, origin: Any, parents: tuple[Any, ...]) -> Schema:
    args = get_args(hint)
    if not args:  # a bare typing.List
        return _schema(origin, parents)
    if origin is Union or origin is types.UnionType:
        return _union(args, parents)
    if origin is Literal:
        return {"const": args[0]} if len(args) == 1 else {"enum": list(args)}
    if origin is tuple:
        return _tuple(args, parents)
    if origin is list:
        return {"type": "array", "items": _schema(args[0], parents)}
    if origin in (set, frozenset):
        return {"type": "array", "uniqueItems": True, "items": _schema(args[0], parents)}
    if origin is dict:
        if args[0] is not str:
            raise _NoForm
        return {"type": "object", "additionalProperties": _schema(args[1], parents)}
    if hasattr(hint, "__metadata__"):  # Annotated
        return _schema(args[0], parents)
    return {}


def _union(args: tuple[Any, ...], parents: tuple[Any, ...]) -> Schema:
    members = [arg for arg in args if arg is not type(None)]
    if len(members) == 1 and len(args) == 2:
        return {"oneOf": [{"type": "null"}, _schema(members[0], parents)]}
    return {"anyOf": [_schema(arg, parents) for arg in args]}


def _tuple(args: tuple[Any, ...], parents: tuple[Any, ...]) -> Schema:
    if len(args) == 2 and args[1] is Ellipsis:
        return {"type": "array", "items": _schema(args[0], parents)}
    return {
        "type": "array",
        "prefixItems": [_schema(arg, parents) for arg in args],
        "minItems": len(args),
        "maxItems": len(args),
    }


def _class(hint: type, parents: tuple[Any, ...]) -> Schema:
    if issubclass(hint, enum.Enum):
        return {"enum": [member.value for member in hint]}
    try:
        hints = get_type_hints(hint)
    except (NameError, TypeError):
        raise _NoForm from None
    public = {
        name: value
        for name, value in hints.items()
        if not name.startswith("_") and ClassVar not in (value, get_origin(value))
    }
    if not public or hint.__module__ == "builtins":
        return {}
    if dataclasses.is_dataclass(hint):
        public = {f.name: public.get(f.name, Any) for f in dataclasses.fields(hint)}
        required = [f.name for f in dataclasses.fields(hint) if _needed(f)]
    elif is_typeddict(hint):
        required = [name for name in public if name in getattr(hint, "__required_keys__", ())]
    else:
        required = list(public)
    properties = {name: _schema(value, parents) for name, value in public.items()}
    schema: Schema = {"type": "object", "properties": properties}
    return schema | {"required": required} if required else schema


def _needed(item: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return item.default is missing and item.default_factory is missing


def type_text(schema: Mapping[str, Any]) -> str:
    """A schema in the words of a Python type: ``list[int]``, ``Literal['a', 'b']``, ``dict(a:
    int)``.
    """
    if "const" in schema:
        return f"Literal[{schema['const']}]"
    if "enum" in schema:
        return "Literal[" + ", ".join(repr(value) for value in schema["enum"]) + "]"
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return " | ".join(type_text(member) for member in schema[union])
    kind = schema.get("type")
    if kind in _COMPOUND:
        return _COMPOUND[kind](schema)
    return _NAMES.get(str(kind), "Any")


_NAMES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def _array_text(schema: Mapping[str, Any]) -> str:
    if "prefixItems" in schema:
        return "tuple[" + ", ".join(type_text(item) for item in schema["prefixItems"]) + "]"
    return f"list[{type_text(schema.get('items', {}))}]"


def _object_text(schema: Mapping[str, Any]) -> str:
    if "properties" in schema:
        if schema["properties"] == filedata.MEMBERS:
            return "filepath"
        items = [f"{name}: {type_text(sub)}" for name, sub in schema["properties"].items()]
        return "dict(" + ", ".join(items) + ")"
    return f"dict(str, {type_text(schema.get('additionalProperties', {}))})"


_COMPOUND: dict[Any, Callable[[Mapping[str, Any]], str]] = {
    "array": _array_text,
    "object": _object_text,
}
