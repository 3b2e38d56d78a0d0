"""Counting semaphores by key, which a suite opens from outside over HTTP."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from dataclasses import field

MAX_WAIT = 30.0  # seconds: longer than any check needs, short enough that a lost one ends
MAX_KEYS = 10_000
MAX_TIMES = 10_000


class GateTimeoutError(RuntimeError):
    """Nobody released the gate in time."""


class GatesClosedError(RuntimeError):
    """The server ends."""


@dataclass(slots=True)
class _Gate:
    released: int = 0
    free: int = 0
    waiting: deque[Future[None]] = field(default_factory=deque)

    @property
    def waited_for(self) -> bool:
        return any(not turn.cancelled() for turn in self.waiting)


class Gates:
    """Thread-safe gates. A release that comes before its wait counts; waits pass in order."""

    def __init__(self, max_wait: float = MAX_WAIT, max_keys: int = MAX_KEYS) -> None:
        self._max_wait = max_wait
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._gates: OrderedDict[str, _Gate] = OrderedDict()
        self._closed = False

    def release(self, key: object, times: object = 1) -> int:
        """Let `times` waits on `key` pass; returns the number released on it so far.

        The arguments come from the wire as they are: TypeError or ValueError if they are not a
        string and an integer from 1 to MAX_TIMES.
        """
        if not isinstance(key, str):
            raise TypeError(f"key: must be a string, not {type(key).__name__}")
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MAX_TIMES:
            raise ValueError(f"times: must be an integer from 1 to {MAX_TIMES}, not {times!r}")
        with self._lock:
            gate = self._gate(key)
            gate.released += times
            gate.free += times
            return self._pass_on(gate).released

    def close(self) -> None:
        """Fail all waits, those of the future too, so that no thread outlives the server."""
        with self._lock:
            self._closed = True
            for gate in self._gates.values():
                while gate.waiting:
                    _refuse(gate.waiting.popleft())

    def wait(self, key: str) -> None:
        """Block this thread until the gate lets it pass; GateTimeoutError after `max_wait` s."""
        turn = self._queue_up(key)
        try:
            turn.result(self._max_wait)
        except TimeoutError:
            self._give_up(key, turn)
            raise self._late(key) from None

    async def wait_async(self, key: str) -> None:
        """Await the gate without blocking the loop; a cancelled wait uses up no release."""
        turn = self._queue_up(key)
        try:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets a result.
            async with asyncio.timeout(self._max_wait):
                await asyncio.wrap_future(turn)
        except TimeoutError:
            self._give_up(key, turn)
            raise self._late(key) from None
        except asyncio.CancelledError:
            self._give_up(key, turn)
            raise

    def _late(self, key: str) -> GateTimeoutError:
        return GateTimeoutError(f"gate {key!r} was not released within {self._max_wait:g} s")

    def _queue_up(self, key: str) -> Future[None]:
        turn: Future[None] = Future()
        with self._lock:
            if self._closed:
                _refuse(turn)
                return turn
            gate = self._gate(key)
            gate.waiting.append(turn)
            self._pass_on(gate)
        return turn

    def _give_up(self, key: str, turn: Future[None]) -> None:
        with self._lock:
            gate = self._gate(key)
            if not turn.cancel() and turn.exception() is None:
                gate.free += 1  # the turn was granted while its owner left: the next one gets it
            if turn in gate.waiting:
                gate.waiting.remove(turn)
            self._pass_on(gate)

    def _pass_on(self, gate: _Gate) -> _Gate:
        while gate.free and gate.waiting:
            turn = gate.waiting.popleft()
            if turn.set_running_or_notify_cancel():
                gate.free -= 1
                turn.set_result(None)
        return gate

    def _gate(self, key: str) -> _Gate:
        gate = self._gates.setdefault(key, _Gate())
        self._gates.move_to_end(key)
        if len(self._gates) > self._max_keys:
            idle = next((k for k, g in self._gates.items() if k != key and not g.waited_for), None)
            if idle is None:
                del self._gates[key]
                raise RuntimeError(f"more than {self._max_keys} gates are being waited for")
            del self._gates[idle]
        return gate


def _refuse(turn: Future[None]) -> None:
    if turn.set_running_or_notify_cancel():
        turn.set_exception(GatesClosedError("the server ends"))
