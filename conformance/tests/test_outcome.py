"""From the way a check ended to one honest status, whatever was raised and whatever was found."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.binding import CheckInfo
from gradio_conformance.events import Finding
from gradio_conformance.events import Status
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import TooLate
from gradio_conformance.probe import Probe
from gradio_conformance.runner.outcome import FINDINGS_PER_CLAUSE
from gradio_conformance.runner.outcome import Outcome
from gradio_conformance.runner.outcome import after_solo
from gradio_conformance.runner.outcome import of_version
from gradio_conformance.runner.outcome import settle
from gradio_conformance.target import Target
from gradio_conformance.timeline import SENT
from gradio_spec.loader import load_spec

INFO = CheckInfo("sse.x", "It streams", ("SSE-001", "SSE-002"))
BROKEN = NonConformance("SSE-002", "one line", "two")
BUG = KeyError("no such endpoint")


@pytest.fixture
def probe() -> Probe:
    target = Target("http://127.0.0.1:1", "", {}, {}, None)
    return Probe(target, load_spec(), patience_s=1.0)


def end(*errors: BaseException, probe: Probe | None = None) -> Outcome:
    return settle(INFO, "queue", errors, probe, 0.12345)


def found(clause: str, expected: str = "good") -> Finding:
    return Finding(clause, expected, "bad", 1.0)


def test_a_check_that_ends_in_peace_passes(probe: Probe) -> None:
    probe.timeline.add(SENT, "http", "GET /", curl="curl x")
    for used in (probe, None):
        result = end(probe=used).result
        assert (result.status, result.findings, result.reason) == (Status.PASS, (), None)
        assert (result.check, result.title, result.clauses) == (INFO.slug, INFO.title, INFO.clauses)
        assert (result.profile, result.duration_s, result.completed) == ("queue", 0.123, True)
        assert (result.trace, result.curl) == ((), None)


def test_a_broken_clause_fails(probe: Probe) -> None:
    probe.timeline.add(SENT, "http", "GET /", curl="curl x")
    outcome = end(BROKEN, probe=probe)
    assert outcome.result.status is Status.FAIL
    assert outcome.result.findings == (Finding("SSE-002", "one line", "two"),)
    assert outcome.result.completed is False
    assert outcome.result.curl == "curl x"
    assert [e.summary for e in outcome.result.trace] == ["GET /"]
    assert outcome.suite_fault is None


def test_what_only_the_monitor_found_fails(probe: Probe) -> None:
    probe.findings.append(found("EVT-004"))
    result = end(probe=probe).result
    assert (result.status, result.findings) == (Status.FAIL, (found("EVT-004"),))
    assert result.completed is True


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotApplicable("no generators"), Status.NOT_APPLICABLE),
        (CouldNotRun("no second server"), Status.COULD_NOT_RUN),
    ],
)
def test_a_check_may_say_that_it_cannot_judge(error: Exception, status: Status) -> None:
    outcome = end(error)
    assert (outcome.result.status, outcome.result.reason) == (status, str(error))
    assert outcome.result.findings == ()
    assert outcome.suite_fault is None
    assert outcome.result.completed is False


@pytest.mark.parametrize("error", [NotApplicable("n"), CouldNotRun("c"), BUG])
def test_what_was_found_counts_however_the_check_ended(error: Exception, probe: Probe) -> None:
    probe.findings.append(found("EVT-004"))
    outcome = end(error, probe=probe)
    assert outcome.result.status is Status.FAIL
    assert outcome.suite_fault is None


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.DecodingError("gzip"),
    ],
)
def test_no_answer_is_the_servers_failure(error: httpx.HTTPError) -> None:
    outcome = end(error)
    assert outcome.result.status is Status.FAIL
    (finding,) = outcome.result.findings
    assert finding.clause == "SSE-001"
    assert finding.expected == "an answer"
    assert finding.actual == outcome.result.reason == f"{type(error).__name__}: {error}"
    assert outcome.suite_fault is None


@pytest.mark.parametrize("error", [BUG, AssertionError("plain"), RecursionError(), SystemExit(3)])
def test_everything_else_is_the_suites_own_fault(error: BaseException, probe: Probe) -> None:
    outcome = end(error, probe=probe)
    assert outcome.result.status is Status.COULD_NOT_RUN
    assert str(outcome.result.reason).startswith("fault of the suite: ")
    assert outcome.result.findings == ()
    assert str(outcome.suite_fault).startswith("sse.x:\n")
    assert type(error).__name__ in str(outcome.suite_fault)


def test_a_prerequisite_is_stronger_than_what_follows_from_its_lack() -> None:
    assert end(BUG, CouldNotRun("c")).result.status is Status.COULD_NOT_RUN
    assert end(BUG, CouldNotRun("c")).suite_fault is None
    assert end(NotApplicable("n"), CouldNotRun("c")).result.reason == "c"
    assert end(NotApplicable("n"), BUG).suite_fault is not None


def test_the_tear_down_counts_too(probe: Probe) -> None:
    assert end(BROKEN, httpx.ConnectError("gone"), probe=probe).result.findings[0].clause == (
        "SSE-002"
    )
    assert end(httpx.ConnectError("gone"), BUG).result.status is Status.FAIL


def test_each_clause_of_a_flood_is_told_a_few_times(probe: Probe) -> None:
    probe.findings += [found("EVT-005", f"rank at most {i}") for i in range(1000)]
    probe.findings += [found("EVT-004")] * 50
    told = [f.clause for f in end(probe=probe).result.findings]
    assert told == ["EVT-005"] * FINDINGS_PER_CLAUSE + ["EVT-004"]


def test_the_smallest_failing_input_is_kept() -> None:
    broken = NonConformance("SSE-002", "x", "y")
    broken.add_note("something else")
    broken.add_note("Falsifying example: check_x(text='0')")
    assert end(broken).result.falsified == "Falsifying example: check_x(text='0')"
    assert end(BROKEN).result.falsified is None


def test_the_failing_input_is_told_as_hypothesis_words_it_now() -> None:
    @settings(database=None, derandomize=True)
    @given(data=st.data(), number=st.integers())
    def check(probe: object, data: st.DataObject, number: int) -> None:
        text = data.draw(st.text(), label="text")
        if number > 5 and text:
            raise NonConformance("RUN-001", "less", "more")

    with pytest.raises(NonConformance) as caught:
        check(probe=object())
    told = end(caught.value).result.falsified
    assert told is not None
    assert "number=" in told
    assert "Draw 1 (text): '0'" in told
    assert "probe" not in told


def test_the_input_of_a_group_is_that_of_its_errors() -> None:
    group = ExceptionGroup("flaky", [NonConformance("SSE-002", "x", "y")])
    group.add_note("Falsifying example: check_x(text='0')")
    assert end(group).result.falsified == "Falsifying example: check_x(text='0')"


# -- too late -----------------------------------------------------------------------------------

LATE = TooLate("SSE-002", "it (within 1 s)", "nothing")


def test_what_only_came_too_late_may_be_run_again(probe: Probe) -> None:
    assert end(LATE, probe=probe).only_late
    assert end(httpx.ReadTimeout("slow"), LATE).only_late
    for errors in ((), (BROKEN,), (LATE, BROKEN), (LATE, BUG), (httpx.ConnectError("gone"),)):
        assert not end(*errors, probe=probe).only_late, errors
    probe.findings.append(found("EVT-004"))
    assert not end(LATE, probe=probe).only_late


def test_to_break_a_clause_that_is_a_matter_of_time_is_to_be_late(probe: Probe) -> None:
    timed = {"SSE-002"}
    assert settle(INFO, "queue", [BROKEN], probe, 0.1, timed=timed).only_late
    both = [BROKEN, NonConformance("SSE-001", "x", "y")]
    assert not settle(INFO, "queue", both, probe, 0.1, timed=timed).only_late
    probe.findings.append(found("SSE-002"))
    assert settle(INFO, "queue", [], probe, 0.1, timed=timed).only_late
    probe.findings.append(found("EVT-004"))
    assert not settle(INFO, "queue", [], probe, 0.1, timed=timed).only_late


@pytest.mark.parametrize(
    ("solo", "status", "reason"),
    [
        ([LATE, LATE], Status.FAIL, "late in 2 of 2 solo runs"),
        ([LATE, None, LATE], Status.FAIL, "late in 2 of 3 solo runs"),
        (
            [LATE, None, None],
            Status.PASS,
            "late in 1 of 3 solo runs, after it had been late: SSE-002 it (within 1 s)",
        ),
        (
            [None, None],
            Status.PASS,
            "late in 0 of 2 solo runs, after it had been late: SSE-002 it (within 1 s)",
        ),
        ([], Status.FAIL, "late; not run again alone, for the run ended"),
        ([LATE, CouldNotRun("c")], Status.COULD_NOT_RUN, "c"),
    ],
)
def test_the_solo_runs_count(solo: list[Exception | None], status: Status, reason: str) -> None:
    outcome = after_solo(end(LATE), [end(*([error] if error else [])) for error in solo])
    assert (outcome.result.status, outcome.result.reason) == (status, reason)
    assert [run.late for run in outcome.result.solo] == [error is LATE for error in solo]
    assert outcome.only_late is (status is Status.FAIL)


def test_what_is_broken_alone_for_another_reason_counts() -> None:
    for runs in ([BROKEN], [LATE, BROKEN], [None, BROKEN]):
        outcome = after_solo(end(LATE), [end(*([error] if error else [])) for error in runs])
        assert outcome.result.findings[0].expected == "one line"
        assert not outcome.only_late
    assert after_solo(end(LATE), [end(BUG)]).suite_fault is not None


# -- groups -------------------------------------------------------------------------------------

CLAUSES = st.sampled_from(["SSE-001", "SSE-002", "EVT-003"])
ERRORS: st.SearchStrategy[Exception] = st.one_of(
    CLAUSES.map(lambda c: NonConformance(c, "good", "bad")),
    st.builds(lambda: httpx.ReadTimeout("slow")),
    st.builds(lambda: CouldNotRun("c")),
    st.builds(lambda: NotApplicable("n")),
    st.builds(lambda: KeyError("bug")),
)


def grouped(errors: list[Exception]) -> Exception:
    return ExceptionGroup("several", errors)


NESTED = st.recursive(
    ERRORS, lambda inner: st.lists(inner, min_size=1, max_size=3).map(grouped), max_leaves=6
)


def leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


@given(st.lists(NESTED, min_size=1, max_size=3))
def test_a_group_counts_as_what_is_in_it(errors: list[Exception]) -> None:
    flat = [leaf for error in errors for leaf in leaves(error)]
    bundled, loose = end(*errors), end(*flat)
    assert bundled.result == loose.result
    assert (bundled.suite_fault is None) == (loose.suite_fault is None)
    blamed = {error.clause for error in flat if isinstance(error, NonConformance)}
    if blamed:
        assert bundled.result.status is Status.FAIL
        assert {f.clause for f in bundled.result.findings} == blamed
    else:
        assert bundled.result.findings == () or bundled.result.status is Status.FAIL
    assert bundled.result.status is not Status.PASS
    assert (bundled.suite_fault is not None) == (
        not blamed
        and any(isinstance(e, KeyError) for e in flat)
        and not any(isinstance(e, CouldNotRun | httpx.HTTPError) for e in flat)
    )


def test_what_breaks_another_version_only_is_not_applicable(probe: Probe) -> None:
    old = load_spec("v3-4.39")
    foreign = NonConformance("CALL-014", "by name", "404")
    mixed = end(BROKEN, foreign, probe=probe).result
    assert of_version(mixed, load_spec()) is mixed
    assert [f.clause for f in of_version(mixed, old).findings] == ["SSE-002"]
    result = of_version(end(foreign, probe=probe).result, old)
    assert (result.status, result.findings) == (Status.NOT_APPLICABLE, ())
    assert result.reason == "not in gradio-4.39.0: CALL-014"
