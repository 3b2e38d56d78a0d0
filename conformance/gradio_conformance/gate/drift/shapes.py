"""Which members bodies and messages have: each JSON value is walked along the newest document, so
that every member has the place where the specification describes it, if it does. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_spec.pointers import escaped
from gradio_spec.schemas import Schemas

FILE = "files#/$defs/FileOutput"
_ROOT = re.compile(r"[^#]+#/\$defs/[^/]+")
_Node = tuple[str, Mapping[str, Any]]


@dataclass(slots=True)
class Member:
    """A member of one kind of object: how often it was there, and as what."""

    count: int = 0
    nulls: int = 0
    types: set[str] = field(default_factory=set)
    values: set[str] = field(default_factory=set)  # where the document lists them
    places: set[str] = field(default_factory=set)  # none: the document does not know it


@dataclass(slots=True)
class Kind:
    """One kind of object, named by the place of its definition."""

    count: int = 0
    members: dict[str, Member] = field(default_factory=dict)


class Shapes:
    """Collects the ``kinds`` of objects that are shown to :meth:`see`."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.kinds: dict[str, Kind] = {}

    def see(self, ref: str, instance: Any) -> None:
        """An instance of a definition, such as ``config#/$defs/Config``."""
        self._walk([(ref, self._schemas.schema(ref))], instance)

    def files(self, value: Any) -> None:
        """Every file in a value, at any depth."""
        if isinstance(value, list):
            for item in value:
                self.files(item)
        elif isinstance(value, Mapping):
            if isinstance(value.get("path"), str) and "url" in value:
                self.see(FILE, value)
            else:
                for item in value.values():
                    self.files(item)

    # -- one value ----------------------------------------------------------------------------

    def _walk(self, starts: Sequence[_Node], instance: Any) -> None:
        nodes = [node for start in starts for node in self._applying(*start, instance)]
        if isinstance(instance, list):
            for item in instance:
                self._walk([(f"{p}/items", n["items"]) for p, n in nodes if "items" in n], item)
        elif isinstance(instance, Mapping):
            self._object(starts, nodes, instance)

    def _object(
        self, starts: Sequence[_Node], nodes: Sequence[_Node], instance: Mapping[str, Any]
    ) -> None:
        described = any("properties" in node for _, node in nodes)
        kind = None
        if described:
            kind = self.kinds.setdefault(_owner(starts, nodes), Kind())
            kind.count += 1
        for name, value in instance.items():
            inner = [
                (f"{place}/properties/{escaped(name)}", node["properties"][name])
                for place, node in nodes
                if name in node.get("properties", {})
            ]
            rest = [
                (f"{place}/additionalProperties", node["additionalProperties"])
                for place, node in nodes
                if isinstance(node.get("additionalProperties"), Mapping)
            ]
            if kind is not None and (inner or not rest):
                self._member(kind.members.setdefault(name, Member()), inner, value)
            self._walk(inner or rest, value)

    def _member(self, member: Member, inner: Sequence[_Node], value: Any) -> None:
        member.count += 1
        member.places |= {place for place, _ in inner}
        if value is None:
            member.nulls += 1
            return
        member.types.add(type_of(value))
        if isinstance(value, str) and any("enum" in n or "const" in n for _, n in inner):
            member.values.add(value)

    # -- the parts of a schema that speak of one value ------------------------------------------

    def _applying(self, place: str, schema: Any, instance: Any) -> Iterator[_Node]:
        if not isinstance(schema, Mapping):
            return
        yield place, schema
        target = self._schemas.target(place, schema, instance)
        if target is not None:
            yield from self._applying(target, self._schemas.schema(target), instance)
        for index, part in enumerate(schema.get("allOf", ())):
            yield from self._applying(f"{place}/allOf/{index}", part, instance)
        for word in ("anyOf", "oneOf"):
            for index, part in enumerate(schema.get(word, ())):
                inner = f"{place}/{word}/{index}"
                if "discriminator" not in schema and self._holds(inner, instance):
                    yield from self._applying(inner, part, instance)
        if "if" in schema:
            branch = "then" if self._holds(f"{place}/if", instance) else "else"
            yield from self._applying(f"{place}/{branch}", schema.get(branch), instance)

    def _holds(self, place: str, instance: Any) -> bool:
        return self._schemas.is_valid(place, instance)


def _owner(starts: Sequence[_Node], nodes: Sequence[_Node]) -> str:
    """The name of a kind of object: the definition that its discriminator names, or else the first
    one that speaks of it, or the place where it is described.
    """
    for index, (_, node) in enumerate(nodes):
        if "discriminator" in node and index + 1 < len(nodes):
            return nodes[index + 1][0]
    roots = [place for place, _ in nodes if _ROOT.fullmatch(place)]
    return roots[0] if roots else starts[0][0]


def type_of(value: Any) -> str:
    """The JSON type of a value; whole numbers are numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
