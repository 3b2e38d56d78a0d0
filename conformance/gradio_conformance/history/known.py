"""What is certain about each event, from all that was seen."""

from __future__ import annotations

import math
from bisect import bisect_left
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from gradio_conformance.history.groups import Group
from gradio_conformance.history.records import Cancel
from gradio_conformance.history.records import Entry
from gradio_conformance.history.records import History
from gradio_conformance.history.records import Join
from gradio_conformance.history.records import Told

T = TypeVar("T")

NEVER = math.inf
# A wait for a gate fails by itself after so many seconds (testbed.yaml, `gates`).
GATE_S = 30.0
ENDS = ("end", "cancelled", "closed")


@dataclass(slots=True)
class Known:
    """One event and what is certain about it; ``NEVER`` where nothing is.

    Server's clock: ``starts`` and ``ends`` of its function. Client's clock: ``started_at`` and
    ``over_at``, when its process_starts and its first terminal message arrived; ``left_at``, by
    when it had certainly left the queue; ``may_end``, before when its function cannot have ended,
    nor the event have been removed; ``may_vanish``, the same for being cancelled or orphaned.
    """

    join: Join
    group: Group
    messages: Sequence[Told]
    starts: Sequence[float]
    ends: Sequence[float]
    cancels: Sequence[Cancel]  # that name this event, its session and its function
    strangers: Sequence[Cancel]  # that name this event, but not rightly
    orphaned_at: float
    limit: float
    is_alone: bool  # nobody else uses its key
    started_at: float = NEVER
    over_at: float = NEVER
    left_at: float = NEVER
    may_end: float = NEVER
    may_vanish: float = NEVER

    @property
    def id(self) -> str:
        return self.join.id

    @property
    def is_cancelled(self) -> bool:
        return bool(self.cancels)

    @property
    def is_orphan(self) -> bool:
        return self.orphaned_at < NEVER

    @property
    def is_free(self) -> bool:
        """Whether it may or may not have run."""
        return self.is_cancelled or self.is_orphan

    def of_kind(self, msg: str) -> list[Told]:
        return [told for told in self.messages if told.msg == msg]

    def run_until(self) -> float:
        """Server's clock: up to when its function certainly ran, once it began."""
        if self.ends:
            return self.ends[0]
        held = self.may_end == NEVER and self.over_at == NEVER
        return self.starts[0] + (GATE_S if held else 0.0)

    def describe(self) -> str:
        return f"{self.join.endpoint} {self.id}"


@dataclass
class Place:
    """One group and its events, in the order of their joins' ``sent``."""

    group: Group
    events: Sequence[Known]
    limit: float  # the highest that may have been in effect

    @cached_property
    def _ends(self) -> list[float]:
        return sorted(event.may_end for event in self.events)

    @cached_property
    def _answers(self) -> list[float]:
        return sorted(event.join.answered for event in self.events)

    @property
    def slots(self) -> float:
        """How many events can run at the same time."""
        return self.limit * self.group.most_per_slot

    def left_by(self, at: float) -> float:
        """How many events can have left the queue by then: those that run, and those that may have
        run or been removed.
        """
        return self.slots + bisect_right(self._ends, at)

    def earliest(self, left: float) -> float:
        """The first moment at which so many events can have left the queue."""
        if left <= self.slots:
            return -NEVER
        index = int(left - self.slots) - 1
        return self._ends[index] if index < len(self._ends) else NEVER

    def joined_by(self, at: float) -> int:
        """How many events had certainly joined before."""
        return bisect_left(self._answers, at)


def places(history: History, groups: Mapping[str, Group]) -> list[Place]:
    """The events of the history whose groups are known, by group."""
    reader = _Reader(history)
    members: dict[str, list[Known]] = defaultdict(list)
    for join in sorted(history.joins, key=lambda join: join.sent):
        group = groups.get(join.endpoint)
        if group is not None:
            members[group.name].append(reader.known(join, group))
    found = []
    for events in members.values():
        group = events[0].group
        if group.is_ordered:
            _queue_up(events)
        found.append(Place(group, events, group.limit(history.joined_before)))
    return found


def _queue_up(events: Sequence[Known]) -> None:
    """Who had joined before an event that started has left the queue, too (QUEUE-002)."""
    sents = [event.join.sent for event in events]
    earliest = _suffix_minima([event.started_at for event in events])
    for event in events:
        event.left_at = min(event.left_at, earliest[bisect_right(sents, event.join.answered)])


def _suffix_minima(values: Sequence[float]) -> list[float]:
    """For each index the least value from there on; one more for the empty rest."""
    minima = [NEVER]
    for value in reversed(values):
        minima.append(min(value, minima[-1]))
    return minima[::-1]


class _Reader:
    """Looks up what a history says of one event."""

    def __init__(self, history: History) -> None:
        self.told = _by(history.told, lambda told: told.event)
        self.entries = _by(history.entries, lambda entry: entry.key)
        self.cancels = _by(history.cancels, lambda cancel: cancel.event)
        self.drops = _by(history.drops, lambda drop: drop.session)
        self.users = _by(history.joins, lambda join: join.key or "")
        self.releases: dict[str, float] = {}
        for release in history.releases:
            earlier = self.releases.get(release.gate, NEVER)
            self.releases[release.gate] = min(earlier, release.sent)
        self.joined_before = history.joined_before
        self.first_answers: dict[str, float] = {}
        for join in history.joins:
            earlier = self.first_answers.get(join.endpoint, NEVER)
            self.first_answers[join.endpoint] = min(earlier, join.answered)

    def known(self, join: Join, group: Group) -> Known:
        messages = self.told.get(join.id, [])
        cancels = self.cancels.get(join.id, [])
        own = [c for c in cancels if (c.session, c.endpoint) == (join.session, join.endpoint)]
        entries = self._entries(join)
        event = Known(
            join=join,
            group=group,
            messages=messages,
            starts=[e.t for e in entries if _begins(e)],
            ends=[e.t for e in entries if e.what in ENDS],
            cancels=own,
            strangers=[c for c in cancels if c not in own],
            orphaned_at=NEVER,
            limit=group.limit(self._joined(join)),
            is_alone=len(self.users.get(join.key or "", ())) == 1,
        )
        self._date(event)
        return event

    def _date(self, event: Known) -> None:
        join, messages = event.join, event.messages
        event.started_at = min((t.at for t in messages if t.msg == "process_starts"), default=NEVER)
        event.over_at = min((t.at for t in messages if t.msg == "process_completed"), default=NEVER)
        event.left_at = min((t.at for t in messages if t.msg != "estimation"), default=NEVER)
        drops = [drop.at for drop in self.drops.get(join.session, ()) if drop.at < event.over_at]
        event.orphaned_at = min(drops, default=NEVER)
        cancelled_at = min((cancel.sent for cancel in event.cancels), default=NEVER)
        event.may_vanish = max(join.sent, min(event.orphaned_at, cancelled_at))
        passed = join.sent if join.gate is None else self.releases.get(join.gate, NEVER)
        event.may_end = max(join.sent, min(event.may_vanish, passed))

    def _entries(self, join: Join) -> list[Entry]:
        found = self.entries.get(join.key, []) if join.key is not None else []
        return [entry for entry in found if entry.endpoint == join.endpoint]

    def _joined(self, join: Join) -> set[str]:
        """The functions that had certainly been joined when this event was."""
        before = {e for e, answered in self.first_answers.items() if answered < join.sent}
        return before | self.joined_before | {join.endpoint}


def _begins(entry: Entry) -> bool:
    return entry.what == "start" or (entry.what == "step" and entry.n == 0)


def _by(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found
