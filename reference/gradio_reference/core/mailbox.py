"""Mailboxes: the undelivered messages of one session, or of one simple call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from gradio_reference.core import messages
from gradio_reference.core.messages import Message

if TYPE_CHECKING:
    from gradio_reference.core.group import Group
    from gradio_reference.core.model import Event
    from gradio_reference.core.model import Job
    from gradio_reference.core.model import Limits

UNWEIGHED = 8  # so few messages only a reader that keeps up has: they are not worth weighing


@dataclass(frozen=True, slots=True)
class Address:
    """Whose mailbox: a session (by its hash) or one simple call (by its event id, CALL-019)."""

    key: str
    call: bool = False


@dataclass(slots=True, eq=False)
class Slot:
    """A message that may still be replaced by a newer one of its kind, as long as nobody has
    read it.
    """

    event: Event
    message: Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a reader gets: messages in order, and whether its stream is over."""

    messages: list[Message]
    finished: bool


class Mailbox:
    """Messages in order, plus the events that are outstanding, waiting, or due a fresh estimation.

    A reader is an opaque token; a newer reader replaces the older one (SSE-024). ``weight`` is what
    the messages beyond the first few take, in bytes, roughly; ``held`` are the jobs that wait
    until it has been drained.
    """

    __slots__ = (
        "address",
        "held",
        "joined",
        "moved",
        "outstanding",
        "reader",
        "slots",
        "waiting",
        "weight",
    )

    def __init__(self, address: Address) -> None:
        self.address = address
        self.reader: Any = None
        self.outstanding: dict[str, Event] = {}
        self.slots: list[Slot] = []  # not a deque, which takes 700 bytes when it is empty
        self.joined: dict[Event, None] = {}  # waiting events that were never told their rank
        self.moved: dict[Group, None] = {}  # groups in which waiting events moved up
        self.waiting: dict[Group, dict[Event, None]] = {}
        self.held: dict[int, Job] = {}
        self.weight = 0

    @property
    def finished(self) -> bool:
        """Nothing outstanding and nothing left to deliver."""
        return not self.outstanding and not self.slots

    def full(self, limits: Limits) -> bool:
        """Whether who writes to it should wait for its reader."""
        return len(self.slots) >= limits.messages or self.weight >= limits.weight

    def accept(self, event: Event) -> None:
        self.outstanding[event.id] = event
        self.waiting.setdefault(event.group, {})[event] = None
        self.joined[event] = None  # QUEUE-007: the joining event is due an estimation
        if self.reader is not None:
            event.group.watch(self)

    def stop_waiting(self, event: Event) -> None:
        self.joined.pop(event, None)
        waiting = self.waiting[event.group]
        del waiting[event]
        if not waiting:
            del self.waiting[event.group]
            self.moved.pop(event.group, None)
            event.group.watchers.pop(self, None)

    def due(self) -> list[Event]:
        """Waiting events that are due an estimation, each once: the latest wins (QUEUE-008)."""
        events = dict(self.joined)
        for group in self.moved:
            events.update(self.waiting[group])
        self.joined.clear()
        self.moved.clear()
        return list(events)

    def attach(self, reader: Any) -> None:
        self.reader = reader
        for group in self.waiting:
            group.watchers.pop(self, None)
            group.watch(self)
            self.moved[group] = None

    def detach(self) -> None:
        self.reader = None
        for group in self.waiting:
            group.watchers.pop(self, None)

    def put(self, event: Event, message: Message, *, replaceable: bool = False) -> None:
        """Append a message. A replaceable one takes the place of an unread one if that is the
        event's last.
        """
        if replaceable and event.progress is not None:
            event.progress.message = message
            return
        slot = Slot(event, message)
        event.progress = slot if replaceable else None
        self.slots.append(slot)
        if len(self.slots) > UNWEIGHED:
            self.weight += messages.weight(message)

    def weigh(self) -> int:
        """All messages, the first few included."""
        self.weight = sum(messages.weight(slot.message) for slot in self.slots)
        return self.weight

    def drain(self) -> list[Message]:
        drained = []
        for slot in self.slots:
            if slot.event.progress is slot:
                slot.event.progress = None
            drained.append(slot.message)
        self.slots.clear()
        self.weight = 0
        return drained
