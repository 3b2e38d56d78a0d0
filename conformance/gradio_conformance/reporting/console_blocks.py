"""The console's blocks of one check each, as lines of (text, style) parts."""

from __future__ import annotations

import textwrap
from pathlib import Path

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Finding
from gradio_conformance.events import Status
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.lines import Row
from gradio_conformance.reporting.lines import rows_of
from gradio_conformance.reporting.trace import BRIEF
from gradio_conformance.reporting.words import SIGNS
from gradio_conformance.reporting.words import is_advice
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import replay_line
from gradio_conformance.reporting.words import scripts_told
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.words import timing_of
from gradio_conformance.reporting.words import visible

Line = tuple[str | tuple[str, str], ...]
Block = list[Line]

INDENT = " " * 4
FIELD = " " * 14
MIN_SUMMARY = 24


def failure(
    result: CheckResult, run: Run, clauses: Clauses, width: int, report: Path | None
) -> Block:
    """A failing check: each broken clause with expected and actual, the time line, how to
    repeat it.
    """
    advice = is_advice(result, run, clauses)
    sign, colour = ("○", "yellow") if advice else (SIGNS[Status.FAIL], "red")
    block: Block = []
    for number, finding in enumerate(result.findings):
        level = level_of(finding.clause, clauses)
        name = result.check if number == 0 else f"also in {result.check}"
        block.append(
            (f"  {sign} ", (finding.clause, f"bold {colour}"), f" {level}  ", (name, "bold"))
        )
        block += _finding(finding, clauses, width)
    if result.falsified:
        block += _field("input", result.falsified, width)
    timing = timing_of(result)
    if timing:
        block += _field("timing", timing, width)
    for script in scripts_told(result):
        block += _field("script", script, width)
    block += _time_line(result, width)
    if result.curl:
        block.append((INDENT, ("curl      ", "dim"), visible(result.curl)))
    again = replay_line(result.check, run.started, report)
    block.append((INDENT, ("again     ", "dim"), again))
    return block


def _finding(finding: Finding, clauses: Clauses, width: int) -> Block:
    sentence = textwrap.wrap(text_of(finding.clause, clauses), width - len(INDENT))
    block: Block = [(INDENT + line,) for line in sentence]
    block += _field("expected", finding.expected, width, "green")
    block += _field("actual", finding.actual, width, "red")
    if finding.bugs:
        block += _field("like", ", ".join(finding.bugs), width)
    return block


def _field(label: str, text: str, width: int, style: str = "") -> Block:
    """A labelled text, wrapped under itself; nothing of it is cut off."""
    lines: list[str] = []
    for paragraph in visible(text).splitlines() or [""]:
        lines += textwrap.wrap(paragraph, max(20, width - len(FIELD))) or [""]
    head: Line = (INDENT, (f"{label:<10}", "dim"), (lines[0], style))
    return [head, *((FIELD, (line, style)) for line in lines[1:])]


def _time_line(result: CheckResult, width: int) -> Block:
    rows, labels = rows_of(result, BRIEF)
    room = width - len(INDENT)
    longest = max((len(row.left + row.right) for row in rows), default=0)
    widest = max((len(row.summary) for row in rows), default=0)
    summary = min(widest, max(MIN_SUMMARY, room - longest))
    block: Block = [_row(row, summary) for row in rows]
    if labels:
        names = "  ".join(f"{label} = {one_line(event)}" for event, label in labels.items())
        block += [(INDENT, (line, "dim")) for line in textwrap.wrap(names, room)]
    return block


def _row(row: Row, width: int) -> Line:
    text = row.summary if len(row.summary) <= width else row.summary[: width - 1] + "…"
    line = f"{row.left}{text:<{width}}{row.right}".rstrip()
    return (INDENT, (line, "bold red" if row.broken else "dim"))


def not_run(result: CheckResult, clauses: Clauses, width: int) -> Block:
    """One line for a check that is known to fail or that could not run."""
    sign = SIGNS[result.status]
    if result.status is Status.KNOWN:
        first = result.findings[0]
        level, more = level_of(first.clause, clauses), len(result.findings) - 1
        text = f"{first.clause} {level}  {result.check}  known: {one_line(first.actual)}"
        tail = f" (and {more} more)" if more else ""
    else:
        text = f"{result.check}  could not run: {one_line(result.reason or '')}"
        tail = ""
    room = width - 4 - len(tail)
    text = text if len(text) <= room else text[: room - 1] + "…"
    return [(f"  {sign} ", (text + tail, "yellow"))]
