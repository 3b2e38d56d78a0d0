"""Order inside a group, and its limit (QUEUE-001, QUEUE-002, QUEUE-003, QUEUE-005, CANCEL-015).

A function holds its slot from when its event left the queue until it ended. That moment is hidden:
the function of an event may begin long after. But in a group that keeps join order an event has
left no later than

    latest(e) = min(start(e), min over f that joined certainly after e of start(f))

and in the order of their ``latest`` all events can leave at these very moments: whoever joined
certainly after e has no earlier ``latest``. Leaving later never makes more functions run at a time,
so a legal schedule exists if and only if the intervals [latest(e), end(e)) keep the limit: a sweep
in O(n log n). Where members of a shared group have not all been joined, the highest limit among the
running ones counts: whoever left last of them was allowed to.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

from gradio_conformance.history.known import NEVER
from gradio_conformance.history.known import Known
from gradio_conformance.history.known import Place
from gradio_spec.records import Violation


@dataclass(frozen=True, slots=True)
class _Span:
    """A slot that is certainly held, on the server's clock. ``event`` is the first one's."""

    begin: float
    end: float
    limit: float
    words: str


def keeps_limit(place: Place) -> Iterator[Violation]:
    """More functions of the group at a time than its limit, whatever their order."""
    ran = [event for event in place.events if event.starts and event.is_alone]
    bound = [event for event in ran if not event.is_free]
    crowd = _crowd(_ran(event) for event in bound)
    if crowd:
        yield _too_many(place, crowd, place.group.clause)
        return
    # What a cancelled function does is another clause's matter; nobody says when the function of an
    # orphan ends.
    crowd = _crowd(_ran(event) for event in ran if not event.is_orphan)
    if crowd:
        yield _too_many(place, crowd, "CANCEL-015")


def keeps_order(place: Place) -> Iterator[Violation]:
    """No order of the joins explains the starts; asked of a group that keeps its limit."""
    if place.group.batches or place.slots == NEVER:
        return
    latest = _latest(place.events)
    spans = []
    for event in place.events:
        if event.is_free or not event.is_alone:
            continue
        left, cause = latest[event.id]
        if event.starts:
            spans.append(_Span(left, event.run_until(), event.limit, _words(event, cause)))
        elif cause is not None and event.may_end == NEVER and event.over_at == NEVER:
            spans.append(_Span(left, NEVER, event.limit, _words(event, cause)))
    crowd = _crowd(spans)
    if crowd:
        expected = (
            f"the events of group {place.group.name} to start in the order of their joins,"
            f" at most {max(span.limit for span in crowd):g} at a time"
        )
        yield Violation("QUEUE-002", expected, "; ".join(span.words for span in crowd))


def _latest(events: Sequence[Known]) -> dict[str, tuple[float, Known | None]]:
    """By when each event had left the queue, and which later one says so (none: it itself)."""
    found: dict[str, tuple[float, Known | None]] = {}
    behind = sorted(events, key=lambda event: event.join.sent)
    first: tuple[float, Known | None] = (NEVER, None)
    for event in sorted(events, key=lambda event: event.join.answered, reverse=True):
        while behind and behind[-1].join.sent > event.join.answered:
            later = behind.pop()
            if later.starts and later.is_alone and later.starts[0] < first[0]:
                first = (later.starts[0], later)
        own = event.starts[0] if event.starts and event.is_alone else NEVER
        found[event.id] = first if first[0] < own else (own, None)
    return found


def _ran(event: Known) -> _Span:
    words = f"{event.describe()} ran from {event.starts[0]:.4f}"
    if event.is_cancelled:
        words += " and was cancelled"
    return _Span(event.starts[0], event.run_until(), event.limit, words)


def _words(event: Known, cause: Known | None) -> str:
    start = f"at {event.starts[0]:.4f}" if event.starts else "not at all"
    words = f"{event.describe()} started {start}"
    if cause is None:
        return words
    return (
        f"{words}, though {cause.describe()}, which joined later, started at {cause.starts[0]:.4f}"
    )


def _crowd(spans: Iterable[_Span]) -> list[_Span] | None:
    """The first spans that are held together although that is more than any of them allows."""
    held: list[_Span] = []
    # The clock is coarse: what ended in the tick in which it began may have been first.
    for span in sorted(spans, key=lambda span: (span.begin, span.end)):
        held = [other for other in held if other.end > span.begin]
        held.append(span)
        if len(held) > max(other.limit for other in held):
            return held
    return None


def _too_many(place: Place, crowd: Sequence[_Span], clause: str) -> Violation:
    limit = max(span.limit for span in crowd)
    expected = f"at most {limit:g} functions of group {place.group.name} at a time"
    actual = f"{len(crowd)}: " + "; ".join(span.words for span in crowd)
    return Violation(clause, expected, actual)
