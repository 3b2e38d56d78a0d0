"""The running event, as seen from inside a function: where its logs and progress go."""

from __future__ import annotations

import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable
from collections.abc import Sized
from contextvars import ContextVar
from typing import Any
from typing import NamedTuple

from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Progress
from gradio_reference.core.messages import ProgressUnit


class Chunk(NamedTuple):
    """What a generator has yielded, shaped. Among the reports, for these come in order."""

    values: Any


Report = Log | Progress | Chunk
MOST_PENDING = 1000  # reports that the loop has not seen yet; then their thread waits
MOST_AHEAD = 64  # of these, when a generator takes a rest
SMALL = 64 * 1024  # characters
_LOOK_UP = 5.0  # seconds after which a waiting thread looks whether its loop is still there


class RunContext:
    """Collects the reports of one run, from any thread, and hands them to the event loop in order.

    Successive progress reports that the loop has not seen yet collapse into the latest one, so
    that a tight loop over ``progress.tqdm`` does not flood it. A thread that logs faster than the
    loop or the reader of its event takes it waits; code on the loop cannot.
    """

    def __init__(self, loop: AbstractEventLoop, deliver: Callable[[list[Report]], None]) -> None:
        self.stack: list[ProgressUnit] = []
        self._loop = loop
        self._deliver = deliver
        self._lock = threading.Lock()
        self._pending: list[Report] = []
        self._paused = False
        self._open = threading.Event()
        self._open.set()
        self._loop_thread = threading.get_ident()

    def report(self, report: Report) -> None:
        self._add(report)
        if threading.get_ident() != self._loop_thread:
            while not self._open.wait(_LOOK_UP) and not self._loop.is_closed():
                pass

    def hand(self, values: Any) -> bool:
        """Take what a generator has yielded in its thread; whether it may go on at once. What is
        large or has parts comes alone: nobody knows what 64 of them would take.
        """
        count = self._add(Chunk(values))
        return count < MOST_AHEAD and not self._paused and all(map(_is_small, values))

    def _add(self, report: Report) -> int:
        """Returns how many are pending now."""
        with self._lock:
            pending = self._pending
            if pending and _is_progress(report) and _is_progress(pending[-1]):
                pending[-1] = report
                return len(pending)
            pending.append(report)
            count = len(pending)
            if count >= MOST_PENDING:
                self._open.clear()
        if count == 1:
            self._loop.call_soon_threadsafe(self.flush)
        return count

    def flush(self) -> None:
        """Deliver what is pending. On the loop only; also called before each result, to keep
        the order.
        """
        with self._lock:
            pending, self._pending = self._pending, []
        if pending:
            self._deliver(pending)
            if not self._paused:
                self._open.set()

    def pause(self) -> None:
        """Let threads wait with their next log until ``resume``. On the loop only."""
        self._paused = True
        self._open.clear()

    def resume(self) -> None:
        self._paused = False
        self._open.set()


def _is_small(value: Any) -> bool:
    return len(value) < SMALL if type(value) is str else not isinstance(value, Sized)


def _is_progress(report: Report) -> bool:
    return type(report) is tuple


current: ContextVar[RunContext | None] = ContextVar("gradio_reference_run", default=None)


def report(entry: Report) -> None:
    """Send a log or a progress stack to the event that runs in this context, if any (EVT-026)."""
    context = current.get()
    if context is not None:
        context.report(entry)
