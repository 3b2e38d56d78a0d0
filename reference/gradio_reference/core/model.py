"""The things the scheduler handles: functions, events, jobs, mailboxes, groups refer to these."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from enum import Enum
from enum import IntEnum
from typing import TYPE_CHECKING
from typing import Any

from gradio_reference.core.feeds import Feed

if TYPE_CHECKING:
    from gradio_reference.core.group import Group
    from gradio_reference.core.mailbox import Mailbox
    from gradio_reference.core.mailbox import Slot


@dataclass(frozen=True, slots=True)
class Function:
    """How one endpoint wants to be scheduled. ``limit`` None: unlimited. ``batch`` None: one
    event per call. ``streams``: its events take chunks, for ``time_limit`` seconds.
    """

    index: int
    group: str
    limit: int | None = 1
    batch: int | None = None
    streams: bool = False
    time_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server keeps for readers that do not read, at most.

    ``messages`` or ``weight`` (bytes, roughly) undelivered in one mailbox make its generators
    wait, and threads that log; beyond ``backlog`` undelivered messages the event of a function
    that goes on fails, and beyond ``backlog`` messages and outstanding events, or ``weight``, its
    session may not join. ``idle`` mailboxes of which nothing runs or waits are remembered, while
    their messages weigh no more than ``idle_weight`` together: the least recently used one is
    forgotten with whatever it still holds. ``payloads``: what the events that are not over were
    called with, in bytes as they were sent; beyond it no call is accepted, but for one alone.
    """

    messages: int = 5000
    weight: int = 64 * 1024 * 1024
    backlog: int = 10_000
    idle: int = 2000
    idle_weight: int = 256 * 1024 * 1024
    payloads: int = 1024 * 1024 * 1024


class Haste(IntEnum):
    """How soon a reader should get what has come for it: a few messages in one write cost little
    more than one.
    """

    SOON = 0  # places in the queue, starts, progress: more often than not something follows
    PROMPT = 1  # chunks and logs: at once, but not a write for each of a flood
    NOW = 2  # ends


class State(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@dataclass(slots=True, eq=False)
class Event:
    """One accepted call. ``weight``: the bytes of its payload. ``values``: what the receiver holds
    after the last chunk, to diff the next against. ``changed``: the States that its next output
    tells of. ``feed``: its further input, if it takes any.
    """

    id: str
    fn: int
    session: str
    payload: Any
    seq: int
    group: Group
    mailbox: Mailbox
    full_chunks: bool = False
    weight: int = 0
    state: State = State.WAITING
    estimated: bool = False
    job: Job | None = None
    values: list[Any] | None = None
    changed: tuple[int, ...] = ()
    progress: Slot | None = None
    feed: Feed | None = None

    @property
    def live(self) -> bool:
        """Whether its terminal message is still to come."""
        return self.state is not State.DONE


@dataclass(slots=True, eq=False)
class Job:
    """One run of a function, for one event or for a batch of them. It keeps its slot until
    ``ended``. ``held``: it waits for a reader.
    """

    id: int
    fn: int
    group: Group
    events: tuple[Event, ...]
    started: float
    live: int = field(init=False)
    held: bool = False

    def __post_init__(self) -> None:
        self.live = len(self.events)


@dataclass(frozen=True, slots=True)
class Result:
    """What a function gave: all that it yielded, and the outputs at its end."""

    chunks: tuple[list[Any], ...]
    final: list[Any]


class Refused(Exception):
    """A call that is not accepted now; the message says why."""


class Unread(Refused):
    """The session has too much outstanding that nobody reads."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"This session has {count} outstanding events and undelivered messages. "
            "Read its stream first."
        )


class Overweight(Refused):
    """The events that are not over were called with so many bytes that one more call of
    ``weight`` does not fit.
    """

    def __init__(self, limit: int, held: int, weight: int) -> None:
        super().__init__(
            f"Queue is full. What waits takes {held} bytes, this call {weight}, "
            f"and no more than {limit} are kept."
        )


class QueueFull(Refused):
    """The queue holds ``size`` waiting events and admits no more than ``limit`` (QUEUE-012)."""

    def __init__(self, limit: int, size: int) -> None:
        super().__init__(f"Queue is full. Max size is {limit} and size is {size}.")
        self.limit = limit
        self.size = size
