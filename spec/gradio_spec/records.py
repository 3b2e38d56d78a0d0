"""What the monitor remembers of sessions, streams and events while it judges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken clause, in the words of the data that states it."""

    clause: str
    expected: str
    actual: str


@dataclass(slots=True)
class EventRecord:
    """One event id: its machine state, its session, and its values as a client would rebuild them.

    ``accepted`` is false while only messages, and no answered join, have named the id.
    """

    id: str
    state: str
    session: str | None = None
    accepted: bool = False
    simple_format: bool = False
    values: list[Any] | None = None
    decodable: bool = True
    last: dict[str, Any] = field(default_factory=dict)
    seen_on: set[int] = field(default_factory=set)

    def copy(self) -> EventRecord:
        """The same, to be changed on its own; values are replaced, never changed."""
        return replace(self, last=dict(self.last), seen_on=set(self.seen_on))


@dataclass(slots=True)
class StreamRecord:
    """One response body: session stream, call stream or heartbeat; ``machine`` says which."""

    id: int
    machine: str
    owner: str
    state: str
    accepted_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a rule may look at: the message, what is known of its event and of its stream."""

    symbol: str
    message: Mapping[str, Any]
    stream: StreamRecord
    event: EventRecord | None
    events: Mapping[str, EventRecord]
    final_states: frozenset[str]
    # An older response of the session, replaced, may still bring what was on its way (SSE-024).
    older_open: bool = False
