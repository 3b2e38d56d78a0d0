"""Where the witness of a difference comes from."""

from __future__ import annotations

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness import find


def found(difference: Difference, old: Side, new: Side) -> Witness | None:
    """A message, exchange, trace or pair of values that one side accepts and the other refuses."""
    return find(difference, old, new)


def none(difference: Difference, old: Side, new: Side) -> None:
    """For those who want none."""
