"""``report.jsonl``: a header line, a line per check, a footer line; written and flushed as it
happens.

The kinds and their members are public (report.schema.json) and change only with a major version;
readers ignore members that they do not know.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Verdict
from gradio_conformance.reporting import records
from gradio_conformance.reporting.base import fresh
from gradio_conformance.reporting.words import strict_json

KINDS = ("header", "result", "footer")


class ReportError(ValueError):
    """A file that is no complete report; nothing may be concluded from it."""


class EmptyReport(ReportError):
    """No line at all, or a verdict of conformant without a single result."""


class MissingHeader(ReportError):
    """The first line is no header, or a second header follows."""


class MissingFooter(ReportError):
    """The last line is no footer: the run was cut off."""


class UnknownKind(ReportError):
    """A line whose kind is none of header, result, footer."""


class MalformedLine(ReportError):
    """A line that is no strict JSON, or whose members are not as report.schema.json says."""


class DuplicateResult(ReportError):
    """Two results for one check."""


class WrongCounts(ReportError):
    """The footer counts other results than there are: lines were lost or added."""


@dataclass(frozen=True, slots=True)
class Report:
    """One complete report: its lines as JSON objects, each valid by report.schema.json."""

    header: dict[str, Any]
    results: list[dict[str, Any]]
    footer: dict[str, Any]

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.footer["verdict"])

    def events(self) -> Iterator[RunEvent]:
        """The run again, for any listener; traces of passing checks were not kept."""
        return records.events(self.header, self.results, self.footer)


class JsonlReport:
    """Writes ``report.jsonl`` line by line, so that a killed run leaves what it had found."""

    def __init__(self, path: Path) -> None:
        self._file = fresh(path).open("w", encoding="utf-8", newline="\n")

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            self._line(records.header(event))
        elif isinstance(event, CheckFinished):
            self._line(records.result(event.result))
        elif isinstance(event, RunFinished):
            self._line(records.footer(event))

    def _line(self, record: records.Record) -> None:
        text = json.dumps(strict_json(record), ensure_ascii=False, allow_nan=False)
        self._file.write(text + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line of a report."""
    text = resources.files(__package__).joinpath("report.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator(kind: str) -> Validator:
    # One kind at a time: an error then names the member, not a failed choice of three.
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]})


def read_report(path: Path) -> Report:
    """Read a complete report; ``OSError`` or a :class:`ReportError` that names line and reason."""
    lines = [_parse(number, text) for number, text in _numbered(path)]
    if not lines:
        raise EmptyReport("the report has no lines")
    if lines[0]["kind"] != "header":
        raise MissingHeader(f"line 1 is a {lines[0]['kind']}, not the header")
    if lines[-1]["kind"] != "footer":
        raise MissingFooter(
            f"the last line is a {lines[-1]['kind']}, not the footer: the run was cut off"
        )
    for number, line in enumerate(lines[1:-1], 2):
        if line["kind"] == "header":
            raise MissingHeader(f"line {number} is a second header")
        if line["kind"] == "footer":
            raise MissingFooter(f"line {number} is a footer, but lines follow it")
    report = Report(lines[0], lines[1:-1], lines[-1])
    _reconcile(report)
    return report


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedLine(f"not UTF-8: {error}") from error
    yield from ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())


def _parse(number: int, text: str) -> dict[str, Any]:
    try:
        line = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise MalformedLine(f"line {number} is not JSON: {error}") from error
    kind = line.get("kind") if isinstance(line, dict) else None
    if kind not in KINDS:
        raise UnknownKind(f"line {number}: kind {kind!r}; there are {', '.join(KINDS)}")
    wrong = jsonschema.exceptions.best_match(_validator(kind).iter_errors(line))
    if wrong is not None:
        where = "/".join(map(str, wrong.absolute_path)) or kind
        raise MalformedLine(f"line {number}, {where}: {wrong.message[:300]}")
    found: dict[str, Any] = line
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _reconcile(report: Report) -> None:
    """A footer that its results do not bear out is worth nothing."""
    times = Counter(result["check"] for result in report.results)
    twice = [check for check, number in times.items() if number > 1]
    if twice:
        raise DuplicateResult(f"more than one result for {', '.join(twice)}")
    if report.verdict is Verdict.CONFORMANT and not report.results:
        raise EmptyReport("conformant without a single result")
    counted = Counter(result["status"] for result in report.results)
    for status, number in report.footer["counts"].items():
        if counted[status] != number:
            raise WrongCounts(f"the footer counts {number} {status}, the results {counted[status]}")
