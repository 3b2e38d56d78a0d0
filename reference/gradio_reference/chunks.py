"""Streaming input: one run of a function over the chunks that its client sends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from gradio_reference.core.feeds import Feed
from gradio_reference.executor import Emit
from gradio_reference.executor import Execution
from gradio_reference.executor import Outcome
from gradio_reference.executor import Stoppable
from gradio_reference.signature import MissingInput
from gradio_reference.store import FileNotAllowed
from gradio_reference.user_messages import Error


class ChunkedExecution(Stoppable):
    """Calls a function once with the data of the join and then with each chunk, until its feed is
    finished or nothing comes. ``stop`` is that of an ``Execution``.

    ``again`` makes the call of a chunk; ``chunk`` waits for the next one, None: there is none.
    """

    def __init__(
        self,
        first: Execution,
        again: Callable[[Any], Execution],
        chunk: Callable[[], Awaitable[Any]],
        feed: Feed,
    ) -> None:
        self._execution = first
        self._again = again
        self._chunk = chunk
        self._feed = feed
        self._waiting: asyncio.Future[Any] | None = None

    @property
    def interruptible(self) -> bool:
        return self._waiting is not None or self._execution.interruptible

    def stop(self) -> None:
        super().stop()
        self._execution.stop()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _run(self, emit: Emit) -> Outcome:
        """``emit`` is called with the outputs of each call but the last one's."""
        began = time.monotonic()
        while True:
            outcome = await self._execution.run(_no_steps)
            self._feed.ran(time.monotonic() - began)
            if outcome.error is not None or outcome.stopped or self._feed.finished:
                return outcome
            pause = emit(outcome.values)
            if pause is not None:
                await pause
            began = time.monotonic()  # STREAM-005: the wait for a chunk counts
            chunk = await self._next()
            if self.stopped:
                return Outcome(stopped=True)
            if chunk is None:
                return outcome  # STREAM-004: the last outputs are the result
            try:
                self._execution = self._again(chunk)
            except (MissingInput, FileNotAllowed) as error:
                return Outcome(error=Error(str(error), print_exception=False))
            except Exception as error:  # of a State's first value
                return Outcome(error=error)

    async def _next(self) -> Any:
        if self.stopped:
            return None
        self._waiting = asyncio.ensure_future(self._chunk())
        try:
            await asyncio.wait({self._waiting})
            return None if self._waiting.cancelled() else self._waiting.result()
        finally:
            self._waiting.cancel()
            self._waiting = None


def _no_steps(values: Any) -> None:
    """A function that is called for each chunk is no generator."""
