"""The servers that are wrong on purpose: their catalogue, their faults, and what the self-test
says of them. That each of them is found out is the business of ``gradio-protocol selftest``.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from gradio_conformance.catalogue import all_checks
from gradio_conformance.cli import main
from gradio_conformance.cli.selftest import exit_code
from gradio_conformance.mutants import model
from gradio_conformance.mutants import patching
from gradio_conformance.mutants.model import CatalogueError
from gradio_conformance.mutants.model import chosen
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.model import parse_catalogue
from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import all_faults
from gradio_conformance.mutants.selftest import CONTROL
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Plan
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.mutants.selftest import checks_for
from gradio_conformance.mutants.selftest import plan_for
from gradio_conformance.mutants.selftest import run_plan
from gradio_conformance.mutants.vacuous import BEHAVIOURS
from gradio_conformance.runner.options import matches
from gradio_spec.loader import load_spec
from gradio_spec.model import Level

SPEC = load_spec()
CATALOGUE = load_catalogue()
MUTANTS = list(CATALOGUE.mutants.values())
TESTABLE = {clause.id: clause for clause in SPEC.testable()}
RAW: dict[str, Any] = model.read_catalogue()
EMPTY: dict[str, Any] = {"mutants": [], "legal": [], "vacuous": [], "without_mutant": []}
MUTANT = {
    "id": "a-mutant",
    "clause": "SSE-001",
    "breaks": "It does something.",
    "core": "lifo-queue",
}


# -- the catalogue -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "clause",
    [c for c in TESTABLE.values() if c.level is Level.MUST],
    ids=lambda clause: clause.id,
)
def test_every_must_has_a_mutant_or_a_reason(clause: Any) -> None:
    broken = [mutant.id for mutant in MUTANTS if mutant.clause == clause.id]
    assert bool(broken) != (clause.id in CATALOGUE.without_mutant)


def test_reasons_speak_of_clauses_that_exist() -> None:
    assert set(CATALOGUE.without_mutant) <= set(TESTABLE)


def test_most_shoulds_have_a_mutant() -> None:
    shoulds = {c.id for c in TESTABLE.values() if c.level is Level.SHOULD}
    assert shoulds == {m.clause for m in MUTANTS} & shoulds


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_mutants_name_what_exists(mutant: model.Mutant) -> None:
    assert mutant.clause in TESTABLE
    for slug in mutant.checks:
        assert mutant.clause in all_checks()[slug].clauses
    assert (mutant.core is None) != (not mutant.wire)


def test_every_fault_is_used_and_every_used_one_exists() -> None:
    used: list[model.Mutant | model.Legal] = [*MUTANTS, *CATALOGUE.legal.values()]
    assert {entry.core for entry in used if entry.core} == set(all_faults())


def test_every_behaviour_is_listed() -> None:
    assert set(CATALOGUE.vacuous) == set(BEHAVIOURS)


def test_legal_variants_are_judged_by_checks_that_exist() -> None:
    for variant in CATALOGUE.legal.values():
        for pattern in variant.run:
            names = [n for i in all_checks().values() for n in (i.slug, *i.clauses)]
            assert chosen(names, (pattern,)), f"{variant.id}: nothing is called {pattern}"


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.twin], ids=lambda mutant: mutant.id)
def test_a_twin_is_judged_by_the_same_checks(mutant: model.Mutant) -> None:
    """What is accepted beside a mutant is accepted by a check that sees the mutant."""
    twin = CATALOGUE.legal[str(mutant.twin)]
    assert any(matches(all_checks()[slug], twin.run) for slug in checks_for(mutant))


def test_json_schemas_in_rules_are_schemas() -> None:
    for row in (*RAW["mutants"], *RAW["legal"]):
        for rule in row.get("wire", ()):
            for name in ("when", "body", "where"):
                Draft202012Validator.check_schema(rule.get(name, {}))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "Two Words"}, "mutants/0/id"),
        ({"clause": "SSE1"}, "mutants/0/clause"),
        ({"breaks": "no full stop at the end"}, "mutants/0/breaks"),
        ({"wire": [{"at": "*", "do": {"drop": True}}]}, "mutants/0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_entry_is_refused_by_its_place(change: dict[str, Any], told: str) -> None:
    with pytest.raises(CatalogueError, match=told):
        parse_catalogue({**EMPTY, "mutants": [{**MUTANT, **change}]})


@pytest.mark.parametrize(
    "rule",
    [
        {"at": "GET queue/data extra", "do": {"drop": True}},
        {"at": "*", "do": {}},
        {"at": "*", "do": {"explode": True}},
        {"at": "*", "nth": 2, "do": {"drop": True}},
        {"at": "*", "do": {"set": {"no-pointer": 1}}},
    ],
)
def test_a_wrong_rule_is_refused(rule: dict[str, Any]) -> None:
    row = {**MUTANT, "wire": [rule]}
    del row["core"]
    with pytest.raises(CatalogueError):
        parse_catalogue({**EMPTY, "mutants": [row]})


def test_ids_are_unique_over_all_kinds() -> None:
    legal = {"id": "a-mutant", "changes": "Nothing at all.", "run": ["*"], "core": "lifo-queue"}
    with pytest.raises(CatalogueError, match="a-mutant"):
        parse_catalogue({**EMPTY, "mutants": [MUTANT], "legal": [legal]})


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(CatalogueError, match="no-such-mutant"):
        CATALOGUE.changed("no-such-mutant")


# -- faults inside -------------------------------------------------------------------------------


class Clock:
    ticks = 1

    def read(self) -> int:
        return self.ticks


class FastClock(Clock):
    pass


def test_patches_replace_and_put_back() -> None:
    patch = Patches()
    patch(Clock, "ticks", 2)
    patch(Clock, "ticks", 3)
    patch(FastClock, "read", lambda clock: 7)
    assert (Clock().read(), FastClock().read()) == (3, 7)
    patch.undo()
    assert (Clock().read(), FastClock().read()) == (1, 1)
    assert "read" not in vars(FastClock)


def test_a_stale_patch_is_told() -> None:
    with pytest.raises(AttributeError, match="out of date"):
        Patches()(Clock, "gone", 1)


@pytest.mark.parametrize("name", list(all_faults()))
def test_faults_can_be_made_and_mended(name: str) -> None:
    """Each replaces something that exists, and leaves nothing behind when it is undone."""
    touched: list[tuple[Any, str, Any]] = []

    class Watched(Patches):
        def __call__(self, owner: Any, attribute: str, new: Any) -> None:
            touched.append((owner, attribute, getattr(owner, attribute)))
            super().__call__(owner, attribute, new)

    patch = Watched()
    all_faults()[name](patch)
    changed = [getattr(owner, attribute) for owner, attribute, _ in touched]
    patch.undo()
    assert touched
    assert all(new is not old for new, (_, _, old) in zip(changed, touched, strict=True))
    assert all(getattr(owner, attribute) is old for owner, attribute, old in touched)


def test_two_faults_of_one_name_are_refused() -> None:
    def lifo_queue(patch: Patches) -> None:
        return

    with pytest.raises(ValueError, match="lifo-queue"):
        patching.fault(lifo_queue)


# -- the self-test -------------------------------------------------------------------------------


def test_the_control_runs_what_the_mutants_are_hunted_with() -> None:
    plan = plan_for(CATALOGUE, ["lifo-queue", "crlf-line-ends", "always-404"])
    assert [m.id for m in plan.mutants] == ["crlf-line-ends", "lifo-queue"] or len(
        plan.mutants
    ) == 2
    assert plan.control is not None
    assert "queue.group-starts-in-join-order" in plan.control
    assert plan.size == 4


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([Outcome.KILLED, Outcome.EXPOSED, Outcome.UNHARMED, Outcome.EQUIVALENT], 0),
        ([Outcome.KILLED, Outcome.SURVIVED], 1),
        ([Outcome.BLAMED], 1),
        ([Outcome.TRUSTED], 1),
        ([Outcome.SURVIVED, Outcome.FAULT], 5),
    ],
)
def test_exit_codes(outcomes: list[Outcome], code: int) -> None:
    assert exit_code([Trial(str(o), "mutant", o, 0.0) for o in outcomes]) == code


def test_an_unknown_pattern_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["selftest", "--mutants", "no-such-*"])
    assert result.exit_code == 2
    assert "no-such-*" in result.output


def test_serve_knows_its_misbehaviours(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", "--misbehave", "no-such-mutant"])
    assert (result.exit_code, "no-such-mutant" in result.output) == (2, True)
    app = tmp_path / "app.py"
    app.touch()
    result = CliRunner().invoke(main, ["serve", str(app), "--misbehave", "lifo-queue"])
    assert (result.exit_code, "--misbehave" in result.output) == (2, True)


def test_the_list_has_every_kind() -> None:
    patterns = ["lifo-queue", "always-404", "streams-in-single-bytes"]
    options = [word for pattern in patterns for word in ("--mutants", pattern)]
    result = CliRunner().invoke(main, ["selftest", "--list", *options])
    assert result.exit_code == 0
    for pattern in patterns:
        assert pattern in result.output


def test_only_rules_go_through_a_proxy() -> None:
    names = ["lifo-queue", "crlf-line-ends", "always-404", "streams-in-single-bytes"]
    plan = plan_for(CATALOGUE, names, through_proxy=True)
    assert [m.id for m in plan.mutants] == ["crlf-line-ends"]
    assert [v.id for v in plan.legal] == ["streams-in-single-bytes"]
    assert plan.vacuous == ()


@pytest.mark.parametrize("name", ["crlf-line-ends", "joins-are-answered-202"])
def test_a_proxy_is_found_out_like_a_server(name: str) -> None:
    """A sample; all of them are the business of ``selftest --through-proxy``."""
    plan = Plan(mutants=(CATALOGUE.mutants[name],), through_proxy=True)
    assert trial_of(plan).outcome is Outcome.KILLED


def trial_of(plan: Plan) -> Trial:
    (trial,) = list(run_plan(plan))
    return trial


@pytest.mark.mutants
class TestTheSelfTestItself:
    """What it says of servers whose fault is known; each starts a server and a run."""

    def test_a_fault_of_its_clause_is_killed(self) -> None:
        trial = trial_of(Plan(mutants=(CATALOGUE.mutants["status-is-always-zero"],)))
        bound = {i.slug for i in all_checks().values() if "QUEUE-011" in i.clauses}
        assert trial.outcome == Outcome.KILLED
        assert trial.by
        assert set(trial.by) <= bound

    def test_a_fault_of_another_clause_survives(self) -> None:
        other = replace(CATALOGUE.mutants["status-is-always-zero"], clause="QUEUE-018")
        assert trial_of(Plan(mutants=(other,))).outcome is Outcome.SURVIVED

    def test_an_invisible_fault_is_equivalent(self) -> None:
        twin = replace(
            CATALOGUE.mutants["status-is-always-zero"], clause="QUEUE-018", equivalent="Nobody."
        )
        assert trial_of(Plan(mutants=(twin,))).outcome is Outcome.EQUIVALENT

    def test_a_visible_fault_is_not_equivalent(self) -> None:
        seen = replace(CATALOGUE.mutants["status-is-always-zero"], equivalent="Nobody sees it.")
        assert trial_of(Plan(mutants=(seen,))).outcome is Outcome.SURVIVED

    def test_the_reference_itself_is_unharmed(self) -> None:
        trial = trial_of(Plan(control=("queue.status-counts-the-waiting",)))
        assert (trial.id, trial.outcome) == (CONTROL, Outcome.UNHARMED)

    def test_a_fault_that_counts_as_legal_is_blamed(self) -> None:
        rules = CATALOGUE.mutants["crlf-line-ends"].wire
        variant = model.Legal("crlf-line-ends", "Something.", ("SSE-002",), wire=rules)
        assert trial_of(Plan(legal=(variant,))).outcome is Outcome.BLAMED

    def test_a_server_that_does_not_start_is_a_fault(self) -> None:
        ghost = replace(CATALOGUE.mutants["lifo-queue"], id="no-such-mutant")
        trial = trial_of(Plan(mutants=(ghost,)))
        assert trial.outcome is Outcome.FAULT
        assert "no-such-mutant" in trial.seen[0]

    def test_what_a_vacuous_server_may_keep_must_be_listed(self) -> None:
        honest = CATALOGUE.vacuous["always-500"]
        listed = replace(honest, keeps={**honest.keeps, "SSE-001": "No reason."})
        trial = trial_of(Plan(vacuous=(listed,)))
        assert trial.outcome is Outcome.TRUSTED
        assert trial.seen == ("no longer keeps SSE-001",)


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CATALOGUE.mutants["x"] = MUTANTS[0]  # type: ignore[index]
