"""A load on the testbed's gates: joins at the same time, releases, cancels, and their history."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.history import Group
from gradio_conformance.history import explain
from gradio_conformance.history import groups_of
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.recording import collect
from gradio_conformance.recording import mark
from gradio_conformance.session import Event
from gradio_conformance.session import Session
from gradio_conformance.wire import Reply

BATCH = "batch_upper"


@dataclass(slots=True)
class Held:
    """An event whose function waits for a gate of its own."""

    endpoint: str
    event: Event
    gate: Gate
    is_released: bool = False
    is_cancelled: bool = False

    @property
    def has_started(self) -> bool:
        return bool(self.event.of_kind("process_starts"))

    @property
    def holds_on(self) -> bool:
        """Cancelled, but its function may not know (CANCEL-015)."""
        return self.is_cancelled and self.has_started and not self.is_released


class Load:
    """Drives one server; what it does is judged by :meth:`verify`."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.groups: Mapping[str, Group] = groups_of(probe.spec.testbed)
        self.since = mark(probe)
        self.sessions: dict[int, Session] = {}
        self.held: list[Held] = []
        self.statuses: list[Reply] = []

    # -- what happens -----------------------------------------------------------------------------

    def join(self, wave: Sequence[tuple[str, int]]) -> None:
        """All of these (endpoint, number of the session) at the same time."""
        for _, number in wave:
            self.sessions.setdefault(number, self.probe.session())
        with ThreadPoolExecutor(len(wave)) as threads:
            self.held += threads.map(self._join, wave)
        for number in {number for _, number in wave}:
            self._listen(self.sessions[number])

    def _join(self, call: tuple[str, int]) -> Held:
        endpoint, number = call
        gate = self.probe.gate()
        text = f"hold:{gate.key}" if endpoint == BATCH else gate.key
        return Held(endpoint, self.sessions[number].join(endpoint, [text]), gate)

    def _listen(self, session: Session) -> None:
        if not session.streams or session.is_over:
            session.open()

    def release(self, pick: int) -> None:
        """Open the gate of one of those that are still held."""
        closed = [held for held in self.held if not held.is_released]
        if closed:
            self._open(closed[pick % len(closed)])

    def _open(self, held: Held) -> None:
        held.is_released = True
        # Once for the run, and once for a second one, which must not come (QUEUE-024).
        held.gate.release(2)

    def cancel(self, pick: int, *, running: bool) -> None:
        """Cancel one event and see its end: one that waits, or with ``running`` any that is held.

        The only one of its session and function, as other checks are about cancels of twins.
        """
        self.settle()
        offered = [held for held in self.held if self._can_be_cancelled(held, running=running)]
        if offered:
            held = offered[pick % len(offered)]
            held.is_cancelled = True
            held.event.cancel().require_status("CANCEL-001", 200)
            held.event.completed(clause="CANCEL-005" if not held.has_started else "EVT-003")

    def _can_be_cancelled(self, held: Held, *, running: bool) -> bool:
        session = held.event.session
        twins = [h for h in self.held if (h.event.session, h.endpoint) == (session, held.endpoint)]
        goes_on = not held.event.is_completed and not held.is_released
        return goes_on and len(twins) == 1 and (running or not held.has_started)

    def look(self) -> None:
        """Ask for the number of waiting events."""
        self.statuses.append(self.probe.request("GET", "/queue/status"))

    def settle(self) -> None:
        """Wait until whoever can run has started, and whoever can end has ended."""
        for group in {
            self.groups[held.endpoint].name: held.endpoint for held in self.held
        }.values():
            self._settle(self.groups[group])

    def _settle(self, group: Group) -> None:
        members = [held for held in self.held if held.endpoint in group.limits]
        limit = min(group.limits.values())

        def live() -> list[Held]:
            return [held for held in members if not held.event.is_completed]

        def at_work() -> list[Held]:
            return [held for held in live() if held.has_started]

        def quiet() -> bool:
            working = at_work()
            free = limit - sum(held.holds_on for held in members)
            if group.batches:
                return bool(working) or not live() or free < 1
            ending = any(held.is_released for held in working)
            return not ending and len(working) >= min(free, len(live()))

        self.probe.wait(
            quiet,
            self._clause(group, idle=not at_work()),
            f"as many events of group {group.name} to run as can",
            lambda: f"{len(at_work())} of {len(live())} run, the limit is {limit:g}",
        )

    def _clause(self, group: Group, *, idle: bool) -> str:
        """What is broken when too few run."""
        limit = min(group.limits.values())
        if limit == math.inf:
            return "QUEUE-004"
        blocked = (
            h for h in self.held if h.endpoint not in group.limits and not h.event.is_completed
        )
        if idle and any(not held.has_started for held in blocked):
            return "QUEUE-006"
        return "QUEUE-003" if limit > 1 else "QUEUE-013"

    # -- how it ends ------------------------------------------------------------------------------

    def verify(self) -> None:
        """Open all gates, wait for every end, and demand that a legal schedule explains it all."""
        for held in self.held:
            if not held.is_released:
                self._open(held)
        late = self._late()
        history = collect(self.probe, self.since, at_rest=True, statuses=self.statuses)
        for violation in explain(history, self.groups):
            fault = TooLate if late else NonConformance
            raise fault(violation.clause, violation.expected, violation.actual)
        if late:
            raise late
        self.probe.verify()

    def _late(self) -> NonConformance | None:
        """What is still owed when patience has ended."""
        try:
            for held in self.held:
                self._see_end(held)
        except NonConformance as fault:
            return fault
        return None

    def _see_end(self, held: Held) -> None:
        """A stream that closed just before the event joined is opened again."""
        session = held.event.session
        while not held.event.is_completed:
            self._listen(session)
            self.probe.wait(
                lambda: held.event.is_completed or session.is_over,
                "EVT-003",
                f"the end of {held.endpoint} {held.event.id}",
                lambda: held.event.kinds,
            )
