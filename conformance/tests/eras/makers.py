"""Cells for tests."""

from __future__ import annotations

from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import matrix

OK = Outcome(Status.OK)
TASKS = [task.id for task in matrix().tasks]


def failed(message: str, alone: Status | None = None) -> Outcome:
    return Outcome(Status.FAILED, message, alone=alone)


def cell(
    server: str, client: str, kind: Kind = Kind.AS, every: Outcome = OK, **tasks: Outcome
) -> Cell:
    """A cell in which every task came out so, but for those that are named."""
    outcomes = {CONNECT: OK, **dict.fromkeys(TASKS, every), **tasks}
    return Cell(kind, server, client, outcomes)
