"""The records of a server in the exposition format of Prometheus (extra ``metrics``)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import accumulate
from typing import TYPE_CHECKING
from typing import get_args

from gradio_reference.core.messages import Outcome
from gradio_reference.monitoring import BUCKETS
from gradio_reference.monitoring import Monitoring
from gradio_reference.monitoring import Record

if TYPE_CHECKING:
    from prometheus_client import Metric


Gauge = tuple[str, Callable[[], float]]  # what it tells, and how to read it


class Exposition:
    """Collects when it is scraped, so that an event pays nothing for it. ``gauges`` by name."""

    def __init__(self, monitoring: Monitoring, gauges: Mapping[str, Gauge]) -> None:
        from prometheus_client import CollectorRegistry

        self._monitoring = monitoring
        self._gauges = gauges
        self._registry = CollectorRegistry()  # not the process-wide one: servers may be many
        self._registry.register(self)

    def text(self) -> tuple[bytes, str]:
        """The body of a scrape, and its content type."""
        from prometheus_client import CONTENT_TYPE_LATEST
        from prometheus_client import generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def describe(self) -> list[Metric]:
        return []  # the registry need not collect to know the names

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily
        from prometheus_client.core import GaugeMetricFamily
        from prometheus_client.core import HistogramMetricFamily

        requests = CounterMetricFamily(
            "gradio_requests", "Calls that were accepted.", labels=["function"]
        )
        events = CounterMetricFamily(
            "gradio_events", "Events that have ended.", labels=["function", "outcome"]
        )
        times = HistogramMetricFamily(
            "gradio_event_seconds", "How long successful events ran.", labels=["function"]
        )
        for name, record in self._monitoring:
            requests.add_metric([name], record.requests)
            for outcome in get_args(Outcome):
                events.add_metric([name, outcome], getattr(record, outcome))
            times.add_metric([name], _buckets(record), record.seconds)
        yield from (requests, events, times)
        for name, (text, read) in self._gauges.items():
            yield GaugeMetricFamily(name, text, value=read())


def _buckets(record: Record) -> list[tuple[str, float]]:
    ends = [*(str(end) for end in BUCKETS), "+Inf"]
    return list(zip(ends, accumulate(map(float, record.buckets)), strict=True))
