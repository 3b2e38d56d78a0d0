"""Where the witness of a difference comes from."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness

_SEARCH = "gradio_conformance.gate.witness"


def found(difference: Difference, old: Side, new: Side) -> Witness | None:
    """A message, exchange, trace or pair of edits that one side accepts and the other refuses."""
    if find_spec(_SEARCH) is None:
        return None
    witness = importlib.import_module(_SEARCH).find(difference, old, new)
    assert witness is None or isinstance(witness, Witness)
    return witness


def none(difference: Difference, old: Side, new: Side) -> None:
    """For those who want none."""
