"""Jobs being executed, as the worker knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_reference.cache import Recording
from gradio_reference.context import RunContext
from gradio_reference.executor import Execution
from gradio_reference.state import State

Shape = Callable[[Any], Any]
Stored = list[dict[State[Any], Any]]


class Stash:
    """The State outputs of a run's last step, from its thread to the loop that stores them.

    Shapes what the function gave like the ``shape`` inside it; a step that cannot be shaped
    stores nothing.
    """

    def __init__(self, shape: Shape, stored: Callable[[Any], Stored]) -> None:
        self._shape = shape
        self._stored = stored
        self._rows: Stored = []

    def __call__(self, returned: Any) -> Any:
        values = self._shape(returned)
        self._rows = self._stored(returned)
        return values

    def take(self) -> Stored:
        """One mapping for each event of the job; nothing the second time."""
        rows, self._rows = self._rows, []
        return rows


@dataclass(slots=True)
class Run:
    """A job being executed."""

    execution: Execution
    stash: Stash
    events: int
    started: float
    context: RunContext
    recording: Recording | None = None
    task: asyncio.Task[None] | None = field(default=None)
    pause: asyncio.Task[None] | None = field(default=None)  # until its readers have read
