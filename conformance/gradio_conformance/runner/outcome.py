"""From the way a check's function ended to one honest result."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Container
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import httpx

from gradio_conformance.binding import CheckInfo
from gradio_conformance.events import CheckResult
from gradio_conformance.events import Finding
from gradio_conformance.events import Noise
from gradio_conformance.events import SoloRun
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import TooLate
from gradio_conformance.probe import Probe
from gradio_conformance.verdict import is_late
from gradio_spec.model import Spec

LATE = (TooLate, httpx.TimeoutException)
# One fault can show in every message of a flood. Each broken clause is told, a few times.
FINDINGS_PER_CLAUSE = 3
# How Hypothesis begins what it says of a failing input: older and newer releases, and one line for
# each value that the check drew by itself.
FALSIFIED = ("Falsifying example", "Failing test case")
DRAWN = "Draw "


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, and whether the suite itself is to blame (exit code 5)."""

    result: CheckResult
    suite_fault: str | None = None

    @property
    def only_late(self) -> bool:
        return self.result.late


def after_solo(first: Outcome, solo: Sequence[Outcome]) -> Outcome:
    """The outcome of a check that came too late, and was then run alone as often as
    :func:`verdict.is_open` asked for.

    What a solo run finds broken for another reason than lateness counts, whatever the others did;
    so does a solo run that could not judge.
    """
    runs = tuple(SoloRun(o.only_late, o.result.duration_s, o.result.noise) for o in solo)
    other = [o for o in solo if not o.only_late and o.result.status is not Status.PASS]
    late = [o for o in solo if o.only_late]
    told = f"late in {len(late)} of {len(solo)} solo run{'' if len(solo) == 1 else 's'}"
    if other:
        chosen, reason = other[0], other[0].result.reason
    elif not solo:
        chosen, reason = first, "late; not run again alone, for the run ended"
    elif is_late([o.only_late for o in solo]):
        chosen, reason = late[-1], told
    else:
        finding = first.result.findings[0]
        chosen = next(o for o in solo if not o.only_late)
        reason = f"{told}, after it had been late: {finding.clause} {finding.expected}"
    return replace(chosen, result=replace(chosen.result, reason=reason, solo=runs))


def settle(
    info: CheckInfo,
    profile: str,
    errors: Sequence[BaseException],
    probe: Probe | None,
    duration_s: float,
    *,
    timed: Container[str] = (),
    noise: Noise | None = None,
) -> Outcome:
    """Judge one check from its exceptions (set-up, body, tear-down) and its monitor's findings.

    What was found broken counts, however the check ended. ``timed`` are the clauses that are a
    matter of time: to break one is to be late, in whatever way it shows.
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
        reason=reason or (probe.remark if probe and status is Status.PASS else None),
        trace=trace,
        curl=probe.timeline.last_curl() if probe and keep_trace else None,
        falsified=_falsified(errors),
        completed=not errors,
        noise=noise,
        scripts=tuple(probe.scripts) if probe and status is Status.FAIL else (),
    )
    only_late = status is Status.FAIL and all(_is_late(e, timed) for e in errors)
    if probe and any(finding.clause not in timed for finding in probe.findings):
        only_late = False
    return Outcome(replace(result, late=only_late), fault)


def of_version(result: CheckResult, spec: Spec) -> CheckResult:
    """A result without what breaks only clauses that this version has not; with nothing else, the
    check could not be applied to it.
    """
    kept = tuple(finding for finding in result.findings if finding.clause in spec.clauses)
    if len(kept) == len(result.findings):
        return result
    if kept:
        return replace(result, findings=kept)
    foreign = ", ".join(dict.fromkeys(finding.clause for finding in result.findings))
    reason = f"not in {spec.release.id}: {foreign}"
    return replace(
        result, status=Status.NOT_APPLICABLE, findings=(), reason=reason, curl=None, late=False
    )


def _is_late(error: BaseException, timed: Container[str]) -> bool:
    if isinstance(error, NonConformance) and error.clause in timed:
        return True
    return isinstance(error, LATE)


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
