"""Jobs being executed, as the worker knows them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_reference.cache import Recording
from gradio_reference.context import RunContext
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Stoppable
from gradio_reference.media import MediaRun
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


def stash_of(
    endpoint: Endpoint, places: Sequence[int], size: int, media: MediaRun | None = None
) -> Stash:
    """What shapes the outputs of a run. Of a batch: of ``size`` events those at ``places`` run."""
    if media is not None:
        replace = media.replace
        return Stash(
            lambda returned: endpoint.plain(replace(endpoint.values(returned))),
            lambda returned: [endpoint.stored(returned)],
        )
    if not endpoint.options.batch:
        return Stash(endpoint.outputs, lambda returned: [endpoint.stored(returned)])
    count = len(places)

    def outputs(returned: Any) -> list[list[Any]]:
        rows: list[list[Any]] = [[] for _ in range(size)]
        for place, row in zip(places, endpoint.batch_outputs(returned, count), strict=True):
            rows[place] = row
        return rows

    def stored(returned: Any) -> Stored:
        rows: Stored = [{} for _ in range(size)]
        for place, row in zip(places, endpoint.batch_stored(returned, count), strict=True):
            rows[place] = row
        return rows

    return Stash(outputs, stored)


class RunsAhead:
    """The ``Ahead`` of a job: its reports and its yields go the same way, in order (EVT-022)."""

    def __init__(self, reports: RunContext, pause: Callable[[], asyncio.Task[None] | None]) -> None:
        self.hand = reports.hand
        self._reports = reports
        self._pause = pause

    def caught_up(self) -> Awaitable[object] | None:
        self._reports.flush()
        pause = self._pause()
        return None if pause is None else asyncio.wait({pause})


@dataclass(slots=True)
class Run:
    """A job being executed."""

    execution: Stoppable
    stash: Stash
    events: int
    started: float
    context: RunContext
    recording: Recording | None = None
    media: MediaRun | None = None
    task: asyncio.Task[None] | None = field(default=None)
    pause: asyncio.Task[None] | None = field(default=None)  # until its readers have read

    def over(self) -> None:
        """Nothing comes of it any more, so its media streams end (STREAM-018)."""
        if self.media is not None:
            self.media.end()
