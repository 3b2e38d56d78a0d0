"""Edits between two JSON values: what `process_generating` carries after its first message.

An edit is the array `[op, path, value]`; `path` leads from the whole value (`[]`) through object
keys (strings) and array positions (integers). Values are JSON values as `json.loads` gives them.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast

Edit = list[Any]  # [op, path, value]

OPS = ("replace", "append", "add", "delete")
_ROOT_OPS = ("replace", "append")
_Path = tuple[str | int, ...]
_Part = tuple[_Path, Any, Any]  # where, before, after
_LEAVES = frozenset({str, int, float, bool})
_ABSENT: Any = object()  # stands for "nothing there" on one side of a comparison


@dataclass(frozen=True, slots=True)
class EditFault:
    """What is wrong with one edit: the clause it violates, what would be right, what is there."""

    clause: str
    expected: str
    actual: str

    @property
    def reason(self) -> str:
        return f"expected {self.expected}, got {self.actual}"


class DiffError(ValueError):
    """An edit that cannot be applied: its `index` in the list, `op`, `reason` and `clause`."""

    def __init__(self, index: int, op: object, fault: EditFault) -> None:
        super().__init__(f"edit {index} ({op}): {fault.reason} [{fault.clause}]")
        self.index = index
        self.op = op
        self.reason = fault.reason
        self.clause = fault.clause


def encode(old: Any, new: Any) -> list[Edit]:
    """Return edits that turn `old` into `new`, valid when applied one after another (DIFF-001).

    Nothing is said about parts that are `same`; so an object whose keys only changed their order
    yields no edit. The edits refer to parts of `new`; they do not copy them.
    Raises TypeError for an edit of an object key that is not a string.
    """
    return list(_edits(old, new))


def same(a: Any, b: Any) -> bool:
    """Whether two JSON values need no edit between them (DIFF-005).

    Types are kept apart (true, 1 and 1.0 are three values), NaN equals itself, 0.0 equals -0.0,
    and the order of object keys does not count.
    """
    return next(_edits(a, b), None) is None


def _edits(old: Any, new: Any) -> Iterator[Edit]:
    """Depth first, left to right; with a stack of its own, since nesting may exceed Python's."""
    todo: list[_Part] = [((), old, new)]
    while todo:
        path, old, new = todo.pop()
        if old is new:
            continue
        if type(old) is not type(new):
            yield _exchange(path, old, new)
        elif isinstance(old, list):
            todo.extend(reversed(_array_parts(path, old, new)))
        elif isinstance(old, dict):
            todo.extend(reversed(_object_parts(path, old, new)))
        elif old != new and not (old != old and new != new):  # NaN differs from itself only
            if isinstance(old, str) and new.startswith(old):
                yield ["append", list(path), new[len(old) :]]  # DIFF-004
            else:
                yield ["replace", list(path), new]


def _exchange(path: _Path, old: Any, new: Any) -> Edit:
    """The edit between two things that have nothing in common."""
    if new is _ABSENT:
        return ["delete", list(path), None]  # DIFF-010
    if old is _ABSENT:
        return ["add", list(path), new]
    return ["replace", list(path), new]  # DIFF-006


def _array_parts(path: _Path, old: list[Any], new: list[Any]) -> list[_Part]:
    common = min(len(old), len(new))
    parts: list[_Part] = [
        ((*path, i), before, after)
        for i, (before, after) in enumerate(zip(old, new, strict=False))
        if before is not after and not _equal_leaves(before, after)
    ]
    # DIFF-008: every delete moves the next surplus element to the same index, at any depth
    parts += [((*path, common), gone, _ABSENT) for gone in old[common:]]
    # DIFF-007
    parts += [((*path, i), _ABSENT, new[i]) for i in range(common, len(new))]
    return parts


def _object_parts(path: _Path, old: dict[str, Any], new: dict[str, Any]) -> list[_Part]:
    # DIFF-009
    parts: list[_Part] = [
        ((*path, key), before, after)
        for key, before in old.items()
        if (after := new.get(key, _ABSENT)) is not before and not _equal_leaves(before, after)
    ]
    if old.keys() != new.keys():
        parts += [((*path, key), _ABSENT, value) for key, value in new.items() if key not in old]
    for where, _, _ in parts:
        if not isinstance(where[-1], str):
            raise TypeError(f"object key {where[-1]!r} at {list(path)} is not a string")
    return parts


def _equal_leaves(a: Any, b: Any) -> bool:
    """Spares the many unchanged leaves of a value a turn of the loop."""
    return type(a) is type(b) and type(a) in _LEAVES and a == b


def check_edit(edit: object) -> EditFault | None:
    """Return what a sender did wrong in one edit, seen by itself; None for a clean edit.

    Stricter than apply(): `delete` must carry null (DIFF-010), and `append` a string, since only
    text comes out the same (DIFF-001) in every language whose `+` the clients use for it.
    """
    fault = _shape_fault(edit)
    if fault is not None:
        return fault
    op, _, value = cast("Edit", edit)
    if op == "delete" and value is not None:
        return EditFault("DIFF-010", "null as the third element of delete", _brief(value))
    if op == "append" and not isinstance(value, str):
        return EditFault("DIFF-001", "a string to append", _brief(value))
    return None


def _shape_fault(edit: object) -> EditFault | None:
    """What no decoder can accept."""
    if not isinstance(edit, list) or len(edit) != 3:
        return EditFault("DIFF-002", "an edit [op, path, value]", _brief(edit))
    op, path, _ = edit
    if op not in OPS:
        return EditFault("DIFF-002", f"one of the ops {', '.join(OPS)}", _brief(op))
    if not isinstance(path, list):
        return EditFault("DIFF-002", "an array as path", _brief(path))
    for step in path:
        # A boolean is no index, although Python would take it for one.
        if not (type(step) is str or (type(step) is int and step >= 0)):
            expected = "a string or a non-negative integer as path element"
            return EditFault("DIFF-003", expected, _brief(step))
    if not path and op not in _ROOT_OPS:
        return EditFault("DIFF-011", "replace or append for the whole value", op)
    return None


def apply(value: Any, edits: Sequence[Edit]) -> Any:
    """Return `value` with all edits applied in order; neither argument is changed.

    Tolerant as the official Python client where no clause is broken for it: `delete` may carry a
    value, `add` may set a key that exists, `append` also joins two arrays. Stricter than it for
    what DIFF-003 and DIFF-008 rule out: negative positions, positions beyond the end, `replace` of
    a missing key. The result shares its untouched parts with `value` and with `edits`, so treat
    all three as immutable. Raises DiffError for the first edit that cannot be applied.
    """
    if not isinstance(edits, list | tuple):
        raise DiffError(0, None, EditFault("DIFF-002", "an array of edits", _brief(edits)))
    fold = _Fold(value)
    for index, edit in enumerate(edits):
        fault = _shape_fault(edit) or fold.step(*edit)
        if fault is not None:
            raise DiffError(index, _op(edit), fault)
    return fold.value


def _op(edit: object) -> object:
    return edit[0] if isinstance(edit, list) and edit else None


class _Fold:
    """The value between two edits. Containers are copied once, when an edit first reaches them."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self._own: dict[int, Any] = {}  # by id(); holding the copies keeps their ids unique

    def step(self, op: str, path: list[str | int], value: Any) -> EditFault | None:
        if not path:
            return self._at_root(op, value)
        target = self.value = self._owned(self.value)
        for step in path[:-1]:
            fault = _step_fault(target, step, "replace")
            if fault is None and isinstance(target, dict) and step not in target:
                fault = _missing(step, target)
            if fault is not None:
                return fault
            target[step] = self._owned(target[step])
            target = target[step]
        return _step_fault(target, path[-1], op) or _change(target, path[-1], op, value)

    def _at_root(self, op: str, value: Any) -> EditFault | None:
        if op == "append":
            fault = _append_fault(self.value, value)
            if fault is not None:
                return fault
            value = self.value + value
        self.value = value
        return None

    def _owned(self, target: Any) -> Any:
        if not isinstance(target, list | dict) or id(target) in self._own:
            return target
        copy = target.copy()
        self._own[id(copy)] = copy
        return copy


def _change(target: Any, step: Any, op: str, value: Any) -> EditFault | None:
    is_array = isinstance(target, list)
    if not is_array and op != "add" and step not in target:  # DIFF-008
        return _missing(step, target)
    if op == "append":
        fault = _append_fault(target[step], value)
        if fault is not None:
            return fault
        target[step] = target[step] + value
    elif op == "delete":
        del target[step]
    elif op == "add" and is_array:
        target.insert(step, value)
    else:
        target[step] = value
    return None


def _step_fault(target: Any, step: str | int, op: str) -> EditFault | None:
    if isinstance(target, dict):
        if isinstance(step, str):
            return None
        return EditFault("DIFF-003", "a string to lead into an object", str(step))
    if not isinstance(target, list):
        return EditFault("DIFF-008", f"an array or object to find {step!r} in", _brief(target))
    if isinstance(step, str):
        return EditFault("DIFF-003", "an integer to lead into an array", _brief(step))
    if step < len(target) + (op == "add"):  # add at the end is index == length
        return None
    # DIFF-008 leaves out what an add creates, but no JSON array has a gap before its last element
    clause = "DIFF-001" if op == "add" else "DIFF-008"
    return EditFault(clause, f"an index into an array of {len(target)}", str(step))


def _append_fault(target: Any, value: Any) -> EditFault | None:
    if isinstance(target, str | list) and type(target) is type(value):
        return None
    return EditFault("DIFF-001", f"a value that can be appended to {_brief(target)}", _brief(value))


def _missing(key: object, target: dict[str, Any]) -> EditFault:
    return EditFault("DIFF-008", f"a key of {_brief(target)}", _brief(key))


def _brief(value: object) -> str:
    """A scalar as JSON, cut to fit a line; of a container only its size or its first keys."""
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        return f"an object with keys {reprlib.repr(list(value))}" if value else "an empty object"
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:59]}…"
