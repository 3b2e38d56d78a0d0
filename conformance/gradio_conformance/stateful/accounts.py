"""What the clients of a script know of their events, calls and sessions, and what they are owed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.heartbeats import Heartbeat
from gradio_conformance.history import Group
from gradio_conformance.probe import Gate
from gradio_conformance.session import CallStream
from gradio_conformance.session import Event
from gradio_conformance.session import Session
from gradio_conformance.session import SessionStream
from gradio_conformance.stateful.palette import CANCELLED
from gradio_conformance.stateful.palette import Offer
from gradio_spec.actions import Effect

# What a client may take an event to be that it has not seen for a while.
ANY_STATE = frozenset({"accepted", "waiting", "running", "completed"})


@dataclass(slots=True)
class Owed:
    """One accepted event or call. ``ends`` are the terminal messages that its owner may get.

    ``blame`` and ``circumstance`` are those of the last action that had to leave it alone or to
    end it: what is broken if it does not end so.
    """

    label: str
    offer: Offer
    data: list[Any]
    gate: Gate | None
    group: Group
    ends: frozenset[str]
    blame: str | None = None
    circumstance: str = ""
    suspects: frozenset[str] = frozenset()
    released: int = 0
    forgotten: bool = False
    never_runs: bool = False
    begun: bool = False  # the journal has shown its start
    judged: bool = False
    event: Event | None = None
    call: CallAccount | None = None

    @property
    def limit(self) -> float:
        """How many of its group may run at once, whoever has joined (QUEUE-005)."""
        return min(self.group.limits.values())

    @property
    def held(self) -> bool:
        """Its function runs, or will run, until its gate is opened."""
        return self.gate is not None and self.released < self.offer.releases(self.data)

    @property
    def untouched(self) -> bool:
        """Nothing that its owner did may have ended it."""
        return self.ends == self.offer.ends and not self.forgotten

    @property
    def is_over(self) -> bool:
        """Nothing can become of it any more that its owner would see."""
        if self.call is not None:
            return self.call.delivered
        return self.forgotten or (self.event is not None and self.event.is_completed)

    def apply(self, effects: Iterable[Effect], circumstance: str) -> None:
        """Take in what an action may have done to it: one of ``effects``."""
        after: frozenset[str] = frozenset()
        for effect in effects:
            after |= frozenset({CANCELLED}) if effect.then == "cancelled" else self.ends
            self.blame = effect.clause
            self.suspects |= {effect.clause}
        self.ends, self.circumstance = after, circumstance


@dataclass(slots=True)
class CallAccount:
    """The simple-call side of an ``Owed``: its event id, its one reading, and what it brought."""

    name: str
    event_id: str
    session_hash: str
    stream: CallStream | None = None
    delivered: bool = False

    @property
    def state(self) -> str:
        return "delivered" if self.delivered else "pending"


@dataclass(slots=True)
class Client:
    """One session of a script and its readers."""

    session: Session
    owed: list[Owed] = field(default_factory=list)
    paused: bool = False
    left: bool = False  # its reader went away and nothing has joined since
    ever_left: bool = False
    known: bool = False  # some call used its hash, so the server may know it
    heartbeat: Heartbeat | None = None

    @property
    def stream(self) -> SessionStream | None:
        """The newest stream while its response lasts."""
        newest = self.session.streams[-1] if self.session.streams else None
        return newest if newest is not None and newest.end is None else None

    @property
    def sees(self) -> bool:
        """Messages reach the client as they are written."""
        return self.stream is not None and not self.paused

    @property
    def unfinished(self) -> list[Owed]:
        return [o for o in self.owed if o.event and not o.event.is_completed and not o.forgotten]

    @property
    def states(self) -> frozenset[str]:
        """What the session may be, in the words of the action ``open``."""
        if self.stream is not None:
            return frozenset({"read"})
        if self.left:
            return frozenset({"left"})
        if not self.owed:
            return frozenset({"unknown", "left"} if self.known else {"unknown"})
        return frozenset({"owing"} if self.unfinished else {"settled"})
