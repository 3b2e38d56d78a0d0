"""junit.xml, as a CI reads it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.reporting.junit import JunitReport

from . import sample


def parsed(run: sample.Sample, folder: Path) -> ET.Element:
    path = folder / "junit.xml"
    report = JunitReport(path, run.clauses)
    for event in run.events:
        report(event)
    report.close()
    return ET.parse(path).getroot()


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_counts_agree_with_the_cases(name: str, tmp_path: Path) -> None:
    run = sample.SCENARIOS[name]()
    root = parsed(run, tmp_path)
    own = [case for suite in root if suite.get("name") == "run" for case in suite.iter("testcase")]
    assert root.tag == "testsuites"
    assert len(list(root.iter("testcase"))) == len(run.results) + len(own)
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert element.get("tests") == str(len(cases))
        marks = Counter(child.tag for case in cases for child in case)
        assert element.get("failures") == str(marks["failure"])
        assert element.get("errors") == str(marks["error"])
        assert element.get("skipped") == str(marks["skipped"])


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_red_in_junit_is_red_in_the_verdict(name: str, tmp_path: Path) -> None:
    run = sample.SCENARIOS[name]()
    root = parsed(run, tmp_path)
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    red = int(root.get("failures", "")) + int(root.get("errors", ""))
    assert bool(red) == (finished.exit_code != 0)


def test_each_profile_is_a_suite_with_its_facts(tmp_path: Path) -> None:
    root = parsed(sample.failures(), tmp_path)
    assert [suite.get("name") for suite in root] == list(sample.PROFILES)
    for suite in root:
        facts = {p.get("name"): p.get("value") for p in suite.iter("property")}
        assert facts["seed"] == "4711"
        assert facts["spec_digest"] == "c44d70b16380"
        assert facts["verdict"] == "nonconformant"
        assert facts["target"] == sample.TARGET


def test_the_release_that_is_judged_by_is_a_fact(tmp_path: Path) -> None:
    for run, wanted in (
        (sample.as_of("gradio-4.44.1"), "gradio-4.44.1"),
        (sample.all_pass(), None),
    ):
        for suite in parsed(run, tmp_path):
            facts = {p.get("name"): p.get("value") for p in suite.iter("property")}
            assert facts.get("release") == wanted


def _case(root: ET.Element, name: str) -> ET.Element:
    return next(case for case in root.iter("testcase") if case.get("name") == name)


def test_a_failure_tells_the_clause_and_the_time_line(tmp_path: Path) -> None:
    case = _case(parsed(sample.failures(), tmp_path), "evt.one-terminal-message")
    assert case.get("classname") == "gradio-protocol.queue"
    failure = case[0]
    assert failure.tag == "failure"
    assert failure.get("type") == "EVT-003"
    assert str(failure.get("message")).startswith("EVT-003 MUST: expected no message after")
    assert "Every accepted event MUST get exactly one process_completed" in str(failure.text)
    assert "◄ EVT-003" in str(failure.text)


def test_control_characters_do_not_break_the_file(tmp_path: Path) -> None:
    case = _case(parsed(sample.failures(), tmp_path), "join.unknown-function")
    assert "<script>alert('join')</script>" in str(case[0].get("message"))
    assert "\\u001b[31m" in str(case[0].text)


def test_other_ends_have_their_own_marks(tmp_path: Path) -> None:
    root = parsed(sample.failures(), tmp_path)
    known = _case(root, "cancel.names-one-event")[0]
    assert known.tag == "skipped"
    assert str(known.get("message")).startswith("known deviation: CANCEL-007 MUST")
    stopped = _case(root, "queue.batch-runs-together")[0]
    assert stopped.tag == "error"
    assert stopped.get("message") == "could not run: the testbed lacks the endpoint hold_batch"
    aside = _case(root, "join.private-endpoint")[0]
    assert aside.get("message") == "not applicable: no endpoint of this server is private"


def test_a_stale_entry_fails(tmp_path: Path) -> None:
    case = _case(parsed(sample.known_and_stale(), tmp_path), "stale.discover.*.DISC-016")
    assert case[0].tag == "failure"
    assert "remove it from known-failing.yaml" in str(case[0].get("message"))


@pytest.mark.parametrize("name", ["inconclusive", "interrupted", "unreachable", "zero-checks"])
def test_a_verdict_that_is_none_is_an_error(name: str, tmp_path: Path) -> None:
    case = _case(parsed(sample.SCENARIOS[name](), tmp_path), "verdict")
    assert case[0].tag == "error"


def test_a_may_does_not_turn_red(tmp_path: Path) -> None:
    run = sample.only_may_fails()
    assert [r.status for r in run.results].count(Status.FAIL) == 1
    root = parsed(run, tmp_path)
    assert root.get("failures") == "0"
    mark = _case(root, "cancel.marks-itself")[0]
    assert str(mark.get("message")).startswith("does not decide the verdict: CANCEL-016 MAY")


def test_a_late_failure_tells_how_late_the_machine_was(tmp_path: Path) -> None:
    case = _case(parsed(sample.late(), tmp_path), "cancel.generator-stops")
    told = "time: late in 2 of 2 solo runs; the machine was up to 840 ms late during it"
    assert told in str(case[0].text)
