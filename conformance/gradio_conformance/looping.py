"""An event loop of its own in a thread, for servers beside code that does not wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from collections.abc import Coroutine
from typing import Any

Main = Callable[[asyncio.Event], Coroutine[Any, Any, None]]


class LoopThread:
    """Runs ``main`` in a thread called ``name``; the event that ``main`` is given says that it is
    to end. What it leaves open ends with the loop.
    """

    def __init__(
        self, main: Callable[[asyncio.Event], Coroutine[Any, Any, None]], name: str
    ) -> None:
        self._main = main
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Returns when ``main`` has returned and the loop is closed."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main(self._over))
