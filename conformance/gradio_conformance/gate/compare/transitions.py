"""How the rows of one machine differ: what may happen, and what it breaks otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.rows import paired
from gradio_conformance.gate.model import Difference

Row = Mapping[str, Any]
_TRANSITION = ("from", "input", "to", "by", "when")
_REFUSAL = ("in", "input", "clause", "expected")


def transition_differences(old: Any, new: Any, at: At) -> Iterator[Difference]:
    """What differs in ``transitions`` and ``refusals``. What leaves a state that only one of both
    has belongs to that state.
    """
    common = old["states"].keys() & new["states"].keys()
    known = [_inputs(machine) for machine in (old, new)]
    was = _rows(old["transitions"], "from", common, _TRANSITION)
    now = _rows(new["transitions"], "from", common, _TRANSITION)
    for before, after in paired(was, now, ("input", "from", "to")):
        if _leads_to(before, after) not in common | {None}:
            continue
        yield from _transition(before, after, at.below("transitions"), known)
    was = _rows(old["refusals"], "in", common, _REFUSAL)
    now = _rows(new["refusals"], "in", common, _REFUSAL)
    for before, after in paired(was, now, ("input", "in", "clause")):
        yield from _refusal(before, after, at.below("refusals"))
    if len(was) == len(now) and was != now and not list(paired(was, now, ("input", "in"))):
        here = at.below("refusals").called(f"{at.what}: what comes first")
        yield here.tell("refusal-changed", [_said(r) for r in was], [_said(r) for r in now])


def _leads_to(before: Row | None, after: Row | None) -> Any:
    """Where a row leads that only one side has."""
    return (before or after or {}).get("to") if before is None or after is None else None


def _transition(old: Row | None, new: Row | None, at: At, known: Any) -> Iterator[Difference]:
    there = new or old or {}
    machine = at.what
    at = at.below(f"{_first('from', old, new)} {there['input']}")
    at = at.called(f"{machine}: {there['input']} in {' or '.join(there['from'])}")
    if old is None or new is None:
        fresh = there["input"] not in known[0 if old is None else 1]
        if old is None:
            rule = "new-message-allowed" if fresh else "transition-added"
        else:
            rule = "message-withdrawn" if fresh else "transition-removed"
        if fresh:
            yield at.called(machine).tell(rule, old and old["input"], new and new["input"])
        else:
            yield at.tell(rule, old, new)
        return
    for change, states in (("removed", old["from"]), ("added", new["from"])):
        others = new["from"] if change == "removed" else old["from"]
        for state in states:
            if state not in others:
                here = at.below(state).called(f"{machine}: {there['input']} in {state}")
                gone = change == "removed"
                told = (state, None) if gone else (None, state)
                yield here.tell(f"transition-{change}", *told)
    if old.get("to") != new.get("to"):
        yield at.below("to").tell("transition-redirected", *(_target(r) for r in (old, new)))
    if old.get("by") != new.get("by"):
        speakers = (row.get("by", "the server") for row in (old, new))
        yield at.below("by").tell("transition-turned", *speakers)
    if old.get("when") != new.get("when"):
        one_sided = "added" if new.get("when") else "removed"
        kind = "changed" if old.get("when") and new.get("when") else one_sided
        yield at.below("when").tell(f"guard-{kind}", old.get("when"), new.get("when"))


def _refusal(old: Row | None, new: Row | None, at: At) -> Iterator[Difference]:
    there = new or old or {}
    told = there["input"] if isinstance(there["input"], str) else " or ".join(there["input"])
    here = at.below(f"{_first('in', old, new)} {told}")
    here = here.called(f"{at.what}: {told} in {' or '.join(there['in'])}")
    here = here.said_by({"x-clause": there["clause"]})
    if old is None or new is None:
        yield here.tell("refusal-added" if old is None else "refusal-removed", old, new)
    else:
        yield here.tell("refusal-changed", _said(old), _said(new))


def _rows(rows: Any, key: str, states: Any, fields: tuple[str, ...]) -> list[Row]:
    """The rows by what they say, for the states that both sides have."""
    found: list[Row] = []
    for row in rows:
        left = [state for state in row[key] if state in states]
        if left:
            found.append({k: v for k, v in {**row, key: left}.items() if k in fields})
    return found


def _first(key: str, old: Row | None, new: Row | None) -> str:
    """The states of a row, by which it is named the same in both directions."""
    return min(" ".join(row[key]) for row in (old, new) if row)


def _inputs(machine: Any) -> frozenset[str]:
    return frozenset(row["input"] for row in machine["transitions"])


def _target(row: Row) -> str:
    return str(row.get("to", "the same state"))


def _said(row: Row) -> str:
    return f"{row['clause']} ({row['expected']})"
