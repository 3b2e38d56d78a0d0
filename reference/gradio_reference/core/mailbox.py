"""Mailboxes: the undelivered messages of one session, or of one simple call."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from gradio_reference.core.messages import Message

if TYPE_CHECKING:
    from gradio_reference.core.group import Group
    from gradio_reference.core.model import Event


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


class Mailbox:
    """Messages in order, plus the events that are outstanding, waiting, or due a fresh estimation.

    A reader is an opaque token; a newer reader replaces the older one (SSE-024).
    """

    __slots__ = ("address", "outstanding", "reader", "slots", "stale", "waiting")

    def __init__(self, address: Address) -> None:
        self.address = address
        self.reader: Any = None
        self.outstanding: dict[str, Event] = {}
        self.slots: deque[Slot] = deque()
        self.stale: dict[Event, None] = {}
        self.waiting: dict[Group, dict[Event, None]] = {}

    @property
    def finished(self) -> bool:
        """Nothing outstanding and nothing left to deliver."""
        return not self.outstanding and not self.slots

    def accept(self, event: Event) -> None:
        self.outstanding[event.id] = event
        self.waiting.setdefault(event.group, {})[event] = None
        self.stale[event] = None  # QUEUE-007: the joining event is due an estimation
        if self.reader is not None:
            event.group.watchers[self] = None

    def stop_waiting(self, event: Event) -> None:
        self.stale.pop(event, None)
        waiting = self.waiting[event.group]
        del waiting[event]
        if not waiting:
            del self.waiting[event.group]
            event.group.watchers.pop(self, None)

    def refresh(self, group: Group) -> None:
        """All waiting events of the group are due a fresh estimation; the latest wins
        (QUEUE-008).
        """
        self.stale.update(self.waiting[group])

    def attach(self, reader: Any) -> None:
        self.reader = reader
        for group in self.waiting:
            group.watchers[self] = None
            self.refresh(group)

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

    def drain(self) -> list[Message]:
        messages = []
        for slot in self.slots:
            if slot.event.progress is slot:
                slot.event.progress = None
            messages.append(slot.message)
        self.slots.clear()
        return messages
