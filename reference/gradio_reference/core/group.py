"""A concurrency group: the functions of one ``concurrency_id``, their waiting events, their
slots.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from gradio_reference.core import estimates
from gradio_reference.core.estimates import Durations
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.model import Event
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job


class Group:
    """FIFO of waiting events with a limit on running jobs.

    The waiting sequence numbers are kept sorted per function, so that a rank is a binary search and
    neither joining, starting nor leaving costs more when the queue is long.
    """

    __slots__ = ("_queues", "_waiting", "limit", "name", "running", "watchers")

    def __init__(self, name: str, functions: Iterable[Function]) -> None:
        self.name = name
        members = tuple(functions)
        # QUEUE-005: the lowest declared limit holds from the start, whoever joins first.
        limits = [member.limit for member in members if member.limit is not None]
        self.limit: int | None = min(limits) if limits else None
        self.running: dict[int, Job] = {}
        # Mailboxes with a reader and a waiting event of this group: only they need fresh
        # estimations.
        self.watchers: dict[Mailbox, None] = {}
        self._queues: dict[int, list[int]] = {member.index: [] for member in members}
        self._waiting: dict[int, Event] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def startable(self) -> bool:
        free = self.limit is None or len(self.running) < self.limit
        return free and bool(self._waiting)

    def add(self, event: Event) -> None:
        self._queues[event.fn].append(event.seq)
        self._waiting[event.seq] = event

    def remove(self, event: Event) -> None:
        queue = self._queues[event.fn]
        del queue[bisect_left(queue, event.seq)]
        del self._waiting[event.seq]

    def head(self) -> Event:
        """The event that joined first (QUEUE-002)."""
        return self._waiting[min(queue[0] for queue in self._queues.values() if queue)]

    def next_of(self, fn: int, count: int) -> list[Event]:
        """The first waiting events of one function, up to ``count`` (QUEUE-014, QUEUE-015)."""
        return [self._waiting[seq] for seq in self._queues[fn][:count]]

    def ahead(self, event: Event) -> dict[int, int]:
        """How many events wait before this one, per function."""
        counts = {fn: bisect_left(queue, event.seq) for fn, queue in self._queues.items()}
        return {fn: count for fn, count in counts.items() if count}

    def rank_eta(
        self, event: Event, ahead: dict[int, int], durations: Durations, now: float
    ) -> float | None:
        full = self.limit is not None and len(self.running) >= self.limit
        running = [(job.fn, job.started) for job in self.running.values()] if full else []
        return estimates.rank_eta(event.fn, ahead, self.limit, running, durations, now)
