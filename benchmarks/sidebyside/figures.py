"""The arithmetic: percentiles, medians of repeats, ratios between peers. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal

Sample = Mapping[str, float]
Better = Literal["higher", "lower"]
Curve = list[tuple[int, int]]  # how many sessions have been, and KiB of memory


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of all values do not exceed (nearest rank).

    Raises ``ValueError`` without values.
    """
    if not values:
        raise ValueError("percentile() of no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line that is nearest to the points (least squares).

    Raises ``ValueError`` for points that do not differ in the first coordinate.
    """
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    """The median of each figure over the repeats that have it."""
    names = dict.fromkeys(name for sample in samples for name in sample)
    return {
        name: statistics.median(sample[name] for sample in samples if name in sample)
        for name in names
    }


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times better a peer is than another: above 1 is better, whatever the figure means.

    `of_medians` is the result; `low` and `high` are the least and the greatest ratio of two
    measurements of the same repeat, which were made one after the other.
    """

    of_medians: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        return {"of_medians": self.of_medians, "low": self.low, "high": self.high}


def ratio(
    ours: Sequence[Sample], theirs: Sequence[Sample], figure: str, better: Better
) -> Ratio | None:
    """The ratio of one figure between two peers; None where one of them has it not, or it is 0."""
    pairs = [
        _times_better(own[figure], other[figure], better)
        for own, other in zip(ours, theirs, strict=False)
        if own.get(figure) and other.get(figure)
    ]
    whole = medians(ours).get(figure), medians(theirs).get(figure)
    if not pairs or not whole[0] or not whole[1]:
        return None
    return Ratio(_times_better(whole[0], whole[1], better), min(pairs), max(pairs))


def _times_better(own: float, other: float, better: Better) -> float:
    return own / other if better == "higher" else other / own
