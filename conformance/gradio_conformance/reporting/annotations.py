"""What a run has come to as annotations of GitHub; in a job of GitHub, ``check`` and
``check-client`` write them by themselves, and the summary of the step.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.base import AtTheEnd
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.markdown import document
from gradio_conformance.reporting.words import is_advice
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import meaning
from gradio_conformance.reporting.words import replay_line
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.workflow import Annotation
from gradio_conformance.reporting.workflow import shown

SUMMARY = "GITHUB_STEP_SUMMARY"


class GithubReport(AtTheEnd):
    """Prints annotations, and adds the run to the step's summary at ``summary``; ``report`` is
    where this run's ``report.jsonl`` is, if there is one.
    """

    def __init__(self, summary: Path, clauses: Clauses, report: Path | None = None) -> None:
        super().__init__()
        self._summary = summary
        self._clauses = clauses
        self._report = report

    def write(self, run: Run) -> None:
        with self._summary.open("a", encoding="utf-8", newline="\n") as file:
            file.write(document(run, self._clauses, self._report) + "\n")
        found = annotations_of(run, self._clauses, self._report)
        for line in shown(found, "the step's summary"):
            print(line, flush=True)  # noqa: T201


def summary_of_job(environment: Mapping[str, str]) -> Path | None:
    """Where the summary of the step goes, in a job of GitHub that does not tell by itself."""
    told = environment.get("GITHUB_ACTIONS") == "true" and environment.get(SUMMARY)
    return Path(told) if told else None


def annotations_of(
    run: Run, clauses: Clauses, report: Path | None, known: str | None = None
) -> Iterator[Annotation]:
    """An error for each failure that fails the run, a warning for others and for what could not
    run. ``known`` is the file of known deviations, as seen from the top of the repository.
    """
    for result in run.results:
        if result.status is Status.FAIL:
            mild = not run.finished.exit_code or is_advice(result, run, clauses)
            kind = "warning" if mild else "error"
            yield _failure(kind, result, run, clauses, report)
        elif result.status is Status.COULD_NOT_RUN:
            title = f"{result.check} could not run"
            yield Annotation("warning", title, result.reason or "no reason given")
    for entry in run.finished.stale:
        message = f"{entry.clause} of {entry.check} no longer fails: remove the entry"
        yield Annotation("error", f"stale known deviation {entry.clause}", message, known)
    if run.finished.verdict not in (Verdict.CONFORMANT, Verdict.NONCONFORMANT):
        message = run.finished.reason or meaning(run)
        yield Annotation("error", run.finished.verdict.value, message)


def _failure(
    kind: str, result: CheckResult, run: Run, clauses: Clauses, report: Path | None
) -> Annotation:
    lines = []
    for finding in result.findings:
        lines += [
            f"{finding.clause}: {text_of(finding.clause, clauses)}",
            f"expected {finding.expected}",
            f"actual {finding.actual}",
        ]
    lines += [result.reason] if result.reason else []
    lines.append(replay_line(result.check, run.started, report))
    broken = list(dict.fromkeys(finding.clause for finding in result.findings))
    levels = [level_of(clause, clauses) for clause in broken[:1]]
    title = " ".join([", ".join(broken), *levels, result.check]).strip()
    return Annotation(kind, title, "\n".join(lines))
