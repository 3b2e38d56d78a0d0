"""Sums over clauses, per profile and level, for the tables and rings of the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from gradio_conformance.events import CheckResult
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Status

LEVELS = ("MUST", "SHOULD", "MAY")
# A clause with one of these was not judged by this run.
UNJUDGED = (Status.COULD_NOT_RUN, Status.SKIPPED, Status.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the clauses that apply, how many hold; a known deviation applies and does not hold."""

    kept: int
    applicable: int

    def __str__(self) -> str:
        return f"{self.kept}/{self.applicable}" if self.applicable else "–"


@dataclass(frozen=True, slots=True)
class Tally:
    """The clauses of one profile, or of a run: kept per level, and clauses by status."""

    levels: Mapping[str, Kept]
    statuses: Mapping[Status, int]
    clauses: int


def tally(clauses: Iterable[ClauseResult], profile: str | None = None) -> Tally:
    """Count the clauses of ``profile``, or all of them."""
    chosen = [c for c in clauses if profile is None or c.profile == profile]
    statuses = Counter(c.status for c in chosen)
    return Tally(
        {level: _kept(c for c in chosen if c.level == level) for level in LEVELS},
        {status: statuses[status] for status in Status},
        len(chosen),
    )


def _kept(clauses: Iterable[ClauseResult]) -> Kept:
    counts = Counter(c.status for c in clauses)
    outside = counts[Status.NOT_APPLICABLE] + counts[Status.SKIPPED]
    return Kept(counts[Status.PASS], counts.total() - outside)


def never_exercised(clauses: Iterable[ClauseResult]) -> dict[str, list[ClauseResult]]:
    """The clauses that no check of this run has judged, by the reason why."""
    found: dict[str, list[ClauseResult]] = {}
    for clause in clauses:
        if clause.status in UNJUDGED:
            found.setdefault(_why(clause), []).append(clause)
    return dict(sorted(found.items(), key=lambda item: REASONS.index(item[0])))


NO_CHECK = "no check is bound to it"
UNSETTLED = "its checks came to no judgement of it"
REASONS = (UNSETTLED, NO_CHECK, "none of its checks was run", "does not apply to this server")


def _why(clause: ClauseResult) -> str:
    if clause.status is Status.COULD_NOT_RUN:
        return UNSETTLED if clause.checks else NO_CHECK
    return REASONS[2] if clause.status is Status.SKIPPED else REASONS[3]


def by_status(results: Iterable[CheckResult], status: Status) -> list[CheckResult]:
    return [result for result in results if result.status is status]
