"""The plan: whatever the protocol has is asked for, and what it names is there."""

from __future__ import annotations

import pytest

from gradio_conformance.gate.drift.facts import facts_of
from gradio_conformance.gate.drift.notes import notes
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.plan import Step
from gradio_conformance.gate.drift.plan import plan
from gradio_conformance.gate.drift.telling import ABOUT
from gradio_conformance.gate.drift.telling import WHAT
from gradio_spec.changes import all_changes
from gradio_spec.loader import load_spec
from gradio_spec.releases import is_bound
from gradio_spec.testbed import endpoints_of

from .test_compare import NEWEST
from .test_compare import OBSERVATIONS

SPEC = load_spec()
STEPS = {step.id: step for step in plan()}


def test_every_operation_is_asked_for() -> None:
    facts = facts_of(read_observation(OBSERVATIONS / f"{NEWEST}.json.gz"))
    asked = {key.removeprefix("route ") for key in facts.by_key if key.startswith("route ")}
    # Log-ins and uploads of others have no operation of their own in this list.
    assert {operation.name for operation in SPEC.routes.operations} - asked == set()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_names_what_there_is(step: Step) -> None:
    there = {row["name"] for row in endpoints_of(SPEC.testbed, step.server)}
    assert set(step.endpoints) <= there
    for telling in step.facts:
        assert telling.clauses, telling
        assert set(telling.clauses) <= SPEC.clauses.keys()
        assert telling.what.partition(" ")[0] in {*WHAT, *ABOUT}
        for expected in telling.expect:
            bounds = [bound for bound in (expected.since, expected.until) if bound]
            assert all(map(is_bound, bounds))


def test_the_notes_are_about_rows_that_exist() -> None:
    rows = {(change.release, change.text) for change in all_changes()}
    for note in notes().data["unshown"]:
        found = [t for r, t in rows if r == note["release"] and t.startswith(note["text"])]
        assert len(found) == 1, note
