"""``known/gradio-6.31.0.yaml`` is exact: each entry reproduces on real Gradio and is needed.

The run itself is made by ``tox -e gradio``, which names its report in ``GRADIO_REPORT``; without it
the run is made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.mutants import traceability
from gradio_conformance.reporting import read_report
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import covers
from gradio_conformance.verdict import judge
from gradio_conformance.verdict import mark_known
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry

KNOWN = load_known("gradio-6.31.0")
STEADY = [entry for entry in KNOWN.entries if not entry.intermittent]
COMMAND = ["-m", "gradio_conformance.testbed", "--library", "gradio", "--port", "{port}"]


# Without a report the first of these tests makes one: a whole run, which a busy machine delays.
pytestmark = pytest.mark.timeout(900)


def named(entry: KnownEntry) -> str:
    return f"{entry.clause} {entry.check}"


@pytest.fixture(scope="module")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run of the whole suite against real Gradio found, which has to end with 0."""
    if made := os.environ.get("GRADIO_REPORT"):
        return Path(made)
    folder = tmp_path_factory.mktemp("report")
    arguments = ["check", "--known-failing", KNOWN.source, "--patience", "5", "--budget", "5"]
    reports = ["--report", "jsonl", "--report-dir", str(folder)]
    served = [os.environ.get("GRADIO_PYTHON", sys.executable), *COMMAND]
    done = subprocess.run(
        [sys.executable, "-m", "gradio_conformance", *arguments, *reports, "--", *served],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "report.jsonl"


@pytest.fixture(scope="module")
def report(report_file: Path) -> list[CheckResult]:
    """The results of that run, as they were before its list was applied."""
    events = read_report(report_file).events()
    results = [event.result for event in events if isinstance(event, CheckFinished)]
    return [replace(r, status=Status.FAIL) if r.status is Status.KNOWN else r for r in results]


def verdict_with(known: Known, report: list[CheckResult]) -> Verdict:
    """The verdict that the same results get with another list."""
    spec = load_spec()
    results = [mark_known(result, known) for result in report]
    bindings = {
        c.id: [i.slug for i in all_checks().values() if c.id in i.clauses] for c in spec.testable()
    }
    return judge(spec.testable(), bindings, results, Ending(0.0), known=known).verdict


def test_every_entry_names_a_clause_and_a_check_that_exist() -> None:
    spec, slugs = load_spec(), list(all_checks())
    for entry in KNOWN.entries:
        assert spec.clause(entry.clause).excluded is None, named(entry)
        assert any(covers(entry, slug, entry.clause) for slug in slugs), named(entry)
        assert entry.erratum, named(entry)


@pytest.mark.gradio
def test_real_gradio_is_conformant_but_for_the_list(report: list[CheckResult]) -> None:
    assert verdict_with(KNOWN, report) is Verdict.CONFORMANT


@pytest.mark.gradio
@pytest.mark.parametrize("entry", STEADY, ids=named)
def test_the_entry_reproduces(entry: KnownEntry, report: list[CheckResult]) -> None:
    found = [
        result.check
        for result in report
        for finding in result.findings
        if covers(entry, result.check, finding.clause)
    ]
    assert found, f"{named(entry)} no longer fails"


@pytest.mark.gradio
@pytest.mark.parametrize("entry", STEADY, ids=named)
def test_without_the_entry_the_run_fails(entry: KnownEntry, report: list[CheckResult]) -> None:
    rest = replace(KNOWN, entries=tuple(e for e in KNOWN.entries if e != entry))
    assert verdict_with(rest, report) is Verdict.NONCONFORMANT


@pytest.mark.gradio
def test_the_traceability_record_says_what_gradio_was_found_to_do(report_file: Path) -> None:
    record = traceability.read(Path(__file__).parents[1] / "traceability.yaml")
    name, found = traceability.verdicts_of(report_file)
    recorded = {c: e["verdicts"].get(name) for c, e in record["clauses"].items()}
    assert {c: recorded.get(c) for c in found} == found, "make the record again: CONTRIBUTING.md"
