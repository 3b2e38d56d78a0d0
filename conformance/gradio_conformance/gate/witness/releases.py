"""What two releases say of themselves, and which edits they send."""

from __future__ import annotations

from typing import Any

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.judges import tried

# Arrays that shrink, at the top and inside, with positions and with keys: what encoders differ in.
_VALUES: tuple[tuple[Any, Any], ...] = (
    ([0], [1]),
    ([0, 1], []),
    ([0, 1, 2], [0]),
    ([{"a": 0}], [{}]),
    ({"a": [0, 1]}, {"a": []}),
    ([[0, 1]], [[]]),
    ([[0, 1], [2, 3]], [[], []]),
    ({"a": [[0, 1], [2, 3]]}, {"a": [[], []]}),
    ([{"a": 0, "b": 1}], [{"b": 1}]),
    ([[{"a": 0}]], [[{}]]),
)


def family_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """What /config says of the protocol; ``ws`` was known by saying nothing."""
    told = new.release.announced if new.release else None
    told = told or (old.release.announced if old.release else None)
    return tried("message", "family", {"protocol": told}, old, new) if told else None


def encoder_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """Two values that one of the encoders tells by edits from which a client makes the second, and
    the other one does not.
    """
    before, after = (str(one or "none") for one in (difference.old, difference.new))
    for was, now in _VALUES:
        value = {"before": was, "after": now}
        found = tried("edits", f"encoder:{before} to {after}", value, old, new)
        if found is not None:
            return found
    return None
