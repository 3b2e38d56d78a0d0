"""A witness is accepted by one side and refused by the other, is as small as can be, and is found
for every single edit that can be seen on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.gate.compare import document_differences
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness import find
from gradio_conformance.gate.witness import verify
from gradio_conformance.gate.witness.judges import judged
from gradio_conformance.gate.witness.judges import tried
from gradio_conformance.gate.witness.shrinking import shrunk
from gradio_spec.data import read_yaml
from gradio_spec.documents import schemas_among
from gradio_spec.loader import parse_lifecycle
from gradio_spec.overlays import overlaid
from gradio_spec.releases import number
from gradio_spec.routes import Routes
from gradio_spec.schemas import Schemas
from gradio_spec.views import Moment

from .loading import found
from .loading import side

EDITS = read_yaml(Path(__file__).parent / "edits.yaml")["edits"]
# What cannot be seen on the wire, or not by accepting and refusing; each with its reason.
UNSEEN = read_yaml(Path(__file__).parent / "unseen.yaml")["edits"]
# The edit leaves a refusal that names the state that is gone: no specification can be made of it.
UNLOADED = {"a state is dropped with what leads to it and away from it"}
SEEN = [row for row in EDITS if row["to"] is not None and row["edit"] not in UNSEEN]


@cache
def edited(name: str) -> Side:
    row = next(row for row in EDITS if row["edit"] == name)
    base = side("sse_v3")
    overlay = {"version": "edited", "changes": row["changes"]}
    documents = overlaid(base.documents, overlay, Moment(number("6.31.0")))
    spec = replace(
        base.spec,
        schemas=Schemas(schemas_among(documents)),
        routes=Routes(documents["openapi"]),
        lifecycle=parse_lifecycle("lifecycle.yaml", documents["lifecycle"]),
    )
    return Side("edited", base.release, documents, spec)


@cache
def witness_of(name: str) -> tuple[Witness | None, Side, Side]:
    old, new = side("sse_v3"), edited(name)
    for difference in document_differences(old.documents, new.documents):
        witness = find(difference, old, new)
        if witness is not None:
            return witness, old, new
    return None, old, new


# A search takes half a second: one in five by default, all of them with the eras.
ONE_IN = 5
OFTEN = [
    row if i % ONE_IN == 0 else pytest.param(row, marks=pytest.mark.eras)
    for i, row in enumerate(SEEN)
]


@pytest.mark.parametrize("row", OFTEN, ids=lambda row: row["edit"])
def test_an_edit_has_a_witness_in_both_directions(row: Mapping[str, Any]) -> None:
    witness, old, new = witness_of(row["edit"])
    assert witness is not None
    assert verify(witness, old, new)
    assert witness.old.accepted != witness.new.accepted
    back = tried(witness.kind, witness.subject, witness.value, new, old)
    assert back is not None
    assert (back.old.accepted, back.new.accepted) == (witness.new.accepted, witness.old.accepted)


@pytest.mark.eras
@pytest.mark.parametrize("name", UNSEEN)
def test_what_is_listed_as_unseen_is_unseen(name: str) -> None:
    assert name in {row["edit"] for row in EDITS}
    if name not in UNLOADED:
        assert witness_of(name)[0] is None


@pytest.mark.parametrize("row", SEEN[::10], ids=lambda row: row["edit"])
def test_nothing_can_be_taken_from_a_message(row: Mapping[str, Any]) -> None:
    witness, old, new = witness_of(row["edit"])
    assert witness is not None
    if witness.kind == "message":
        assert shrunk(witness, old, new) == witness


def test_a_witness_is_the_same_each_time() -> None:
    old, new = side("v3-5.0"), side("v3-5.5")
    for difference in found("v3-5.0", "v3-5.5"):
        assert find(difference, old, new) == find(difference, old, new)


def test_what_both_judge_alike_is_no_witness() -> None:
    one = judged("messages#/$defs/Heartbeat", {}, side("sse_v3"), is_old=True)
    with pytest.raises(ValueError, match="no witness"):
        Witness("message", "messages#/$defs/Heartbeat", {}, one, one)
