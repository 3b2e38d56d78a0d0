"""Values that one version's schema takes and the other one's does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.described import followed
from gradio_conformance.gate.witness.described import kinds
from gradio_conformance.gate.witness.described import users
from gradio_conformance.gate.witness.judges import SENT
from gradio_conformance.gate.witness.judges import judged
from gradio_conformance.gate.witness.judges import tried
from gradio_conformance.gate.witness.samples import examples
from gradio_conformance.gate.witness.samples import made
from gradio_conformance.gate.witness.samples import one
from gradio_conformance.gate.witness.shrinking import shrunk
from gradio_spec.pointers import steps

_GONE = object()
_MORE = object()
_ANYTHING: tuple[Any, ...] = (
    *(_GONE, _MORE, None, True, 0, -1, 0.5, 1.5, "", "a"),
    *([], {}, ["a"], [0], {"a": 0}),
)
_MOST_SEEDS = 16
_LONGEST = 64
_KEYWORDS = frozenset({"then", "else", "if", "allOf", "anyOf", "oneOf"})


def shape_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """The smallest of the values that show it, as a whole message where it is a part of one."""
    pointer = steps(difference.place.pointer)
    if len(pointer) < 2:
        return None
    document, name = difference.place.document, pointer[1]
    subject = f"{document}#/$defs/{name}"
    seeds = _seeds(document, name, old, new)
    way = _way(pointer[2:])
    found = (
        _single(subject, seeds, way, difference, old, new)
        or _whole(subject, seeds, old, new)
        or _part(pointer, seeds, way, difference, old, new)
        or _single(f"{SENT}{subject}", seeds, way, difference, old, new)
    )
    if found is None:
        return None
    small = shrunk(found, old, new)
    return _embedded(small, document, name, old, new) or small


def _seeds(document: str, name: str, old: Side, new: Side) -> list[Any]:
    """Values to start from; those that both sides take first, so that one edit decides."""
    subject = f"{document}#/$defs/{name}"
    found = [*examples(subject)]
    for side in (new, old):
        found += made(side.documents, document, name)
        for kind in kinds(side.documents, document, name):
            found += [*examples(f"{document}#/$defs/{kind}"), *made(side.documents, document, kind)]
    found += [_hollow(value) for value in found if isinstance(value, dict)]
    unlike = list({json.dumps(value, sort_keys=True): value for value in found}.values())

    def taken(value: Any) -> int:
        return sum(not judged(subject, value, side, side is old).accepted for side in (old, new))

    unions = sum(1 for side in (old, new) for _ in kinds(side.documents, document, name))
    return sorted(unlike, key=taken)[: _MOST_SEEDS + 2 * unions]


def _whole(subject: str, seeds: list[Any], old: Side, new: Side) -> Witness | None:
    """The smallest seed that is a witness already."""
    for value in sorted(seeds, key=_size):
        found = tried("message", subject, value, old, new)
        if found is not None:
            return found
    return None


def _single(
    subject: str, seeds: list[Any], way: list[str], difference: Difference, old: Side, new: Side
) -> Witness | None:
    """A value that both take, with one change where the difference is or else near it."""
    for seed in seeds:
        if any(not judged(subject, seed, side, side is old).accepted for side in (old, new)):
            continue
        for place in _places(seed, way):
            instead = [
                *_instead(place, difference, old, new),
                *_sized(_at(seed, place), difference),
            ]
            values = (_changed(seed, place, value) for value in instead)
            found = [w for v in values if (w := tried("message", subject, v, old, new))]
            if found:
                return min(found, key=lambda witness: _size(witness.value))
    return None


def _hollow(value: dict[str, Any]) -> dict[str, Any]:
    """The same without items, which may be of another shape on either side."""
    return {key: [] if isinstance(part, list) else part for key, part in value.items()}


def _part(
    pointer: list[str],
    seeds: list[Any],
    way: list[str],
    difference: Difference,
    old: Side,
    new: Side,
) -> Witness | None:
    """A value of one member, where something else keeps the whole from being of both sides."""
    ends = [
        i + 2 for i, step in enumerate(pointer) if step == "properties" and i + 1 < len(pointer)
    ]
    for end in reversed(ends):
        subject = str(Place(difference.place.document, "").below(*pointer[:end]))
        there = [_at(seed, path) for seed in seeds for path in _places(seed, way[:1])[:1]]
        values = [*there, *_instead(("",), difference, old, new)]
        values = [value for value in values if value is not _GONE and value is not _MORE]
        found = [w for v in values if (w := tried("message", subject, v, old, new))]
        if found:
            return min(found, key=lambda witness: _size(witness.value))
    return None


def _way(pointer: list[str]) -> list[str]:
    """The steps into a value that a pointer into its schema stands for; ``*`` is any item."""
    way: list[str] = []
    rest = iter(pointer)
    for name in rest:
        if name == "properties":
            way.append(next(rest, "*"))
        elif name == "required":
            member = next(rest, None)
            return [*way, member] if member else way
        elif name in ("items", "additionalProperties", "contains", "propertyNames"):
            way.append("*")
        elif name == "prefixItems":
            way.append(next(rest, "0"))
        elif name in _KEYWORDS:
            continue
        elif not name.isdigit():
            break
    return way


def _places(value: Any, way: list[str]) -> list[tuple[str | int, ...]]:
    """The paths into a value that the steps lead to, whether anything is there or not, and those
    just above and below.
    """
    found: list[tuple[str | int, ...]] = [()]
    for step in way:
        nxt: list[tuple[str | int, ...]] = []
        for path in found:
            node = _at(value, path)
            if isinstance(node, dict):
                nxt += [(*path, key) for key in (node if step == "*" else [step])]
            elif isinstance(node, list):
                items = range(len(node)) if step == "*" or not step.isdigit() else [int(step)]
                nxt += [(*path, index) for index in items if index < len(node)]
        found = nxt or found
    below: list[tuple[str | int, ...]] = []
    for path in found:
        node = _at(value, path)
        if isinstance(node, dict):
            below += [(*path, key) for key in node]
    return list(dict.fromkeys([*found, *below, *(path[:-1] for path in found if path)]))


def _instead(
    path: tuple[str | int, ...], difference: Difference, old: Side, new: Side
) -> Iterator[Any]:
    """What to put at a place: nothing, any other type, and what either side names there."""
    yield from _ANYTHING
    document = difference.place.document
    for given, side in ((difference.old, old), (difference.new, new)):
        if isinstance(given, (str, int, float, list)) and not isinstance(given, bool):
            yield given
            yield from given if isinstance(given, list) else ()
        if isinstance(given, dict):
            node, where = followed(side.documents, given, document)
            yield one(side.documents, node, where)
        if isinstance(given, int) and not isinstance(given, bool):
            yield from (given - 1, given + 1)
        bound = _bound(given)
        if bound is not None:
            for size in (bound - 1, bound, bound + 1):
                yield from (size, "a" * size, ["a"] * size, [{}] * size)
        if isinstance(given, str):
            yield from (f"{given}x", f"{given} ", f"/{given}")
    if path:
        yield "http://127.0.0.1/a b"
        yield "http://127.0.0.1/file=/a%20b"


def _sized(node: Any, difference: Difference) -> Iterator[Any]:
    """A list with as many items as the bounds of a difference are about, of what it has."""
    if isinstance(node, list) and node:
        for bound in (_bound(difference.old), _bound(difference.new)):
            if bound is not None:
                yield from ([node[0]] * (bound + more) for more in (-1, 0, 1))


def _bound(given: Any) -> int | None:
    """The number of ``maxItems 8``, as a difference tells a bound."""
    last = str(given).rpartition(" ")[2]
    return int(last) if last.isdigit() and 0 < int(last) <= _LONGEST else None


def _changed(seed: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return seed if value is _GONE else _more(seed) if value is _MORE else value
    result = copy.deepcopy(seed)
    node = _at(result, path[:-1])
    last = path[-1]
    if value is _MORE:
        value = _more(_at(result, path))
    if value is _GONE:
        if isinstance(node, dict):
            node.pop(last, None)
        elif isinstance(node, list) and isinstance(last, int):
            node.pop(last)
    elif isinstance(node, dict) or (isinstance(node, list) and isinstance(last, int)):
        node[last] = value  # type: ignore[index]
    return result


def _more(value: Any) -> Any:
    """The same with something more in it."""
    if isinstance(value, dict):
        return {**value, "more": 0}
    return [*value, value[-1] if value else "a"] if isinstance(value, list) else value


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _embedded(witness: Witness, document: str, name: str, old: Side, new: Side) -> Witness | None:
    """The same inside a whole message, where the definition is a member of one."""
    if witness.subject.startswith(SENT):
        return None
    for where, definition, member in users(new.documents, document, name):
        subject = f"{where}#/$defs/{definition}"
        for seed in _seeds(where, definition, old, new):
            if not isinstance(seed, dict):
                continue
            for value in (witness.value, [witness.value]):
                found = tried("message", subject, {**seed, member: value}, old, new)
                if found is not None and found.old.accepted == witness.old.accepted:
                    return shrunk(found, old, new)
    return None


def _size(value: Any) -> tuple[int, str]:
    text = json.dumps(value, sort_keys=True)
    return len(text), text
