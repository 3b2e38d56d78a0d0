"""Verdict arithmetic: every honest word, every rule, and laws that hold for any run."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import CheckResult
from gradio_conformance.events import Finding
from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import clause_result
from gradio_conformance.verdict import judge
from gradio_conformance.verdict import mark_known
from gradio_conformance.verdict import stale_entries
from gradio_spec.model import Clause
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Level
from gradio_spec.model import Scope

PASS, FAIL, KNOWN = Status.PASS, Status.FAIL, Status.KNOWN
COULD_NOT_RUN, SKIPPED = Status.COULD_NOT_RUN, Status.SKIPPED
NOT_APPLICABLE = Status.NOT_APPLICABLE


def clause(clause_id: str, level: Level = Level.MUST) -> Clause:
    return Clause(clause_id, level, "queue", "v3-4.22", "It MUST.", "Seen.", Scope.ANY_APP)


MUST, SHOULD, MAY = (
    clause("A-001"),
    clause("B-001", Level.SHOULD),
    clause("C-001", Level.MAY),
)
OTHER = clause("A-002")
LEVELS = {Level.MUST: MUST, Level.SHOULD: SHOULD, Level.MAY: MAY}


def result(
    check: str,
    status: Status,
    bound: Sequence[Clause] = (MUST,),
    blamed: Sequence[Clause] | None = None,
    completed: bool = True,
) -> CheckResult:
    """A result of a check; a red one blames what it is bound to unless told otherwise."""
    if blamed is None:
        blamed = bound if status in (FAIL, KNOWN) else ()
    findings = tuple(Finding(c.id, "good", "bad") for c in blamed)
    ids = tuple(c.id for c in bound)
    return CheckResult(check, check, ids, "queue", status, 0.1, findings, completed=completed)


def entry(check: str, broken: Clause = MUST, *, intermittent: bool = False) -> KnownEntry:
    return KnownEntry(broken.id, check, "It does not.", intermittent=intermittent)


def known(*entries: KnownEntry) -> Known:
    return Known("list", "mine", "1.0", entries)


def verdict(
    results: Sequence[CheckResult],
    *,
    clauses: Sequence[Clause] = (MUST,),
    bindings: Mapping[str, Sequence[str]] | None = None,
    ending: Ending | None = None,
    listed: Known | None = None,
    fail_on: str = "should",
) -> RunFinished:
    """The end of a run of just these checks, its list of known deviations applied."""
    if bindings is None:
        bindings = {c.id: [r.check for r in results if c.id in r.clauses] for c in clauses}
    marked = [mark_known(r, listed) for r in results]
    end = ending or Ending(1.0)
    return judge(clauses, bindings, marked, end, known=listed, fail_on=fail_on)


# -- one clause ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([PASS], PASS),
        ([PASS, FAIL], FAIL),
        ([KNOWN, FAIL, PASS], FAIL),
        ([KNOWN, PASS], KNOWN),
        ([PASS, COULD_NOT_RUN], PASS),
        ([PASS, NOT_APPLICABLE], PASS),
        ([COULD_NOT_RUN, NOT_APPLICABLE], COULD_NOT_RUN),
        ([NOT_APPLICABLE, SKIPPED], NOT_APPLICABLE),
        ([SKIPPED], SKIPPED),
    ],
)
def test_the_strongest_result_of_a_clause_counts(statuses: list[Status], expected: Status) -> None:
    results = [result(f"area.check-{i}", status) for i, status in enumerate(statuses)]
    names = [r.check for r in results]
    assert clause_result(MUST, names, results).status is expected
    assert clause_result(MUST, names, results[::-1]).status is expected


def test_a_clause_without_a_check_could_not_run() -> None:
    assert clause_result(MUST, (), []).status is COULD_NOT_RUN


def test_a_clause_whose_checks_were_left_out_is_skipped() -> None:
    assert clause_result(MUST, ["area.x"], []).status is SKIPPED


def test_a_finding_counts_whichever_check_made_it() -> None:
    other = result("area.other", FAIL, bound=[OTHER], blamed=[MUST])
    own = result("area.own", PASS)
    assert clause_result(MUST, ["area.own"], [own, other]).status is FAIL
    assert clause_result(OTHER, ["area.other"], [own, other]).status is PASS


def test_a_check_that_stopped_early_proves_nothing_else() -> None:
    for status in (FAIL, KNOWN):
        stopped = result("area.x", status, [MUST, OTHER], blamed=[OTHER], completed=False)
        assert clause_result(MUST, ["area.x"], [stopped]).status is COULD_NOT_RUN
        whole = replace(stopped, completed=True)
        assert clause_result(MUST, ["area.x"], [whole]).status is PASS


def test_a_failure_that_names_no_clause_breaks_all_its_own() -> None:
    silent = result("area.x", FAIL, [MUST, OTHER], blamed=[])
    assert clause_result(MUST, ["area.x"], [silent]).status is FAIL


def test_beside_a_new_failure_a_known_one_stays_known() -> None:
    both = result("area.x", FAIL, [MUST, OTHER])
    finished = verdict([both], clauses=[MUST, OTHER], listed=known(entry("area.x")))
    assert [c.status for c in finished.clauses] == [KNOWN, FAIL]
    assert finished.verdict is Verdict.NONCONFORMANT
    assert finished.counts["fail"] == 1


# -- known deviations ---------------------------------------------------------------------------


def test_a_failure_is_known_when_every_finding_is_listed() -> None:
    both = result("area.x", FAIL, [MUST, OTHER])
    half, whole = known(entry("area.x")), known(entry("area.x"), entry("area.*", OTHER))
    assert mark_known(both, None).status is FAIL
    assert mark_known(both, half).status is FAIL
    assert mark_known(both, whole).status is KNOWN
    assert mark_known(both, known(entry("area.y"), entry("*", SHOULD))).status is FAIL


def test_nothing_but_a_failure_becomes_known() -> None:
    for status in set(Status) - {FAIL}:
        other = result("area.x", status)
        assert mark_known(other, known(entry("area.x"))) == other
    silent = result("area.x", FAIL, blamed=[])
    assert mark_known(silent, known(entry("area.x"))).status is FAIL


def test_a_list_that_is_exact_makes_a_conformant_run() -> None:
    finished = verdict([result("area.x", FAIL)], listed=known(entry("area.x")))
    assert (finished.verdict, finished.exit_code) == (Verdict.CONFORMANT, 0)
    assert finished.must == (0, 1)


def test_an_entry_that_no_longer_fails_is_stale() -> None:
    finished = verdict([result("area.x", PASS)], listed=known(entry("area.x")))
    assert (finished.verdict, finished.exit_code) == (Verdict.NONCONFORMANT, 1)
    assert [(s.check, s.clause, s.source) for s in finished.stale] == [("area.x", "A-001", "list")]
    assert finished.reason == "known, but no longer failing: A-001 in area.x"


BOTH = {"A-001": ["area.x", "area.y"]}


@pytest.mark.parametrize(
    ("listed", "results", "stale"),
    [
        (entry("area.x"), [], False),
        (entry("area.x"), [result("area.x", NOT_APPLICABLE)], False),
        (entry("area.x"), [result("area.x", COULD_NOT_RUN)], False),
        (entry("area.x"), [result("area.x", SKIPPED)], False),
        (entry("area.x"), [result("area.x", FAIL, [OTHER])], True),
        (entry("area.x"), [result("area.x", FAIL, [OTHER], completed=False)], False),
        (entry("area.x"), [result("area.x", KNOWN, [OTHER], completed=False)], False),
        (entry("area.x"), [result("area.y", FAIL), result("area.x", PASS)], True),
        (entry("area.x", intermittent=True), [result("area.x", PASS)], False),
        (entry("area.*"), [result("area.x", PASS)], False),
        (entry("area.*"), [result("area.x", PASS), result("area.y", PASS)], True),
        (entry("area.*"), [result("area.x", PASS), result("area.y", FAIL)], False),
        (entry("other.*"), [result("area.x", PASS), result("area.y", PASS)], False),
    ],
)
def test_stale_is_what_ran_to_an_end_without_its_finding(
    listed: KnownEntry, results: list[CheckResult], stale: bool
) -> None:
    assert bool(stale_entries(results, known(listed), BOTH)) is stale


def test_without_a_list_nothing_is_stale() -> None:
    assert stale_entries([result("area.x", PASS)], None, BOTH) == ()


# -- the run ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "fail_on", "expected", "exit_code"),
    [
        (Level.MUST, "must", Verdict.NONCONFORMANT, 1),
        (Level.MUST, "should", Verdict.NONCONFORMANT, 1),
        (Level.MUST, "never", Verdict.NONCONFORMANT, 0),
        (Level.SHOULD, "must", Verdict.CONFORMANT, 0),
        (Level.SHOULD, "should", Verdict.NONCONFORMANT, 1),
        (Level.SHOULD, "never", Verdict.NONCONFORMANT, 0),
        (Level.MAY, "must", Verdict.CONFORMANT, 0),
        (Level.MAY, "should", Verdict.CONFORMANT, 0),
        (Level.MAY, "never", Verdict.CONFORMANT, 0),
    ],
)
def test_which_broken_level_is_red(
    level: Level, fail_on: str, expected: Verdict, exit_code: int
) -> None:
    broken = LEVELS[level]
    finished = verdict([result("area.x", FAIL, [broken])], clauses=[broken], fail_on=fail_on)
    assert (finished.verdict, finished.exit_code) == (expected, exit_code)


def test_no_check_is_no_verdict() -> None:
    finished = verdict([])
    assert (finished.verdict, finished.exit_code) == (Verdict.INCONCLUSIVE, 3)
    assert finished.reason == "no check ran"
    left_out = verdict([], bindings={"A-001": ["area.x"]})
    assert (left_out.verdict, left_out.reason) == (Verdict.INCONCLUSIVE, "no check ran")


@pytest.mark.parametrize("status", [NOT_APPLICABLE, COULD_NOT_RUN, SKIPPED])
def test_results_that_judge_nothing_are_no_verdict(status: Status) -> None:
    assert verdict([result("area.x", status)]).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (MUST, Verdict.INCONCLUSIVE),
        (SHOULD, Verdict.INCONCLUSIVE),
        (MAY, Verdict.CONFORMANT),
    ],
)
def test_what_could_not_run_is_not_green_unless_it_is_a_may(
    missing: Clause, expected: Verdict
) -> None:
    ran, not_run = result("area.x", PASS, [OTHER]), result("area.y", COULD_NOT_RUN, [missing])
    assert verdict([ran, not_run], clauses=[OTHER, missing]).verdict is expected
    unbound = verdict([ran], clauses=[OTHER, missing])
    assert unbound.verdict is expected


def test_advice_that_could_not_run_weighs_no_more_than_advice_that_failed() -> None:
    for status in (COULD_NOT_RUN, FAIL):
        results = [result("area.x", PASS), result("area.y", status, [SHOULD])]
        finished = verdict(results, clauses=[MUST, SHOULD], fail_on="must")
        assert finished.verdict is Verdict.CONFORMANT


@pytest.mark.parametrize("status", [NOT_APPLICABLE, SKIPPED])
def test_what_does_not_apply_or_was_left_out_stays_green(status: Status) -> None:
    results = [result("area.x", PASS, [OTHER]), result("area.y", status)]
    finished = verdict(results, clauses=[OTHER, MUST])
    assert finished.verdict is Verdict.CONFORMANT
    assert finished.must == (1, 1)


def test_a_reason_names_a_few_and_counts_the_rest() -> None:
    clauses = [clause(f"A-{i:03}") for i in range(1, 41)]
    red = verdict([result("area.x", FAIL, clauses)], clauses=clauses)
    assert red.reason == "broken: A-001, A-002, A-003, A-004, A-005, A-006, and 34 more"
    missing = verdict([result("area.x", PASS, clauses[:1])], clauses=clauses[:7])
    assert missing.reason == "could not run: A-002, A-003, A-004, A-005, A-006, A-007"


def test_a_run_that_stopped_after_failures_is_not_green() -> None:
    advice = result("area.x", FAIL, [MAY])
    finished = verdict([advice], clauses=[MAY], ending=Ending(1.0, stopped_after=1))
    assert (finished.verdict, finished.reason) == (Verdict.INCONCLUSIVE, "stopped after 1 failures")
    red = verdict([result("area.x", FAIL)], ending=Ending(1.0, stopped_after=1))
    assert red.verdict is Verdict.NONCONFORMANT


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Ending(1.0, unreachable="u", suite_fault="s", interrupted=True), Verdict.UNREACHABLE),
        (Ending(1.0, suite_fault="s", interrupted=True), Verdict.SUITE_FAULT),
        (Ending(1.0, interrupted=True), Verdict.INTERRUPTED),
    ],
)
def test_how_a_run_ended_comes_before_what_it_found(ending: Ending, expected: Verdict) -> None:
    for status in (PASS, FAIL, COULD_NOT_RUN):
        for fail_on in ("must", "should", "never"):
            results = [result("area.x", status)]
            finished = verdict(results, ending=ending, fail_on=fail_on)
            assert finished.verdict is expected
            assert finished.exit_code == EXIT_CODES[expected]
            assert finished.reason
    listed = verdict([result("area.x", PASS)], ending=ending, listed=known(entry("area.x")))
    assert listed.verdict is expected


def test_every_verdict_has_its_exit_code() -> None:
    assert dict(EXIT_CODES) == {
        Verdict.CONFORMANT: 0,
        Verdict.NONCONFORMANT: 1,
        Verdict.INCONCLUSIVE: 3,
        Verdict.UNREACHABLE: 4,
        Verdict.SUITE_FAULT: 5,
        Verdict.INTERRUPTED: 130,
    }


def test_counts_are_of_checks_and_kept_of_clauses() -> None:
    results = [
        result("a.pass", PASS, [MUST]),
        result("a.fail", FAIL, [OTHER]),
        result("a.known", KNOWN, [SHOULD]),
        result("a.skipped", SKIPPED, [MAY]),
    ]
    finished = verdict(results, clauses=[MUST, OTHER, SHOULD, MAY])
    assert finished.counts == {
        "pass": 1,
        "fail": 1,
        "known": 1,
        "not-applicable": 0,
        "could-not-run": 0,
        "skipped": 1,
    }
    assert (finished.must, finished.should) == ((1, 2), (0, 1))
    assert finished.duration_s == 1.0


# -- laws ---------------------------------------------------------------------------------------

CLAUSES = [
    *(clause(f"M-{i:03}", Level.MUST) for i in range(3)),
    *(clause(f"S-{i:03}", Level.SHOULD) for i in range(2)),
    clause("Y-000", Level.MAY),
]
SLUGS = [f"area.check-{i}" for i in range(5)]
# From green to red: a change to the right is no improvement.
GREEN_TO_RED = (Verdict.CONFORMANT, Verdict.INCONCLUSIVE, Verdict.NONCONFORMANT)
FAIL_ON = st.sampled_from(["must", "should", "never"])
SOME_CLAUSES = st.lists(st.sampled_from(CLAUSES), min_size=1, max_size=3, unique=True)


@st.composite
def results_of_a_run(draw: st.DrawFn) -> list[CheckResult]:
    """Results as the runner makes them: a failure blames something and may have stopped early."""
    slugs = draw(st.lists(st.sampled_from(SLUGS), unique=True, max_size=5))
    made = []
    for slug in slugs:
        status = draw(st.sampled_from(sorted(set(Status) - {KNOWN})))
        blamed = draw(SOME_CLAUSES) if status is FAIL else []
        bound = draw(SOME_CLAUSES)
        made.append(result(slug, status, bound, blamed, status is PASS or draw(st.booleans())))
    return made


def exact_list(results: Sequence[CheckResult]) -> list[KnownEntry]:
    """One entry for each finding."""
    by_id = {c.id: c for c in CLAUSES}
    return [entry(r.check, by_id[f.clause]) for r in results for f in r.findings]


RUNS = results_of_a_run()
BINDINGS = {c.id: SLUGS for c in CLAUSES}


@given(RUNS, st.sampled_from(SLUGS), SOME_CLAUSES, st.booleans(), FAIL_ON)
def test_a_failing_result_never_improves_a_verdict(
    results: list[CheckResult], slug: str, blamed: list[Clause], whole: bool, fail_on: str
) -> None:
    before = verdict(results, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    if before.reason == "no check ran":  # nothing was judged: it cannot get better or worse
        return
    more = [*results, result(f"{slug}-b", FAIL, blamed, completed=whole)]
    after = verdict(more, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    assert GREEN_TO_RED.index(after.verdict) >= GREEN_TO_RED.index(before.verdict)


@given(RUNS, FAIL_ON)
def test_only_what_is_red_makes_nonconformant(results: list[CheckResult], fail_on: str) -> None:
    finished = verdict(results, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    failed = {c.level for c in finished.clauses if c.status is FAIL}
    red = {Level.MUST} if fail_on == "must" else {Level.MUST, Level.SHOULD}
    assert (finished.verdict is Verdict.NONCONFORMANT) == bool(failed & red)


@given(st.lists(st.booleans(), min_size=1, max_size=4), FAIL_ON)
def test_a_may_never_turns_red(breaks: list[bool], fail_on: str) -> None:
    results = [result(f"a.x{i}", FAIL if b else PASS, [MAY]) for i, b in enumerate(breaks)]
    finished = verdict(results, clauses=[MAY], fail_on=fail_on)
    assert (finished.verdict, finished.exit_code) == (Verdict.CONFORMANT, 0)


@given(RUNS, FAIL_ON)
def test_conformant_means_that_every_must_was_judged_or_left_out(
    results: list[CheckResult], fail_on: str
) -> None:
    finished = verdict(results, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    if finished.verdict is Verdict.CONFORMANT:
        assert any(r.status in (PASS, FAIL, KNOWN) for r in results)
        for judged in finished.clauses:
            if judged.level == Level.MUST or (judged.level == Level.SHOULD and fail_on != "must"):
                assert judged.status not in (COULD_NOT_RUN, FAIL)


@given(RUNS, FAIL_ON)
def test_an_exact_list_is_never_red(results: list[CheckResult], fail_on: str) -> None:
    listed = known(*exact_list(results))
    finished = verdict(results, clauses=CLAUSES, bindings=BINDINGS, listed=listed, fail_on=fail_on)
    assert finished.stale == ()
    assert finished.verdict in (Verdict.CONFORMANT, Verdict.INCONCLUSIVE)
    assert finished.counts["fail"] == 0


@given(RUNS, st.data())
def test_every_entry_that_matched_is_needed(
    results: list[CheckResult], data: st.DataObject
) -> None:
    entries = [e for e in exact_list(results) if not e.clause.startswith("Y-")]
    if not entries:
        return
    removed = data.draw(st.sampled_from(entries))
    rest = known(*(e for e in exact_list(results) if e != removed))
    finished = verdict(results, clauses=CLAUSES, bindings=BINDINGS, listed=rest)
    assert finished.verdict is Verdict.NONCONFORMANT
    assert removed.clause in str(finished.reason)


@given(RUNS, st.sampled_from(CLAUSES))
def test_an_entry_that_passed_is_red(results: list[CheckResult], broken: Clause) -> None:
    passed = [*results, result("other.passes", PASS, [broken])]
    stale = entry("other.passes", broken)
    finished = verdict(
        passed, clauses=CLAUSES, bindings=BINDINGS, listed=known(*exact_list(results), stale)
    )
    assert finished.verdict is Verdict.NONCONFORMANT
    steady = replace(stale, intermittent=True)
    tolerant = known(*exact_list(results), steady)
    finished = verdict(passed, clauses=CLAUSES, bindings=BINDINGS, listed=tolerant)
    assert finished.verdict is not Verdict.NONCONFORMANT


@given(RUNS, FAIL_ON, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(
    results: list[CheckResult], fail_on: str, random: object
) -> None:
    turned = list(results)
    random.shuffle(turned)  # type: ignore[attr-defined]
    one = verdict(results, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    other = verdict(turned, clauses=CLAUSES, bindings=BINDINGS, fail_on=fail_on)
    assert one == other
