"""Order and limit of one group decided by trying everything: for a few events only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gradio_conformance.history import History
from gradio_conformance.history import Join


def is_legal(history: History, limit: int) -> bool:
    """Whether some order of leaving the queue explains the journal: who left had nobody waiting
    before it, left before its function began, and found a free slot.
    """
    joins = {join.key: join for join in history.joins}
    moments = sorted({entry.t for entry in history.entries})
    before = {
        join.id: frozenset(o.id for o in history.joins if o.answered < join.sent)
        for join in history.joins
    }

    def ids(what: str, t: float) -> frozenset[str]:
        found = (e for e in history.entries if e.what == what and e.t == t)
        return frozenset(joins[entry.key].id for entry in found)

    @cache
    def possible(step: int, left: frozenset[str], ended: frozenset[str]) -> bool:
        if len(left) - len(ended) < limit:
            for event, ahead in before.items():
                if event not in left and ahead <= left and possible(step, left | {event}, ended):
                    return True
        if step == len(moments):
            return True
        # What ends frees its slot before what begins at the same moment needs one.
        return any(
            _ready(ids("start", moments[step]), left | more)
            and possible(step + 1, left | more, ended | ids("end", moments[step]))
            for more in _starters(before, left, ended | ids("end", moments[step]), limit)
        )

    return possible(0, frozenset(), frozenset())


def _ready(starting: frozenset[str], left: frozenset[str]) -> bool:
    return starting <= left


def _starters(
    before: dict[str, frozenset[str]], left: frozenset[str], ended: frozenset[str], limit: int
) -> Sequence[frozenset[str]]:
    """Every set of events that can leave one after another into the free slots."""
    found = [frozenset[str]()]
    for more in found:
        now = left | more
        if len(now) - len(ended & now) < limit:
            for event, ahead in before.items():
                if event not in now and ahead <= now and more | {event} not in found:
                    found.append(more | {event})
    return found


def joined(number: int, sent: float, answered: float) -> Join:
    key = f"k{number}"
    return Join(f"e{number}", "", "s", sent, answered, key, key, [key])
