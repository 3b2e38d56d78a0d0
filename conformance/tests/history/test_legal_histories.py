"""Whatever a server that keeps the rules does, the checker finds nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.history import Group
from gradio_conformance.history import History
from gradio_conformance.history import explain

from .simulator import SKEW
from .simulator import Simulator
from .worlds import ALL
from .worlds import ONE
from .worlds import WORLDS


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(WORLDS), st.integers(0, 2**32), st.integers(1, 14))
def test_a_legal_history_is_explained(groups: Mapping[str, Group], seed: int, events: int) -> None:
    history = Simulator(groups, seed, events=events).run()
    assert explain(history, ALL) == ()


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(WORLDS), st.integers(0, 2**32), st.floats(0, 20))
def test_a_part_of_a_legal_history_is_explained(
    groups: Mapping[str, Group], seed: int, until: float
) -> None:
    """What was seen up to some moment, the journal read then."""
    history = Simulator(groups, seed).run()
    assert explain(up_to(history, until), ALL) == ()


def up_to(history: History, until: float) -> History:
    return History(
        # Whoever takes a history has waited for the answers to its joins: one that is under way
        # stands in the ranks of the others.
        joins=[join for join in history.joins if join.sent < until],
        entries=[entry for entry in history.entries if entry.t < round(until + SKEW, 2)],
        told=[told for told in history.told if told.at < until],
        cancels=[cancel for cancel in history.cancels if cancel.sent < until],
        drops=[drop for drop in history.drops if drop.at < until],
        releases=[release for release in history.releases if release.sent < until],
        samples=[sample for sample in history.samples if sample.answered < until],
    )


def test_no_law_looks_at_more_than_pairs() -> None:
    """Four times the events, and the work grows no faster than the pairs of what was recorded."""
    few, many = (Simulator(ONE, 1, events=events).run() for events in (25, 100))
    assert work(many) / work(few) <= (size(many) / size(few)) ** 2


def size(history: History) -> int:
    return len(history.joins) + len(history.entries) + len(history.told)


def work(history: History) -> int:
    """How many lines of Python run to explain a history: no clock, so no other load counts."""
    lines = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        found = explain(history, ALL)
    finally:
        sys.settrace(before)
    assert found == ()
    return lines
