"""Plain text lines of a failure, for the formats that are text: findings and time line."""

from __future__ import annotations

from dataclasses import dataclass

from gradio_conformance.events import CheckResult
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.trace import BRIEF
from gradio_conformance.reporting.trace import Fold
from gradio_conformance.reporting.trace import Gap
from gradio_conformance.reporting.trace import Step
from gradio_conformance.reporting.trace import event_labels
from gradio_conformance.reporting.trace import fold
from gradio_conformance.reporting.trace import marked
from gradio_conformance.reporting.trace import shown_labels
from gradio_conformance.reporting.trace import steps
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import scripts_told
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.words import visible

MAX_LANE = 18


def finding_lines(result: CheckResult, clauses: Clauses) -> list[str]:
    """Each finding: the clause and its sentence, expected, actual."""
    lines = []
    for finding in result.findings:
        clause = finding.clause
        lines += [
            f"{clause} {level_of(clause, clauses)}  {text_of(clause, clauses)}",
            f"  expected  {visible(finding.expected)}",
            f"  actual    {visible(finding.actual)}",
        ]
        if finding.bugs:
            lines.append(f"  looks like {', '.join(finding.bugs)}")
    if result.reason:
        lines.append(visible(result.reason))
    if result.falsified:
        lines.append(visible(result.falsified))
    for script in scripts_told(result):
        lines += script.splitlines()
    return lines


def trace_lines(result: CheckResult) -> list[str]:
    """The folded time line, unaligned at its right edge; then which event each label means."""
    rows, labels = rows_of(result, BRIEF)
    lines = [f"{row.left}{row.summary}{row.right}" for row in rows]
    return lines + [f"{label} = {one_line(event_id)}" for event_id, label in labels.items()]


@dataclass(frozen=True, slots=True)
class Row:
    """One laid-out row: ``left`` (time, arrow, lane, event), ``summary``, ``right`` (state,
    mark).
    """

    left: str
    summary: str
    right: str = ""
    broken: bool = False


def rows_of(result: CheckResult, how: Fold) -> tuple[list[Row], dict[str, str]]:
    """The time line of a check as rows with aligned columns, and what the labels in them mean."""
    entries = marked(result)
    labels = event_labels(entries)
    lanes = {one_line(entry.lane) for entry in entries}
    # A column that says the same in every row is left out.
    lane = min(MAX_LANE, max(map(len, lanes))) if len(lanes) > 1 else 0
    label = max((len(name) for name in labels.values()), default=0)
    rows = []
    for step in fold(steps(entries, labels), how):
        if isinstance(step, Gap):
            rows.append(Row(" " * 12, f"… {step.count} {step.what}"))
        else:
            rows.append(_row(step, lane, label))
    return rows, shown_labels(entries, how)


def _row(step: Step, lane: int, label: int) -> Row:
    entry = step.entry
    left = f"{milliseconds(entry.at_ms):>9} {entry.direction} "
    if lane:
        name = one_line(entry.lane)
        name = name if len(name) <= lane else name[: lane - 1] + "…"
        left += f"{name:<{lane}}  "
    if label:
        left += f"{step.label or '':<{label}}  "
    # Beside a mark the new state is enough: the room is the message's.
    state = entry.state if entry.violation else step.change
    right = f"  [{one_line(state)}]" if state else ""
    if entry.violation:
        right += f"  ◄ {one_line(entry.violation)}"
    return Row(left, one_line(entry.summary), right, bool(entry.violation))
