"""How the order of things differs: machines, ordering rules, actions."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from typing import Any

from gradio_conformance.gate.compare.actions import action_differences
from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.normal import same
from gradio_conformance.gate.compare.transitions import transition_differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.rules import EITHER

TOP = At(Place("lifecycle", ""), "", EITHER)
_WORDS = frozenset({"note", "title"})


def lifecycle_differences(old: Any, new: Any) -> Iterator[Difference]:
    """What differs in two ``lifecycle.yaml``."""
    events = [d["machines"].get("event", {"states": {}})["states"].keys() for d in (old, new)]
    actions = partial(action_differences, lost=events[0] ^ events[1])
    for kind, compare in (("machines", _machine), ("actions", actions)):
        was, now = old[kind], new[kind]
        for name in dict.fromkeys((*was, *now)):
            at = TOP.below(kind, name)
            if name in was and name in now:
                yield from compare(was[name], now[name], at.called(name))
            else:
                there = now.get(name) or was[name]
                change = "added" if name in now else "removed"
                told = at.called(f"“{there['title']}”")
                yield told.tell(f"{kind[:-1]}-{change}", was.get(name), now.get(name))
    yield from _rules(old["rules"], new["rules"])
    yield from _guards(old.get("guards", {}), new.get("guards", {}))


def _machine(old: Any, new: Any, at: At) -> Iterator[Difference]:
    for keyword in ("initial", "key"):
        if old[keyword] != new[keyword]:
            yield at.below(keyword).tell(f"{keyword}-changed", old[keyword], new[keyword])
    was, now = old["states"], new["states"]
    for name in dict.fromkeys((*was, *now)):
        here = at.below("states", name).called(f"{at.what}: {name}")
        if name not in was or name not in now:
            rule = "state-added" if name in now else "state-removed"
            yield here.tell(rule, was.get(name), now.get(name))
        elif was[name].get("final", False) != now[name].get("final", False):
            rule = "state-final" if now[name].get("final") else "state-not-final"
            yield here.below("final").tell(rule, was[name], now[name])
    yield from transition_differences(old, new, at)


def _rules(old: Any, new: Any) -> Iterator[Difference]:
    was, now = ({row["id"]: row for row in rows} for rows in (old, new))
    for name in dict.fromkeys((*was, *now)):
        before, after = was.get(name), now.get(name)
        at = TOP.below("rules", name).called(name)
        at = at.said_by(*({"x-clause": row["clause"]} for row in (after, before) if row))
        if before is None or after is None:
            yield at.tell("rule-added" if before is None else "rule-removed", before, after)
        elif not same(_without_words(before), _without_words(after)):
            yield at.tell("rule-changed", before, after)


def _guards(old: Any, new: Any) -> Iterator[Difference]:
    """Guards that both have; what refers to one that appears or goes is told there."""
    for name in old:
        if name in new and not same(old[name], new[name]):
            at = TOP.below("guards", name).called(f"What is {name}")
            yield at.tell("guard-changed", old[name], new[name])


def _without_words(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _WORDS}
