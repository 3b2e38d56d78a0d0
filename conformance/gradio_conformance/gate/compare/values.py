"""How the keywords of a schema that are about one value differ: types, lists of values, bounds,
forms.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.normal import types
from gradio_conformance.gate.model import Difference

Schema = Mapping[str, Any]
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_FORMS = ("pattern", "format", "contentMediaType", "contentEncoding")
# Members whose unknown values clients ignore (CLIENT-019).
_OPEN = frozenset({"msg", "level", "event"})


def type_differences(old: Schema, new: Schema, at: At) -> Iterator[Difference]:
    """What differs in ``type``; ``number`` contains ``integer``."""
    before, after = types(old), types(new)
    if before == after:
        return
    here = at.below("type")
    if before is None or after is None:
        rule = "type-narrowed" if before is None else "type-widened"
        told = ("anything" if t is None else sorted(t) for t in (before, after))
        yield here.tell(rule, *told)
        return
    if before - {"null"} == after - {"null"}:
        rule = "nullable-added" if "null" in after else "nullable-removed"
    elif _wide(before) <= _wide(after):
        rule = "type-widened"
    else:
        rule = "type-narrowed" if _wide(after) <= _wide(before) else "type-changed"
    yield here.tell(rule, sorted(before), sorted(after))


def incompatible(old: Schema, new: Schema) -> bool:
    """Whether no value is of both types, so that nothing else can be compared."""
    before, after = types(old), types(new)
    if before is None or after is None:
        return False
    return not (_wide(before) - {"null"}) & (_wide(after) - {"null"})


def list_differences(old: Schema, new: Schema, at: At) -> Iterator[Difference]:
    """What differs in ``enum`` and ``const``."""
    before, after = _values(old), _values(new)
    if before is None or after is None:
        if before is not after:
            rule = "values-closed" if before is None else "values-opened"
            word = "const" if "const" in {**old, **new} else "enum"
            yield at.below(word).tell(rule, _listed(before), _listed(after))
        return
    gone, fresh = before.keys() - after.keys(), after.keys() - before.keys()
    if len(before) == len(after) == 1 and gone:
        yield at.below("const").tell("constant-changed", *before.values(), *after.values())
        return
    for keys, there, word in ((gone, before, "removed"), (fresh, after, "added")):
        for key in sorted(keys):
            value = there[key]
            kind = "nullable" if value is None else _enum_kind(at)
            told = (value, None) if word == "removed" else (None, value)
            yield at.below("enum", key.strip('"')).tell(f"{kind}-{word}", *told)


def bound_differences(old: Schema, new: Schema, at: At) -> Iterator[Difference]:
    """What differs in the bounds of numbers, lengths and counts."""
    for keyword in (*_LOWER, *_UPPER, "uniqueItems", "multipleOf"):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            tighter = _is_tighter(keyword, before, after)
            rule = "bound-tightened" if tighter else "bound-loosened"
            told = ("none" if bound is None else f"{keyword} {bound}" for bound in (before, after))
            yield at.below(keyword).tell(rule, *told)


def form_differences(old: Schema, new: Schema, at: At) -> Iterator[Difference]:
    """What differs in patterns and formats, and in ``default``."""
    for keyword in _FORMS:
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            change = "changed" if before and after else "added" if after else "removed"
            yield at.below(keyword).tell(f"pattern-{change}", before, after)
    if _key(old.get("default")) != _key(new.get("default")):
        here = at.below("default")
        yield here.tell("default-changed", old.get("default"), new.get("default"))


def _wide(names: frozenset[str]) -> frozenset[str]:
    return names | {"integer"} if "number" in names else names


def _values(node: Schema) -> dict[str, Any] | None:
    """The values that a schema lists, by their JSON; ``None`` if it lists none."""
    if "const" in node:
        return {_key(node["const"]): node["const"]}
    return {_key(value): value for value in node["enum"]} if "enum" in node else None


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _listed(values: Mapping[str, Any] | None) -> list[Any] | None:
    return None if values is None else list(values.values())


def _enum_kind(at: At) -> str:
    return "open-enum-member" if at.is_answer and _OPEN & set(at.steps) else "enum-member"


def _is_tighter(keyword: str, before: Any, after: Any) -> bool:
    if before is None or after is None or isinstance(after, bool):
        return bool(before is None or after is True)
    return bool(after < before) if keyword in _UPPER else bool(after > before)
