"""What the server of an era remembers beyond the streams: the events that were joined. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from dataclasses import field
from typing import Any

MOST = 10_000  # events; of those joined before nobody asks any more


@dataclass(slots=True)
class Told:
    """What the client knows of an event, by whatever streams."""

    estimated: bool = False
    started: bool = False
    values: list[Any] | None = None
    over: bool = False


@dataclass(slots=True)
class Joined:
    """An event: whose it is, and how it was joined. ``silent``: it was reset."""

    session: str
    fn: int
    simple: bool = False
    silent: bool = False
    told: Told = field(default_factory=Told)


class Ledger:
    """The events of one server, and how long its functions take."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, Joined] = OrderedDict()
        self._runs = 0
        self._seconds = 0.0

    def joined(self, event_id: str, event: Joined) -> None:
        self._events[event_id] = event
        if len(self._events) > MOST:
            self._events.popitem(last=False)

    def find(self, event_id: str) -> Joined | None:
        """An event that is not over."""
        return self._events.get(event_id)

    def simple(self, event_id: str) -> bool:
        """Whether it was joined for full values in every chunk (JOIN-021)."""
        event = self._events.get(event_id)
        return event is not None and event.simple

    def over(self, event_id: str) -> bool:
        """Forget an event; whether its end is not to be told."""
        event = self._events.pop(event_id, None)
        return event is not None and event.silent

    def took(self, seconds: float) -> None:
        """A run ended well."""
        self._runs += 1
        self._seconds += seconds

    def averages(self, waiting: int) -> dict[str, Any]:
        """What estimations told beside the rank, for so many waiting events."""
        mean = self._seconds / self._runs if self._runs else None
        return {
            "avg_event_process_time": mean or 0.0,
            "avg_event_concurrent_process_time": mean,
            # Before the first run Gradio said a second, whoever waited.
            "queue_eta": 1.0 if mean is None else mean * waiting,
        }
