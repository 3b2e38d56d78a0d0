"""Schemas in one spelling, so that only what they demand is compared."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_spec.changes import bare

# Words for people; a schema demands nothing by them.
ANNOTATIONS = frozenset(
    {"title", "description", "summary", "examples", "example", "$comment", "deprecated", "note"}
)
# Keywords below which names stand, which may be words of a schema themselves.
_NAMES = frozenset(
    {
        *("properties", "patternProperties", "dependentRequired", "dependentSchemas", "$defs"),
        *("mapping", "paths", "schemas", "states", "headers", "variables"),
    }
)
# What may be said in an item of allOf as well as beside it.
_PLAIN = frozenset({"required", "x-clause"})


def demands(node: Any) -> Any:
    """A part without annotations of any kind, at all depths but in values."""
    return _plain(bare(node))


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    result = {}
    for key, value in node.items():
        if key in ("enum", "const", "default", "required"):
            result[key] = value
        elif key in _NAMES:
            result[key] = {name: _plain(part) for name, part in value.items()}
        elif key not in ANNOTATIONS:
            result[key] = _plain(value)
    return result


def same(old: Any, new: Any) -> bool:
    """Whether two parts demand the same; the order of lists that are sets does not matter."""
    return old is new or _sorted(demands(old)) == _sorted(demands(new))


def _sorted(node: Any) -> Any:
    if isinstance(node, list):
        return [_sorted(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {
        key: sorted(map(repr, value))
        if key in ("required", "enum", "type") and isinstance(value, list)
        else _sorted(value)
        for key, value in node.items()
    }


def required(node: Mapping[str, Any]) -> dict[str, str | None]:
    """Each member that a schema requires, in itself or in an item of ``allOf``, with the clause
    that says so.
    """
    found: dict[str, str | None] = {}
    for part in (node, *_items(node)):
        clause = part.get("x-clause") or node.get("x-clause")
        found.update((name, clause) for name in part.get("required", ()) if name not in found)
    return found


def others_of_all(node: Mapping[str, Any]) -> list[Any]:
    """The items of ``allOf`` that say more than which members are required."""
    return [item for item in node.get("allOf", ()) if not _is_plain(item)]


def types(node: Mapping[str, Any]) -> frozenset[str] | None:
    """The types that a schema names; ``None`` if it names none."""
    found = node.get("type")
    if found is None:
        return None
    return frozenset([found] if isinstance(found, str) else found)


def _items(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (item for item in node.get("allOf", ()) if _is_plain(item))


def _is_plain(item: Any) -> bool:
    return isinstance(item, Mapping) and demands(item).keys() <= _PLAIN | {"required"}
