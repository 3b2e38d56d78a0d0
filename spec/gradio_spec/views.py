"""The document as it was at one release: what has ``since`` or ``until`` comes and goes. Pure.

Schemas and routes are annotated where the thing itself stands; values are dialects or releases.

``x-since``, ``x-until``   it is there from this release on, or up to it. A member that is not
                           there is not required either, such a definition is no variant
``x-enum-since``           a member of ``enum`` → since when it may be sent, and ``x-enum-until``
``x-required-since``       a member → since when it is required
``x-older``                a list of ``{until, merge}``, oldest first: up to that release the part
                           was what a JSON merge patch (RFC 7396) makes of it

The rows of the YAML files have ``since`` and ``until``, and clauses ``older`` with their words of
that time. What belongs to a clause that is not in force does not name it.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradio_spec.releases import Number
from gradio_spec.releases import begin
from gradio_spec.releases import end
from gradio_spec.routes import METHODS

_GONE: Any = object()
# Keywords whose sub-schemas speak of the same instance, so that they require the same members.
_SAME = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not"})
_NOTHING: frozenset[str] = frozenset()
_METHODS = frozenset(METHODS)
Documents = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One release, asked whether something was there."""

    at: Number

    def has(self, part: Mapping[str, Any], prefix: str = "x-") -> bool:
        """Whether what ``part`` describes was there."""
        since, until = part.get(f"{prefix}since"), part.get(f"{prefix}until")
        return (since is None or begin(since) <= self.at) and self.before(until)

    def before(self, until: str | None) -> bool:
        return until is None or self.at <= end(until)


def merged(value: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7396) applied: ``null`` takes a member away."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), change)
    return result


def schema_view(document: Any, moment: Moment) -> Any:
    """One schema document as of a moment."""
    view = _view(document, moment, _NOTHING)
    return _without_variants(
        view, frozenset(_definitions(document)) - frozenset(_definitions(view))
    )


def routes_view(document: Any, moment: Moment) -> Any:
    """``openapi.yaml`` as of a moment, without the paths that had no operation."""
    view = schema_view(document, moment)
    paths = {k: item for k, item in view.get("paths", {}).items() if not _METHODS.isdisjoint(item)}
    return {**view, "paths": paths}


def without_clauses(document: Any, clauses: Collection[str]) -> Any:
    """The same with no ``x-clause`` and ``x-clauses`` but of these clauses."""
    if isinstance(document, list):
        return [without_clauses(item, clauses) for item in document]
    if not isinstance(document, Mapping):
        return document
    result = {}
    for key, value in document.items():
        if key == "x-clauses":
            result[key] = [clause for clause in value if clause in clauses]
        elif key != "x-clause" or value in clauses:
            result[key] = without_clauses(value, clauses)
    return result


def lifecycle_view(document: Any, moment: Moment) -> Any:
    """``lifecycle.yaml`` as of a moment: rows of a state that is not there lose it, or are gone."""
    view = _rows(document, moment)
    machines = {
        name: _without_states(machine, _lost_states(name, document, view))
        for name, machine in view["machines"].items()
    }
    lost = _lost_states("event", document, view) if "event" in machines else _NOTHING
    actions = {}
    for name, action in view["actions"].items():
        effects = [_without(row, "in", lost) for row in action["effects"]]
        actions[name] = {**action, "effects": [row for row in effects if row is not None]}
    return {**view, "machines": machines, "actions": actions}


def rows_view(rows: Any, moment: Moment) -> Any:
    """Rows with ``since`` and ``until`` in any depth, as of a moment."""
    return _rows(rows, moment)


def clause_view(row: Mapping[str, Any], moment: Moment) -> dict[str, Any] | None:
    """A clause in its words of that time; ``None`` if it was not in force."""
    if not moment.has(row, prefix=""):
        return None
    rest = {key: value for key, value in row.items() if key != "older"}
    for older in row.get("older", ()):
        if moment.before(older["until"]):
            return {**rest, **{k: v for k, v in older.items() if k != "until"}}
    return rest


# -- schemas ------------------------------------------------------------------------------------


def _view(node: Any, moment: Moment, gone: frozenset[str]) -> Any:
    if isinstance(node, list):
        items = (_view(item, moment, gone) for item in node)
        return [item for item in items if item is not _GONE]
    if not isinstance(node, Mapping):
        return node
    if not moment.has(node):
        return _GONE
    for older in node.get("x-older", ()):
        if moment.before(older["until"]):
            kept = {key: value for key, value in node.items() if key != "x-older"}
            return _view(merged(kept, older["merge"]), moment, gone)
    gone |= frozenset(_lost_members(node, moment))
    result = {key: _part(key, value, moment, gone) for key, value in node.items()}
    result = {key: value for key, value in result.items() if value is not _GONE}
    return _demands(result, moment, gone)


def _part(key: str, value: Any, moment: Moment, gone: frozenset[str]) -> Any:
    if key in ("x-older", "examples", "example", "enum", "const", "default"):
        return value
    return _view(value, moment, gone if key in _SAME else _NOTHING)


def _lost_members(node: Mapping[str, Any], moment: Moment) -> Iterator[str]:
    members = node.get("properties")
    for name, part in members.items() if isinstance(members, Mapping) else ():
        if isinstance(part, Mapping) and not moment.has(part):
            yield name
    for name, since in node.get("x-required-since", {}).items():
        if begin(since) > moment.at:
            yield name


def _demands(node: dict[str, Any], moment: Moment, gone: frozenset[str]) -> dict[str, Any]:
    """``required``, ``dependentRequired`` and ``enum`` without what is not there."""
    if gone and isinstance(node.get("required"), list):
        node["required"] = [name for name in node["required"] if name not in gone]
        if not node["required"]:
            del node["required"]
    if gone and "dependentRequired" in node:
        node["dependentRequired"] = {
            name: [other for other in others if other not in gone]
            for name, others in node["dependentRequired"].items()
            if name not in gone
        }
    lost = {v for v, since in node.get("x-enum-since", {}).items() if begin(since) > moment.at}
    lost |= {v for v, until in node.get("x-enum-until", {}).items() if not moment.before(until)}
    if lost:
        node["enum"] = [value for value in node["enum"] if value not in lost]
    return node


def _definitions(document: Any) -> Iterator[str]:
    return (f"#/$defs/{name}" for name in document.get("$defs", ()))


def _without_variants(node: Any, lost: frozenset[str]) -> Any:
    """No variant and no name of a discriminator leads to a definition that is not there."""
    if not lost:
        return node
    if isinstance(node, list):
        found = [_without_variants(item, lost) for item in node]
        return [i for i in found if not (isinstance(i, Mapping) and i.get("$ref") in lost)]
    if not isinstance(node, Mapping):
        return node
    if "propertyName" in node and "mapping" in node:
        return {**node, "mapping": {k: v for k, v in node["mapping"].items() if v not in lost}}
    return {key: _without_variants(value, lost) for key, value in node.items()}


# -- rows ---------------------------------------------------------------------------------------


def _rows(node: Any, moment: Moment) -> Any:
    there = partial(_there, moment=moment)
    if isinstance(node, list):
        return [_rows(item, moment) for item in node if there(item)]
    if isinstance(node, Mapping):
        return {key: _rows(value, moment) for key, value in node.items() if there(value)}
    return node


def _there(node: Any, moment: Moment) -> bool:
    return not isinstance(node, Mapping) or moment.has(node, prefix="")


def _lost_states(name: str, before: Any, after: Any) -> frozenset[str]:
    states: tuple[Mapping[str, Any], ...]
    states = tuple(document["machines"][name]["states"] for document in (before, after))
    return frozenset(states[0].keys() - states[1].keys())


def _without_states(machine: Mapping[str, Any], lost: Collection[str]) -> dict[str, Any]:
    transitions = [_without(row, "from", lost) for row in machine["transitions"]]
    refusals = [_without(row, "in", lost) for row in machine["refusals"]]
    return {
        **machine,
        "transitions": [row for row in transitions if row is not None],
        "refusals": [row for row in refusals if row is not None],
    }


def _without(row: Mapping[str, Any], key: str, lost: Collection[str]) -> Mapping[str, Any] | None:
    """A row without some of the states that it names; ``None`` if no other is left."""
    if key not in row or not lost:
        return row
    left = [state for state in row[key] if state not in lost]
    return {**row, key: left} if left else None
