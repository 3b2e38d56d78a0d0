"""Nothing lost, nothing doubled: what became of each event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_conformance.history.batches import result_of
from gradio_conformance.history.known import GATE_S
from gradio_conformance.history.known import NEVER
from gradio_conformance.history.known import Known
from gradio_conformance.history.known import Place
from gradio_conformance.history.records import History
from gradio_spec.diff import same
from gradio_spec.records import Violation
from gradio_spec.rules import brief


def keeps_promises(place: Place, history: History) -> Iterator[Violation]:
    """Runs, terminal message and result of each event of a group."""
    for event in place.events:
        ends = event.of_kind("process_completed")
        if len(ends) > 1:
            told = f"{len(ends)}: " + ", ".join(brief(end.body, 80) for end in ends)
            yield Violation("SSE-029", f"one process_completed for {event.describe()}", told)
        yield from _runs(event)
        if ends:
            yield from _end(event)
        elif history.at_rest and event.id not in history.unread:
            yield from _lost(place, event)


def _runs(event: Known) -> Iterator[Violation]:
    if event.join.key is None or not event.is_alone or event.group.batches:
        return
    if len(event.starts) > 1:
        expected = f"the function of {event.describe()} to run once"
        yield Violation("QUEUE-024", expected, f"starts at {list(event.starts)}")
    was_waiting = _is_marked(event) and event.started_at == NEVER
    if was_waiting and event.starts and event.is_cancelled and not event.is_orphan:
        expected = f"{event.describe()}, cancelled while it waited, never to start"
        yield Violation("CANCEL-005", expected, f"a start at {event.starts[0]:.4f}")


def _is_marked(event: Known) -> bool:
    """Whether it ended as a cancelled event does (CANCEL-006); a call is never told of a start."""
    ends = event.of_kind("process_completed")
    body = ends[0].body if ends else {}
    return body.get("success") is True and body.get("output") == {}


def _end(event: Known) -> Iterator[Violation]:
    first = event.of_kind("process_completed")[0]
    data = result_of(first.body)
    if data is not None:
        yield from _result(event, data)
    elif first.body.get("success") is True:
        if not event.is_cancelled:
            expected = f"the result of {event.describe()}, which nobody cancelled"
            yield Violation(_cancel_clause(event), expected, brief(first.body))
    elif _must_succeed(event) and first.at - event.join.sent < GATE_S:
        # A function that waits too long for its gate fails, and that is all right.
        expected = f"the result {brief(event.join.result)} for {event.describe()}"
        yield Violation("EVT-008", expected, brief(first.body))


def _must_succeed(event: Known) -> bool:
    return event.join.result is not None and not event.is_free and not event.group.batches


def _result(event: Known, data: list[Any]) -> Iterator[Violation]:
    wanted = event.join.result
    if wanted is None or event.group.batches:
        return
    if not same(data, list(wanted)):
        expected = f"{brief(wanted)} as the result of {event.describe()}"
        yield Violation("EVT-008", expected, brief(data))
    elif event.join.key is not None and event.is_alone and not event.starts:
        expected = f"the function of {event.describe()} to run once"
        yield Violation("QUEUE-024", expected, f"the result {brief(data)} without a run")


def _is_idle(place: Place) -> bool:
    """Whether functions of the group have run, and all of them have ended."""
    ran = [event for event in place.events if event.starts and event.is_alone]
    return bool(ran) and all(len(event.ends) >= len(event.starts) for event in ran)


def _cancel_clause(event: Known) -> str:
    """Which cancel ended an event that nobody had a right to end."""
    if any(cancel.session != event.join.session for cancel in event.strangers):
        return "CANCEL-008"
    return "CANCEL-009" if event.strangers else "CANCEL-007"


def _lost(place: Place, event: Known) -> Iterator[Violation]:
    """No terminal message, though the client waited for it."""
    if event.is_orphan or event.may_end == NEVER:
        return
    idle = _is_idle(place)
    clause = "QUEUE-013" if idle and not event.starts and event.started_at == NEVER else "EVT-003"
    twins = (
        other
        for other in place.events
        if other is not event
        and other.is_cancelled
        and (other.join.session, other.join.endpoint) == (event.join.session, event.join.endpoint)
    )
    if event.strangers or (not event.is_cancelled and any(twins)):
        clause = _cancel_clause(event)
    began = f"its function began at {event.starts[0]:.4f}" if event.starts else "no start"
    seen = ", ".join(told.msg for told in event.messages) or "no message"
    yield Violation(clause, f"a process_completed for {event.describe()}", f"{seen}; {began}")
