"""Runs one call of an endpoint function: on a thread, on the loop, in one go or step by step."""

from __future__ import annotations

import asyncio
from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Generator
from contextvars import Context
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from gradio_reference.filedata import holds_files
from gradio_reference.signature import Kind
from gradio_reference.threads import ThreadPool

# What it returns, if anything, is awaited before the next step: the receiver is behind.
Emit = Callable[[Any], Awaitable[object] | None]


class Ahead(Protocol):
    """Where a generator in a thread leaves what it yields; it may be let run ahead, so that not
    every step costs a change of threads.
    """

    def hand(self, values: Any) -> bool:
        """In the thread: take a yield. False: the thread goes back, for the loop is behind."""

    def caught_up(self) -> Awaitable[object] | None:
        """On the loop: all that was handed over has been emitted. As ``Emit``."""


class _StepByStep:
    """Nothing runs ahead: each yield is emitted before the next one is asked for."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._values: Any = None

    def hand(self, values: Any) -> bool:
        self._values = values
        return False

    def caught_up(self) -> Awaitable[object] | None:
        return self._emit(self._values)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. ``values``: what ``shape`` made of the result, or of the last yield
    (None: no yield).
    """

    values: Any = None
    error: BaseException | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    values: Any = None
    error: BaseException | None = None
    over: bool = False


class Stoppable(ABC):
    """A run that can be asked to end. To cancel the task that awaits ``run`` stops it as well."""

    stopped = False

    @property
    @abstractmethod
    def interruptible(self) -> bool:
        """Whether ``stop`` ends it at once, but for what it cleans up; a thread cannot be ended."""

    def stop(self) -> None:
        self.stopped = True

    async def run(self, emit: Emit) -> Outcome:
        """Run to the end; ``emit`` is called on the loop with what comes before the result."""
        if self.stopped:
            return Outcome(stopped=True)
        try:
            return await self._run(emit)
        except asyncio.CancelledError:
            self.stop()
            raise

    @abstractmethod
    async def _run(self, emit: Emit) -> Outcome: ...


class Execution(Stoppable):
    """One run of a function. ``stop`` cancels async code at once, sync code after its current step.

    Whatever the function raises, SystemExit and KeyboardInterrupt included, ends up in the
    outcome: it must not reach the event loop (NET-006). ``publish`` copies the files of shaped
    values to where they can be fetched; it may block, and is called only if there are any.
    """

    def __init__(
        self,
        kind: Kind,
        call: Callable[[], Any],
        shape: Callable[[Any], Any],
        context: Context,
        pool: ThreadPool,
        publish: Callable[[Any], Any] = lambda values: values,
        ahead: Ahead | None = None,
    ) -> None:
        self._kind = kind
        self._call = call
        self._shape = shape
        self._publish = publish
        self._ahead = ahead
        self._last: Any = None  # what a generator has handed over
        self._context = context
        self._pool = pool
        self._task: asyncio.Task[Outcome] | None = None

    @property
    def interruptible(self) -> bool:
        return self._kind in (Kind.ASYNC_FUNCTION, Kind.ASYNC_GENERATOR)

    def stop(self) -> None:
        super().stop()
        if self._task is not None:
            self._task.cancel()  # CANCEL-004

    async def _run(self, emit: Emit) -> Outcome:
        if self._kind is Kind.FUNCTION:
            return await self._pool.run(lambda: self._context.run(self._function))
        if self._kind is Kind.GENERATOR:
            return await self._generator(emit)
        if self._kind is Kind.ASYNC_FUNCTION:
            return await self._as_task(self._async_function())
        return await self._as_task(self._async_generator(emit))

    async def _as_task(self, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        # One task from start to end, so that timeouts and cancel scopes of the function stay
        # valid across yields.
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(work, context=self._context)
        await asyncio.wait({self._task})
        if self._task.cancelled():
            return Outcome(stopped=True)  # cancelled before its first step
        return self._task.result()

    def _function(self) -> Outcome:
        try:
            return Outcome(self._shaped(self._call()))
        except BaseException as error:
            return Outcome(error=error)

    async def _async_function(self) -> Outcome:
        try:
            returned: Awaitable[Any] = self._call()
            return Outcome(await self._shaped_on_loop(await returned))
        except BaseException as error:
            return self._raised(error)

    async def _generator(self, emit: Emit) -> Outcome:
        generator = await self._pool.run(lambda: self._context.run(self._open))
        if isinstance(generator, Outcome):
            return generator
        outcome = await self._steps(generator, self._ahead or _StepByStep(emit))
        if outcome.stopped or outcome.error is not None:
            await self._pool.run(lambda: self._context.run(_close, generator))
        return outcome

    async def _steps(self, generator: Generator[Any, None, Any], ahead: Ahead) -> Outcome:
        while not self.stopped:
            step = await self._pool.run(lambda: self._context.run(self._burst, generator, ahead))
            if step.error is not None:
                return Outcome(error=step.error)
            if step.over:
                return Outcome(self._last)
            await self._catch_up(ahead)
        return Outcome(stopped=True)

    async def _catch_up(self, ahead: Ahead) -> None:
        pause = None if self.stopped else ahead.caught_up()
        if pause is not None:
            await pause  # no thread is held meanwhile

    def _burst(self, generator: Generator[Any, None, Any], ahead: Ahead) -> _Step:
        while True:
            step = self._step(generator)
            if step.over or step.error is not None or self.stopped:
                return step
            self._last = step.values
            if not ahead.hand(step.values):
                return step

    def _open(self) -> Generator[Any, None, Any] | Outcome:
        try:
            generator: Generator[Any, None, Any] = self._call()
            return generator
        except BaseException as error:
            return Outcome(error=error)

    def _step(self, generator: Generator[Any, None, Any]) -> _Step:
        try:
            step = _Step(self._shaped(next(generator)))
        except StopIteration:
            return _Step(over=True)
        except BaseException as error:
            return _Step(error=error)
        if self.stopped:
            # Stopped during the step; if the waiting task is gone as well, nobody else closes it.
            _close(generator)
        return step

    async def _async_generator(self, emit: Emit) -> Outcome:
        last: Any = None
        try:
            generator: AsyncGenerator[Any, None] = self._call()
        except BaseException as error:
            return self._raised(error)
        try:
            async for raw in generator:
                last = await self._shaped_on_loop(raw)
                pause = emit(last)
                # A generator that never suspends must not starve the loop.
                await (asyncio.sleep(0) if pause is None else pause)
            return Outcome(last)
        except BaseException as error:
            return self._raised(error)
        finally:
            await _aclose(generator)

    def _shaped(self, raw: Any) -> Any:
        values = self._shape(raw)
        return self._publish(values) if holds_files(values) else values

    async def _shaped_on_loop(self, raw: Any) -> Any:
        values = self._shape(raw)
        if holds_files(values):  # to copy them takes a thread; the loop has other things to do
            values = await asyncio.to_thread(self._publish, values)
        return values

    def _raised(self, error: BaseException) -> Outcome:
        if self.stopped and isinstance(error, asyncio.CancelledError):
            return Outcome(stopped=True)
        return Outcome(error=error)


def _close(generator: Generator[Any, None, Any]) -> None:
    try:
        generator.close()
    except BaseException:
        return  # the event is over; there is nobody to tell


async def _aclose(generator: AsyncGenerator[Any, None]) -> None:
    try:
        await generator.aclose()
    except BaseException:
        return  # as above
