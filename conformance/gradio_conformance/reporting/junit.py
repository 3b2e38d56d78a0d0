"""``junit.xml`` for GitHub, GitLab and Jenkins: a suite per profile, a case per check.

JUnit has no words for known deviations and for clauses that nobody judged. Known ones are skipped
cases; what turns the verdict red or open without a failing check is an error in a suite ``run``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.base import AtTheEnd
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.base import fresh
from gradio_conformance.reporting.lines import finding_lines
from gradio_conformance.reporting.lines import trace_lines
from gradio_conformance.reporting.words import is_advice
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import profiles_of
from gradio_conformance.reporting.words import timing_of
from gradio_conformance.reporting.words import visible

SUITE = "gradio-protocol"


@dataclass(frozen=True, slots=True)
class Case:
    """One test case; ``mark`` is ``failure``, ``error``, ``skipped`` or nothing."""

    name: str
    duration_s: float = 0.0
    mark: str | None = None
    message: str = ""
    kind: str = ""
    body: str = ""


class JunitReport(AtTheEnd):
    """Writes ``junit.xml``."""

    def __init__(self, path: Path, clauses: Clauses) -> None:
        super().__init__()
        self._path = fresh(path)
        self._clauses = clauses

    def write(self, run: Run) -> None:
        root = document(run, self._clauses)
        ET.indent(root)
        ET.ElementTree(root).write(self._path, encoding="utf-8", xml_declaration=True)


def document(run: Run, clauses: Clauses) -> ET.Element:
    """The whole run as a ``testsuites`` element."""
    suites = {
        profile: [_case(r, run, clauses) for r in run.results if r.profile == profile]
        for profile in profiles_of(run)
    }
    suites["run"] = list(_own_cases(run))
    root = ET.Element("testsuites", name=SUITE)
    _count(root, [case for cases in suites.values() for case in cases], run.finished.duration_s)
    for name, cases in suites.items():
        if cases:
            _suite(root, name, cases, run)
    return root


def _suite(root: ET.Element, name: str, cases: Sequence[Case], run: Run) -> None:
    suite = ET.SubElement(root, "testsuite", name=name, timestamp=run.started.started_at)
    _count(suite, cases, sum(case.duration_s for case in cases))
    properties = ET.SubElement(suite, "properties")
    for key, value in _facts(run):
        ET.SubElement(properties, "property", name=key, value=visible(value))
    for case in cases:
        element = ET.SubElement(
            suite,
            "testcase",
            classname=f"{SUITE}.{name}",
            name=case.name,
            time=f"{case.duration_s:.3f}",
        )
        if case.mark:
            mark = ET.SubElement(element, case.mark, message=one_line(case.message))
            if case.kind:
                mark.set("type", case.kind)
            mark.text = visible(case.body) or None


def _count(element: ET.Element, cases: Sequence[Case], duration_s: float) -> None:
    element.set("tests", str(len(cases)))
    for attribute, mark in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.mark == mark for case in cases)))
    element.set("time", f"{duration_s:.3f}")


def _facts(run: Run) -> Iterable[tuple[str, str]]:
    started, finished = run.started, run.finished
    yield "target", started.target
    yield "server", started.server
    yield "scope", started.scope
    yield "suite_version", started.suite_version
    yield "spec_version", started.spec_version
    yield "spec_digest", started.spec_digest
    yield "dialect", started.dialect
    if started.release is not None:
        yield "release", started.release
    yield "seed", str(started.seed)
    yield "verdict", finished.verdict.value
    yield "exit_code", str(finished.exit_code)


def _case(result: CheckResult, run: Run, clauses: Clauses) -> Case:
    timing = timing_of(result)
    told = [*finding_lines(result, clauses), *([f"time: {timing}"] if timing else [])]
    body = "\n".join([*told, "", *trace_lines(result)]).strip()
    first = _first(result, clauses)
    kind = result.findings[0].clause if result.findings else ""
    marks = {
        Status.FAIL: ("failure", first),
        Status.KNOWN: ("skipped", f"known deviation: {first}"),
        Status.COULD_NOT_RUN: ("error", f"could not run: {result.reason or 'no reason given'}"),
        Status.NOT_APPLICABLE: ("skipped", f"not applicable: {result.reason or ''}"),
        Status.SKIPPED: ("skipped", result.reason or "skipped"),
    }
    mark, message = marks.get(result.status, (None, ""))
    if mark == "failure" and is_advice(result, run, clauses):
        mark, message = "skipped", f"does not decide the verdict: {message}"
    kind = {"failure": kind, "error": Status.COULD_NOT_RUN.value}.get(mark or "", "")
    return Case(result.check, result.duration_s, mark, message, kind, body)


def _first(result: CheckResult, clauses: Clauses) -> str:
    if not result.findings:
        return result.reason or ""
    finding = result.findings[0]
    level = level_of(finding.clause, clauses)
    return f"{finding.clause} {level}: expected {finding.expected}; actual {finding.actual}"


def _own_cases(run: Run) -> Iterable[Case]:
    """What no check stands for: entries that no longer fail, and a verdict that is none."""
    finished = run.finished
    for entry in finished.stale:
        message = (
            f"known deviation of {entry.clause} no longer fails: remove it from {entry.source}"
        )
        yield Case(f"stale.{entry.check}.{entry.clause}", 0.0, "failure", message, "stale")
    if finished.verdict not in (Verdict.CONFORMANT, Verdict.NONCONFORMANT):
        reason = finished.reason or finished.verdict.value
        message = f"{finished.verdict.value}: {reason.splitlines()[0]}"
        yield Case("verdict", 0.0, "error", message, finished.verdict.value, reason)
