"""Values to begin a search with: examples of the specification, and values made from a schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from typing import Any

from gradio_conformance.gate.witness.described import followed
from gradio_spec.data import PACKAGE
from gradio_spec.views import Documents

_EXAMPLES = PACKAGE / "versions" / "sse_v3" / "examples"
_DEEPEST = 6


@cache
def examples(reference: str) -> tuple[Any, ...]:
    """The examples of the specification for a definition, valid ones first."""
    rows = [
        row for path in sorted(_EXAMPLES.glob("*.json")) for row in json.loads(path.read_text())
    ]
    own = [row for row in rows if row["schema"] == reference]
    return tuple(row["instance"] for row in sorted(own, key=lambda row: not row["valid"]))


def made(documents: Documents, document: str, name: str) -> Iterator[Any]:
    """Values that a definition describes, with all of its members and with those alone that it
    requires; most of them are valid.
    """
    node = documents.get(document, {}).get("$defs", {}).get(name)
    if node is not None:
        for whole in (True, False):
            yield from _values(documents, node, document, whole, 0)


def one(documents: Documents, node: Any, document: str) -> Any:
    """One plain value of a schema."""
    return next(_values(documents, node, document, False, 0), None)


def _values(
    documents: Documents, node: Any, document: str, whole: bool, depth: int
) -> Iterator[Any]:
    node, document = followed(documents, node, document)
    if not isinstance(node, Mapping) or depth > _DEEPEST:
        yield "a"
        return
    if "const" in node or "enum" in node:
        yield from [node["const"]] if "const" in node else node["enum"]
        return
    base: Mapping[str, Any] = {k: v for k, v in node.items() if k not in ("anyOf", "oneOf")}
    for union in ("anyOf", "oneOf"):
        for part in node.get(union, ()):
            inner, there = followed(documents, part, document)
            mixed = _mixed(base, inner) if isinstance(inner, Mapping) else base
            yield from _values(documents, mixed, there, whole, depth + 1)
    if "anyOf" in node or "oneOf" in node:
        return
    for part in node.get("allOf", ()):
        inner, _ = followed(documents, part, document)
        base = _mixed({k: v for k, v in base.items() if k != "allOf"}, inner)
    yield from _typed(documents, base, document, whole, depth)


def _typed(
    documents: Documents, node: Mapping[str, Any], document: str, whole: bool, depth: int
) -> Iterator[Any]:
    told = node.get("type", "object" if "properties" in node else "string")
    for name in told if isinstance(told, list) else [told]:
        if name == "object":
            yield _object(documents, node, document, whole, depth)
        elif name == "array":
            yield _array(documents, node, document, whole, depth)
        elif name == "string":
            yield node["default"] if isinstance(node.get("default"), str) else "a"
        elif name in ("integer", "number"):
            low = node.get("minimum", node.get("exclusiveMinimum", 0) + 1)
            yield min(low, node.get("maximum", low))
        else:
            yield True if name == "boolean" else None


def _object(
    documents: Documents, node: Mapping[str, Any], document: str, whole: bool, depth: int
) -> dict[str, Any]:
    known = node.get("properties", {})
    names = [*node.get("required", ()), *(known if whole else ())]
    result = {}
    for name in dict.fromkeys(names):
        values = _values(documents, known.get(name, {}), document, whole, depth + 1)
        result[name] = next(values, None)
    return result


def _array(
    documents: Documents, node: Mapping[str, Any], document: str, whole: bool, depth: int
) -> list[Any]:
    parts = list(node.get("prefixItems", ()))
    least = max(node.get("minItems", 0), 1 if whole and "items" in node else 0)
    parts += [node.get("items", {})] * (least - len(parts))
    values = (_values(documents, part, document, whole, depth + 1) for part in parts)
    return [next(some, None) for some in values]


def _mixed(base: Mapping[str, Any], part: Any) -> Mapping[str, Any]:
    """One schema for what both demand, as far as members go."""
    if not isinstance(part, Mapping):
        return base
    names = [*base.get("required", ()), *part.get("required", ())]
    return {
        **base,
        **part,
        "properties": {**base.get("properties", {}), **part.get("properties", {})},
        **({"required": list(dict.fromkeys(names))} if names else {}),
    }
