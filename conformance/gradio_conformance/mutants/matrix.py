"""What a self-test proves, clause by clause: the matrix of clauses and mutants, and its score.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from gradio_conformance.binding import CheckInfo
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Status
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.model import Mutant
from gradio_conformance.mutants.selftest import CONTROL
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.mutants.selftest import kept_musts
from gradio_spec.model import Clause
from gradio_spec.model import Spec

NOT_RUN = "not-run"
LEVELS = ("MUST", "SHOULD", "MAY")


@dataclass(frozen=True, slots=True)
class Cell:
    """A clause and a mutant that breaks it. ``outcome`` is that of its trial, or ``not-run``.

    ``told``: what the checks said of a survivor, or why an equivalent one cannot be seen; ``twin``:
    the legal variant beside it.
    """

    mutant: str
    breaks: str
    outcome: str
    killed_by: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    twin: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One clause. ``reason`` says why no mutant breaks it, ``reference`` how the server as it is
    was judged (``None``: it was not).
    """

    clause: str
    level: str
    profile: str
    text: str
    checks: tuple[str, ...]
    cells: tuple[Cell, ...]
    reason: str | None = None
    reference: str | None = None

    @property
    def proven(self) -> bool:
        """A check has seen a server that breaks it."""
        return any(cell.outcome == Outcome.KILLED for cell in self.cells)

    @property
    def idle(self) -> tuple[str, ...]:
        """The checks that claim to prove it and that no mutant has made fail for its sake."""
        seen = {check for cell in self.cells for check in cell.killed_by}
        return tuple(check for check in self.checks if check not in seen)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    done: int
    of: int

    @property
    def percent(self) -> float:
        """Rounded down to a tenth: 100 stands for all of them and for nothing else."""
        return 1000 * self.done // self.of / 10 if self.of else 100.0

    @property
    def whole(self) -> bool:
        return self.done == self.of

    def __str__(self) -> str:
        return f"{self.done}/{self.of}"


@dataclass(frozen=True, slots=True)
class Score:
    """Of the mutants that can be killed, the killed ones; of the clauses that can be broken, those
    with a killed mutant.
    """

    mutants: Share
    clauses: Share


@dataclass(frozen=True, slots=True)
class Empty:
    """A vacuous server. ``kept``: MUST clauses outside DISC that it kept; ``allowed``: those that
    it may, and why; ``musts``: kept and judged ones by profile.
    """

    trial: Trial
    does: str
    kept: tuple[str, ...]
    allowed: Mapping[str, str]
    musts: Mapping[str, Share]

    @property
    def score(self) -> int:
        """MUSTs kept that nobody has given a reason for; has to be 0."""
        return len(set(self.kept) - set(self.allowed))


@dataclass(frozen=True, slots=True)
class Twin:
    """A legal variant and what came of it."""

    trial: Trial
    changes: str


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[Row, ...]
    twins: tuple[Twin, ...]
    empty: tuple[Empty, ...]
    control: Trial | None

    def score(self, level: str | None = None, profile: str | None = None) -> Score:
        """Of one level, of one profile, or of everything that was run."""
        rows = [
            row
            for row in self.rows
            if level in (None, row.level) and profile in (None, row.profile)
        ]
        cells = [cell for row in rows for cell in row.cells]
        killable = [c for c in cells if c.outcome not in (Outcome.EQUIVALENT, NOT_RUN)]
        killed = [c for c in killable if c.outcome == Outcome.KILLED]
        # A clause without any mutant and without a reason counts as unproven.
        due = [r for r in rows if not r.reason and not _waits(r)]
        proven = [row for row in due if row.proven]
        return Score(Share(len(killed), len(killable)), Share(len(proven), len(due)))

    @property
    def profiles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.profile for row in self.rows))

    def cells(self, *outcomes: str) -> list[tuple[Row, Cell]]:
        """The cells with one of these outcomes, in the order of the clauses."""
        return [(row, cell) for row in self.rows for cell in row.cells if cell.outcome in outcomes]


def _waits(row: Row) -> bool:
    return bool(row.cells) and all(cell.outcome == NOT_RUN for cell in row.cells)


def build(
    spec: Spec, checks: Iterable[CheckInfo], catalogue: Catalogue, trials: Sequence[Trial]
) -> Matrix:
    """The matrix of these trials; what was not tried is ``not-run``."""
    infos = sorted(checks, key=lambda info: info.slug)
    done = {trial.id: trial for trial in trials}
    control = done.get(CONTROL)
    judged = {c.clause: c for c in control.clauses} if control else {}
    rows = [_row(clause, infos, catalogue, done, judged) for clause in spec.testable()]
    return Matrix(
        rows=tuple(rows),
        twins=tuple(Twin(done[v.id], v.changes) for v in catalogue.legal.values() if v.id in done),
        empty=tuple(
            _empty(done[v.id], v.does, v.keeps) for v in catalogue.vacuous.values() if v.id in done
        ),
        control=control,
    )


def _row(
    clause: Clause,
    infos: Sequence[CheckInfo],
    catalogue: Catalogue,
    done: Mapping[str, Trial],
    judged: Mapping[str, ClauseResult],
) -> Row:
    verdict = judged.get(clause.id)
    mutants = sorted((m.id, m) for m in catalogue.mutants.values() if m.clause == clause.id)
    return Row(
        clause=clause.id,
        level=str(clause.level),
        profile=clause.profile,
        text=clause.text,
        checks=tuple(info.slug for info in infos if clause.id in info.clauses),
        cells=tuple(_cell(mutant, done.get(mutant.id)) for _, mutant in mutants),
        reason=catalogue.without_mutant.get(clause.id),
        reference=verdict.status.value
        if verdict and verdict.status is not Status.SKIPPED
        else None,
    )


def _cell(mutant: Mutant, trial: Trial | None) -> Cell:
    if trial is None:
        return Cell(mutant.id, mutant.breaks, NOT_RUN, twin=mutant.twin)
    told: tuple[str, ...] = ()
    if trial.outcome is Outcome.EQUIVALENT:
        told = (mutant.equivalent or "",)
    elif trial.outcome is not Outcome.KILLED:
        told = trial.seen
    by = tuple(sorted(trial.by))
    return Cell(mutant.id, mutant.breaks, str(trial.outcome), by, told, mutant.twin)


def _empty(trial: Trial, does: str, keeps: Mapping[str, str]) -> Empty:
    judged = (Status.PASS, Status.FAIL, Status.COULD_NOT_RUN)
    musts: dict[str, Share] = {}
    for profile in dict.fromkeys(c.profile for c in trial.clauses):
        due = [
            c
            for c in trial.clauses
            if c.profile == profile and c.level == "MUST" and c.status in judged
        ]
        musts[profile] = Share(sum(c.status is Status.PASS for c in due), len(due))
    return Empty(trial, does, tuple(kept_musts(trial.clauses)), keeps, musts)
