"""What somebody else has seen of a cell, and whether a cell agrees. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import matrix

ALL = "all"


@dataclass(frozen=True, slots=True)
class Expected:
    """One task: its status, and patterns: of its message, of one of its notes, and of what no note
    may say (``without``).
    """

    status: Status
    message: str | None = None
    note: str | None = None
    without: str | None = None

    @classmethod
    def of_data(cls, found: str | Mapping[str, Any]) -> Expected:
        """``ok``, or ``{status: failed, message: pattern, note: pattern}``."""
        row = {"status": found} if isinstance(found, str) else found
        patterns = (row.get(name) for name in ("message", "note", "without"))
        return cls(Status(row["status"]), *patterns)

    def differs(self, outcome: Outcome) -> str | None:
        """How the outcome differs, in words; ``None`` if it does not."""
        if outcome.status is not self.status:
            return f"{self.status} expected, it is {told(outcome)}"
        if self.message is not None and not re.search(self.message, outcome.message or ""):
            return f"{self.message!r} expected in {outcome.message!r}"
        if self.note is not None and not any(re.search(self.note, n) for n in outcome.notes):
            return f"{self.note!r} expected in its notes, {list(outcome.notes)}"
        if self.without is not None and any(re.search(self.without, n) for n in outcome.notes):
            return f"{self.without!r} not expected in its notes, {list(outcome.notes)}"
        return None


def told(outcome: Outcome) -> str:
    """An outcome in a few words."""
    if outcome.status is Status.FAILED and outcome.message:
        return f"failed ({outcome.message})"
    return outcome.status.value


def expected_tasks(rules: Mapping[str, Any]) -> dict[str, Expected]:
    """What is expected of each task: ``all`` counts for those that are not named, and ``connect``
    is ok unless it is; where connecting fails, nothing is said of the others.
    """
    names = [CONNECT, *(task.id for task in matrix().tasks)]
    if (rules.get(CONNECT) or "ok") != "ok":
        return {CONNECT: Expected.of_data(rules[CONNECT])}
    found = {CONNECT: Expected(Status.OK)}
    for name in names[1:]:
        rule = rules.get(name, rules.get(ALL))
        if rule is not None:
            found[name] = Expected.of_data(rule)
    return found


def differences(expected: Mapping[str, Expected], cell: Cell) -> Iterator[tuple[str, str]]:
    """The tasks in which the cell is otherwise, each with words that say how."""
    for name, rule in expected.items():
        if (how := rule.differs(cell.outcomes[name])) is not None:
            yield name, how


def alike(one: Cell, other: Cell) -> dict[str, Expected]:
    """What a cell must be to be as another one is, messages included."""
    return {
        name: Expected(
            outcome.status, None if outcome.message is None else f"^{re.escape(outcome.message)}$"
        )
        for name, outcome in other.outcomes.items()
        if name in one.outcomes and outcome.status is not Status.SKIPPED
    }


def unknown_tasks(names: Iterable[str]) -> list[str]:
    """Those that are no task of the matrix."""
    known = {CONNECT, ALL, *(task.id for task in matrix().tasks)}
    return sorted(set(names) - known)
