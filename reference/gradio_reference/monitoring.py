"""What the functions of a server have done: counts since it started, and how long the last runs
took. An event costs the same however many came before; a summary is made when somebody asks.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

from gradio_reference.core.messages import Outcome
from gradio_reference.endpoint import Endpoint

HISTORY = 1000
# Upper ends in seconds, from an echo to the slowest of models.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(slots=True)
class Record:
    """The events of one function, by whichever way they came: those that are in none of the four
    outcomes wait or run. ``recent``: seconds of its last ``HISTORY`` successful runs; ``buckets``:
    how many took up to each of ``BUCKETS``, or longer.
    """

    requests: int = 0
    cached: int = 0
    success: int = 0
    failed: int = 0
    cancelled: int = 0
    seconds: float = 0.0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


class Monitoring:
    """One record per endpoint; on the loop only. ``ends``: how the events of the queue ended, by
    function, which the queue itself counts; what is counted here comes on top.
    """

    def __init__(
        self, endpoints: Sequence[Endpoint], ends: Mapping[tuple[int, Outcome], int]
    ) -> None:
        self._names = [endpoint.name for endpoint in endpoints]
        self._records = [Record() for _ in endpoints]
        self._ends = ends

    def accepted(self, fn: int) -> None:
        """A call was accepted, by whichever way it came."""
        self._records[fn].requests += 1

    def direct(self, fn: int, outcome: Outcome) -> None:
        """A call that was not queued was accepted, and has ended."""
        record = self._records[fn]
        record.requests += 1
        setattr(record, outcome, getattr(record, outcome) + 1)

    def took(self, fn: int, seconds: float, events: int = 1) -> None:
        """A run has succeeded, for so many events that somebody still waited for."""
        record = self._records[fn]
        for _ in range(events):
            record.seconds += seconds
            record.recent.append(seconds)
            record.buckets[bisect_left(BUCKETS, seconds)] += 1

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        """The functions that anybody has called, and their records."""
        pairs = enumerate(zip(self._names, self._records, strict=True))
        return ((name, self._whole(fn, own)) for fn, (name, own) in pairs if own.requests)

    def _whole(self, fn: int, own: Record) -> Record:
        return replace(
            own,
            success=own.success + self._ends.get((fn, "success"), 0),
            failed=own.failed + self._ends.get((fn, "failed"), 0),
            cached=own.cached + self._ends.get((fn, "cached"), 0),
            cancelled=own.cancelled + self._ends.get((fn, "cancelled"), 0),
        )

    def summary(self) -> dict[str, Any]:
        """The body of GET /monitoring/summary; rates and times are null for what never ended."""
        return {"functions": {name: _summary(record) for name, record in self}}


def _summary(record: Record) -> dict[str, Any]:
    ended = record.success + record.failed
    times = percentiles(record.recent, (50, 90, 99))
    return {
        "success_rate": record.success / ended if ended else None,
        "process_time_percentiles": {f"{share}th": time for share, time in times.items()},
        "total_requests": record.requests,
    }


def percentiles(values: Sequence[float], shares: Sequence[int]) -> dict[int, float | None]:
    """The values that so many per cent do not pass, with linear interpolation between two."""
    if not values:
        return dict.fromkeys(shares)
    if len(values) == 1:
        return dict.fromkeys(shares, values[0])
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {share: cuts[share - 1] for share in shares}
