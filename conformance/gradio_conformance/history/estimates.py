"""What waiting events are told: rank, queue_size, rank_eta, and the totals of queue/status.

An estimation of e says how things were at some moment u between e's join and the message's arrival,
while e waited. Who certainly waited at u bounds its numbers from below, who possibly waited from
above. Three things tell about others: their joins; messages by which they had certainly left; and
the slots, as only so many events can have left the queue as there are slots, functions that may
have ended, and events that may have been removed. The last also dates u: where more must have left
than could have before a moment, u is later.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from gradio_conformance.history.known import Known
from gradio_conformance.history.known import Place
from gradio_conformance.history.records import Sample
from gradio_spec.records import Violation


def keeps_estimates(place: Place) -> Iterator[Violation]:
    """The estimations of a group's events; asked of a group that keeps order and limit."""
    for event in place.events:
        yield from _without_history(event)
        if place.group.is_ordered:
            yield from _ranks(place, event)


def _without_history(event: Known) -> Iterator[Violation]:
    """QUEUE-010: who starts without an eta was told none while it waited."""
    if not any(told.body.get("eta", 0) is None for told in event.of_kind("process_starts")):
        return
    for told in event.of_kind("estimation"):
        if told.body.get("rank_eta") is not None:
            expected = f"rank_eta null for {event.describe()}, whose function has no history"
            yield Violation("QUEUE-010", expected, f"rank_eta {told.body['rank_eta']}")
            return


def _ranks(place: Place, event: Known) -> Iterator[Violation]:
    since, last = event.join.sent, None
    for number, told in enumerate(event.of_kind("estimation")):
        rank, size = told.body.get("rank"), told.body.get("queue_size")
        if type(rank) is not int or type(size) is not int:
            continue  # EVT-004 is the monitor's
        if last is not None and rank > last:
            expected = f"no rank above {last} for {event.describe()}, as it was told that before"
            yield Violation("EVT-005", expected, f"rank {rank}")
            return
        last = rank
        # As many of those that joined before must have left as are missing.
        since = max(since, place.earliest(place.joined_by(event.join.sent) - rank))
        view = _View(place, event, since, told.at)
        found = view.judge(rank, size, "QUEUE-008" if number else "QUEUE-007")
        if found is not None:
            yield found
            return


class _View:
    """The group as ``event`` may have been told of it at some moment from ``since`` to ``until``
    (client's clock).
    """

    def __init__(self, place: Place, event: Known, since: float, until: float) -> None:
        self.place, self.event, self.until = place, event, until
        join = event.join
        others = [
            other
            for other in place.events
            if other is not event and other.join.sent < until and other.left_at >= since
        ]
        behind = [other for other in others if other.join.sent > join.answered]
        self.possibly = len(others)
        self.possibly_ahead = len(others) - len(behind)
        ahead = sum(other.join.answered < join.sent for other in others)
        self.possibly_behind = len(others) - ahead
        # While the event waits, nobody behind it starts.
        self.certainly_behind = sum(
            other.join.answered < since and other.may_vanish > until for other in behind
        )
        left = place.left_by(until)
        self.certainly_ahead = max(0, place.joined_by(join.sent) - left)
        self.certainly = max(
            self.certainly_ahead + self.certainly_behind, place.joined_by(since) - 1 - left
        )

    def judge(self, rank: int, size: int, clause: str) -> Violation | None:
        numbers = (
            (clause, "rank", "ahead", rank, self.certainly_ahead, self.possibly_ahead),
            (
                "QUEUE-009",
                "queue_size",
                "behind",
                size - 1 - rank,
                self.certainly_behind,
                self.possibly_behind,
            ),
            (
                "QUEUE-009",
                "queue_size",
                "beside it",
                size - 1,
                self.certainly,
                self.possibly,
            ),
        )
        for broken, what, where, number, least, most in numbers:
            if not least <= number <= most:
                told = f"that tells of {_range(least, most)} {where}"
                expected = f"a {what} of {self.event.describe()} {told}"
                return self._violation(broken, expected, f"rank {rank}, queue_size {size}")
        return None

    def _violation(self, clause: str, expected: str, actual: str) -> Violation:
        others = [other for other in self.place.events if other is not self.event]
        started = [o.id for o in others if o.started_at < self.until]
        cancelled = [o.id for o in others if o.is_cancelled]
        known = f"started before: {_few(started)}; cancelled: {_few(cancelled)}"
        return Violation(clause, expected, f"{actual} ({known})")


def _range(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most:g}"


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[-5:]) if ids else "none"


def keeps_totals(places: Sequence[Place], samples: Sequence[Sample]) -> Iterator[Violation]:
    """QUEUE-011: the total of queue/status is one that the events of all groups allow."""
    for sample in samples:
        least = sum(_certainly(place, sample) for place in places)
        most = sum(
            event.join.sent < sample.answered and event.left_at >= sample.sent
            for place in places
            for event in place.events
        )
        if not least <= sample.queue_size <= most:
            expected = f"{_range(least, most)} waiting events in queue/status"
            yield Violation("QUEUE-011", expected, f"queue_size {sample.queue_size}")
            return


def _certainly(place: Place, sample: Sample) -> float:
    return max(0, place.joined_by(sample.sent) - place.left_by(sample.answered))
