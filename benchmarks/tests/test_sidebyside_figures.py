"""The arithmetic of the side-by-side benchmarks, and their counting of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidebyside.figures import Ratio
from sidebyside.figures import medians
from sidebyside.figures import percentile
from sidebyside.figures import ratio
from sidebyside.figures import slope
from sidebyside.sinks import TAIL
from sidebyside.sinks import Heard
from sidebyside.sinks import Tally


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.5, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 0.99, 4.0),
        ([float(value) for value in range(1, 101)], 0.99, 99.0),
        ([2.0, 1.0], 0.0, 1.0),
    ],
)
def test_percentile_is_of_the_nearest_rank(
    values: list[float], share: float, expected: float
) -> None:
    assert percentile(values, share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_percentile_is_not_exceeded_by_its_share(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_medians_are_of_each_figure_alone() -> None:
    samples = [{"a": 1.0, "b": 5.0}, {"a": 100.0}, {"a": 3.0, "b": 7.0}]
    assert medians(samples) == {"a": 3.0, "b": 6.0}
    assert medians([]) == {}


def test_ratio_above_one_is_better_whatever_the_figure_means() -> None:
    fast, slow = [{"x": 10.0}], [{"x": 2.0}]
    assert ratio(fast, slow, "x", "higher") == Ratio(5.0, 5.0, 5.0)
    assert ratio(slow, fast, "x", "lower") == Ratio(5.0, 5.0, 5.0)
    assert ratio(slow, fast, "x", "higher") == Ratio(0.2, 0.2, 0.2)


def test_ratio_tells_the_range_of_the_repeats() -> None:
    ours = [{"x": 10.0}, {"x": 20.0}, {"x": 30.0}]
    theirs = [{"x": 10.0}, {"x": 5.0}, {"x": 10.0}]
    assert ratio(ours, theirs, "x", "higher") == Ratio(2.0, 1.0, 4.0)


@pytest.mark.parametrize("theirs", [[], [{"y": 1.0}], [{"x": 0.0}]])
def test_no_ratio_to_what_is_not_there(theirs: list[dict[str, float]]) -> None:
    assert ratio([{"x": 1.0}], theirs, "x", "higher") is None


def test_slope_is_that_of_the_nearest_line() -> None:
    assert slope([(0, 5), (1000, 25), (2000, 45)]) == pytest.approx(0.02)
    assert slope([(0, 5), (10, 7), (20, 5)]) == pytest.approx(0)
    with pytest.raises(ValueError, match="constant"):
        slope([(1, 5), (1, 6)])


def test_what_is_awaited_is_found_wherever_the_body_is_cut() -> None:
    tally = Tally()
    found = tally.expect(b" token0")
    tally.feed(b'data: {"x": " tok')
    assert not found.is_set()
    tally.feed(b'en0"}' + b"." * 2 * TAIL)  # it does not stay in the tail
    assert found.is_set()
    assert not tally.expect(b" token1").is_set()
    tally.feed(b"\n")
    message = tally.expect()
    assert not message.is_set()
    tally.feed(b"\n")
    assert message.is_set()


@given(st.integers(1, 20), st.sampled_from([b"\n\n", b"\r\n\r\n"]), st.data())
def test_messages_are_counted_however_the_body_is_cut(
    count: int, gap: bytes, data: st.DataObject
) -> None:
    body = b"".join(b'data: {"n": %d}' % number + gap for number in range(count))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=30)))
    heard: list[str] = []
    tallies = [Tally(gap), Heard(gap, lambda event: heard.append(event.data), lambda how: None)]
    for tally in tallies:
        for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
            tally.feed(body[start:end])
        assert tally.messages == count
        assert tally.tail == body[-TAIL:]
    assert heard == [f'{{"n": {number}}}' for number in range(count)]
