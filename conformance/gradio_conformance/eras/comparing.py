"""Holds a table against what was seen elsewhere, and ``serve --as`` against Gradio itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from gradio_conformance.eras.data import read
from gradio_conformance.eras.expectations import Expected
from gradio_conformance.eras.expectations import alike
from gradio_conformance.eras.expectations import differences
from gradio_conformance.eras.expectations import expected_tasks
from gradio_conformance.eras.expectations import unknown_tasks
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.model import matrix
from gradio_spec.data import SpecError


class Of(StrEnum):
    """What a table is held against."""

    STUDY = "study"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Seen:
    """A cell of the study: its words, and what they mean for the tasks."""

    server: str
    client: str
    words: str
    remarks: tuple[int, ...]
    expects: Mapping[str, Expected]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a difference is none of ours; ``shows`` is what its outcomes must be."""

    id: str
    of: Of
    servers: frozenset[str]
    clients: frozenset[str]
    tasks: frozenset[str]
    kinds: frozenset[Kind]
    shows: Expected
    why: str

    def holds(self, of: Of, cell: Cell, task: str) -> bool:
        """Whether it is about this difference, and the recorded outcome is what it says."""
        is_meant = of is self.of and cell.kind in self.kinds and task in self.tasks
        is_here = cell.server in self.servers and cell.client in self.clients
        return is_meant and is_here and self.shows.differs(cell.outcomes[task]) is None

    def could_be_met(self, table: Table) -> bool:
        """Whether all of its cells are in the table, those that it is held against too."""
        kinds = {*self.kinds, Kind.LIVE} if self.of is Of.LIVE else self.kinds & set(table.kinds)
        wanted = [(k, s, c) for k in kinds for s in self.servers for c in self.clients]
        return bool(wanted) and all(table.cell(*place) is not None for place in wanted)


@dataclass(frozen=True, slots=True)
class Difference:
    """One task of a cell that is otherwise than it was seen; ``id`` names its explanation."""

    of: Of
    cell: Cell
    task: str
    how: str
    id: str | None

    @property
    def outcome(self) -> Outcome:
        return self.cell.outcomes[self.task]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``compared`` counts the cells that exist on both sides, ``stale`` names the explanations that
    no cell meets.
    """

    compared: Mapping[Of, int]
    differences: Sequence[Difference]
    stale: Sequence[str]

    @property
    def unexplained(self) -> list[Difference]:
        return [one for one in self.differences if one.id is None]

    @property
    def is_good(self) -> bool:
        return not self.unexplained and not self.stale


def compare(
    table: Table, seen: Sequence[Seen] | None = None, known: Sequence[Explanation] | None = None
) -> Comparison:
    """``seen`` and ``known`` are those of the data files, if omitted."""
    seen = study() if seen is None else seen
    known = explanations() if known is None else known
    pairs = {Of.STUDY: list(_with_study(table, seen)), Of.LIVE: list(_with_live(table))}
    found = [
        Difference(of, cell, task, how, _explained(known, of, cell, task))
        for of, expected in pairs.items()
        for cell, rules in expected
        for task, how in differences(rules, cell)
    ]
    met = {one.id for one in found}
    stale = [one.id for one in known if one.id not in met and one.could_be_met(table)]
    return Comparison({of: len(cells) for of, cells in pairs.items()}, found, stale)


def _with_study(
    table: Table, seen: Sequence[Seen]
) -> Iterator[tuple[Cell, Mapping[str, Expected]]]:
    for kind in table.kinds:
        for one in seen:
            if (cell := table.cell(kind, one.server, one.client)) is not None:
                yield cell, one.expects


def _with_live(table: Table) -> Iterator[tuple[Cell, Mapping[str, Expected]]]:
    for cell in table.cells:
        if cell.kind is Kind.AS:
            live = table.cell(Kind.LIVE, cell.server, cell.client)
            if live is not None:
                yield cell, alike(cell, live)


def _explained(known: Iterable[Explanation], of: Of, cell: Cell, task: str) -> str | None:
    return next((one.id for one in known if one.holds(of, cell, task)), None)


def changes(before: Table, now: Table) -> Iterator[str]:
    """What a task's status or message was in the cells of ``before`` that ``now`` has, and is not.

    Notes do not count: how the Python client words that it was cancelled, for one, is a race.
    """
    for cell in now.cells:
        was = before.cell(*cell.place)
        if was is not None:
            for task, how in differences(alike(cell, was), cell):
                yield f"{cell.client} with {cell.server} ({cell.kind}), {task}: {how}"


# -- the data files --------------------------------------------------------------------------------


@cache
def study() -> tuple[Seen, ...]:
    """``live_matrix.yaml``; ``SpecError`` if it names what the matrix has not."""
    found = []
    for row in read("live_matrix")["cells"]:
        where = f"live_matrix.yaml: {row['server']} × {row['client']}"
        _refuse_unknown(where, [row["server"]], [row["client"]], row["expects"])
        found.append(
            Seen(
                row["server"],
                row["client"],
                row["words"],
                tuple(row.get("remarks", ())),
                expected_tasks(row["expects"]),
            )
        )
    return tuple(found)


@cache
def explanations() -> tuple[Explanation, ...]:
    """``differences.yaml``; ``SpecError`` if it names what the matrix has not."""
    return tuple(_explanation(row) for row in read("differences")["differences"])


def _explanation(row: Mapping[str, Any]) -> Explanation:
    _refuse_unknown(f"differences.yaml: {row['id']}", row["servers"], row["clients"], row["tasks"])
    return Explanation(
        row["id"],
        Of(row["of"]),
        frozenset(row["servers"]),
        frozenset(row["clients"]),
        frozenset(row["tasks"]),
        frozenset(Kind(kind) for kind in row.get("kinds", Kind)),
        Expected.of_data(row["shows"]),
        row["why"],
    )


def _refuse_unknown(
    where: str, servers: Sequence[str], clients: Sequence[str], tasks: Iterable[str]
) -> None:
    try:
        matrix().chosen(servers, clients)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from error
    if unknown := unknown_tasks(tasks):
        raise SpecError(f"{where}: there is no task {unknown[0]!r}")
