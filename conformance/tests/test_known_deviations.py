"""The lists of ``known/gradio-*.yaml`` are exact: each entry reproduces on that release and is
needed.

The runs are made by ``tox -e gradio``, ``gradio-4`` and ``gradio-5``, which name their report in
``GRADIO_REPORT``; without it they are made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.mutants import traceability
from gradio_conformance.reporting import read_report
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import covers
from gradio_conformance.verdict import judge
from gradio_conformance.verdict import mark_known
from gradio_spec.loader import known_lists
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Spec
from gradio_spec.releases import published

NEWEST = f"gradio-{published()[-1]}"
LISTS = sorted(n for n in known_lists() if load_known(n).implementation == "gradio")
# Without a report the first of these tests makes one: a whole run, which a busy machine delays.
pytestmark = pytest.mark.timeout(1800)


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the whole suite on one release: its file, and the results before its list."""

    path: Path
    results: tuple[CheckResult, ...]


def _marked(name: str) -> pytest.MarkDecorator:
    """What real Gradio needs: the newest is installed beside the tests, older ones are not."""
    return pytest.mark.gradio if name == NEWEST else pytest.mark.eras


def _entries() -> Iterator[Any]:
    for name in LISTS:
        for entry in load_known(name).entries:
            if not entry.intermittent:
                marks = _marked(name)
                yield pytest.param(name, entry, marks=marks, id=f"{name} {named(entry)}")


def named(entry: KnownEntry) -> str:
    return f"{entry.clause} {entry.check}"


EACH_LIST = [pytest.param(name, marks=_marked(name), id=name) for name in LISTS]
EACH_STEADY_ENTRY = list(_entries())


def spec_of(name: str) -> Spec:
    """The version that a list speaks of."""
    return load_spec() if name == NEWEST else load_spec(name)


def report_of(name: str, folder: Path) -> Report:
    """What a run on the release of a list found, which has to end with 0."""
    path = _path(name, folder)
    events = list(read_report(path).events())
    started = next(event for event in events if isinstance(event, RunStarted))
    assert started.known_source == name
    assert started.release == (None if name == NEWEST else name)
    results = [event.result for event in events if isinstance(event, CheckFinished)]
    found = (replace(r, status=Status.FAIL) if r.status is Status.KNOWN else r for r in results)
    return Report(path, tuple(found))


def _path(name: str, folder: Path) -> Path:
    if made := os.environ.get("GRADIO_REPORT"):
        started = next(e for e in read_report(Path(made)).events() if isinstance(e, RunStarted))
        if started.known_source == name:
            return Path(made)
        pytest.skip(f"{made} is about {started.known_source}")
    release = name.removeprefix("gradio-")
    served = ["gradio_conformance.environments", f"gradio=={release}"]
    version = ["--spec-version", "auto"]
    if name == NEWEST:
        served, version = ["gradio_conformance.testbed", "--library", "gradio"], []
    arguments = ["check", "--known-failing", name, *version, "--patience", "5", "--budget", "5"]
    reports = ["--report", "jsonl", "--report-dir", str(folder), "--wait", "600"]
    python = os.environ.get("GRADIO_PYTHON", sys.executable)
    command = [sys.executable, "-m", "gradio_conformance", *arguments, *reports, "--"]
    command += [python, "-m", *served, "--port", "{port}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report.jsonl"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The report of a list by its name, made once."""
    return cache(lambda name: report_of(name, tmp_path_factory.mktemp("report")))


def verdict_with(known: Known, report: Report, spec: Spec) -> Verdict:
    """The verdict that the same results get with another list."""
    results = [mark_known(result, known) for result in report.results]
    bindings = {
        c.id: [i.slug for i in all_checks().values() if c.id in i.clauses] for c in spec.testable()
    }
    return judge(spec.testable(), bindings, results, Ending(0.0), known=known).verdict


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_names_a_clause_and_a_check_that_exist(name: str) -> None:
    spec, slugs, known = spec_of(name), list(all_checks()), load_known(name)
    assert f"gradio-{known.release}" == name
    for entry in known.entries:
        assert spec.clause(entry.clause).excluded is None, named(entry)
        assert any(covers(entry, slug, entry.clause) for slug in slugs), named(entry)
        assert entry.erratum, named(entry)


@pytest.mark.parametrize("name", EACH_LIST)
def test_real_gradio_is_conformant_but_for_the_list(name: str, reports: Any) -> None:
    assert verdict_with(load_known(name), reports(name), spec_of(name)) is Verdict.CONFORMANT


@pytest.mark.parametrize(("name", "entry"), EACH_STEADY_ENTRY)
def test_the_entry_reproduces(name: str, entry: KnownEntry, reports: Any) -> None:
    found = [
        result.check
        for result in reports(name).results
        for finding in result.findings
        if covers(entry, result.check, finding.clause)
    ]
    assert found, f"{named(entry)} no longer fails"


@pytest.mark.parametrize(("name", "entry"), EACH_STEADY_ENTRY)
def test_without_the_entry_the_run_fails(name: str, entry: KnownEntry, reports: Any) -> None:
    known = load_known(name)
    rest = replace(known, entries=tuple(e for e in known.entries if e != entry))
    assert verdict_with(rest, reports(name), spec_of(name)) is Verdict.NONCONFORMANT


@pytest.mark.gradio
def test_the_traceability_record_says_what_gradio_was_found_to_do(reports: Any) -> None:
    record = traceability.read(Path(__file__).parents[1] / "traceability.yaml")
    name, found = traceability.verdicts_of(reports(NEWEST).path)
    recorded = {c: e["verdicts"].get(name) for c, e in record["clauses"].items()}
    assert {c: recorded.get(c) for c in found} == found, "make the record again: CONTRIBUTING.md"
