"""Batches (QUEUE-014): whole calls of at most max_batch_size, made of the events that waited, in
join order.

The journal tells the calls and their sizes, each result the size of its call. With the limit 1 the
calls follow one another, so their samples make up one row of places, each of which fits the events
that were told its size. Filling the row from the left, the event to take is the one whose join was
answered first: whoever must come after it must come after no fewer than after any other, and two
events of one size can change places. So the greedy row exists if and only if any does. Events whose
size nobody was told fill what is left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from itertools import pairwise
from typing import Any

from gradio_conformance.history.known import GATE_S
from gradio_conformance.history.known import NEVER
from gradio_conformance.history.known import Known
from gradio_conformance.history.known import Place
from gradio_conformance.history.records import Entry
from gradio_conformance.history.records import History
from gradio_spec.records import Violation

CLAUSE = "QUEUE-014"


@dataclass(frozen=True, slots=True)
class _Calls:
    """The calls of one batch function, the events that joined it, and the size each was told."""

    name: str
    clause: str  # of too many calls at a time
    most: int
    starts: Sequence[Entry]
    ends: Sequence[Entry]
    events: Sequence[Known]
    told: dict[str, int]

    @property
    def sizes(self) -> list[int]:
        return [entry.n or 0 for entry in self.starts]

    @property
    def unknown(self) -> int:
        return len(self.events) - len(self.told)


def keeps_batches(place: Place, history: History) -> Iterator[Violation]:
    """All laws of one batch function that has a group of its own and the limit 1."""
    if not place.group.batches or len(place.group.limits) > 1:
        return
    (name,) = place.group.batches
    told: dict[str, int] = {}
    for event in place.events:
        yield from _own_slice(event, told)
    entries = [entry for entry in history.entries if entry.endpoint == name]
    if not entries or name in history.called_directly or place.limit != 1:
        return
    calls = _Calls(
        name,
        place.group.clause,
        place.group.batches[name],
        [entry for entry in entries if entry.what == "start"],
        [entry for entry in entries if entry.what == "end"],
        place.events,
        told,
    )
    for law in (_one_by_one, _sizes, _totals, _row, _nobody_left):
        violations = list(law(calls))
        yield from violations
        if violations:
            return


def _own_slice(event: Known, told: dict[str, int]) -> Iterator[Violation]:
    """The result is that of the event's own sample; notes the size that stands behind it."""
    wanted = event.join.result
    for message in event.of_kind("process_completed")[:1]:
        data = result_of(message.body)
        if wanted is None or data is None:
            continue
        text = data[0] if len(data) == 1 and isinstance(data[0], str) else ""
        sample, _, size = text.rpartition("/")
        if [sample] == list(wanted) and size.isdecimal():
            told[event.id] = int(size)
        else:
            yield Violation(CLAUSE, f"{wanted[0]}/n as the result of {event.describe()}", f"{data}")


def result_of(body: Mapping[str, Any]) -> list[Any] | None:
    """The data of a successful end."""
    output = body.get("output")
    data = output.get("data") if isinstance(output, Mapping) else None
    return data if body.get("success") is True and isinstance(data, list) else None


def _one_by_one(calls: _Calls) -> Iterator[Violation]:
    """Calls of a function with the limit 1 do not overlap."""
    rows = [(e.t, True, e) for e in calls.starts] + [(e.t, False, e) for e in calls.ends]
    rows.sort(key=lambda row: row[:2])
    for (_, first_starts, first), (_, second_starts, second) in pairwise(rows):
        if not (first_starts and second_starts) or second.t <= first.t:
            continue
        # A call that failed wrote no end; it cannot have taken longer than its wait for a gate.
        failed = second.t - first.t >= GATE_S
        if not failed and not any(first.t <= end.t <= second.t for end in calls.ends):
            told = f"a call at {second.t:.4f} while the one of {first.t:.4f} ran"
            yield Violation(calls.clause, f"one call of {calls.name} at a time", told)
            return


def _sizes(calls: _Calls) -> Iterator[Violation]:
    for entry in calls.starts:
        if not isinstance(entry.n, int) or not 1 <= entry.n <= calls.most:
            expected = f"calls of {calls.name} with 1 to {calls.most} samples"
            yield Violation(CLAUSE, expected, f"{entry.n} samples at {entry.t:.4f}")
            return


def _totals(calls: _Calls) -> Iterator[Violation]:
    """As many samples as events, and as many of each size as were told it."""
    total, known = sum(calls.sizes), len(calls.told)
    if total > known + calls.unknown:
        expected = f"each event of {calls.name} to run once: {len(calls.events)} samples at most"
        yield Violation("QUEUE-024", expected, f"{total} samples in calls of {calls.sizes}")
        return
    places = Counter[int]()
    for size in calls.sizes:
        places[size] += size
    for size, number in Counter(calls.told.values()).items():
        if number > places[size]:
            expected = f"results with the size of their call; the calls have {calls.sizes}"
            yield Violation(CLAUSE, expected, f"{number} events of {calls.name} were told /{size}")


def _row(calls: _Calls) -> Iterator[Violation]:
    """Some order of the joins puts every event into a call of the size that it was told."""
    left = sorted(
        (event for event in calls.events if event.id in calls.told),
        key=lambda event: event.join.answered,
    )
    spare = calls.unknown
    for call, size in enumerate(calls.sizes):
        for _ in range(size):
            # Whoever was answered before another was sent comes first.
            earliest = left[0].join.answered if left else NEVER
            fits = (e for e in left if e.join.sent <= earliest and calls.told[e.id] == size)
            event = next(fits, None)
            if event is not None:
                left.remove(event)
            elif spare:
                spare -= 1
            else:
                yield _no_row(calls, left, f"nobody for a place in call {call + 1} of {size}")
                return
    if left:
        yield _no_row(calls, left, "no place")


def _no_row(calls: _Calls, left: Sequence[Known], problem: str) -> Violation:
    expected = f"calls of the events of {calls.name} in join order; their sizes: {calls.sizes}"
    told = ", ".join(f"{event.id} (/{calls.told[event.id]})" for event in left[:6])
    return Violation(CLAUSE, expected, f"{problem}; left over in join order: {told or 'none'}")


def _nobody_left(calls: _Calls) -> Iterator[Violation]:
    """A call with room leaves nobody behind who certainly waited when it began.

    The earlier calls have ended by then, so as many events as they had of each size were released
    or at least sent; an event that joined after another does not end before it.
    """
    if calls.unknown:
        return
    dated = [(_may_end(event, calls.events), calls.told[event.id]) for event in calls.events]
    sents = sorted(event.join.sent for event in calls.events)
    answers = sorted(event.join.answered for event in calls.events)
    reached = list(accumulate(calls.sizes))
    for call, size in enumerate(calls.sizes):
        if size == calls.most:
            continue
        begun = max(sents[reached[call] - 1], _earliest_end(dated, calls.sizes[:call]))
        waited = bisect_left(answers, begun)
        if waited > reached[call]:
            expected = f"a call of {calls.name} with room for {calls.most} to take who waits"
            behind = waited - reached[call]
            yield Violation(CLAUSE, expected, f"call {call + 1} of {size} left {behind} behind")
            return


def _may_end(event: Known, events: Sequence[Known]) -> float:
    before = (other.may_end for other in events if other.join.answered < event.join.sent)
    return max(event.may_end, max(before, default=-NEVER))


def _earliest_end(dated: Sequence[tuple[float, int]], sizes: Sequence[int]) -> float:
    """The first moment (client's clock) at which calls of these sizes can all have ended."""
    places = Counter[int]()
    for size in sizes:
        places[size] += size
    moments = [-NEVER]
    for size, number in places.items():
        ends = sorted(at for at, told in dated if told == size)
        moments.append(ends[number - 1] if number <= len(ends) else NEVER)
    return max(moments)
