"""What a client does, and what comes of it in one version and not in the other."""

from __future__ import annotations

from collections.abc import Iterator

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.judges import tried
from gradio_spec.actions import OUTCOMES
from gradio_spec.actions import PLAINLY
from gradio_spec.actions import STATES
from gradio_spec.pointers import steps


def action_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """The first state, way and outcome that the sides see differently; those of the difference
    first.
    """
    _, name, *rest = steps(difference.place.pointer)
    wanted = set(" or ".join(rest).split(" or "))
    cases = sorted(_cases(name, old, new), key=lambda case: not wanted & set(case[:2]))
    for state, way, then in cases:
        value = {"state": state, "by": way, "then": then}
        found = tried("trace", f"action:{name}", value, old, new)
        if found is not None:
            return found
    return None


def _cases(name: str, old: Side, new: Side) -> Iterator[tuple[str, str, str]]:
    for side in (new, old):
        action = side.spec.lifecycle.actions.get(name)
        if action is None:
            continue
        machine = side.spec.lifecycle.machines["event"]
        states = STATES.get(action.subject, frozenset(machine.states))
        for way in (PLAINLY, *action.ways):
            for state in sorted(states):
                for then in sorted(OUTCOMES - {"unspecified"}):
                    yield state, way, then
