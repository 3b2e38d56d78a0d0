"""How two JSON Schemas differ, keyword by keyword; each definition is compared once, where it
stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.directions import Directions
from gradio_conformance.gate.compare.directions import found_at
from gradio_conformance.gate.compare.directions import referred_to
from gradio_conformance.gate.compare.directions import target_of
from gradio_conformance.gate.compare.members import member_differences
from gradio_conformance.gate.compare.members import moved
from gradio_conformance.gate.compare.members import named_members
from gradio_conformance.gate.compare.normal import others_of_all
from gradio_conformance.gate.compare.normal import same
from gradio_conformance.gate.compare.unions import kind_differences
from gradio_conformance.gate.compare.unions import special_case
from gradio_conformance.gate.compare.unions import without_kinds
from gradio_conformance.gate.compare.values import bound_differences
from gradio_conformance.gate.compare.values import form_differences
from gradio_conformance.gate.compare.values import incompatible
from gradio_conformance.gate.compare.values import list_differences
from gradio_conformance.gate.compare.values import type_differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_spec.documents import schemas_among
from gradio_spec.views import Documents

_ONE = ("not", "items", "contains", "propertyNames", "contentSchema", "unevaluatedItems")
_CONDITION = ("if", "then", "else")
# Records of exchanges; what differs in one is one behaviour, in whichever of its members it shows.
_OBSERVATIONS = "observations"


def schema_differences(old: Documents, new: Documents, ways: Directions) -> Iterator[Difference]:
    """What differs in the definitions of all schema documents. One that appears or goes is told
    here only if nothing refers to it; otherwise what refers to it differs.
    """
    named = referred_to(old) | referred_to(new)
    before, after = schemas_among(old), schemas_among(new)
    compare = Schemas(old, new)
    for document in dict.fromkeys((*before, *after)):
        if before.get(document) is after.get(document):
            continue
        was, now = ({**d.get(document, {})}.get("$defs", {}) for d in (before, after))
        for key in dict.fromkeys((*was, *now)):
            place = Place(document, "").below("$defs", key)
            at = At(place, key, ways[str(place)])
            if document == _OBSERVATIONS and key in was and key in now:
                if not same(was[key], now[key]):
                    told = at.said_by(now[key], was[key]).called(now[key]["title"])
                    yield told.tell("exchange-changed", was[key], now[key])
            elif key in was and key in now:
                yield from compare.differences(was[key], now[key], at)
            elif str(place) not in named:
                rule = "definition-added" if key in now else "definition-removed"
                told = at.said_by(now.get(key), was.get(key))
                yield told.tell(rule, was.get(key), now.get(key))


class Schemas:
    """Compares the schemas of two versions; knows both, to follow references."""

    def __init__(self, old: Documents, new: Documents) -> None:
        self._old = old
        self._new = new

    def differences(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """What differs between two schemas at a place."""
        if same(old, new):
            return
        at = at.said_by(new, old)
        if not isinstance(old, Mapping) or not isinstance(new, Mapping):
            yield at.tell("shape-changed", old, new)
            return
        case = special_case(old, new)
        if case is not None:
            change = "added" if "if" in new else "removed"
            yield at.tell(f"variant-{change}", *((None, case) if "if" in new else (case, None)))
            return
        if old.get("$ref") != new.get("$ref"):
            yield from self._referred(old, new, at)
            return
        at = moved(old, new, at)
        yield from kind_differences(old, new, at)
        old, new = without_kinds(old, new)
        yield from type_differences(old, new, at)
        if incompatible(old, new):
            return
        for about in (list_differences, bound_differences, form_differences):
            yield from about(old, new, at)
        yield from member_differences(old, new, at, self.differences)
        yield from self._parts(old, new, at)

    def _parts(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        for keyword in _ONE:
            yield from self._optional(old.get(keyword), new.get(keyword), at, keyword)
        for keyword in ("oneOf", "anyOf"):
            yield from self._lists(old.get(keyword), new.get(keyword), at, keyword, "variant")
        yield from self._lists(others_of_all(old), others_of_all(new), at, "allOf", "constraint")
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        for index in range(max(len(before), len(after))):
            was, now = (i[index] if index < len(i) else None for i in (before, after))
            yield from self._optional(was, now, at.below("prefixItems"), str(index))
        yield from self._conditions(old, new, at)

    def _conditions(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        if "if" not in old and "if" not in new:
            return
        if "if" in old and "if" in new and same(old["if"], new["if"]):
            for keyword in ("then", "else"):
                yield from self._optional(old.get(keyword), new.get(keyword), at, keyword)
            return
        if any(at.moved & named_members(node.get("if", {})) for node in (old, new)):
            return
        before, after = ({k: n[k] for k in _CONDITION if k in n} for n in (old, new))
        rule = "shape-changed" if before and after else None
        rule = rule or ("constraint-added" if after else "constraint-removed")
        yield (
            at.below("if")
            .said_by(after.get("then"), before.get("then"))
            .tell(rule, before or None, after or None)
        )

    def _optional(self, old: Any, new: Any, at: At, keyword: str) -> Iterator[Difference]:
        below = at.below(keyword)
        if old is None and new is None:
            return
        if old is None or new is None:
            rule = "constraint-added" if old is None else "constraint-removed"
            yield below.said_by(new, old).tell(rule, old, new)
        else:
            called = below.called(f"each item of {at.what}") if keyword == "items" else below
            yield from self.differences(old, new, called)

    def _lists(self, old: Any, new: Any, at: At, keyword: str, kind: str) -> Iterator[Difference]:
        """Items of a list of schemas: those that are the same go together, then those that stand
        at the same position among the others.
        """
        gone, fresh = _unmatched(old or (), new or ()), _unmatched(new or (), old or ())
        pairs = list(zip(gone, fresh, strict=False))
        for (one, before), (other, after) in pairs:
            yield from self.differences(before, after, at.below(keyword, str(min(one, other))))
        for index, before in gone[len(pairs) :]:
            here = at.below(keyword, str(index)).said_by(before)
            yield here.tell(f"{kind}-removed", before, None)
        for index, after in fresh[len(pairs) :]:
            here = at.below(keyword, str(index)).said_by(after)
            yield here.tell(f"{kind}-added", None, after)

    def _referred(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """Another reference is another shape, unless both lead to the same; one way in which
        they differ is told by itself.
        """
        was = _resolved(self._old, old, at.place.document)
        now = _resolved(self._new, new, at.place.document)
        found = list(self.differences(was, now, at)) if was and now else []
        if len(found) == 1:
            yield found[0]
        elif found or not (was and now):
            yield at.tell("shape-changed", old, new)


def _resolved(documents: Documents, node: Mapping[str, Any], document: str) -> Any:
    """A schema with what it refers to beside what it says itself."""
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    target = found_at(documents, target_of(document, reference))
    if not isinstance(target, Mapping):
        return None
    return {**target, **{key: value for key, value in node.items() if key != "$ref"}}


def _unmatched(items: Iterable[Any], others: Iterable[Any]) -> list[tuple[int, Any]]:
    """The items that no other one is the same as, with their positions."""
    left = list(others)
    found = []
    for index, item in enumerate(items):
        match = next((other for other in left if same(item, other)), None)
        if match is None:
            found.append((index, item))
        else:
            left.remove(match)
    return found
