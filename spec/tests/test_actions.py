"""The actions of ``lifecycle.yaml``: every state of a subject is covered, every row reached."""

from __future__ import annotations

from itertools import product

import pytest

from gradio_spec.actions import OUTCOMES
from gradio_spec.actions import PLAINLY
from gradio_spec.actions import STATES
from gradio_spec.actions import Action
from gradio_spec.actions import Effect
from gradio_spec.actions import parse_action
from gradio_spec.loader import load_spec

LIFECYCLE = load_spec().lifecycle
ACTIONS = LIFECYCLE.actions
EVENT_STATES = frozenset(LIFECYCLE.machines["event"].states)


def states_of(action: Action) -> frozenset[str]:
    return STATES.get(action.subject, EVENT_STATES)


@pytest.mark.parametrize("name", ACTIONS)
def test_every_state_and_way_has_an_effect_and_every_row_is_one(name: str) -> None:
    action = ACTIONS[name]
    reached = {
        effect
        for state, way in product(states_of(action), (PLAINLY, *action.ways))
        for effect in action.effects_on([state], way)
    }
    assert reached == set(action.effects)
    assert {effect.then for effect in reached} <= OUTCOMES


def test_the_first_row_that_covers_counts() -> None:
    cancel = ACTIONS["cancel"]
    (foreign,) = cancel.effects_on(["running"], "stranger")
    assert (foreign.then, foreign.clause) == ("unchanged", "CANCEL-008")
    (own,) = cancel.effects_on(["running"])
    assert (own.then, own.clause) == ("cancelled", "CANCEL-006")


def test_who_does_not_know_the_state_is_owed_one_of_several() -> None:
    found = ACTIONS["cancel"].effects_on(["running", "completed", "waiting"])
    assert [effect.then for effect in found] == ["unchanged", "cancelled", "cancelled"]


def test_a_state_that_no_row_covers_is_an_error() -> None:
    action = Action("sing", "Sing", "event", (Effect("unchanged", "SSE-001", frozenset({"a"})),))
    with pytest.raises(LookupError, match="action 'sing': no effect on 'b' by 'plainly'"):
        action.effects_on(["b"])


def test_bad_rows_are_refused_by_name() -> None:
    row = {"then": "unchanged", "clause": "SSE-001", "in": ["nowhere"]}
    with pytest.raises(ValueError, match=r"action 'x': row .* unknown states \['nowhere'\]"):
        parse_action("x", {"title": "X", "subject": "call", "effects": [row]}, EVENT_STATES)
