"""Which rows of two lists belong together: those that say the same, then those most alike."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

Row = Mapping[str, Any]


def paired(
    old: Sequence[Row], new: Sequence[Row], by: Sequence[str]
) -> Iterator[tuple[Row | None, Row | None]]:
    """The rows that differ, in pairs. A row changes in one field: two that differ in more than one
    of ``by``, or in the first of these, are two rows. ``None`` stands for no row.
    """
    gone, fresh = _unmatched(old, new), _unmatched(new, old)
    for wanted in range(len(by), len(by) - 2, -1):
        for before in list(gone):
            after = next((row for row in fresh if _alike(before, row, by) >= wanted), None)
            if after is not None and before.get(by[0]) == after.get(by[0]):
                gone.remove(before)
                fresh.remove(after)
                yield before, after
    yield from ((before, None) for before in gone)
    yield from ((None, after) for after in fresh)


def _alike(one: Row, other: Row, by: Sequence[str]) -> int:
    return sum(one.get(key) == other.get(key) for key in by)


def _unmatched(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    left = list(others)
    found = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            found.append(row)
    return found
