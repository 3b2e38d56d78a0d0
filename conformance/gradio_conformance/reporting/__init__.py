"""The reports of a run: one stream of events in, console, JSONL, JUnit, HTML and Markdown out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import ClauseText
from gradio_conformance.reporting.base import Listener
from gradio_conformance.reporting.console import ConsoleReport
from gradio_conformance.reporting.html import HtmlReport
from gradio_conformance.reporting.jsonl import JsonlReport
from gradio_conformance.reporting.jsonl import Report
from gradio_conformance.reporting.jsonl import ReportError
from gradio_conformance.reporting.jsonl import read_report
from gradio_conformance.reporting.junit import JunitReport
from gradio_conformance.reporting.markdown import MarkdownReport

__all__ = [
    "FILES",
    "FORMATS",
    "ClauseText",
    "Listener",
    "Report",
    "ReportError",
    "open_listeners",
    "read_report",
]

FILES = {
    "jsonl": "report.jsonl",
    "junit": "junit.xml",
    "html": "report.html",
    "md": "report.md",
}
FORMATS = tuple(FILES)


def open_listeners(
    formats: Sequence[str], directory: Path, *, clauses: Clauses, coverage: bool = False
) -> list[Listener]:
    """A listener per file format, and the console, which comes last and names the files; with
    ``coverage`` it lists all that the run has never seen.

    Makes ``directory`` if a format needs it and removes older reports of these formats from it.
    ``ValueError`` names an unknown format, ``OSError`` the path that cannot be written.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise ValueError(
            f"unknown report format {', '.join(unknown)}; there are {', '.join(FORMATS)}"
        )
    files = {name: directory / FILES[name] for name in FORMATS if name in formats}
    listeners: list[Listener] = []
    if "jsonl" in files:
        listeners.append(JsonlReport(files["jsonl"]))
    if "junit" in files:
        listeners.append(JunitReport(files["junit"], clauses))
    if "html" in files:
        listeners.append(HtmlReport(files["html"], clauses, files))
    if "md" in files:
        listeners.append(MarkdownReport(files["md"], clauses, files.get("jsonl")))
    listeners.append(ConsoleReport(clauses, files, coverage=coverage))
    return listeners
