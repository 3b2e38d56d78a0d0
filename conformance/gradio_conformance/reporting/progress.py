"""The one live line of a run, on stderr, and only where somebody sits in front of it."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TaskID
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

from gradio_conformance.events import Status


class LiveLine:
    """Which check runs, how many are done and how many failed; gone without a trace at the end."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[failed]}", style="red", markup=False),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID | None = None
        self._failed = 0

    def start(self, checks: int) -> None:
        self._task = self._progress.add_task("", total=checks, failed="")
        self._progress.start()

    def check(self, slug: str) -> None:
        if self._task is not None:
            self._progress.update(self._task, description=slug)

    def done(self, status: Status) -> None:
        if self._task is None:
            return
        self._failed += status is Status.FAIL
        failed = f"✗ {self._failed}" if self._failed else ""
        self._progress.update(self._task, advance=1, failed=failed)

    def stop(self) -> None:
        self._progress.stop()
