"""``selftest.json``: a self-test as one document of header, rows and footer (selftest.schema.json).
Public, as report.jsonl is: it changes only with a major version. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance.mutants.matrix import LEVELS
from gradio_conformance.mutants.matrix import Cell
from gradio_conformance.mutants.matrix import Empty
from gradio_conformance.mutants.matrix import Matrix
from gradio_conformance.mutants.matrix import Row
from gradio_conformance.mutants.matrix import Score
from gradio_conformance.mutants.matrix import Share
from gradio_conformance.mutants.selftest import Trial

Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class About:
    """What was asked for, and how it went as a whole."""

    suite_version: str
    spec_version: str
    spec_digest: str
    dialect: str
    started_at: str  # ISO 8601, UTC
    seconds: float
    seed: int
    thorough: bool
    through_proxy: bool
    complete: bool  # every server of the catalogue was tried
    exit_code: int


def document(
    about: About, matrix: Matrix, trials: Sequence[Trial], unproven: Iterable[str]
) -> Part:
    """The whole document, ready for ``json.dumps``."""
    return {
        "header": _header(about, trials),
        "rows": [_row(row) for row in matrix.rows],
        "twins": [
            {
                "id": twin.trial.id,
                "changes": twin.changes,
                "outcome": str(twin.trial.outcome),
                "told": list(twin.trial.seen),
            }
            for twin in matrix.twins
        ],
        "vacuous": [_vacuous(one) for one in matrix.empty],
        "control": _control(matrix.control),
        "footer": _footer(about, matrix, trials, unproven),
    }


def _header(about: About, trials: Sequence[Trial]) -> Part:
    names = (
        *("suite_version", "spec_version", "spec_digest", "dialect", "started_at", "seed"),
        *("thorough", "through_proxy", "complete"),
    )
    return {**{name: getattr(about, name) for name in names}, "servers": len(trials)}


def _row(row: Row) -> Part:
    return {
        "clause": row.clause,
        "level": row.level,
        "profile": row.profile,
        "text": row.text,
        "checks": list(row.checks),
        "reference": row.reference,
        "reason": row.reason,
        "mutants": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> Part:
    return {
        "id": cell.mutant,
        "breaks": cell.breaks,
        "outcome": cell.outcome,
        "killed_by": list(cell.killed_by),
        "told": list(cell.told),
        "twin": cell.twin,
    }


def _vacuous(one: Empty) -> Part:
    return {
        "id": one.trial.id,
        "does": one.does,
        "outcome": str(one.trial.outcome),
        "score": one.score,
        "kept": [{"clause": c, "reason": one.allowed.get(c)} for c in one.kept],
        "musts": {profile: _share(share) for profile, share in one.musts.items()},
        "told": list(one.trial.seen),
    }


def _control(trial: Trial | None) -> Part | None:
    return None if trial is None else {"outcome": str(trial.outcome), "told": list(trial.seen)}


def _footer(about: About, matrix: Matrix, trials: Sequence[Trial], unproven: Iterable[str]) -> Part:
    profiles = {
        profile: {level: _score(matrix.score(level, profile)) for level in LEVELS}
        for profile in matrix.profiles
    }
    return {
        "exit_code": about.exit_code,
        "seconds": about.seconds,
        "counts": dict(sorted(Counter(str(trial.outcome) for trial in trials).items())),
        "score": _score(matrix.score()),
        "levels": {level: _score(matrix.score(level)) for level in LEVELS},
        "profiles": profiles,
        "retried": sorted(trial.id for trial in trials if trial.retried),
        "unproven": list(unproven),
    }


def _score(score: Score) -> Part:
    return {"mutants": _share(score.mutants), "clauses": _share(score.clauses)}


def _share(share: Share) -> Part:
    return {"done": share.done, "of": share.of, "percent": share.percent}
