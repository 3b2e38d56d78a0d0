"""A concurrency group: the functions of one ``concurrency_id``, their waiting events, their
slots.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from gradio_reference.core import estimates
from gradio_reference.core.estimates import Durations
from gradio_reference.core.line import Line
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.model import Event
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job

NEWS_RATE = 1000.0  # estimations a second that tell a group that it moved up
NEWS_SPAN = 10.0  # seconds after which everybody has been told at the latest
NEWS_REST = 0.05  # seconds between two of them for who waits, at least: nobody reads faster
NEWS_SLICE = 100  # estimations in one go, so that a long queue makes no long pause


class Group:
    """FIFO of waiting events with a limit on running jobs.

    The waiting sequence numbers stand in a line per function, so that neither joining, starting,
    leaving nor a rank costs more than O(log n) when the queue is long. A start moves everybody
    up, but tells nobody: ``move`` only counts. ``tell`` says who is to hear of it, those first that
    have not heard for longest, at a rate that does not grow with every start: the latest estimation
    wins (QUEUE-008).
    """

    __slots__ = ("_queues", "_waiting", "limit", "moves", "name", "news_at", "running", "watchers")

    def __init__(self, name: str, functions: Iterable[Function]) -> None:
        self.name = name
        members = tuple(functions)
        # QUEUE-005: the lowest declared limit holds from the start, whoever joins first.
        limits = [member.limit for member in members if member.limit is not None]
        self.limit: int | None = min(limits) if limits else None
        self.running: dict[int, Job] = {}
        # Mailboxes with a reader and a waiting event of this group, only they need fresh
        # estimations, each with the number of moves that it knows of, lowest first.
        self.watchers: OrderedDict[Mailbox, int] = OrderedDict()
        self.moves = 0
        self.news_at = float("-inf")
        self._queues = {member.index: Line() for member in members}
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
        self._queues[event.fn].remove(event.seq)
        del self._waiting[event.seq]

    def head(self) -> Event:
        """The event that joined first (QUEUE-002)."""
        return self._waiting[min(queue.first() for queue in self._queues.values() if queue)]

    def next_of(self, fn: int, count: int) -> list[Event]:
        """The first waiting events of one function, up to ``count`` (QUEUE-014, QUEUE-015)."""
        return [self._waiting[seq] for seq in self._queues[fn].take(count)]

    def ahead(self, event: Event) -> dict[int, int]:
        """How many events wait before this one, per function."""
        counts = {fn: queue.rank(event.seq) for fn, queue in self._queues.items()}
        return {fn: count for fn, count in counts.items() if count}

    def watch(self, mailbox: Mailbox) -> None:
        """A reader that knows its place as of now. One that watches already stays where it is."""
        self.watchers.setdefault(mailbox, self.moves)

    @property
    def stale(self) -> bool:
        """Whether a watcher does not know its newest place."""
        return bool(self.watchers) and next(iter(self.watchers.values())) < self.moves

    def tell(self, now: float) -> list[Mailbox]:
        """The watchers that are to be told their new place now; nobody before ``news_at``."""
        told: list[Mailbox] = []
        count = 0
        while now >= self.news_at and self.stale and count < NEWS_SLICE:
            mailbox = next(iter(self.watchers))
            self.watchers[mailbox] = self.moves
            self.watchers.move_to_end(mailbox)
            count += len(mailbox.waiting[self])
            told.append(mailbox)
        if told:
            rate = max(NEWS_RATE, len(self) / NEWS_SPAN)
            self.news_at = now + max(NEWS_REST, count / rate)
        return told

    def rank_eta(
        self, event: Event, ahead: dict[int, int], durations: Durations, now: float
    ) -> float | None:
        full = self.limit is not None and len(self.running) >= self.limit
        running = [(job.fn, job.started) for job in self.running.values()] if full else []
        return estimates.rank_eta(event.fn, ahead, self.limit, running, durations, now)


def groups_of(functions: Iterable[Function]) -> dict[str, Group]:
    """The groups of these functions, by name."""
    members: dict[str, list[Function]] = {}
    for function in functions:
        members.setdefault(function.group, []).append(function)
    return {name: Group(name, each) for name, each in members.items()}
