"""Compiles JSON Schemas into :mod:`branches`: every choice that they leave open gets its names."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.branches import Branch
from gradio_spec.branches import Choice
from gradio_spec.branches import Kind
from gradio_spec.branches import Member
from gradio_spec.branches import Node
from gradio_spec.branches import Side
from gradio_spec.branches import json_text
from gradio_spec.pointers import escaped
from gradio_spec.pointers import steps
from gradio_spec.schemas import Schemas
from gradio_spec.schemas import referred

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a schema stands: its document, its pointer there, and the place it speaks of."""

    document: str
    pointer: str
    place: str
    profiles: frozenset[str]
    union: Kind = Kind.VARIANT  # what the variants of a union at this place are
    required: frozenset[str] = NOTHING
    excluded: frozenset[str] = NOTHING  # JSON texts that `not` forbids


class Compiler:
    """Compiles schemas into nodes, and collects every branch of them in :attr:`branches`.

    ``more`` are documents beside those of ``schemas``, by name (``openapi``); ``profile_of`` gives
    the profile of a clause id.
    """

    def __init__(
        self, schemas: Schemas, more: Mapping[str, Any], profile_of: Callable[[str], str | None]
    ) -> None:
        self._schemas = schemas
        self._documents = {**schemas.documents, **more}
        self._profile_of = profile_of
        self._nodes: dict[tuple[str, frozenset[str], Kind, frozenset[str]], Node] = {}
        self.branches: dict[str, Branch] = {}

    def add(self, branch: str, kind: Kind, profiles: frozenset[str]) -> str:
        """Make a branch known, or more profiles of it."""
        self.branches.setdefault(branch, Branch(branch, kind)).profiles.update(profiles)
        return branch

    def compile(
        self,
        ref: str,
        profiles: frozenset[str],
        document: str,
        union: Kind = Kind.VARIANT,
        required: frozenset[str] = NOTHING,
    ) -> Node:
        """The schema that ``ref`` names, seen from ``document``; ``required`` are members that
        the referring schema demands, ``union`` is what the variants of a union in it are.
        """
        found = self._lookup(ref, document)
        if found is None:
            return Node()
        name, pointer, schema = found
        place = f"{name}#{pointer}"
        key = (place, profiles, union, required)
        if key not in self._nodes:
            node = self._nodes[key] = Node()
            where = _Where(name, pointer, place, profiles, union, required)
            self._fill(node, schema, where)
        return self._nodes[key]

    def inline(
        self, schema: Any, document: str, pointer: str, profiles: frozenset[str], union: Kind
    ) -> Node:
        """A schema that stands in the middle of a document."""
        node = Node()
        self._fill(
            node, schema, _Where(document, pointer, f"{document}#{pointer}", profiles, union)
        )
        return node

    # -- parts ------------------------------------------------------------------------------

    def _lookup(self, ref: str, document: str) -> tuple[str, str, Any] | None:
        name, pointer = referred(ref, document)
        found = self._documents.get(name)
        if found is None:  # the metaschema
            return None
        for step in steps(pointer):
            found = found[step]
        return name, pointer, found

    def _fill(self, node: Node, schema: Any, where: _Where) -> None:
        if not isinstance(schema, Mapping) or schema.get("x-audience") == "ui":
            return
        profile = self._profile_of(schema.get("x-clause", ""))
        where = replace(
            where,
            profiles=frozenset({profile}) if profile else where.profiles,
            required=where.required | frozenset(self._required(schema, where.document)),
            excluded=where.excluded | frozenset(_forbidden(schema)),
        )
        self._scalars(node, schema, where)
        self._object(node, schema, where)
        self._array(node, schema, where)
        self._same_instance(node, schema, where)

    def _child(self, schema: Any, where: _Where, step: str, at: str) -> Node:
        """The node of a part of the instance; ``step`` leads to it, ``at`` to its schema."""
        node = Node()
        place, pointer = f"{where.place}/{step}", f"{where.pointer}/{at}"
        self._fill(node, schema, _Where(where.document, pointer, place, where.profiles))
        return node

    def _scalars(self, node: Node, schema: Mapping[str, Any], where: _Where) -> None:
        types = schema.get("type", ())
        types = [types] if isinstance(types, str) else list(types)
        values = [json_text(value) for value in schema.get("enum", ())]
        if not values and "boolean" in types and "const" not in schema:
            values = ["true", "false"]
        values = [value for value in values if value not in where.excluded]
        if len(values) > 1:
            for value in values:
                kind = Kind.NULL if value == "null" else Kind.VALUE
                shown = value[1:-1] if value.startswith('"') else value
                branch = f"{where.place}={shown}"
                node.values[value] = self.add(branch, kind, where.profiles)
        if len(types) > 1 and "enum" not in schema:
            kind = Kind.NULL if "null" in types else Kind.VARIANT
            for name in types:
                if name == "boolean":  # its two values say more
                    continue
                branch = f"{where.place}=null" if name == "null" else f"{where.place}:{name}"
                node.types[name] = self.add(branch, kind, where.profiles)

    def _object(self, node: Node, schema: Mapping[str, Any], where: _Where) -> None:
        told_by = self._told_by(schema, where.document)
        for name, part in schema.get("properties", {}).items():
            if name == told_by or (isinstance(part, Mapping) and part.get("x-audience") == "ui"):
                continue
            child = self._child(part, where, name, f"properties/{escaped(name)}")
            present = absent = None
            if name not in where.required:
                profile = self._profile_of(part.get("x-clause", "") if part else "")
                profiles = frozenset({profile}) if profile else where.profiles
                present, absent = (
                    self.add(f"{where.place}/{name} {side}", Kind.MEMBER, profiles)
                    for side in ("present", "absent")
                )
            node.members.append(Member(name, present, absent, child))
        others = schema.get("additionalProperties")
        if isinstance(others, Mapping):
            node.others = self._child(others, where, "*", "additionalProperties")
            self._sizes(node, where, "{}", "{…}")
        content = schema.get("contentSchema")
        if content is not None:
            node.content = Node()
            at = f"{where.pointer}/contentSchema"
            inner = _Where(where.document, at, where.place, where.profiles, Kind.MESSAGE)
            self._fill(node.content, content, inner)

    def _array(self, node: Node, schema: Mapping[str, Any], where: _Where) -> None:
        for index, part in enumerate(schema.get("prefixItems", ())):
            node.prefix.append(self._child(part, where, str(index), f"prefixItems/{index}"))
        if isinstance(schema.get("items"), Mapping):
            node.items = self._child(schema["items"], where, "*", "items")
        types = schema.get("type", ())
        is_array = "array" in ([types] if isinstance(types, str) else types)
        if is_array and not schema.get("minItems") and schema.get("maxItems") != 0:
            self._sizes(node, where, "[]", "[…]")

    def _sizes(self, node: Node, where: _Where, empty: str, filled: str) -> None:
        node.empty = self.add(f"{where.place}={empty}", Kind.ARRAY, where.profiles)
        node.filled = self.add(f"{where.place}={filled}", Kind.ARRAY, where.profiles)

    def _same_instance(self, node: Node, schema: Mapping[str, Any], where: _Where) -> None:
        """The keywords whose sub-schemas speak of the same instance."""
        if "$ref" in schema:
            node.also.append(
                self.compile(
                    schema["$ref"], where.profiles, where.document, where.union, where.required
                )
            )
        for index, part in enumerate(schema.get("allOf", ())):
            node.also.append(self._beside(part, where, f"allOf/{index}"))
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                self._union(node, schema[keyword], where, keyword)
        if "if" in schema:
            self._condition(node, schema, where)

    def _beside(self, schema: Any, where: _Where, at: str) -> Node:
        node = Node()
        self._fill(node, schema, replace(where, pointer=f"{where.pointer}/{at}"))
        return node

    def _union(
        self, node: Node, variants: Sequence[Mapping[str, Any]], where: _Where, keyword: str
    ) -> None:
        told_by = self._discriminator(variants, where.document)
        if told_by is not None:
            name, values = told_by
            table = {}
            for index, (value, variant) in enumerate(zip(values, variants, strict=True)):
                inner = replace(where, required=where.required | {name})
                part = self._beside(variant, inner, f"{keyword}/{index}")
                profiles = self._profiles_of(variant, where)
                branch = self.add(f"{where.place}/{name}={value}", where.union, profiles)
                table[value] = (branch, part)
            node.named = (name, table)
            return
        for index, variant in enumerate(variants):
            at = f"{keyword}/{index}"
            branch = f"{where.place}:{self._name(variant) or index}"
            self.add(branch, where.union, where.profiles)
            test = self._test(variant, where.document, f"{where.pointer}/{at}")
            side = Side(branch, self._beside(variant, where, at))
            node.choices.append(Choice(test, side))

    def _condition(self, node: Node, schema: Mapping[str, Any], where: _Where) -> None:
        test = self._test(schema["if"], where.document, f"{where.pointer}/if")
        names = {key: self._name(schema[key]) for key in ("then", "else") if key in schema}
        # Where no side has a name of its own, the branches inside say it better.
        told = len(names) == 2 and any(names.values())
        sides = []
        for keyword in ("then", "else"):
            before = len(self.branches)
            part = self._beside(schema.get(keyword, {}), where, keyword)
            branch = f"{where.place}:{names[keyword] or keyword}" if told else None
            if branch is not None:
                self.add(branch, Kind.VARIANT, where.profiles)
            found = branch is not None or len(self.branches) > before or _looks(part)
            sides.append(Side(branch, part) if found else None)
        if any(sides):
            node.choices.append(Choice(test, *sides))

    def _test(self, schema: Any, document: str, pointer: str) -> Callable[[Any], bool]:
        if document in self._schemas.documents:
            ref = f"{document}#{pointer}"
            return lambda instance: self._schemas.is_valid(ref, instance)
        return Draft202012Validator(schema).is_valid

    def _profiles_of(self, schema: Mapping[str, Any], where: _Where) -> frozenset[str]:
        """The profile of what a variant's own definition enforces first."""
        _, target = self._resolved(schema, where.document)
        for part in (target, *target.get("allOf", ())):
            profile = self._profile_of(part.get("x-clause", ""))
            if profile:
                return frozenset({profile})
        return where.profiles

    def _resolved(self, schema: Mapping[str, Any], document: str) -> tuple[str, Mapping[str, Any]]:
        if "$ref" in schema:
            found = self._lookup(schema["$ref"], document)
            if found is not None:
                return found[0], found[2]
        return document, schema

    def _discriminator(
        self, variants: Sequence[Mapping[str, Any]], document: str
    ) -> tuple[str, list[str]] | None:
        """The member that is a constant of its own in every variant, and the constants."""
        tables = []
        for variant in variants:
            _, schema = self._resolved(variant, document)
            properties = schema.get("properties", {})
            tables.append({n: p["const"] for n, p in properties.items() if "const" in p})
        for name in tables[0] if tables else ():
            values = [table.get(name) for table in tables]
            if all(isinstance(v, str) for v in values) and len(set(values)) == len(values):
                return name, [str(value) for value in values]
        return None

    def _told_by(self, schema: Mapping[str, Any], document: str) -> str | None:
        """The member by whose value the variants of a schema are told apart, if there is one."""
        for keyword in ("oneOf", "anyOf"):
            found = self._discriminator(schema.get(keyword, ()), document)
            if found is not None:
                return found[0]
        return None

    def _required(self, schema: Any, document: str) -> Iterator[str]:
        """The members that an object of this schema must have."""
        if not isinstance(schema, Mapping):
            return
        yield from schema.get("required", ())
        for part in schema.get("allOf", ()):
            yield from self._required(part, document)
        if "$ref" in schema:
            found = self._lookup(schema["$ref"], document)
            if found is not None:
                yield from self._required(found[2], found[0])

    @staticmethod
    def _name(schema: Any) -> str:
        """What a variant is called: by its definition, or by its type."""
        if not isinstance(schema, Mapping):
            return ""
        kind = schema.get("type", "")
        return schema.get("$ref", "").rpartition("/")[2] or (kind if isinstance(kind, str) else "")


def _looks(node: Node) -> bool:
    parts = (node.values, node.types, node.members, node.choices, node.also, node.named)
    return any(parts) or node.items is not None or node.others is not None


def _forbidden(schema: Mapping[str, Any]) -> Iterator[str]:
    """The values that ``not: {const: …}`` forbids, also beside one another in ``allOf``."""
    for part in (schema, *schema.get("allOf", ())):
        refused = part.get("not") if isinstance(part, Mapping) else None
        if isinstance(refused, Mapping) and "const" in refused:
            yield json_text(refused["const"])
