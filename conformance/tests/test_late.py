"""What came too late: when a run alone decides, and when the machine itself was too busy."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.events import Noise
from gradio_conformance.verdict import LATE_RUNS
from gradio_conformance.verdict import SOLO_RUNS
from gradio_conformance.verdict import is_late
from gradio_conformance.verdict import is_noisy
from gradio_conformance.verdict import is_open

SOLO = st.lists(st.booleans(), max_size=SOLO_RUNS)


@given(st.lists(st.booleans(), min_size=SOLO_RUNS, max_size=SOLO_RUNS))
def test_no_run_alone_that_is_left_out_could_change_the_word(late: list[bool]) -> None:
    needed = next(n for n in range(SOLO_RUNS + 1) if not is_open(late[:n]))
    assert is_late(late[:needed]) is is_late(late) is (sum(late) >= LATE_RUNS)


@given(SOLO)
def test_a_word_is_open_while_both_ends_are_possible(late: list[bool]) -> None:
    left = SOLO_RUNS - len(late)
    ends = {is_late([*late, *more]) for more in product([True, False], repeat=left)}
    assert is_open(late) is (len(ends) == 2)


@pytest.mark.parametrize(
    ("max_ms", "wait_s", "noisy"),
    [(99.9, 1.0, False), (100.0, 1.0, True), (100.0, 10.0, False), (100.0, None, False)],
)
def test_noise_is_what_may_use_up_a_wait(max_ms: float, wait_s: float | None, noisy: bool) -> None:
    assert is_noisy(Noise(0.1, 1.0, max_ms, 100), wait_s) is noisy
    assert not is_noisy(None, wait_s)
