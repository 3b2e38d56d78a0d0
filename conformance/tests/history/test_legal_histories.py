"""Whatever a server that keeps the rules does, the checker finds nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.history import Group
from gradio_conformance.history import History
from gradio_conformance.history import explain

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
    from .simulator import SKEW

    return History(
        joins=[join for join in history.joins if join.answered < until],
        entries=[entry for entry in history.entries if entry.t < round(until + SKEW, 2)],
        told=[told for told in history.told if told.at < until],
        cancels=[cancel for cancel in history.cancels if cancel.sent < until],
        drops=[drop for drop in history.drops if drop.at < until],
        releases=[release for release in history.releases if release.sent < until],
        samples=[sample for sample in history.samples if sample.answered < until],
    )


def test_two_hundred_events_take_a_moment() -> None:
    """No law looks at more than pairs of events: a second is far more than it takes."""
    history = Simulator(ONE, 1, events=200).run()
    begun = time.process_time()
    assert explain(history, ALL) == ()
    assert time.process_time() - begun < 10
