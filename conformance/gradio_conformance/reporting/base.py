"""What every report format shares: the listener's shape, a whole run in memory, and its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted


class Listener(Protocol):
    """Hears the events of a run in order; ``close`` comes once, whether or not the run finished."""

    def __call__(self, event: RunEvent) -> None: ...

    def close(self) -> None: ...


class ClauseText(Protocol):
    """What a report says of a clause; :class:`gradio_spec.model.Clause` is one."""

    @property
    def id(self) -> str: ...

    @property
    def level(self) -> str: ...

    @property
    def profile(self) -> str: ...

    @property
    def text(self) -> str: ...


Clauses = Mapping[str, ClauseText]


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, as the formats need it that are written in one go."""

    started: RunStarted
    results: tuple[CheckResult, ...]
    finished: RunFinished


class AtTheEnd:
    """A listener that keeps the results and calls :meth:`write` once, when the run has a verdict.

    A run without a verdict writes nothing: half a report must not pass as a whole one.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.results: list[CheckResult] = []

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            self.started = event
        elif isinstance(event, CheckFinished):
            self.results.append(event.result)
        elif isinstance(event, RunFinished):
            if self.started is None:
                raise ValueError("RunFinished came before RunStarted")
            self.write(Run(self.started, tuple(self.results), event))

    def write(self, run: Run) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


def fresh(path: Path) -> Path:
    """Make room for a report: its folder exists, and no older report is left to be taken for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path
