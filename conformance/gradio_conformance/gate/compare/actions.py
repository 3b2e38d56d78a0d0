"""How an action differs: for whom what comes of it is another thing."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.rows import paired
from gradio_conformance.gate.model import Difference

Row = Mapping[str, Any]
_FIELDS = ("in", "by", "then", "clause")
_OPEN = "unspecified"


def action_differences(old: Any, new: Any, at: At, lost: Collection[str]) -> Iterator[Difference]:
    """What differs in an action that both have. What it does in a state that only one side has
    (``lost``) belongs to that state.
    """
    if old["subject"] != new["subject"]:
        yield at.below("subject").tell("effect-changed", old["subject"], new["subject"])
    was, now = (_rows(action, lost) for action in (old, new))
    pairs = list(paired(was, now, ("by", "in")))
    for one, other in pairs:
        yield from _effect(one, other, at.below("effects"))
    if not pairs and was != now:
        here = at.below("effects").called(f"{at.what}: what comes first")
        yield here.tell("effect-changed", [_said(r) for r in was], [_said(r) for r in now])
    others = [action.get("others") for action in (old, new)]
    if others[0] != others[1]:
        before, after = (row and {k: v for k, v in row.items() if k in _FIELDS} for row in others)
        here = at.below("others").called(f"{at.what}, other events")
        yield from _effect(before, after, here)


def _effect(old: Row | None, new: Row | None, at: At) -> Iterator[Difference]:
    there = new or old or {}
    case = " or ".join((*there.get("by", ()), *there.get("in", ())))
    here = at.below(min(_case(row) for row in (old, new) if row)).called(
        f"{at.what}{f' ({case})' if case else ''}"
    )
    here = here.said_by(*({"x-clause": row["clause"]} for row in (new, old) if row))
    was, now = (_said(row) if row else None for row in (old, new))
    if old is None or new is None:
        rule = "effect-added" if old is None else "effect-removed"
    elif (old["then"] == _OPEN) == (new["then"] == _OPEN):
        rule = "effect-changed"
    else:
        rule = "effect-settled" if old["then"] == _OPEN else "effect-unsettled"
    yield here.tell(rule, was, now)


def _case(row: Row) -> str:
    return " or ".join((*row.get("by", ()), *row.get("in", ()))) or "any"


def _rows(action: Any, lost: Collection[str]) -> list[Row]:
    found: list[Row] = []
    for row in action["effects"]:
        left = [state for state in row.get("in", ()) if state not in lost]
        if left or "in" not in row:
            kept = {**row, "in": left} if left else row
            found.append({k: v for k, v in kept.items() if k in _FIELDS})
    return found


def _said(row: Row) -> str:
    return f"{row['then']} ({row['clause']})"
