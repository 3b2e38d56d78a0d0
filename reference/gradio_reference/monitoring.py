"""What the functions of a server have done: counts since it started, and how long the last runs
took. An event costs the same however many came before; a summary is made when somebody asks.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_reference.endpoint import Endpoint

HISTORY = 1000
# Upper ends in seconds, from an echo to the slowest of models.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


@dataclass(slots=True)
class Record:
    """The events of one function, by whichever way they came. ``recent``: seconds of its last
    ``HISTORY`` successful runs; ``buckets``: how many took up to each of ``BUCKETS``, or longer.
    """

    requests: int = 0
    cached: int = 0
    success: int = 0
    failed: int = 0
    seconds: float = 0.0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))


class Monitoring:
    """One record per endpoint; on the loop only."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._names = [endpoint.name for endpoint in endpoints]
        self._records = [Record() for _ in endpoints]

    def accepted(self, fn: int, *, cached: bool = False) -> None:
        """A call was accepted; ``cached``: and answered without a run."""
        record = self._records[fn]
        record.requests += 1
        record.cached += cached

    def failed(self, fn: int, events: int = 1) -> None:
        """So many events have failed, each with its run or without."""
        self._records[fn].failed += events

    def succeeded(self, fn: int, seconds: float, events: int = 1) -> None:
        """A run is over, for so many events that somebody still waited for."""
        record = self._records[fn]
        record.success += events
        for _ in range(events):
            record.seconds += seconds
            record.recent.append(seconds)
            record.buckets[bisect_left(BUCKETS, seconds)] += 1

    def __iter__(self) -> Iterator[tuple[str, Record]]:
        """The functions that anybody has called, and their records."""
        pairs = zip(self._names, self._records, strict=True)
        return ((name, record) for name, record in pairs if record.requests)

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
