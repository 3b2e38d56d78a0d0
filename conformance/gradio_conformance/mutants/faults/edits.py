"""Faults of the edits between chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_spec import diff

Edit = list[Any]
encode = diff.encode


def _at(value: Any, path: list[Any]) -> Any:
    for step in path:
        value = value[step]
    return value


def _each(patch: Patches, change: Callable[[Edit, Any, Any], list[Edit]]) -> None:
    """``change(edit, old, new)`` gives the edits to send instead of one."""

    def changed(old: Any, new: Any) -> list[Edit]:
        return [other for edit in encode(old, new) for other in change(list(edit), old, new)]

    patch(diff, "encode", changed)


@fault
def true_is_one(patch: Patches) -> None:
    patch(diff, "encode", lambda old, new: [] if old == new else encode(old, new))


@fault
def nested_deletes_go_astray(patch: Patches) -> None:
    """Inside other arrays, each delete is counted from the array before all of them."""

    def changed(old: Any, new: Any) -> list[Edit]:
        edits = [list(edit) for edit in encode(old, new)]
        gone: dict[str, int] = {}
        for edit in edits:
            op, path, _ = edit
            if op == "delete" and len(path) > 1 and isinstance(path[-1], int):
                key = repr(path)
                edit[1] = [*path[:-1], path[-1] + gone.get(key, 0)]
                gone[key] = gone.get(key, 0) + 1
        return edits

    patch(diff, "encode", changed)


@fault
def nested_deletes_take_the_first(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        op, path, value = edit
        nested = op == "delete" and len(path) > 1 and isinstance(path[-1], int)
        return [[op, [*path[:-1], 0] if nested else path, value]]

    _each(patch, change)


@fault
def last_character_is_lost(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        op, path, value = edit
        return [[op, path, value[:-1] if op == "append" else value]]

    _each(patch, change)


@fault
def replace_is_called_set(patch: Patches) -> None:
    names = {"replace": "set"}
    _each(patch, lambda edit, old, new: [[names.get(edit[0], edit[0]), *edit[1:]]])


@fault
def edits_are_objects(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> Any:
        return [dict(zip(("op", "path", "value"), edit, strict=True))]

    _each(patch, change)


@fault
def paths_are_pointers(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        return [[edit[0], "".join(f"/{step}" for step in edit[1]), edit[2]]]

    _each(patch, change)


@fault
def positions_are_texts(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        return [[edit[0], [str(step) for step in edit[1]], edit[2]]]

    _each(patch, change)


@fault
def nested_deletes_count_from_the_end(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        op, path, value = edit
        nested = op == "delete" and len(path) > 1 and isinstance(path[-1], int)
        return [[op, [*path[:-1], -1] if nested else path, value]]

    _each(patch, change)


@fault
def no_appends(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        op, path, _ = edit
        return [["replace", path, _at(new, path)] if op == "append" else edit]

    _each(patch, change)


@fault
def equal_values_are_replaced(patch: Patches) -> None:
    patch(diff, "encode", lambda old, new: encode(old, new) or [["replace", [], new]])


@fault
def changed_types_are_replaced_twice(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        op, path, value = edit
        if op == "replace" and type(_at(old, path)) is not type(value):
            return [["replace", path, None], edit]
        return [edit]

    _each(patch, change)


@fault
def grown_arrays_are_replaced(patch: Patches) -> None:
    def changed(old: Any, new: Any) -> list[Edit]:
        arrays = isinstance(old, list) and isinstance(new, list) and len(new) > len(old)
        return [["replace", [], new]] if arrays else encode(old, new)

    patch(diff, "encode", changed)


@fault
def additions_come_in_reverse(patch: Patches) -> None:
    def changed(old: Any, new: Any) -> list[Edit]:
        edits = encode(old, new)
        adds = [edit for edit in edits if edit[0] == "add" and isinstance(edit[1][-1], int)]
        if len(adds) < 2:
            return edits
        first = min(edit[1][-1] for edit in adds)
        placed = [["add", [*edit[1][:-1], first], edit[2]] for edit in reversed(adds)]
        return [edit for edit in edits if edit not in adds] + placed

    patch(diff, "encode", changed)


@fault
def deletes_name_what_was_there(patch: Patches) -> None:
    """Positions of the array before any of the deletes, first to last."""

    def changed(old: Any, new: Any) -> list[Edit]:
        edits = [list(edit) for edit in encode(old, new)]
        for number, edit in enumerate(e for e in edits if e[0] == "delete"):
            if isinstance(edit[1][-1], int):
                edit[1] = [*edit[1][:-1], edit[1][-1] + number]
        return edits

    patch(diff, "encode", changed)


@fault
def lost_keys_are_replaced_around(patch: Patches) -> None:
    def changed(old: Any, new: Any) -> list[Edit]:
        objects = isinstance(old, dict) and isinstance(new, dict) and old.keys() != new.keys()
        return [["replace", [], new]] if objects else encode(old, new)

    patch(diff, "encode", changed)


@fault
def the_empty_key_is_replaced_around(patch: Patches) -> None:
    def changed(old: Any, new: Any) -> list[Edit]:
        edits = encode(old, new)
        return [["replace", [], new]] if any("" in edit[1] for edit in edits) else edits

    patch(diff, "encode", changed)


@fault
def deletes_tell_what_is_gone(patch: Patches) -> None:
    _each(patch, lambda edit, old, new: [edit if edit[0] != "delete" else [*edit[:2], "gone"]])


@fault
def whole_values_are_added(patch: Patches) -> None:
    def change(edit: Edit, old: Any, new: Any) -> list[Edit]:
        return [["add", [], edit[2]] if edit[0] == "replace" and not edit[1] else edit]

    _each(patch, change)


@fault
def null_is_left_in_two_steps(patch: Patches) -> None:
    def changed(old: Any, new: Any) -> list[Edit]:
        edits = encode(old, new)
        if (old is None) != (new is None):
            return [["replace", [], {}], *edits]
        return edits

    patch(diff, "encode", changed)


# -- whole chunks --------------------------------------------------------------------------------


@fault
def the_end_is_a_diff(patch: Patches) -> None:
    original = Scheduler.completed

    def completed(scheduler: Scheduler, job: Job, results: Any, now: float) -> None:
        rows = []
        for event, values in zip(job.events, results, strict=True):
            past = event.values if event.state is State.RUNNING else None
            pairs = zip(past, values, strict=True) if past is not None else None
            rows.append(values if pairs is None else [encode(old, new) for old, new in pairs])
        original(scheduler, job, rows, now)

    patch(Scheduler, "completed", completed)


@fault
def outputs_share_their_past(patch: Patches) -> None:
    original = Scheduler.emitted

    def emitted(scheduler: Scheduler, event_id: str, values: list[Any], now: float) -> None:
        event = scheduler._running(event_id)
        if event is not None and event.values is not None:
            event.values = [event.values[0]] * len(values)
        original(scheduler, event_id, values, now)

    patch(Scheduler, "emitted", emitted)


@fault
def look_alikes_are_applied(patch: Patches) -> None:
    """A first value that looks like a list of edits is taken for one."""
    original = Scheduler.emitted

    def emitted(scheduler: Scheduler, event_id: str, values: list[Any], now: float) -> None:
        event = scheduler._running(event_id)
        if event is not None:
            values = [_applied(value) for value in values]
        original(scheduler, event_id, values, now)

    patch(Scheduler, "emitted", emitted)


@fault
def empty_lists_are_taken_for_edits(patch: Patches) -> None:
    original = Scheduler.emitted

    def emitted(scheduler: Scheduler, event_id: str, values: list[Any], now: float) -> None:
        values = [None if value == [] else value for value in values]
        original(scheduler, event_id, values, now)

    patch(Scheduler, "emitted", emitted)


def _applied(value: Any) -> Any:
    if not isinstance(value, list) or not value or any(diff.check_edit(edit) for edit in value):
        return value
    try:
        return diff.apply(None, value)
    except diff.DiffError:
        return value
