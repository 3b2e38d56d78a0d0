"""What the server keeps for each session between its events. Pure: the caller tells the time, in
seconds on any clock that never goes back.

A value lives until its variable's time-to-live has passed since it was made or stored (STATE-015),
until the session has been without heartbeat for ``linger`` seconds (STATE-022), or until
``capacity`` sessions were used more recently. What was dropped waits in ``dropped`` for its owner
to be told. Nothing else outlives its session but alarms, and of those there are never more than
twice as many as the sessions that are left need.
"""

from __future__ import annotations

import heapq
import pickle
from collections import OrderedDict
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Protocol

_FEW_ALARMS = 1000  # not worth tidying


class Variable(Protocol):
    """One thing that every session has a value of. Told apart by identity."""

    @property
    def time_to_live(self) -> float | None:
        """Seconds after which a value that was not stored again is dropped; None: never."""

    def make(self) -> Any:
        """A session's first value."""


@dataclass(slots=True, eq=False)
class _Slot:
    """A value, since when it stands, and its mark if somebody wants to know of changes."""

    value: Any
    since: float
    mark: Any = None
    armed: bool = False


@dataclass(slots=True, eq=False)
class _Session:
    slots: dict[Variable, _Slot] = field(default_factory=dict)
    gone: float | None = None  # since when it has no heartbeat, if it ever had one
    armed: bool = False


@dataclass(slots=True, order=True)
class _Alarm:
    """When to look whether a value, or with no variable a whole session, is due."""

    at: float
    number: int
    session: str = field(compare=False)
    owner: _Session = field(compare=False)
    variable: Variable | None = field(compare=False)


class SessionStore:
    """The values of all sessions. ``watched``: the variables whose changes ``store`` tells."""

    def __init__(
        self, *, capacity: int, linger: float, watched: Collection[Variable] = frozenset()
    ) -> None:
        self._capacity = capacity
        self._linger = linger
        self._watched = watched
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._readers: dict[str, int] = {}
        self._alarms: list[_Alarm] = []
        self._tidy_at = _FEW_ALARMS
        self._dropped: list[tuple[Variable, Any]] = []
        self._number = 0

    def __len__(self) -> int:
        return len(self._sessions)

    def read(self, session: str, variables: Iterable[Variable], now: float) -> list[Any]:
        """The session's values, made on first use, all of one moment. Raises what making raises."""
        self.expire(now)
        owner = self._use(session, now)
        return [self._slot(session, owner, variable, now).value for variable in variables]

    def store(self, session: str, values: Mapping[Any, Any], now: float) -> list[Any]:
        """Keep new values; the watched variables among them that now have another one
        (STATE-013).
        """
        self.expire(now)
        owner = self._use(session, now)
        changed = []
        for variable, value in values.items():
            slot = owner.slots.get(variable)
            watched = variable in self._watched
            if watched and slot is None:
                slot = self._slot(session, owner, variable, now)
            mark = _mark(value) if watched else None
            if watched and slot is not None and mark != slot.mark:
                changed.append(variable)
            if slot is None:
                slot = owner.slots[variable] = _Slot(value, now)
            slot.value, slot.since, slot.mark = value, now, mark
            self._arm_slot(session, owner, variable, slot)
        return changed

    def opened(self, session: str) -> None:
        """A heartbeat connection of the session was opened: it is not gone (STATE-020)."""
        self._readers[session] = self._readers.get(session, 0) + 1
        owner = self._sessions.get(session)
        if owner is not None:
            owner.gone = None

    def closed(self, session: str, now: float) -> bool:
        """One was closed. True if it was the last: the session is gone (STATE-019)."""
        self._readers[session] -= 1
        if self._readers[session]:
            return False
        del self._readers[session]
        owner = self._sessions.get(session)
        if owner is not None:
            self._leave(session, owner, now)
        return True

    def expire(self, now: float) -> None:
        """Drop what is due."""
        while self._alarms and self._alarms[0].at <= now:
            alarm = heapq.heappop(self._alarms)
            if self._sessions.get(alarm.session) is not alarm.owner:
                continue
            if alarm.variable is None:
                self._expire_session(alarm, now)
            else:
                self._expire_slot(alarm, alarm.variable, now)

    @property
    def due(self) -> float | None:
        """When to call ``expire`` next; it may then find nothing to do yet."""
        return self._alarms[0].at if self._alarms else None

    def dropped(self) -> list[tuple[Any, Any]]:
        """(variable, value) of everything dropped since the last call, in that order."""
        dropped, self._dropped = self._dropped, []
        return dropped

    # --- inside ----------------------------------------------------------------------------------

    def _use(self, session: str, now: float) -> _Session:
        owner = self._sessions.get(session)
        if owner is None:
            owner = self._sessions[session] = _Session()
        elif owner.gone is not None:
            self._leave(session, owner, now)  # who comes back without a heartbeat is not gone yet
        self._sessions.move_to_end(session)
        while len(self._sessions) > self._capacity:
            _, oldest = self._sessions.popitem(last=False)
            self._drop_all(oldest)
        return owner

    def _slot(self, session: str, owner: _Session, variable: Variable, now: float) -> _Slot:
        slot = owner.slots.get(variable)
        if slot is None:
            value = variable.make()
            slot = owner.slots[variable] = _Slot(value, now)
            if variable in self._watched:
                slot.mark = _mark(value)
            self._arm_slot(session, owner, variable, slot)
        return slot

    def _leave(self, session: str, owner: _Session, now: float) -> None:
        owner.gone = now
        if not owner.armed:
            owner.armed = True
            self._alarm(now + self._linger, session, owner, None)

    def _arm_slot(self, session: str, owner: _Session, variable: Variable, slot: _Slot) -> None:
        lifetime = variable.time_to_live
        if lifetime is not None and not slot.armed:
            slot.armed = True
            self._alarm(slot.since + lifetime, session, owner, variable)

    def _alarm(self, at: float, session: str, owner: _Session, variable: Variable | None) -> None:
        self._number += 1
        heapq.heappush(self._alarms, _Alarm(at, self._number, session, owner, variable))
        if len(self._alarms) >= self._tidy_at:
            # Those of sessions that had to make room would stay until their time has come.
            self._alarms = [a for a in self._alarms if self._sessions.get(a.session) is a.owner]
            heapq.heapify(self._alarms)
            self._tidy_at = max(_FEW_ALARMS, 2 * len(self._alarms))

    def _expire_session(self, alarm: _Alarm, now: float) -> None:
        owner = alarm.owner
        owner.armed = False
        if owner.gone is None:
            return
        due = owner.gone + self._linger
        if due <= now:
            del self._sessions[alarm.session]
            self._drop_all(owner)
        else:
            owner.armed = True
            self._alarm(due, alarm.session, owner, None)

    def _expire_slot(self, alarm: _Alarm, variable: Variable, now: float) -> None:
        slot = alarm.owner.slots[variable]
        slot.armed = False
        if slot.since + (variable.time_to_live or 0.0) <= now:
            del alarm.owner.slots[variable]
            self._dropped.append((variable, slot.value))
        else:
            self._arm_slot(alarm.session, alarm.owner, variable, slot)

    def _drop_all(self, owner: _Session) -> None:
        self._dropped += [(variable, slot.value) for variable, slot in owner.slots.items()]


def _mark(value: Any) -> Any:
    """Something that compares equal for equal values, and outlasts a change made in place."""
    try:
        return pickle.dumps(value)
    except Exception:  # not every value can be pickled; such a one counts as changed
        return object()
