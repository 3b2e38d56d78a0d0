"""From ``/info`` to the types that both languages can write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradio_conformance.typings.model import Api
from gradio_conformance.typings.model import Array
from gradio_conformance.typings.model import Basic
from gradio_conformance.typings.model import Declaration
from gradio_conformance.typings.model import Endpoint
from gradio_conformance.typings.model import Literal
from gradio_conformance.typings.model import Member
from gradio_conformance.typings.model import Named
from gradio_conformance.typings.model import Parameter
from gradio_conformance.typings.model import Record
from gradio_conformance.typings.model import Result
from gradio_conformance.typings.model import Row
from gradio_conformance.typings.model import Table
from gradio_conformance.typings.model import Type
from gradio_conformance.typings.model import Union
from gradio_conformance.typings.model import union
from gradio_conformance.typings.naming import RESERVED
from gradio_conformance.typings.naming import Names
from gradio_conformance.typings.naming import lines
from gradio_conformance.typings.naming import pascal
from gradio_spec.json_schema import UNIONS
from gradio_spec.json_schema import Schema
from gradio_spec.json_schema import is_file
from gradio_spec.json_schema import kind
from gradio_spec.json_schema import merged
from gradio_spec.json_schema import target

_BASIC = {
    "string": Basic.TEXT,
    "integer": Basic.WHOLE,
    "number": Basic.NUMBER,
    "boolean": Basic.TRUTH,
    "null": Basic.NULL,
}

# Labels that nobody has chosen. Those with a component's number change with the rest of the app.
_GIVEN_BY_GRADIO = re.compile(r"(parameter|value)_\d+|\d+(st|nd|rd|th)|Api")
# Keywords that say more of an object than which members it has.
_SAY_MORE = ("allOf", "$ref", "const", "enum", *UNIONS)


class DescriptionError(ValueError):
    """The description is none that a Gradio server gives; the message names the field."""


def read(info: Any) -> Api:
    """The named endpoints of an ``/info``; ``DescriptionError`` if it is none (DISC-012)."""
    named = info.get("named_endpoints") if isinstance(info, Mapping) else None
    if not isinstance(named, Mapping):
        raise DescriptionError("named_endpoints: an object is expected (DISC-012)")
    reader = _Reader()
    try:
        endpoints = tuple(reader.endpoint(str(key), found) for key, found in named.items())
    except RecursionError:
        raise DescriptionError("named_endpoints: a schema is nested too deeply") from None
    return Api(endpoints, tuple(reader.declarations.values()))


class _Reader:
    """Reads schemas one after the other; equal objects get one name, others one of their own."""

    def __init__(self) -> None:
        self.declarations: dict[str, Declaration] = {}
        self._names = Names(RESERVED)
        self._open: dict[str, str] = {}
        self._recursive: set[str] = set()
        self._known: dict[str, Type] = {}

    def endpoint(self, key: str, found: Any) -> Endpoint:
        where = f"named_endpoints.{key}"
        parameters = [
            self._parameter(f"{where}.parameters.{place}", key, place, item)
            for place, item in enumerate(_list(found, "parameters", where))
        ]
        results = [
            self._result(f"{where}.returns.{place}", key, place, item)
            for place, item in enumerate(_list(found, "returns", where))
        ]
        unique = Names()
        for place, one in enumerate(parameters):
            # Of two parameters with one name a client reaches the first only (DISC-018).
            if one.name is not None and unique.take(one.name) != one.name:
                parameters[place] = replace(one, name=None)
        notes = lines(found.get("description"))
        return Endpoint(key, tuple(parameters), tuple(results), notes)

    def _parameter(self, where: str, key: str, place: int, found: Any) -> Parameter:
        item = _object(found, where)
        name, has_default = item.get("parameter_name"), item.get("parameter_has_default") is True
        default = item.get("parameter_default") if has_default else None
        hint = (key, name if isinstance(name, str) else f"Parameter{place + 1}")
        found_type = self.type(item.get("type", {}), item.get("type", {}), hint)
        if has_default and default is None:
            found_type = union([found_type, Basic.NULL])
        notes = [*_notes(item, name)]
        if has_default and default is not None:
            notes.append(f"Default: {_short(default)}")
        named = name if isinstance(name, str) and name else None
        return Parameter(named, found_type, not has_default, default, tuple(notes))

    def _result(self, where: str, key: str, place: int, found: Any) -> Result:
        item = _object(found, where)
        schema = item.get("type", {})
        label = item.get("label")
        found_type = self.type(schema, schema, (key, f"Result{place + 1}"))
        return Result(str(label or ""), found_type, tuple(_notes(item, None)))

    # -- schemas ----------------------------------------------------------------------------------

    def type(self, schema: Any, root: Any, hint: tuple[str, ...]) -> Type:
        """The type of a schema's values. ``hint``: what its object is called if it has no title."""
        if not isinstance(schema, Mapping):
            return Basic.NEVER if schema is False else Basic.ANY
        if is_file(root, schema):
            return Basic.FILE
        if "$ref" in schema:
            ref = str(schema["$ref"])
            found = target(root, ref)
            name = _title(found) or ref.rpartition("/")[2]
            return self._named(found, root, (name,)) if isinstance(found, Mapping) else Basic.ANY
        if "const" in schema:
            return _literal(schema["const"])
        if isinstance(schema.get("enum"), list):
            return union([_literal(value) for value in schema["enum"]])
        if isinstance(schema.get("allOf"), list):
            return self.type(merged(root, schema), root, hint)
        for key in UNIONS:
            if isinstance(schema.get(key), list):
                beside = {k: v for k, v in schema.items() if k not in (key, "title", "$defs")}
                parts = [{**beside, **p} if isinstance(p, Mapping) else p for p in schema[key]]
                return union([self.type(part, root, hint) for part in parts])
        return self._of_kind(schema, root, hint)

    def _of_kind(self, schema: Schema, root: Any, hint: tuple[str, ...]) -> Type:
        told = kind(schema)
        if isinstance(told, list):
            return union([self.type({**schema, "type": one}, root, hint) for one in told])
        if told == "array":
            return self._array(schema, root, hint)
        if told == "object":
            return self._object(schema, root, hint)
        return _BASIC.get(told, Basic.ANY) if isinstance(told, str) else Basic.ANY

    def _array(self, schema: Schema, root: Any, hint: tuple[str, ...]) -> Type:
        rest = schema.get("items", True)
        # Draft 7 says with a list of items what is prefixItems since.
        first = rest if isinstance(rest, list) else schema.get("prefixItems")
        if not isinstance(first, list):
            return Array(self.type(rest, root, (*hint, "Item")))
        items = tuple(self.type(p, root, (*hint, f"Item{n}")) for n, p in enumerate(first, 1))
        exact = isinstance(rest, list) or rest is False or schema.get("maxItems") == len(first)
        least = schema.get("minItems", len(first) if exact else 0)
        if exact and least == len(first):
            return Row(items)
        others = [] if exact else [self.type(rest, root, (*hint, "Item"))]
        return Array(union([*items, *others]))

    def _object(self, schema: Schema, root: Any, hint: tuple[str, ...]) -> Type:
        if isinstance(schema.get("properties"), Mapping) and schema["properties"]:
            return self._named(schema, root, (_title(schema),) if _title(schema) else hint)
        return Table(self.type(schema.get("additionalProperties", True), root, (*hint, "Value")))

    def _named(self, schema: Schema, root: Any, hint: tuple[str, ...]) -> Type:
        """What a ``$ref`` names, or an object: declared once if it has members or recurs."""
        key = _key(schema, root)
        if key in self._open:
            self._recursive.add(key)
            return Named(self._open[key])
        if key not in self._known:
            name = self._open[key] = self._names.take(pascal(*hint))
            body = self._body(schema, root, hint)
            del self._open[key]
            if isinstance(body, Record) or key in self._recursive:
                notes = lines(schema.get("description"))
                self.declarations[name] = Declaration(name, _founded(body, name), notes)
                body = Named(name)
            else:
                self._names.give_back(name)
            self._known[key] = body
        return self._known[key]

    def _body(self, schema: Schema, root: Any, hint: tuple[str, ...]) -> Record | Type:
        parts = schema.get("properties")
        plain = kind(schema) == "object" and isinstance(parts, Mapping) and parts
        if not plain or is_file(root, schema) or any(k in schema for k in _SAY_MORE):
            return self.type(schema, root, hint)
        needed = schema.get("required")
        required = set(map(str, needed)) if isinstance(needed, list) else set()
        members = tuple(
            Member(
                str(name),
                self.type(part, root, (*hint, str(name))),
                name in required,
                lines(part.get("description")) if isinstance(part, Mapping) else (),
            )
            for name, part in schema["properties"].items()
        )
        return Record(members, bool(schema.get("additionalProperties", False)))


def _founded(body: Record | Type, name: str) -> Record | Type:
    """The body without itself as one of its options, which would say nothing."""
    if body == Named(name):
        return Basic.ANY
    if isinstance(body, Union):
        return union([option for option in body.options if option != Named(name)])
    return body


def _key(schema: Schema, root: Any) -> str:
    """Equal for schemas that say the same: the schema, with all that it refers to."""
    reached: dict[str, Any] = {}
    waiting = list(_refs(schema))
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached[ref] = target(root, ref)
            waiting += _refs(reached[ref])
    return json.dumps([{k: v for k, v in schema.items() if k != "$defs"}, reached], sort_keys=True)


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield str(schema["$ref"])
        for key, part in schema.items():
            if key != "$defs":
                yield from _refs(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _refs(part)


def _literal(value: Any) -> Type:
    if value is None:
        return Basic.NULL
    if isinstance(value, str | int) or (isinstance(value, float) and value - value == 0):
        return Literal(json.dumps(value))
    return Basic.ANY


# -- words ----------------------------------------------------------------------------------------


def _title(schema: Any) -> str:
    title = schema.get("title") if isinstance(schema, Mapping) else None
    return title if isinstance(title, str) else ""


def _notes(item: Mapping[str, Any], name: Any) -> Iterator[str]:
    """Label and component, then what the schema says of the value."""
    said = [one for one in (item.get("label"), item.get("component")) if isinstance(one, str)]
    heads = [one for one in said if one != name and not _GIVEN_BY_GRADIO.fullmatch(one)]
    if heads:
        yield from lines(" · ".join(heads))
    for place in ("type", "python_type"):
        found = item.get(place)
        told = found.get("description") if isinstance(found, Mapping) else None
        if found_lines := lines(told):
            yield from found_lines
            return


def _short(value: Any, most: int = 200) -> str:
    text = json.dumps(value)
    return text if len(text) <= most else f"{text[:most]}…"


def _list(found: Any, member: str, where: str) -> list[Any]:
    value = _object(found, where).get(member)
    if not isinstance(value, list):
        raise DescriptionError(f"{where}.{member}: an array is expected")
    return value


def _object(found: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise DescriptionError(f"{where}: an object is expected")
    return found
