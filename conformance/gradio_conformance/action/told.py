"""What a run has come to, read from the report that it has left: outputs and annotations. Pure but
for reading the file.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import USAGE_EXIT_CODE
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.gate.reporting import FILES
from gradio_conformance.reporting import Report
from gradio_conformance.reporting import ReportError
from gradio_conformance.reporting import read_report
from gradio_conformance.reporting.annotations import annotations_of
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.words import is_of_client
from gradio_conformance.reporting.workflow import Annotation
from gradio_spec.loader import load_spec

USAGE = "usage"
# The outputs of action.yml; those that a mode has nothing to say to are empty.
OUTPUTS = (
    "verdict",
    "exit-code",
    "must-passed",
    "must-total",
    "failed",
    "known",
    "breaking",
    "behavioural",
    "additive",
    "report-path",
)
EFFECTS = ("breaking", "behavioural", "additive")


@dataclass(frozen=True, slots=True)
class Told:
    """Values of outputs by name, and annotations, some of which the command has written."""

    outputs: Mapping[str, str]
    annotations: tuple[Annotation | str, ...]


def told_of(mode: str, data: Path, known: str | None) -> Told | None:
    """What the report says; ``None`` where there is none that is whole. ``known`` is the file of
    known deviations, as seen from the top of the repository.
    """
    try:
        if mode == "diff":
            lines = data.with_name(FILES["github"]).read_text("utf-8").splitlines()
            return _of_diff(json.loads(data.read_text("utf-8")), lines)
        if mode == "drift":
            return _of_drift(json.loads(data.read_text("utf-8")))
        return _of_run(read_report(data), data, known)
    except (OSError, ValueError, KeyError, ReportError):
        return None


def verdict_of(exit_code: int) -> str:
    """The verdict of a command that has left no report."""
    if exit_code == USAGE_EXIT_CODE:
        return USAGE
    by_code = {code: verdict for verdict, code in EXIT_CODES.items()}
    return by_code.get(exit_code, Verdict.SUITE_FAULT).value


def _of_run(report: Report, data: Path, known: str | None) -> Told:
    run = _run(report)
    counts, (kept, applicable) = run.finished.counts, run.finished.must
    values = {
        "verdict": run.finished.verdict.value,
        "must-passed": str(kept),
        "must-total": str(applicable),
        "failed": str(counts[Status.FAIL]),
        "known": str(counts[Status.KNOWN]),
    }
    spec = load_spec()
    clauses: Clauses = spec.client if is_of_client(run.started) else spec.clauses
    return Told(values, tuple(annotations_of(run, clauses, data, known)))


def _run(report: Report) -> Run:
    events = list(report.events())
    started, finished = events[0], events[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(finished, RunFinished)
    results = tuple(event.result for event in events if isinstance(event, CheckFinished))
    return Run(started, results, finished)


def _of_diff(document: Mapping[str, Any], written: Sequence[str]) -> Told:
    """Counts are of the differences that are not ignored, by their strongest effect."""
    found = [one for pair in document["pairs"] for one in pair["differences"]]
    faults = [pair["bump"] for pair in document["pairs"] if pair["bump"]] + document["stale"]
    counted = [one for one in found if one["ignored"] is None]
    values = {
        "verdict": "failed" if document["failed"] else "passed",
        "failed": str(sum(one["over"] for one in counted) + len(faults)),
        "known": str(len(found) - len(counted)),
        **_by_effect((one["client"], one["server"]) for one in counted),
    }
    return Told(values, tuple(written))


def _of_drift(document: Mapping[str, Any]) -> Told:
    """Counts are of the changes between releases that were seen, by their strongest effect."""
    comparisons = document["comparisons"]
    statuses = Counter(f["status"] for c in comparisons for f in c["findings"])
    missed = sum(row["missed"] for c in comparisons for row in c["changes"])
    seen = [row for c in comparisons for row in c["changes"] if row["shown_by"]]
    values = {
        "verdict": "drift" if document["verdict"] == "drift" else "no-drift",
        "failed": str(statuses["drift"] + missed),
        "known": str(statuses["known"]),
        **_by_effect((row["client"], row["server"]) for row in seen),
    }
    kind = "error" if document["exit_code"] else "warning"
    return Told(values, tuple(_about_drift(document, kind)))


def _by_effect(effects: Iterable[tuple[str, str]]) -> dict[str, str]:
    strongest = Counter(next((e for e in EFFECTS if e in pair), "none") for pair in effects)
    return {effect: str(strongest[effect]) for effect in EFFECTS}


def _about_drift(document: Mapping[str, Any], kind: str) -> Iterator[Annotation]:
    again = shlex.join(["gradio-protocol", "drift", document["subject"]["named"]])
    for comparison in document["comparisons"]:
        sides = f"{comparison['old']} → {comparison['new']}"
        for finding in comparison["findings"]:
            if finding["status"] == "drift":
                clauses = ", ".join(finding["clauses"]) or "no clause"
                title = f"{finding['sort']} in {finding['area']}: {clauses}"
                was, now = (
                    json.dumps(finding[name], ensure_ascii=False) for name in ("old", "new")
                )
                lines = (finding["title"], f"was {was}", f"is {now}", f"{sides}; {again}")
                yield Annotation(kind, title, "\n".join(lines))
        for row in comparison["changes"]:
            if row["missed"]:
                told = f"{row['release']}: {row['text']}\n{sides}; {again}"
                yield Annotation(kind, "expected and not seen", told)
