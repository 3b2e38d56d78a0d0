"""A naive server that keeps the rules, with clients that see it through random delays.

Everything that happens is an entry of one heap, in an order that chance decides. The client's clock
is the heap's; the server's runs off by a constant, so that nobody can compare the two.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.history import Cancel
from gradio_conformance.history import Drop
from gradio_conformance.history import Entry
from gradio_conformance.history import Group
from gradio_conformance.history import History
from gradio_conformance.history import Join
from gradio_conformance.history import Release
from gradio_conformance.history import Sample
from gradio_conformance.history import Told

SKEW = -1000.0
UNLIMITED = "hold_unlimited"


@dataclass(eq=False)
class Event:
    """One accepted event, as the server sees it."""

    join: Join
    waits: bool = True
    runs: bool = False
    released: bool = False
    over: bool = False
    call: Call | None = None


@dataclass(eq=False)
class Call:
    """One run of a function."""

    events: list[Event]
    place: Place
    begun: bool = False
    ended: bool = False


@dataclass(eq=False)
class Place:
    """A group on the server."""

    group: Group
    queue: list[Event] = field(default_factory=list)
    running: list[Call] = field(default_factory=list)
    limit: float = 0
    joined: set[str] = field(default_factory=set)


class Simulator:
    """``events`` joins of the endpoints in ``groups``; in a ``calm`` world nobody cancels or goes
    away.
    """

    def __init__(
        self, groups: Mapping[str, Group], seed: int, *, events: int = 12, calm: bool = False
    ) -> None:
        self.random = random.Random(seed)
        self.calm = calm
        self.groups = groups
        self.places = {group.name: Place(group) for group in groups.values()}
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self.events: dict[str, Event] = {}
        self.joins: list[Join] = []
        self.entries: list[Entry] = []
        self.told: list[Told] = []
        self.cancels: list[Cancel] = []
        self.drops: list[Drop] = []
        self.releases: list[Release] = []
        self.samples: list[Sample] = []
        self.gone: set[str] = set()
        self.means: set[str] = set()
        self.delivered: dict[str, float] = {}  # session → when its newest message arrives
        self.spread = self.random.choice([0.5, 3.0, 8.0])
        sessions = [f"s{n}" for n in range(self.random.randint(1, 4))]
        for number in range(events):
            self._plan_join(f"e{number}", self.random.choice(sessions))
        for _ in range(self.random.randint(0, 3)):
            self.at(self.random.uniform(0, self.spread + 2), self._sample)
        if self.random.random() < 0.3 and not calm:
            session = self.random.choice(sessions)
            self.at(self.random.uniform(0, self.spread + 2), lambda: self._drop(session))

    def run(self) -> History:
        """Until nothing is left to happen."""
        while self._heap:
            self.now, _, what = heapq.heappop(self._heap)
            what()
        return History(
            joins=self.joins,
            entries=sorted(self.entries, key=lambda entry: entry.t),
            told=sorted(self.told, key=lambda told: told.at),
            cancels=self.cancels,
            drops=self.drops,
            releases=self.releases,
            samples=self.samples,
            at_rest=True,
        )

    # -- time ---------------------------------------------------------------------------------

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (when, next(self._number), what))

    def soon(self, what: Callable[[], None], most: float = 0.3) -> None:
        """Sometimes at once, sometimes late."""
        delay = 0.0 if self.random.random() < 0.3 else self.random.uniform(0, most)
        self.at(self.now + delay, what)

    def _write(self, key: str, endpoint: str, what: str, n: int | None = None) -> None:
        # A coarse clock: entries may carry the same time.
        self.entries.append(Entry(key, endpoint, what, n, round(self.now + SKEW, 2)))

    # -- what clients do ----------------------------------------------------------------------

    def _plan_join(self, name: str, session: str) -> None:
        endpoint = self.random.choice(list(self.groups))
        sent = self.random.uniform(0, self.spread)
        accepted = sent + self.random.uniform(0, 0.4)
        answered = accepted + self.random.uniform(0, 0.4)
        batch = bool(self.groups[endpoint].batches)
        gate = f"g-{name}" if not batch or self.random.random() < 0.5 else None
        text = f"hold:{gate}" if gate else name
        join = Join(
            name,
            endpoint,
            session,
            sent,
            answered,
            gate,
            None if batch else gate,
            [text.upper()] if batch else [gate],
        )
        event = Event(join, released=gate is None)
        self.events[name] = event
        self.at(accepted, lambda: self._accept(event))
        if gate:
            self.at(sent + self.random.uniform(0, 8), lambda: self._release(event))
        if self.random.random() < 0.25 and not self.calm:
            when = self.random.uniform(answered, answered + 5)
            self.at(when, lambda: self._cancel(event, rightly=self.random.random() < 0.8))

    def _release(self, event: Event) -> None:
        assert event.join.gate is not None
        self.releases.append(Release(event.join.gate, self.now))

        def arrive() -> None:
            event.released = True
            if event.call is not None:
                self._maybe_end(event.call)

        self.soon(arrive)

    def _cancel(self, event: Event, *, rightly: bool) -> None:
        sent, join = self.now, event.join
        session = join.session if rightly else "somebody else"
        self.cancels.append(Cancel(join.id, session, join.endpoint, sent, None))
        if rightly:
            self.soon(lambda: self._cancelled(event))

    def _drop(self, session: str) -> None:
        self.drops.append(Drop(session, self.now))
        self.gone.add(session)  # its messages reach nobody
        self.told = [told for told in self.told if told.at < self.now or self._of(told) != session]

        def notice() -> None:
            for event in self.events.values():
                if event.join.session == session and not event.over:
                    self._remove(event)
                    event.over = True

        self.soon(notice, 2)

    def _of(self, told: Told) -> str:
        return self.events[told.event].join.session

    def _sample(self) -> None:
        sent = self.now
        waiting = sum(len(place.queue) for place in self.places.values())
        answered = sent + self.random.uniform(0, 0.2)
        self.samples.append(Sample(sent - self.random.uniform(0, 0.2), answered, waiting))

    # -- what the server does -----------------------------------------------------------------

    def _accept(self, event: Event) -> None:
        self.joins.append(event.join)
        place = self.places[self.groups[event.join.endpoint].name]
        place.joined.add(event.join.endpoint)
        place.limit = place.group.limit(place.joined)
        if event.over:
            return
        place.queue.append(event)
        self.estimate(event)
        self.soon(lambda: self._start_next(place))

    def _cancelled(self, event: Event) -> None:
        if event.over or event.join not in self.joins:
            return
        waited = event.waits
        self._remove(event)
        self.tell(event, {"msg": "process_completed", "success": True, "output": {}})
        event.over = True
        if not waited and event.call and event.call.begun and self._stops_at_once(event):
            self._end(event.call, "cancelled")

    def _stops_at_once(self, event: Event) -> bool:
        return event.join.endpoint == UNLIMITED and self.random.random() < 0.5

    def _remove(self, event: Event) -> None:
        place = self.places[self.groups[event.join.endpoint].name]
        if event in place.queue:
            place.queue.remove(event)
        event.waits = False

    def next_of(self, place: Place) -> list[Event]:
        first = place.queue[0]
        most = place.group.batches.get(first.join.endpoint, 1)
        alike = [e for e in place.queue if e.join.endpoint == first.join.endpoint]
        return alike[:most]

    def has_room(self, place: Place) -> bool:
        return len(place.running) < place.limit

    def _start_next(self, place: Place) -> None:
        while place.queue and self.has_room(place):
            call = Call(self.next_of(place), place)
            for event in call.events:
                place.queue.remove(event)
                event.waits, event.runs, event.call = False, True, call
            place.running.append(call)
            eta = 1.0 if call.events[0].join.endpoint in self.means else None
            for event in call.events:
                self.tell(event, {"msg": "process_starts", "eta": eta})
            for event in place.queue:
                if self.random.random() < 0.9:
                    self.estimate(event)
            self.soon(lambda call=call: self._begin(call))  # type: ignore[misc]

    def _begin(self, call: Call) -> None:
        call.begun = True
        first = call.events[0].join
        if call.place.group.batches:
            self._write("batch", first.endpoint, "start", len(call.events))
        else:
            self._write(str(first.key), first.endpoint, "start")
        self._maybe_end(call)

    def _maybe_end(self, call: Call) -> None:
        if call.begun and all(event.released for event in call.events):
            self.soon(lambda: self._end(call, "end"))

    def _end(self, call: Call, how: str) -> None:
        if call.ended:
            return
        call.ended = True
        first = call.events[0].join
        if call.place.group.batches:
            self._write("batch", first.endpoint, "end", len(call.events))
        else:
            self._write(str(first.key), first.endpoint, how)
        self.soon(lambda: self._finish(call))

    def _finish(self, call: Call) -> None:
        for event in call.events:
            if not event.over:
                self.means.add(event.join.endpoint)
                output = {"data": self.result(event, call)}
                self.tell(event, {"msg": "process_completed", "success": True, "output": output})
                event.over = True

        def free() -> None:
            call.place.running.remove(call)
            self._start_next(call.place)

        self.soon(free)

    def result(self, event: Event, call: Call) -> list[Any]:
        (result,) = event.join.result or [None]
        return [f"{result}/{len(call.events)}"] if call.place.group.batches else [result]

    # -- what clients are told ----------------------------------------------------------------

    def estimate(self, event: Event) -> None:
        """At some moment, if it still waits then; a newer one may be nearer to the truth."""

        def look() -> None:
            place = self.places[self.groups[event.join.endpoint].name]
            if event in place.queue:
                rank = place.queue.index(event)
                eta = None if event.join.endpoint not in self.means else 1.0
                size = len(place.queue)
                body = {"msg": "estimation", "rank": rank, "queue_size": size, "rank_eta": eta}
                self.tell(event, body)

        if self.random.random() < 0.7:
            look()
        else:
            self.soon(look)

    def tell(self, event: Event, body: Mapping[str, Any]) -> None:
        session = event.join.session
        if event.over or session in self.gone:
            return
        late = 0.0 if self.random.random() < 0.5 else self.random.uniform(0, 0.5)
        arrives = max(self.now + late, self.delivered.get(session, 0.0))
        self.delivered[session] = arrives
        self.told.append(Told(event.join.id, arrives, body))
