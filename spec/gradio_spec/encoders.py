"""The edit encoders of Gradio's releases, as they were: most of them send edits that no decoder
puts together again. ``dialects.yaml`` says which release had which; :mod:`gradio_spec.diff` has
the encoder that is right.

All of them walk both values in the same order and find the same differences. What tells them
apart is what they do to the positions of deletes, once for each array that is around them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradio_spec.data import SpecError
from gradio_spec.diff import Edit

_Path = list[str | int]
# What becomes of the path of a delete, the n-th (from 0) of those found in one array: the new
# path, or None when it is left alone and not counted.
_Renaming = Callable[[_Path, int], "_Path | None"]


def encode(generation: str, old: Any, new: Any) -> list[Edit]:
    """The edits that the releases of this generation (``diff_encoders`` of ``dialects.yaml``) sent
    to turn the JSON value ``old`` into ``new``.

    They find no difference between values that are equal in Python (1, 1.0 and true). The edits
    refer to parts of ``new``. ``TypeError`` where the encoder itself failed (``cut-paths``: a key
    of an object inside an array is gone); ``SpecError`` for a generation that does not exist.
    """
    if generation not in _GENERATIONS:
        raise SpecError(
            f"unknown generation of edit encoders {generation!r}; "
            f"there are {', '.join(_GENERATIONS)}"
        )
    return _edits([], old, new, _GENERATIONS[generation])


def _edits(path: _Path, old: Any, new: Any, renaming: _Renaming) -> list[Edit]:
    if old == new:
        return []
    if type(old) is not type(new):
        return [["replace", path, new]]
    if isinstance(old, str) and new.startswith(old):
        return [["append", path, new[len(old) :]]]
    if isinstance(old, list):
        return _renamed(_array_edits(path, old, new, renaming), renaming)
    if isinstance(old, dict):
        return _object_edits(path, old, new, renaming)
    return [["replace", path, new]]


def _array_edits(path: _Path, old: list[Any], new: list[Any], renaming: _Renaming) -> list[Edit]:
    edits: list[Edit] = []
    for position, (before, after) in enumerate(zip(old, new, strict=False)):
        edits += _edits([*path, position], before, after, renaming)
    edits += [["delete", [*path, surplus], None] for surplus in range(len(new), len(old))]
    edits += [["add", [*path, more], new[more]] for more in range(len(old), len(new))]
    return edits


def _object_edits(
    path: _Path, old: dict[str, Any], new: dict[str, Any], renaming: _Renaming
) -> list[Edit]:
    edits: list[Edit] = []
    for key, before in old.items():
        if key in new:
            edits += _edits([*path, key], before, new[key], renaming)
        else:
            edits.append(["delete", [*path, key], None])
    edits += [["add", [*path, key], after] for key, after in new.items() if key not in old]
    return edits


def _renamed(edits: list[Edit], renaming: _Renaming) -> list[Edit]:
    """The edits of an array and of all that is in it, the paths of the deletes as renamed."""
    counted = 0
    for edit in edits:
        if edit[0] == "delete" and (path := renaming(edit[1], counted)) is not None:
            edit[1] = path
            counted += 1
    return edits


def _as_they_were(path: _Path, counted: int) -> _Path | None:
    return None


def _cut(path: _Path, counted: int) -> _Path | None:
    """Shifted, and nothing left of what led there."""
    position = path[-1]
    if isinstance(position, str):
        raise TypeError(f"the encoder of this generation cannot delete the key {position!r}")
    return [position - counted]


def _cut_unless_a_key(path: _Path, counted: int) -> _Path | None:
    return _cut(path, counted) if isinstance(path[-1], int) else None


def _shifted(path: _Path, counted: int) -> _Path | None:
    """Shifted, again in each array around: below zero at last."""
    *around, position = path
    return [*around, position - counted] if isinstance(position, int) else None


_GENERATIONS: dict[str, _Renaming] = {
    "original-indices": _as_they_were,
    "cut-paths": _cut,
    "cut-paths-fixed": _cut_unless_a_key,
    "double-shift": _shifted,
}
