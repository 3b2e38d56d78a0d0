"""How the members of an object differ: described, required, allowed beside."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.normal import required
from gradio_conformance.gate.compare.normal import same
from gradio_conformance.gate.model import Difference

Compare = Callable[[Any, Any, At], Iterator[Difference]]
_REST = ("additionalProperties", "unevaluatedProperties")


def moved(old: Mapping[str, Any], new: Mapping[str, Any], at: At) -> At:
    """The same place, knowing which members only one side describes."""
    names = old.get("properties", {}).keys() ^ new.get("properties", {}).keys()
    return replace(at, moved=at.moved | names) if names else at


def named_members(node: Mapping[str, Any]) -> frozenset[str]:
    """The members that a condition is about."""
    return frozenset((*node.get("properties", ()), *node.get("required", ())))


def member_differences(
    old: Mapping[str, Any], new: Mapping[str, Any], at: At, compare: Compare
) -> Iterator[Difference]:
    """What differs in ``properties``, ``required`` and what is beside them."""
    yield from _described(old, new, at, compare)
    yield from _required(old, new, at)
    for keyword in ("patternProperties", "dependentSchemas"):
        before, after = old.get(keyword, {}), new.get(keyword, {})
        for name in dict.fromkeys((*before, *after)):
            yield from _either(before.get(name), after.get(name), at.below(keyword, name), compare)
    for keyword in _REST:
        yield from _rest(old.get(keyword), new.get(keyword), at.below(keyword), compare)
    before, after = old.get("dependentRequired", {}), new.get("dependentRequired", {})
    for name in dict.fromkeys((*before, *after)):
        here = at.below("dependentRequired", name).called(f"{at.what}.{name}")
        was, now = before.get(name, []), after.get(name, [])
        for other in sorted({*was} ^ {*now}):
            if at.moved & {name, other}:
                continue
            rule = "constraint-added" if other in now else "constraint-removed"
            told = (None, other) if other in now else (other, None)
            yield here.below(other).tell(rule, *told)


def _described(
    old: Mapping[str, Any], new: Mapping[str, Any], at: At, compare: Compare
) -> Iterator[Difference]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was, now = required(old), required(new)
    for name in dict.fromkeys((*before, *after)):
        here = at.below("properties", name).called(f"{at.what}.{name}")
        here = replace(here, moved=frozenset())
        here = here.said_by(after.get(name), before.get(name))
        if name in before and name in after:
            yield from compare(before[name], after[name], here)
        elif name in after:
            rule = "required-property-added" if name in now and name not in was else None
            yield here.tell(rule or "property-added", None, after[name])
        else:
            rule = "required-property-removed" if name in was and name not in now else None
            yield here.tell(rule or "property-removed", before[name], None)


def _required(old: Mapping[str, Any], new: Mapping[str, Any], at: At) -> Iterator[Difference]:
    """A member that is described or gone with the same edit was told there."""
    before, after = old.get("properties", {}), new.get("properties", {})
    was, now = required(old), required(new)
    for name in sorted(was.keys() ^ now.keys()):
        if (name in before) != (name in after):
            continue
        kind = "required" if name in before else "member-required"
        change = "added" if name in now else "removed"
        clause = now.get(name) or was.get(name)
        here = at.below("required", name).called(f"{at.what}.{name}")
        here = here.said_by({"x-clause": clause} if clause else {})
        told = (None, name) if name in now else (name, None)
        yield here.tell(f"{kind}-{change}", *told)


def _either(old: Any, new: Any, at: At, compare: Compare) -> Iterator[Difference]:
    if old is None or new is None:
        yield at.tell("constraint-added" if old is None else "constraint-removed", old, new)
    else:
        yield from compare(old, new, at)


def _rest(old: Any, new: Any, at: At, compare: Compare) -> Iterator[Difference]:
    was, now = (True if rest is None else rest for rest in (old, new))
    if same(was, now):
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        yield from compare(was, now, at)
    elif now is False:
        yield at.tell("extra-members-refused", was, now)
    elif was is False:
        yield at.tell("extra-members-allowed", was, now)
    else:
        yield at.tell("constraint-removed" if now is True else "constraint-added", was, now)
