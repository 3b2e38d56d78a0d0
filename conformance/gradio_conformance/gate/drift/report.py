"""What the gate says of one server: the comparisons, a verdict, and both as JSON. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Row
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.observation import Subject

FORMAT = "gradio-protocol-drift"
FAIL_ON = ("unexplained", "any", "never")
SORTS = (Sort.NEW, Sort.GONE, Sort.DIFFERENT)
# Explained findings first: what was expected is soon read, and what was not stands at the end.
STATUSES = (Status.EXPLAINED, Status.KNOWN, Status.DRIFT)


@dataclass(frozen=True, slots=True)
class Report:
    """``judged_by`` is the release whose dialect the subject was held against."""

    subject: Subject
    judged_by: str
    comparisons: tuple[Comparison, ...]
    fail_on: str = "unexplained"
    remarks: tuple[str, ...] = ()

    @property
    def failing(self) -> int:
        """How many findings and missed changes are above the threshold."""
        if self.fail_on == "never":
            return 0
        count = sum(len(c.unexplained) + len(c.missed) for c in self.comparisons)
        if self.fail_on == "any":
            count += sum(f.status is Status.EXPLAINED for c in self.comparisons for f in c.findings)
        return count

    @property
    def has_drift(self) -> bool:
        return any(c.unexplained or c.missed for c in self.comparisons)

    @property
    def exit_code(self) -> int:
        return 1 if self.failing else 0


def headline(comparison: Comparison) -> str:
    """One line: how much there is, and how much of it is explained."""
    if not comparison.findings and not comparison.rows:
        return "no difference"
    counts = Counter(finding.status for finding in comparison.findings)
    words = {
        Status.EXPLAINED: "explained",
        Status.KNOWN: "listed deviations",
        Status.DRIFT: "unexplained",
    }
    told = [f"{counts[status]} {words[status]}" for status in STATUSES if counts[status]]
    missed = len(comparison.missed)
    told += [f"{missed} expected and not seen"] if missed else []
    return ", ".join(told) or "no difference"


def grouped(comparison: Comparison) -> Iterator[tuple[Status, str, Sequence[Finding]]]:
    """The findings by status and area, within it what is new, gone and different."""
    for status in STATUSES:
        found = [f for f in comparison.findings if f.status is status]
        for area in sorted({f.area for f in found}):
            own = [f for f in found if f.area == area]
            yield status, area, sorted(own, key=lambda f: (SORTS.index(f.sort), f.key))


def why(finding: Finding) -> str:
    """What explains a finding, or which clauses it is about."""
    if finding.rows:
        return "; ".join(f"{row.release}: {row.text}" for row in finding.rows)
    if finding.reason:
        return finding.reason
    return f"clause {', '.join(finding.clauses)}" if finding.clauses else "no clause"


def document_of(report: Report) -> dict[str, Any]:
    """The report as ``drift.schema.json`` describes it."""
    return {
        "format": FORMAT,
        "version": 1,
        "made_by": f"gradio-protocol {__version__}",
        "subject": {
            "named": report.subject.named,
            "protocol": report.subject.protocol,
            "version": report.subject.version,
            "is_testbed": report.subject.is_testbed,
        },
        "judged_by": report.judged_by,
        "fail_on": report.fail_on,
        "verdict": "drift" if report.has_drift else "none",
        "exit_code": report.exit_code,
        "remarks": list(report.remarks),
        "comparisons": [_comparison(comparison) for comparison in report.comparisons],
    }


def _comparison(comparison: Comparison) -> Mapping[str, Any]:
    counts = Counter(finding.status for finding in comparison.findings)
    return {
        "old": comparison.old,
        "new": comparison.new,
        "counts": {status.value: counts[status] for status in STATUSES},
        "findings": [_finding(finding) for _, _, found in grouped(comparison) for finding in found],
        "changes": [_row(row) for row in comparison.rows],
        "not_compared": dict(comparison.absent),
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "sort": finding.sort.value,
        "status": finding.status.value,
        "area": finding.area,
        "key": finding.key,
        "title": finding.title,
        "old": finding.old,
        "new": finding.new,
        "places": list(finding.places),
        "clauses": list(finding.clauses),
        "changes": [{"release": row.release, "text": row.text} for row in finding.rows],
        "reason": finding.reason,
    }


def _row(row: Row) -> Mapping[str, Any]:
    return {
        "release": row.change.release,
        "text": row.change.text,
        "client": row.change.client,
        "server": row.change.server,
        "shown_by": list(row.shown),
        "reason": row.reason,
        "missed": row.is_missed,
    }
