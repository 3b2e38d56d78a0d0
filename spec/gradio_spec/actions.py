"""What a client may do and what the server owes it for that: the interpreter of the ``actions``
part of ``lifecycle.yaml``. Pure.

The subject of an action is an event (its states are those of the machine ``event``), a session, a
simple call, or the queue; :data:`STATES` lists the states of the last three. What becomes of it:

``unchanged``    whatever was owed before is owed still
``cancelled``    the terminal message says that it was cancelled, and nothing else
``forgotten``    nothing more is owed
``accepted``     an event id
``refused``      a 4xx or 503 with ``detail``, and nothing is queued
``flows``        what is owed is delivered, then the response ends
``ends``         the response ends within a few seconds
``replaces``     the same as flows, and the older response ends
``not-found``    the response says that there is no such thing, and ends
``unspecified``  anything
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OUTCOMES = frozenset(
    {
        *("unchanged", "cancelled", "forgotten", "accepted", "refused"),
        *("flows", "ends", "replaces", "not-found", "unspecified"),
    }
)
# Of a session: no join yet; messages or results outstanding; all of them delivered; a stream is
# open; its reader went away and nothing has joined since.
STATES: Mapping[str, frozenset[str]] = {
    "session": frozenset({"unknown", "owing", "settled", "read", "left"}),
    "call": frozenset({"unknown", "pending", "delivered"}),
    "queue": frozenset({"room", "full"}),
}
PLAINLY = "plainly"


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of a subject in one of ``states`` (none named: any), and the clause that says
    so. ``ways`` is empty where the way does not matter.
    """

    then: str
    clause: str
    states: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()

    def covers(self, state: str, way: str) -> bool:
        in_state = not self.states or state in self.states
        return in_state and (not self.ways or way in self.ways)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a client does. ``others`` is what becomes of all that it does not name."""

    name: str
    title: str
    subject: str
    effects: tuple[Effect, ...]
    others: Effect | None = None

    def effects_on(self, states: Collection[str], way: str = PLAINLY) -> tuple[Effect, ...]:
        """The effect for each state that the subject may be in, each told once.

        Who sees the subject only now and then does not know its one state, and is owed one of
        these. ``LookupError`` for a state that no row covers.
        """
        found: dict[Effect, None] = {}
        for state in sorted(states):
            row = next((effect for effect in self.effects if effect.covers(state, way)), None)
            if row is None:
                raise LookupError(f"action {self.name!r}: no effect on {state!r} by {way!r}")
            found[row] = None
        return tuple(found)

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of doing it that the rows tell apart, besides the plain one."""
        return tuple(dict.fromkeys(way for effect in self.effects for way in sorted(effect.ways)))

    @property
    def clauses(self) -> frozenset[str]:
        rows = (*self.effects, *([self.others] if self.others else []))
        return frozenset(row.clause for row in rows)


def parse_action(name: str, data: Mapping[str, Any], event_states: Collection[str]) -> Action:
    """Build an action from its YAML; ``ValueError`` names the row and what is unknown in it."""
    subject = data["subject"]
    states = STATES.get(subject, frozenset(event_states))

    def effect(row: Mapping[str, Any]) -> Effect:
        unknown = sorted(set(row.get("in", ())) - states)
        if unknown:
            raise ValueError(f"action {name!r}: row {dict(row)} names unknown states {unknown}")
        if row["then"] not in OUTCOMES:
            raise ValueError(f"action {name!r}: unknown outcome {row['then']!r}")
        ways = frozenset(row.get("by", ()))
        return Effect(row["then"], row["clause"], frozenset(row.get("in", ())), ways)

    others = effect(data["others"]) if "others" in data else None
    return Action(name, data["title"], subject, tuple(map(effect, data["effects"])), others)
