"""Order and limits: the sweep decides what trying everything decides."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.history import Entry
from gradio_conformance.history import History
from gradio_conformance.history import explain

from .brute import is_legal
from .brute import joined
from .worlds import ALL

MOMENTS = st.integers(0, 5)
SPAN = st.tuples(MOMENTS, st.integers(1, 4))


@st.composite
def tiny(draw: st.DrawFn) -> History:
    """A few joins and runs at any whole moments, the clocks apart."""
    joins, entries = [], []
    for number in range(draw(st.integers(1, 5))):
        sent, takes = draw(SPAN)
        join = joined(number, sent, sent + takes - 0.5)
        joins.append(join)
        begin, lasts = draw(SPAN)
        for what, t in (("start", begin), ("end", begin + lasts)):
            entries.append(Entry(str(join.key), "", what, None, 100.0 + t))
    return History(joins=joins, entries=sorted(entries, key=lambda entry: entry.t))


def on(history: History, endpoint: str) -> History:
    return replace(
        history,
        joins=[replace(join, endpoint=endpoint) for join in history.joins],
        entries=[replace(entry, endpoint=endpoint) for entry in history.entries],
    )


@settings(max_examples=600, deadline=None)
@given(tiny(), st.sampled_from([("hold", 1), ("hold_two", 2)]))
def test_the_sweep_agrees_with_trying_everything(history: History, group: tuple[str, int]) -> None:
    endpoint, limit = group
    found = explain(on(history, endpoint), ALL)
    assert (found == ()) is is_legal(history, limit), found
    assert {v.clause for v in found} <= {"QUEUE-001", "QUEUE-002", "QUEUE-003"}
