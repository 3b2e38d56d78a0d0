"""How long things take: mean durations per function, and the wait they predict."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping


class Durations:
    """Mean duration, in seconds, of the successful runs of each function since the server
    started.
    """

    __slots__ = ("_count", "_total")

    def __init__(self) -> None:
        self._count: dict[int, int] = {}
        self._total: dict[int, float] = {}

    def add(self, fn: int, seconds: float) -> None:
        self._count[fn] = self._count.get(fn, 0) + 1
        self._total[fn] = self._total.get(fn, 0.0) + seconds

    def mean(self, fn: int) -> float | None:
        count = self._count.get(fn)
        return self._total[fn] / count if count else None


def time_till_slot(
    running: Iterable[tuple[int, float]], durations: Durations, now: float
) -> float | None:
    """Seconds until the first of ``running`` (function, start time) should end; None if any is
    unknown.
    """
    ends = []
    for fn, started in running:
        mean = durations.mean(fn)
        if mean is None:
            return None
        ends.append(started + mean)
    return max(0.0, min(ends) - now)


def rank_eta(
    fn: int,
    ahead: Mapping[int, int],
    limit: int | None,
    running: Iterable[tuple[int, float]],
    durations: Durations,
    now: float,
) -> float | None:
    """Seconds until a waiting event should be finished, or None while a needed mean is unknown
    (QUEUE-010).

    ``ahead`` counts the waiting events before it, per function; ``running`` is empty unless the
    group is at its limit.
    """
    own = durations.mean(fn)
    if own is None:
        return None
    total = own
    for other, count in ahead.items():
        mean = durations.mean(other)
        if mean is None:
            return None
        if limit is not None:
            total += count * mean / limit
    running = tuple(running)
    if running:
        till = time_till_slot(running, durations, now)
        return None if till is None else total + till
    return total
