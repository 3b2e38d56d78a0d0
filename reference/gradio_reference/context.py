"""The running event, as seen from inside a function: where its logs and progress go."""

from __future__ import annotations

import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextvars import ContextVar

from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Progress
from gradio_reference.core.messages import ProgressUnit

Report = Log | Progress


class RunContext:
    """Collects the reports of one run, from any thread, and hands them to the event loop in order.

    Successive progress reports that the loop has not seen yet collapse into the latest one, so
    that a tight loop over ``progress.tqdm`` does not flood it.
    """

    def __init__(self, loop: AbstractEventLoop, deliver: Callable[[list[Report]], None]) -> None:
        self.stack: list[ProgressUnit] = []
        self._loop = loop
        self._deliver = deliver
        self._lock = threading.Lock()
        self._pending: list[Report] = []

    def report(self, report: Report) -> None:
        with self._lock:
            if self._pending and isinstance(report, tuple) and isinstance(self._pending[-1], tuple):
                self._pending[-1] = report
                return
            self._pending.append(report)
            if len(self._pending) > 1:
                return
        self._loop.call_soon_threadsafe(self.flush)

    def flush(self) -> None:
        """Deliver what is pending. On the loop only; also called before each result, to keep
        the order.
        """
        with self._lock:
            pending, self._pending = self._pending, []
        if pending:
            self._deliver(pending)


current: ContextVar[RunContext | None] = ContextVar("gradio_reference_run", default=None)


def report(entry: Report) -> None:
    """Send a log or a progress stack to the event that runs in this context, if any (EVT-026)."""
    context = current.get()
    if context is not None:
        context.report(entry)
