"""The report on a console."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.text import Text

from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.report import Report
from gradio_conformance.gate.drift.report import grouped
from gradio_conformance.gate.drift.report import headline
from gradio_conformance.gate.drift.report import why

COLOURS = {Status.EXPLAINED: "green", Status.KNOWN: "yellow", Status.DRIFT: "red"}
SIGNS = {Sort.NEW: "+", Sort.GONE: "-", Sort.DIFFERENT: "~"}
TITLES = {
    Status.EXPLAINED: "explained",
    Status.KNOWN: "listed deviations of the server",
    Status.DRIFT: "unexplained",
}
LONGEST = 160


def tell(report: Report, console: Console) -> None:
    """All of it; what is listed or explained in one line each."""
    subject = report.subject
    announced = f"announces {subject.protocol or 'no protocol'}, version {subject.version or '?'}"
    console.print(Text(f"{subject.named}  ", style="bold").append(announced, style="dim"))
    for remark in report.remarks:
        console.print(Text(f"note: {remark}", style="yellow"))
    for comparison in report.comparisons:
        _comparison(comparison, console)
    if report.has_drift:
        console.print(Text("\nDRIFT", style="bold red"))
    else:
        console.print(Text("\nNO DRIFT", style="bold green"))


def _comparison(comparison: Comparison, console: Console) -> None:
    console.print(Text(f"\n{comparison.old} → {comparison.new}", style="bold"))
    console.print(Text(f"  {headline(comparison)}"))
    last: tuple[Status, str] | None = None
    for status, area, findings in grouped(comparison):
        if last is None or last[0] is not status:
            console.print(Text(f"\n  {TITLES[status]}", style=f"bold {COLOURS[status]}"))
        console.print(Text(f"  {area}", style="dim"))
        for finding in findings:
            _finding(finding, console)
        last = (status, area)
    _rows(comparison, console)
    for step, reason in comparison.absent.items():
        console.print(Text(f"  not compared: {step}: {reason}", style="dim"))


def _finding(finding: Finding, console: Console) -> None:
    line = Text(f"    {SIGNS[finding.sort]} ", style=COLOURS[finding.status])
    console.print(line.append(_short(finding.title), style="default"))
    if finding.status is Status.DRIFT:
        for name, value in (("was", finding.old), ("is", finding.new)):
            if value is not None:
                console.print(Text(f"        {name:<4}{_short(value)}"))
    console.print(Text(f"        {_short(why(finding))}", style="dim"))


def _rows(comparison: Comparison, console: Console) -> None:
    hidden = [row for row in comparison.rows if not row.shown]
    if comparison.rows:
        shown = len(comparison.rows) - len(hidden)
        told = f"\n  {shown} of the {len(comparison.rows)} changes between them are seen"
        console.print(Text(told))
    for row in hidden:
        style = "bold red" if row.is_missed else "dim"
        told = row.reason or "should have been seen"
        line = f"    {row.change.release}: {row.change.text}"
        console.print(Text(_short(line), style=style))
        console.print(Text(f"        {_short(told)}", style=style))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split()) if not text.startswith(" ") else text
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
