"""From a raw trace to the rows that people read: labelled, folded, with the broken places
marked.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gradio_conformance.events import CheckResult
from gradio_conformance.events import TraceEntry

SENT = "→"
RECEIVED = "←"
NOTE = "·"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the entry, the short name of its event (``e1``) and its state, if that changed."""

    entry: TraceEntry
    label: str | None
    change: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows that were folded away; ``what`` they were: more of anything, or heartbeats."""

    count: int
    what: str = "more"


@dataclass(frozen=True, slots=True)
class Fold:
    """How many rows stay at the start, around each marked row, and at the end of a long trace."""

    whole: int  # up to so many rows, nothing is folded
    head: int
    around: int
    tail: int


BRIEF = Fold(whole=15, head=5, around=3, tail=4)
ROOMY = Fold(whole=30, head=9, around=4, tail=6)


def marked(result: CheckResult) -> tuple[TraceEntry, ...]:
    """The trace, plus a note for each finding that no entry shows.

    The monitor marks the message that breaks a clause; a check that compares at its end cannot.
    """
    entries = list(result.trace)
    shown = {entry.violation for entry in entries}
    for finding in result.findings:
        if finding.clause in shown or not entries:
            continue
        shown.add(finding.clause)
        at = entries[-1].at_ms if finding.at_ms is None else finding.at_ms
        place = sum(entry.at_ms <= at for entry in entries)
        lane = entries[max(place - 1, 0)].lane
        note = f"expected {finding.expected}"
        entries.insert(place, TraceEntry(at, NOTE, lane, note, violation=finding.clause))
    return tuple(entries)


def event_labels(entries: Iterable[TraceEntry]) -> dict[str, str]:
    """Event id → ``e1``, ``e2``, … in order of appearance."""
    ids = dict.fromkeys(entry.event_id for entry in entries if entry.event_id)
    return {event_id: f"e{number}" for number, event_id in enumerate(ids, 1)}


def shown_labels(entries: Sequence[TraceEntry], how: Fold) -> dict[str, str]:
    """As :func:`event_labels`, without the events that folding hides."""
    labels = event_labels(entries)
    rows = fold(steps(entries, labels), how)
    shown = {row.label for row in rows if isinstance(row, Step)}
    return {event_id: label for event_id, label in labels.items() if label in shown}


def steps(entries: Sequence[TraceEntry], labels: Mapping[str, str]) -> list[Step]:
    """One step per entry; the state is told where it changes and where something is broken."""
    states: dict[tuple[str, str | None], str] = {}
    rows = []
    for entry in entries:
        # The state told on a call's lane is that of the stream, not of the event.
        key = (entry.lane, None if entry.lane.startswith("call ") else entry.event_id)
        if entry.direction == SENT:
            states.pop((entry.lane, None), None)  # a new request opens a new stream
        before, change = states.get(key), None
        if entry.state is not None:
            states[key] = entry.state
            if before != entry.state:
                change = f"{before} → {entry.state}" if before else entry.state
            elif entry.violation:
                change = entry.state
        rows.append(Step(entry, labels.get(entry.event_id or ""), change))
    return rows


def fold(rows: Sequence[Step], how: Fold) -> list[Step | Gap]:
    """Leave out what is far from both ends and from every marked row; never a single row.

    Successive heartbeats count as one row: what matters must not be pushed out by waiting.
    """
    short = _without_heartbeats(rows)
    if len(short) <= how.whole:
        return short
    last = len(short) - 1
    keep = {i for i in range(len(short)) if i < how.head or i > last - how.tail}
    for i, row in enumerate(short):
        if isinstance(row, Step) and row.entry.violation:
            keep.update(range(i - how.around, i + how.around + 1))
    folded: list[Step | Gap] = []
    hidden: list[Step | Gap] = []
    for i, row in enumerate(short):
        if i in keep:
            folded += _gap(hidden, "more")
            folded.append(row)
            hidden = []
        else:
            hidden.append(row)
    return folded + _gap(hidden, "more")


def _without_heartbeats(rows: Sequence[Step]) -> list[Step | Gap]:
    short: list[Step | Gap] = []
    for beats, group in groupby(rows, key=_is_heartbeat):
        run = list(group)
        short += _gap(run, "heartbeats") if beats else run
    return short


def _is_heartbeat(row: Step) -> bool:
    return row.entry.summary.startswith("heartbeat") and not row.entry.violation


def _gap(hidden: Sequence[Step | Gap], what: str) -> list[Step | Gap]:
    if len(hidden) < 2:
        return list(hidden)
    return [Gap(sum(row.count if isinstance(row, Gap) else 1 for row in hidden), what)]
