"""The outcome of a comparison as text, JSON, Markdown, annotations of GitHub, and JUnit."""

from __future__ import annotations

from collections.abc import Callable

from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.reporting.annotations import as_annotations
from gradio_conformance.gate.reporting.data import as_json
from gradio_conformance.gate.reporting.junit import as_junit
from gradio_conformance.gate.reporting.markdown import as_markdown
from gradio_conformance.gate.reporting.text import as_text

FORMATS: dict[str, Callable[[Outcome], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_annotations,
    "junit": as_junit,
}

FILES = {
    "text": "diff.txt",
    "json": "diff.json",
    "markdown": "diff.md",
    "github": "annotations.txt",
    "junit": "junit.xml",
}

__all__ = ["FILES", "FORMATS", "as_text"]
