"""A bounded pool of threads for blocking functions.

The threads are daemons: a function that never returns must not keep the process alive after the
server has stopped (the standard executor joins its threads at exit).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
_Work = Callable[[], None]


class ThreadPool:
    """Runs callables in at most ``size`` threads, made as needed; more work waits in order."""

    def __init__(self, size: int, name: str) -> None:
        if size < 1:
            raise ValueError("a thread pool needs at least one thread")
        self._size = size
        self._name = name
        self._work: SimpleQueue[_Work] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._busy = 0

    def run(self, fn: Callable[[], T]) -> asyncio.Future[T]:
        """Call ``fn`` in a thread; the future gets its result, or ``RuntimeError`` if it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(deliver: Callable[[], None]) -> None:
            if not future.done():
                deliver()

        def work() -> None:
            try:
                deliver = partial(future.set_result, fn())
            except BaseException as error:
                failure = RuntimeError(f"a thread's work raised {type(error).__name__}")
                failure.__cause__ = error
                deliver = partial(future.set_exception, failure)
            with self._lock:
                self._busy -= 1
            try:
                loop.call_soon_threadsafe(settle, deliver)
            except RuntimeError:
                pass  # the loop was closed: nobody waits for the result

        with self._lock:
            self._busy += 1
            grow = self._busy > self._threads and self._threads < self._size
            if grow:
                self._threads += 1
                number = self._threads
        self._work.put(work)
        if grow:
            threading.Thread(target=self._serve, name=f"{self._name}-{number}", daemon=True).start()
        return future

    def _serve(self) -> None:
        while True:
            self._work.get()()
