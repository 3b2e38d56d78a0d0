"""What a self-test publishes: the matrix and its score, the reports, the traceability record and
what is told when it moves. The trials here are made up; real ones are the self-test's business.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from gradio_conformance.catalogue import all_checks
from gradio_conformance.cli import main
from gradio_conformance.cli.tracing import Tracing
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Status
from gradio_conformance.mutants import selftest
from gradio_conformance.mutants import traceability
from gradio_conformance.mutants.document import About
from gradio_conformance.mutants.document import document
from gradio_conformance.mutants.matrix import Matrix
from gradio_conformance.mutants.matrix import Share
from gradio_conformance.mutants.matrix import build
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.reports import FORMATS
from gradio_conformance.mutants.reports import write_reports
from gradio_conformance.mutants.selftest import CONTROL
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Plan
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.mutants.selftest import run_plan
from gradio_conformance.mutants.selftest import share_of
from gradio_spec.loader import load_spec
from gradio_spec.model import Level

SPEC = load_spec()
CATALOGUE = load_catalogue()
CHECKS = all_checks()
FILE = Path(__file__).resolve().parents[1] / "traceability.yaml"
CHECK = "queue.status-counts-the-waiting"
KILLED = Trial("status-is-always-zero", "mutant", Outcome.KILLED, 1.0, "QUEUE-018", (CHECK,))
MISSED = replace(KILLED, outcome=Outcome.SURVIVED, by=(), seen=(f"{CHECK}: pass <b>",))


def clause_result(clause: str, status: Status) -> ClauseResult:
    found = SPEC.clause(clause)
    return ClauseResult(clause, found.level, found.profile, status, ())


CONTROLLED = Trial(
    CONTROL, CONTROL, Outcome.UNHARMED, 1.0, clauses=(clause_result("SSE-001", Status.PASS),)
)
LEGAL = Trial("streams-in-single-bytes", "legal", Outcome.UNHARMED, 1.0)
VACUOUS = Trial(
    "always-404",
    "vacuous",
    Outcome.TRUSTED,
    1.0,
    seen=("keeps SSE-001",),
    clauses=(
        clause_result("SSE-001", Status.PASS),
        clause_result("SSE-002", Status.FAIL),
        clause_result("DISC-001", Status.PASS),
    ),
)
TRIALS = (KILLED, CONTROLLED, LEGAL)


def matrix_of(*trials: Trial, catalogue: Catalogue = CATALOGUE) -> Matrix:
    return build(SPEC, CHECKS.values(), catalogue, trials)


def record_of(*trials: Trial, older: traceability.Record | None = None) -> traceability.Record:
    return traceability.record(matrix_of(*trials), CATALOGUE, older=older)


# -- the matrix ----------------------------------------------------------------------------------


def test_the_matrix_has_every_clause_and_every_mutant() -> None:
    matrix = matrix_of()
    assert [row.clause for row in matrix.rows] == [clause.id for clause in SPEC.testable()]
    mutants = {cell.mutant for row in matrix.rows for cell in row.cells}
    assert mutants == set(CATALOGUE.mutants)
    assert {cell.outcome for row in matrix.rows for cell in row.cells} == {"not-run"}
    assert matrix.score().mutants == Share(0, 0)


@pytest.mark.parametrize(
    ("trial", "share"),
    [
        (KILLED, Share(1, 1)),
        (MISSED, Share(0, 1)),
        (replace(MISSED, outcome=Outcome.FAULT), Share(0, 1)),
    ],
)
def test_the_score_counts_what_was_tried(trial: Trial, share: Share) -> None:
    matrix = matrix_of(trial)
    clause = SPEC.clause(CATALOGUE.mutants[trial.id].clause)
    assert matrix.score().mutants == share
    assert matrix.score(clause.level, clause.profile).mutants == share
    others = [p for p in matrix.profiles if p != clause.profile]
    assert all(matrix.score(profile=profile).mutants.of == 0 for profile in others)


def test_an_equivalent_mutant_is_not_to_be_killed() -> None:
    mutant = replace(CATALOGUE.mutants[KILLED.id], equivalent="Nobody can see it.")
    changed = replace(CATALOGUE, mutants={mutant.id: mutant})
    trial = replace(KILLED, outcome=Outcome.EQUIVALENT, by=())
    matrix = matrix_of(trial, catalogue=changed)
    assert matrix.score().mutants == Share(0, 0)
    ((_, cell),) = matrix.cells(Outcome.EQUIVALENT)
    assert cell.told == ("Nobody can see it.",)


def test_a_clause_without_mutant_wants_a_reason() -> None:
    bare = replace(CATALOGUE, mutants={}, without_mutant={"SSE-001": "Nobody can break it."})
    rows = {row.clause: row for row in matrix_of(catalogue=bare).rows}
    assert (rows["SSE-001"].reason, rows["SSE-002"].reason) == ("Nobody can break it.", None)
    score = matrix_of(catalogue=bare).score().clauses
    assert score == Share(0, len(rows) - 1)


def test_a_vacuous_server_scores_what_it_keeps_without_a_reason() -> None:
    (one,) = matrix_of(VACUOUS).empty
    assert (one.kept, one.score) == (("SSE-001",), 1)  # DISC is answered truly
    assert replace(one, allowed={"SSE-001": "A reason."}).score == 0
    assert one.musts[SPEC.clause("SSE-001").profile] == Share(1, 2)


@pytest.mark.parametrize(
    ("share", "percent"), [((999, 1000), 99.9), ((1999, 2000), 99.9), ((3, 3), 100)]
)
def test_only_all_is_a_hundred_percent(share: tuple[int, int], percent: float) -> None:
    assert Share(*share).percent == percent


# -- a second try --------------------------------------------------------------------------------


def test_what_was_misjudged_in_company_is_tried_again_alone(monkeypatch: Any) -> None:
    turns = {"flaky": [MISSED, KILLED], "hole": [MISSED, MISSED], "fine": [KILLED]}
    jobs = [lambda name=name: turns[name].pop(0) for name in turns]
    monkeypatch.setattr(selftest, "_jobs", lambda plan: jobs)
    trials = list(run_plan(Plan()))
    assert sorted((str(t.outcome), t.retried) for t in trials) == [
        ("killed", False),
        ("killed", True),
        ("survived", True),
    ]
    assert not any(turns.values())


# -- the reports ---------------------------------------------------------------------------------

ABOUT = About(
    "0.1.0", "sse_v3", "abc", "v3-6.27", "2026-01-01T00:00:00+00:00", 1.5, 1, True, False, False, 1
)


def whole(*trials: Trial) -> dict[str, Any]:
    return document(ABOUT, matrix_of(*trials), trials, ["x.y: SSE-001"])


def test_the_document_keeps_its_schema() -> None:
    path = Path(traceability.__file__).with_name("selftest.schema.json")
    schema = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    found = whole(*TRIALS, VACUOUS)
    Draft202012Validator(schema).validate(found)
    Draft202012Validator(schema).validate(whole(MISSED))
    assert found["footer"]["score"]["mutants"] == {"done": 1, "of": 1, "percent": 100}


def test_every_format_tells_the_whole_story(tmp_path: Path) -> None:
    found = whole(MISSED, CONTROLLED, LEGAL, VACUOUS)
    files = write_reports(list(FORMATS), tmp_path, found)
    assert sorted(path.name for path in files) == ["selftest.html", "selftest.json", "selftest.md"]
    for path in files:
        text = path.read_text("utf-8")
        for name in (MISSED.id, "always-404", LEGAL.id, "SSE-001", "x.y: SSE-001"):
            assert name in text, f"{path.name} lacks {name}"
    page = (tmp_path / "selftest.html").read_text("utf-8")
    assert "&lt;b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert json.loads((tmp_path / "selftest.json").read_text("utf-8")) == found


# -- the record ----------------------------------------------------------------------------------


def test_a_record_is_written_and_read_again(tmp_path: Path) -> None:
    made = record_of(*TRIALS, VACUOUS)
    path = tmp_path / "trace.yaml"
    traceability.write(path, made)
    assert traceability.read(path) == made
    assert path.read_text("utf-8") == traceability.text(record_of(VACUOUS, *reversed(TRIALS)))
    entry = made["clauses"][CATALOGUE.mutants[KILLED.id].clause]
    assert entry["mutants"][KILLED.id] == [CHECK]
    assert made["clauses"]["SSE-001"]["verdicts"] == {"reference": "pass"}
    assert made["vacuous"] == {"always-404": {"keeps": ["SSE-001"], "score": 1}}


def test_what_was_not_tried_is_as_it_was() -> None:
    older = record_of(*TRIALS, VACUOUS)
    older["legal"]["gone"] = "unharmed"
    now = record_of(MISSED, older=older)
    entry = now["clauses"][CATALOGUE.mutants[KILLED.id].clause]
    assert entry["mutants"][KILLED.id] == "survived"
    assert now["clauses"]["SSE-001"]["verdicts"] == {"reference": "pass"}
    assert now["legal"] == {LEGAL.id: "unharmed"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda made: made.pop("score"), "score"),
        (lambda made: made["clauses"].update({"no-id": {}}), "no-id"),
        (lambda made: made["clauses"]["SSE-001"].update(level="must"), "clauses/SSE-001/level"),
    ],
)
def test_a_wrong_record_is_refused_by_its_place(tmp_path: Path, change: Any, told: str) -> None:
    made = record_of()
    change(made)
    traceability.write(tmp_path / "trace.yaml", made)
    with pytest.raises(traceability.TraceError, match=told):
        traceability.read(tmp_path / "trace.yaml")


def test_a_difference_reads_like_a_patch() -> None:
    old, new = record_of(*TRIALS), record_of(MISSED, CONTROLLED, LEGAL)
    assert not traceability.compare(old, record_of(*TRIALS))
    clause = CATALOGUE.mutants[KILLED.id].clause
    gone = new["clauses"]["SSE-001"]["checks"].pop(0)
    difference = traceability.compare(old, new)
    assert difference.lines() == [
        f"the score of {SPEC.clause(clause).level} fell from 1/1 to 0/1",
        f"- {clause}: {KILLED.id} is killed",
        f"- {clause}: {KILLED.id} is killed by {CHECK}",
        f"+ {clause}: {KILLED.id} is survived",
        f"- SSE-001: {gone} is bound to it",
    ]
    assert difference.measured == {KILLED.id}


def settled(tmp_path: Path, first: Trial, *later: Trial) -> tuple[list[Trial], list[str]]:
    traceability.write(tmp_path / "trace.yaml", record_of(*TRIALS))
    turns = list(later)

    def again(ids: frozenset[str]) -> Sequence[Trial]:
        assert ids == {KILLED.id}
        return [turns.pop(0)]

    tracing = Tracing(CATALOGUE, None, tmp_path / "trace.yaml", ())
    found = tracing.settled([first, CONTROLLED, LEGAL], again)
    assert turns == []
    return found


def test_a_kill_that_only_load_moved_has_not_moved(tmp_path: Path) -> None:
    trials, moved = settled(tmp_path, MISSED, MISSED, KILLED)
    assert (trials[0], moved) == (KILLED, [])


def test_a_kill_that_has_moved_is_told(tmp_path: Path) -> None:
    other = replace(KILLED, by=(CHECK, "queue.group-starts-in-join-order"))
    trials, moved = settled(tmp_path, other, other, other)
    assert (trials[0], len(moved)) == (other, 1)
    assert moved[0].startswith("+ ")
    assert "queue.group-starts-in-join-order" in moved[0]


# -- the command ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--trace", "x.yaml"], "--thorough"),
        (["--against", "x.yaml", "--thorough"], "--against"),
        (["--thorough", "--through-proxy", "--trace", "x.yaml"], "--through-proxy"),
        (["--fewest", "--thorough"], "--against"),
        (["--share", "0"], "--share"),
        (["--share", "3/2"], "--share"),
        (["--share", "1/x"], "--share"),
        (["--report", "pdf"], "pdf"),
        (["--thorough", "--verdicts", __file__], "--verdicts"),
    ],
)
def test_a_wrong_order_is_refused(options: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["selftest", *options])
    assert (result.exit_code, told in result.output) == (2, True), result.output


def test_the_fewest_see_each_check_fail_for_each_of_its_clauses(
    checked_in: traceability.Record,
) -> None:
    def proven(mutants: Collection[str]) -> set[tuple[str, str]]:
        return {
            (clause, check)
            for clause, entry in checked_in["clauses"].items()
            for mutant, killers in entry["mutants"].items()
            if mutant in mutants and isinstance(killers, list)
            for check in killers
        }

    few = traceability.fewest(checked_in, CATALOGUE.mutants)
    assert proven(few) == proven(CATALOGUE.mutants)
    assert len(few) < len(CATALOGUE.mutants)


def test_a_mutant_that_no_record_knows_is_tried() -> None:
    few = traceability.fewest(record_of(*TRIALS), CATALOGUE.mutants)
    assert few == CATALOGUE.mutants.keys()


def test_each_server_is_in_one_share() -> None:
    names = [*CATALOGUE.mutants, *CATALOGUE.legal, *CATALOGUE.vacuous]
    shares = [share_of(CATALOGUE, names, number, 3) for number in (1, 2, 3)]
    counted = Counter(name for share in shares for name in share)
    assert counted == Counter(names)
    assert all(
        abs(sum(name in kind for name in share) - len(kind) / 3) < 1
        for kind in (CATALOGUE.mutants, CATALOGUE.legal, CATALOGUE.vacuous)
        for share in shares
    )


# -- the record that is checked in ---------------------------------------------------------------

AGAIN = "make the record again: CONTRIBUTING.md"


@pytest.fixture(scope="module")
def checked_in() -> traceability.Record:
    return traceability.read(FILE)


def test_the_record_is_as_its_maker_writes_it(checked_in: traceability.Record) -> None:
    assert FILE.read_text("utf-8") == traceability.text(checked_in), AGAIN


def test_the_record_names_what_there_is(checked_in: traceability.Record) -> None:
    """Clauses, levels, bindings, mutants, variants: all that needs no run."""
    fresh = record_of(older=checked_in)
    difference = traceability.compare(checked_in, fresh)
    assert difference.lines() == [], AGAIN
    assert set(checked_in["legal"]) == set(CATALOGUE.legal), AGAIN
    assert set(checked_in["vacuous"]) == set(CATALOGUE.vacuous), AGAIN


def test_the_record_leaves_nothing_open(checked_in: traceability.Record) -> None:
    """Every mutant is killed or equivalent, every binding is proven, and nothing is trusted."""
    stable = {p.id for p in SPEC.profiles.values() if p.status == "stable"}
    for name, entry in checked_in["clauses"].items():
        mutants = entry["mutants"]
        alive = [m for m, o in mutants.items() if not isinstance(o, list) and o != "equivalent"]
        assert alive == [], f"{name}: {AGAIN}"
        seen = {check for o in mutants.values() if isinstance(o, list) for check in o}
        assert set(entry["checks"]) <= seen or entry["level"] == Level.MAY, f"{name}: {AGAIN}"
        if entry["profile"] in stable:
            assert {"reference", "gradio-6.31.0"} <= set(entry["verdicts"]), f"{name}: {AGAIN}"
            assert entry["verdicts"]["reference"] == "pass", f"{name}: {AGAIN}"
    assert set(checked_in["legal"].values()) == {"unharmed"}
    assert {one["score"] for one in checked_in["vacuous"].values()} == {0}
