"""The report as Markdown, for an issue or the summary of a workflow's step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.report import Report
from gradio_conformance.gate.drift.report import grouped
from gradio_conformance.gate.drift.report import headline
from gradio_conformance.gate.drift.report import why
from gradio_conformance.reporting.markup import code
from gradio_conformance.reporting.markup import code_cell
from gradio_conformance.reporting.markup import plain

LONGEST = 200
# GitHub refuses a body of more than 65,536 characters.
LARGEST = 60_000
TITLES = {
    Status.EXPLAINED: "Explained",
    Status.KNOWN: "Listed deviations of the server",
    Status.DRIFT: "Unexplained",
}


def markdown_of(report: Report) -> str:
    """The whole report; the tables of one that is too long for GitHub are cut."""
    text = "\n".join(_lines(report)) + "\n"
    if len(text) <= LARGEST:
        return text
    kept = text[:LARGEST].rpartition("\n")[0]
    return f"{kept}\n\nThe rest is left out; the JSON report has all of it.\n"


def _lines(report: Report) -> Iterator[str]:
    verdict = "drift" if report.has_drift else "no drift"
    yield f"## {plain(report.subject.named)}: {verdict}"
    yield ""
    announced, version = report.subject.protocol or "nothing", report.subject.version or "?"
    yield f"It announces {code(announced)} and the version {code(version)}."
    for remark in report.remarks:
        yield f"\n> {_plain(remark)}"
    for comparison in report.comparisons:
        yield from _comparison(comparison)


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield f"### {plain(comparison.old)} → {plain(comparison.new)}"
    yield ""
    yield f"{headline(comparison).capitalize()}."
    for status in (Status.DRIFT, Status.EXPLAINED, Status.KNOWN):
        own = [f for s, _, found in grouped(comparison) if s is status for f in found]
        if own:
            yield from _table(TITLES[status], own, is_open=status is Status.DRIFT)
    missing = [row for row in comparison.rows if not row.shown]
    if missing:
        yield ""
        yield "| Change that is not seen | Why |"
        yield "| --- | --- |"
        for row in missing:
            told = row.reason or "**it should have been seen**"
            yield f"| {row.change.release}: {_plain(row.change.text)} | {_plain(told)} |"
    if comparison.absent:
        yield ""
        steps = "; ".join(f"{step}: {reason}" for step, reason in comparison.absent.items())
        yield f"Not compared: {_plain(steps)}."


def _table(title: str, findings: list[Finding], *, is_open: bool) -> Iterator[str]:
    yield ""
    if is_open:
        yield f"#### {title}"
    else:
        yield f"<details><summary>{title}: {len(findings)}</summary>"
    yield ""
    yield "| | What | Was | Is | Why, or clause |"
    yield "| --- | --- | --- | --- | --- |"
    for f in findings:
        cells = (f.sort.value, _plain(f.title), _code(f.old), _code(f.new), _plain(why(f)))
        yield f"| {' | '.join(cells)} |"
    if not is_open:
        yield ""
        yield "</details>"


def _plain(text: str) -> str:
    return plain(" ".join(text.split()), LONGEST)


def _code(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = " ".join(text.split())
    return code_cell(shown, LONGEST) if shown else ""
