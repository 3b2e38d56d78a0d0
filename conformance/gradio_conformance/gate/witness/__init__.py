"""Witnesses of a difference: one message, exchange, trace or list of edits that one version
accepts and the other one refuses, found by search and judged by both. Pure, and the same each time.
"""

from __future__ import annotations

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.actions import action_witness
from gradio_conformance.gate.witness.clauses import clause_witness
from gradio_conformance.gate.witness.exchanges import exchange_witness
from gradio_conformance.gate.witness.judges import judged
from gradio_conformance.gate.witness.releases import encoder_witness
from gradio_conformance.gate.witness.releases import family_witness
from gradio_conformance.gate.witness.shapes import shape_witness
from gradio_conformance.gate.witness.traces import trace_witness

__all__ = ["find", "verify"]


def find(difference: Difference, old: Side, new: Side) -> Witness | None:
    """A small witness of the difference; ``None`` if nothing that can be sent shows it, as where a
    sentence is worded anew.
    """
    document = difference.place.document
    if document == "family":
        return family_witness(difference, old, new)
    if document == "encoder":
        return encoder_witness(difference, old, new)
    if document == "openapi":
        return exchange_witness(difference, old, new)
    if document == "lifecycle":
        is_action = difference.place.pointer.startswith("/actions/")
        return (action_witness if is_action else trace_witness)(difference, old, new)
    if document in ("requirements", "client"):
        return clause_witness(difference, old, new)
    if document in old.spec.schemas.documents or document in new.spec.schemas.documents:
        return shape_witness(difference, old, new)
    return None


def verify(witness: Witness, old: Side, new: Side) -> bool:
    """Whether both sides judge a witness, anew, as it says."""
    was = judged(witness.subject, witness.value, old, is_old=True)
    now = judged(witness.subject, witness.value, new, is_old=False)
    return (was.accepted, now.accepted) == (witness.old.accepted, witness.new.accepted)
