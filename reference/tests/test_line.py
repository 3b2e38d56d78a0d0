"""A waiting line against a sorted list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_reference.core.line import Line


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10_000)), max_size=400))
def test_a_line_is_a_sorted_list(steps: list[tuple[int, int]]) -> None:
    line, model, number = Line(), list[int](), 0
    for kind, pick in steps:
        if kind and model:
            gone = model.pop(pick % len(model) if kind == 1 else 0)
            line.remove(gone)
            with pytest.raises(KeyError):
                line.remove(gone)
        else:
            number += 1 + pick % 3
            line.append(number)
            model.append(number)
        assert (len(line), line.take(3)) == (len(model), model[:3])
        probe = pick % (number + 2)
        assert line.rank(probe) == sum(other < probe for other in model)
    assert list(line) == model
    assert not model or line.first() == model[0]


def test_a_line_is_swept_when_most_have_left() -> None:
    line = Line(range(10_000))
    for number in range(9_990):
        line.remove(number)
    assert list(line) == list(range(9_990, 10_000))
    assert line.rank(9_995) == 5
    assert len(line._numbers) < 100


def test_an_empty_line_has_no_first() -> None:
    line = Line([1])
    line.remove(1)
    with pytest.raises(IndexError):
        line.first()
