"""Kinds of messages: a union that a discriminator tells apart."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.normal import same
from gradio_conformance.gate.model import Difference

Schema = Mapping[str, Any]


def kind_differences(old: Schema, new: Schema, at: At) -> Iterator[Difference]:
    """The kinds that only one side has. Their variants, their names in the list of values and
    their definitions are the same edit.
    """
    before, after = _kinds(old), _kinds(new)
    for kind in sorted(before.keys() ^ after.keys()):
        here = at.below("discriminator", "mapping", kind)
        if kind in after:
            yield here.tell("message-kind-added", None, kind)
        else:
            yield here.tell("message-kind-removed", kind, None)
    for kind in sorted(before.keys() & after.keys()):
        if before[kind] != after[kind]:
            here = at.below("discriminator", "mapping", kind).called(f"the message {kind}")
            yield here.tell("shape-changed", before[kind], after[kind])


def without_kinds(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Both without what belongs to the kinds that only one of them has."""
    before, after = _kinds(old), _kinds(new)
    if before.keys() == after.keys():
        return old, new
    return _without(old, before.keys() - after.keys()), _without(new, after.keys() - before.keys())


def special_case(old: Schema, new: Schema) -> Any:
    """What one side has under a condition beside what is all that the other one has; ``None`` where
    it is not so.
    """
    whole, parted = (old, new) if "if" in new else (new, old)
    if "if" in whole or "if" not in parted:
        return None
    rest = {k: v for k, v in parted.items() if k not in ("if", "then", "else")}
    for one, other in (("then", "else"), ("else", "then")):
        if one in parted and other in parted and same({**rest, **parted[one]}, whole):
            return parted[other]
    return None


def _kinds(node: Schema) -> Mapping[str, str]:
    found = node.get("discriminator", {})
    return found.get("mapping", {}) if isinstance(found, Mapping) else {}


def _without(node: Schema, kinds: Any) -> Schema:
    targets = {_kinds(node)[kind] for kind in kinds}
    left = {
        keyword: [v for v in node[keyword] if v.get("$ref") not in targets]
        for keyword in ("oneOf", "anyOf")
        if keyword in node
    }
    name = node["discriminator"]["propertyName"]
    members = dict(node.get("properties", {}))
    if name in members:
        members[name] = _unlisted(members[name], kinds)
    return {**node, **left, "properties": members}


def _unlisted(node: Any, kinds: Any) -> Any:
    if isinstance(node, list):
        return [_unlisted(item, kinds) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {
        key: [v for v in value if v not in kinds] if key == "enum" else _unlisted(value, kinds)
        for key, value in node.items()
    }
