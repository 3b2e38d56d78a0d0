"""The chunks of streaming-input events, between the routes and the worker of this process."""

from __future__ import annotations

import asyncio
from typing import Any

from gradio_reference.core.feeds import Feed
from gradio_reference.core.model import Event
from gradio_reference.core.scheduler import Scheduler


class MemoryFeeds:
    """Finds events in ``scheduler``, gives chunks to them, and lets their jobs wait for them."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._waiting: dict[str, asyncio.Event] = {}

    def find(self, event_id: str) -> Event | None:
        """The live event of this id, if it takes chunks."""
        event = self._scheduler.live(event_id)
        return event if event is not None and event.feed is not None else None

    def of(self, session: str) -> list[Event]:
        """The live events of a session that take chunks."""
        return self._scheduler.fed_by(session)

    def put(self, event: Event, chunk: Any, weight: int = 0) -> None:
        scheduler = self._scheduler
        scheduler.payloads.feed(event, chunk, weight, scheduler.limits)
        self._wake(event)

    def close(self, event: Event) -> None:
        """No further chunk will come (STREAM-004)."""
        _feed(event).closed = True
        self._wake(event)

    async def next(self, event: Event) -> Any:
        """The next chunk; None if there will be none: it was closed, or nothing came for as long
        as one waits. One caller at a time for each event.
        """
        feed = _feed(event)
        if not (feed.fresh or feed.closed):
            awake = self._waiting[event.id] = asyncio.Event()
            try:
                async with asyncio.timeout(feed.patience):
                    await awake.wait()
            except TimeoutError:
                return None
            finally:
                del self._waiting[event.id]
        return None if feed.closed else feed.take()

    def _wake(self, event: Event) -> None:
        awake = self._waiting.get(event.id)
        if awake is not None:
            awake.set()


def _feed(event: Event) -> Feed:
    assert event.feed is not None
    return event.feed
