"""From the way a check's function ended to one honest result."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import httpx

from gradio_conformance.binding import CheckInfo
from gradio_conformance.events import CheckResult
from gradio_conformance.events import Finding
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import TooLate
from gradio_conformance.probe import Probe

LATE = (TooLate, httpx.TimeoutException)
# One fault can show in every message of a flood. Each broken clause is told, a few times.
FINDINGS_PER_CLAUSE = 3
# How Hypothesis begins what it says of a failing input: older and newer releases, and one line for
# each value that the check drew by itself.
FALSIFIED = ("Falsifying example", "Failing test case")
DRAWN = "Draw "


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, and whether the suite itself is to blame (exit code 5).

    ``only_late``: nothing is held against the server but that it did not do something in time.
    """

    result: CheckResult
    suite_fault: str | None = None
    only_late: bool = False


def second_chance(first: Outcome, second: Outcome) -> Outcome:
    """The outcome of a check that came too late and was run again alone: the second one counts."""
    if second.result.status is not Status.PASS:
        return second
    (finding, *_) = first.result.findings
    reason = f"too late at first, in time when run again: {finding.clause} {finding.expected}"
    return replace(second, result=replace(second.result, reason=reason))


def settle(
    info: CheckInfo,
    profile: str,
    errors: Sequence[BaseException],
    probe: Probe | None,
    duration_s: float,
) -> Outcome:
    """Judge one check from its exceptions (set-up, body, tear-down) and its monitor's findings.

    What was found broken counts, however the check ended.
    """
    errors = list(_flat(errors))
    findings = _unique([*_told(errors), *(probe.findings if probe else [])])
    status, reason, fault = _status(info, errors, findings)
    if status is not Status.FAIL:
        findings = ()
    elif not findings:
        findings = (Finding(info.clauses[0], "an answer", reason or "none"),)
    keep_trace = probe is not None and status in (Status.FAIL, Status.COULD_NOT_RUN)
    trace: tuple[TraceEntry, ...] = probe.timeline.entries if probe and keep_trace else ()
    result = CheckResult(
        check=info.slug,
        title=info.title,
        clauses=info.clauses,
        profile=profile,
        status=status,
        duration_s=round(duration_s, 3),
        findings=findings,
        reason=reason,
        trace=trace,
        curl=probe.timeline.last_curl() if probe and keep_trace else None,
        falsified=_falsified(errors),
        completed=not errors,
    )
    monitored = bool(probe and probe.findings)
    only_late = status is Status.FAIL and not monitored and all(isinstance(e, LATE) for e in errors)
    return Outcome(result, fault, only_late)


def _status(
    info: CheckInfo, errors: Sequence[BaseException], findings: Sequence[Finding]
) -> tuple[Status, str | None, str | None]:
    if findings:
        return Status.FAIL, None, None
    for error in errors:
        if isinstance(error, CouldNotRun):
            return Status.COULD_NOT_RUN, str(error), None
    for error in errors:
        if isinstance(error, httpx.HTTPError):
            return Status.FAIL, f"{type(error).__name__}: {error}", None
    for error in errors:
        if not isinstance(error, NotApplicable):
            text = "".join(traceback.format_exception(error))
            return Status.COULD_NOT_RUN, f"fault of the suite: {error!r}", f"{info.slug}:\n{text}"
    return (Status.NOT_APPLICABLE, str(errors[0]), None) if errors else (Status.PASS, None, None)


def _flat(errors: Sequence[BaseException]) -> Iterator[BaseException]:
    """The errors, and those in their place that Hypothesis bundled into a group."""
    for error in errors:
        if isinstance(error, BaseExceptionGroup):
            # What Hypothesis says of the failing input is a note of the group.
            for inner in error.exceptions:
                for note in getattr(error, "__notes__", ()):
                    inner.add_note(note)
            yield from _flat(error.exceptions)
        else:
            yield error


def _told(errors: Sequence[BaseException]) -> list[Finding]:
    """The findings that a check raised."""
    raised = [error for error in errors if isinstance(error, NonConformance)]
    return [Finding(e.clause, e.expected, e.actual, e.at_ms) for e in raised]


def _unique(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.clause, finding.expected), finding)
    number: Counter[str] = Counter()
    few = []
    for finding in kept.values():
        number[finding.clause] += 1
        if number[finding.clause] <= FINDINGS_PER_CLAUSE:
            few.append(finding)
    return tuple(few)


def _falsified(errors: Sequence[BaseException]) -> str | None:
    """The smallest failing input that Hypothesis found, as it words it."""
    for error in errors:
        notes = [str(note) for note in getattr(error, "__notes__", ())]
        if any(note.startswith(FALSIFIED) for note in notes):
            told = [note for note in notes if note.startswith((*FALSIFIED, DRAWN))]
            # The probe is no input, and the address in its repr differs in every run.
            return re.sub(r"\n *probe=.*", "", "\n".join(told))
    return None
