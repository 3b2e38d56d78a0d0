"""What the events that are not over were called with: how many bytes, and how many more fit."""

from __future__ import annotations

from typing import Any

from gradio_reference.core.model import Event
from gradio_reference.core.model import Limits
from gradio_reference.core.model import Overweight


class Payloads:
    """``held``: the bytes of all of them, as they were sent."""

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = 0

    def require(self, weight: int, limits: Limits) -> None:
        """Raises ``Overweight`` if so many bytes do not fit. One payload alone always does."""
        if self.held and self.held + weight > limits.payloads:
            raise Overweight(limits.payloads, self.held, weight)

    def add(self, event: Event, weight: int) -> None:
        event.weight += weight
        self.held += weight

    def feed(self, event: Event, chunk: Any, weight: int, limits: Limits) -> None:
        """A chunk in place of the one before. Raises ``Overweight`` and keeps that one."""
        assert event.feed is not None
        more = weight - event.feed.weight
        if more > 0:
            self.require(more, limits)
        self.add(event, more)
        event.feed.put(chunk, weight)

    def remove(self, event: Event) -> None:
        """It is over."""
        self.held -= event.weight
