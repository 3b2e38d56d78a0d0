"""The kinds of ordering rule that ``lifecycle.yaml`` may use: relations that no table of states
can say.

``non-increasing``            ``field`` never grows from one ``input`` message of an event to the
next
``less-than``                 ``field`` is smaller than the field ``than`` of the same message
``nothing-outstanding``       no event of the session that this stream must carry is unfinished
``own-events``                a stream carries only events of its own session
``same-width``                later chunks of an event have as many items as its first
``edits-parse``               later chunks are lists of well-formed edits
``edits-apply``               those edits apply to the value rebuilt so far
``result-equals-last-chunk``  the terminal message repeats the value that the chunks add up to
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_spec import diff
from gradio_spec.model import Rule
from gradio_spec.records import EventRecord
from gradio_spec.records import Situation
from gradio_spec.records import Violation

RuleKind = Callable[[Rule, Situation], Iterator[Violation]]


def brief(value: Any, limit: int = 160) -> str:
    """A value as short JSON text, for messages to people."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def non_increasing(rule: Rule, now: Situation) -> Iterator[Violation]:
    field = rule.options["field"]
    value = now.message.get(field)
    if now.event is None or not isinstance(value, int | float):
        return
    before = now.event.last.get(rule.id)
    now.event.last[rule.id] = value
    if before is not None and value > before:
        yield Violation(
            rule.clause, f"{field} at most {before}, as told before", f"{field} {value}"
        )


def less_than(rule: Rule, now: Situation) -> Iterator[Violation]:
    field, than = rule.options["field"], rule.options["than"]
    small, large = now.message.get(field), now.message.get(than)
    if isinstance(small, int) and isinstance(large, int) and small >= large:
        yield Violation(rule.clause, f"{field} below {than}", f"{field} {small}, {than} {large}")


def nothing_outstanding(rule: Rule, now: Situation) -> Iterator[Violation]:
    if now.older_open:
        return  # the order of messages of two responses is nothing that one can see
    left = [
        event.id
        for event in now.events.values()
        if event.session == now.stream.owner
        and event.state not in now.final_states
        and (event.id in now.stream.accepted_before or now.stream.id in event.seen_on)
    ]
    if left:
        expected = f"{rule.on} only when every event of the session has completed"
        yield Violation(rule.clause, expected, f"{rule.on} while {', '.join(left)} had not")


def own_events(rule: Rule, now: Situation) -> Iterator[Violation]:
    event = now.event
    if event is not None and event.session is not None and event.session != now.stream.owner:
        yield Violation(
            rule.clause,
            f"only events of session {now.stream.owner!r} on its stream",
            f"event {event.id} of session {event.session!r}",
        )


def _later_chunk(now: Situation) -> tuple[EventRecord, list[Any]] | None:
    """The event and the edit lists of a chunk that must be read as edits, or ``None``."""
    event = now.event
    if event is None or event.values is None or event.simple_format or not event.decodable:
        return None
    output = now.message.get("output")
    data = output.get("data") if isinstance(output, Mapping) else None
    return (event, data) if isinstance(data, list) else None


def same_width(rule: Rule, now: Situation) -> Iterator[Violation]:
    chunk = _later_chunk(now)
    if chunk is not None and len(chunk[1]) != len(chunk[0].values or ()):
        expected = f"{len(chunk[0].values or ())} edit lists, one per output"
        yield Violation(rule.clause, expected, f"{len(chunk[1])}: {brief(chunk[1])}")


def edits_parse(rule: Rule, now: Situation) -> Iterator[Violation]:
    chunk = _later_chunk(now)
    if chunk is None:
        return
    for slot in chunk[1]:
        if not isinstance(slot, list):
            yield Violation(rule.clause, "a list of edits per output", brief(slot))
            continue
        for edit in slot:
            fault = diff.check_edit(edit)
            if fault is not None:
                yield Violation(fault.clause, fault.expected, brief(edit))


def edits_apply(rule: Rule, now: Situation) -> Iterator[Violation]:
    chunk = _later_chunk(now)
    if chunk is None:
        return
    event, data = chunk
    try:
        for index, edits in enumerate(data):
            diff.apply((event.values or [])[index], edits)
    except diff.DiffError as error:
        yield Violation(error.clause, "edits that apply to the value sent so far", str(error))
    except (IndexError, TypeError) as error:
        yield Violation(rule.clause, "edits that apply to the value sent so far", str(error))


def result_equals_last_chunk(rule: Rule, now: Situation) -> Iterator[Violation]:
    event, output = now.event, now.message.get("output")
    if event is None or event.values is None or not event.decodable:
        return
    if now.message.get("success") is not True or not isinstance(output, Mapping):
        return
    data = output.get("data")
    if isinstance(data, list) and not diff.same(data, event.values):
        expected = f"the last value that the chunks add up to: {brief(event.values)}"
        yield Violation(rule.clause, expected, brief(data))


KINDS: Mapping[str, RuleKind] = {
    "non-increasing": non_increasing,
    "less-than": less_than,
    "nothing-outstanding": nothing_outstanding,
    "own-events": own_events,
    "same-width": same_width,
    "edits-parse": edits_parse,
    "edits-apply": edits_apply,
    "result-equals-last-chunk": result_equals_last_chunk,
}
# The fields that a rule of this kind must state.
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "non-increasing": ("field",),
    "less-than": ("field", "than"),
}
