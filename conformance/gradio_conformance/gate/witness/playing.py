"""Traces, played to the monitor of a version.

Steps: ``["join", event]``, ``["open"]`` a stream or connection, ``["message", object]`` on it,
``["end", how]`` of it, ``["call", event]`` and ``["event", name, data]`` on that stream,
``["heartbeat"]``, ``["beat", name, data]``, and ``["say", name]`` by the client of a connection.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

from gradio_conformance.gate.model import Side
from gradio_spec.connections import ConnectionMonitor
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import Observed

SESSION = "s"
Step = Sequence[Any]


class Player:
    """One client of a version; ``wrong`` says what the first refused step breaks, ``clause`` which
    clause; ``state`` is that of the event or the connection.
    """

    def __init__(self, side: Side) -> None:
        self.monitor: Monitor | ConnectionMonitor = (
            Monitor(side.spec)
            if "session_stream" in side.spec.lifecycle.machines
            else ConnectionMonitor(side.spec)
        )
        self._stream: int | None = None
        self.wrong: str | None = None
        self.clause: str | None = None
        self.state: str | None = None

    def fork(self) -> Player:
        """One that has done the same so far."""
        other = copy.copy(self)
        other.monitor = self.monitor.fork()
        return other

    def step(self, step: Step) -> None:
        """Do one more; nothing after one that was refused."""
        if self.wrong is not None:
            return
        try:
            seen = self._do(step)
        except (KeyError, LookupError, AttributeError):
            self.wrong = f"there is no {step[0]} in it"
            return
        if seen is None:
            return
        self.state = seen.state
        if seen.violations:
            first = seen.violations[0]
            self.clause = first.clause
            self.wrong = f"{first.actual}; expected {first.expected} ({first.clause})"

    def _do(self, step: Step) -> Observed | None:
        kind, *rest = step
        monitor = self.monitor
        if isinstance(monitor, ConnectionMonitor):
            return self._connected(monitor, kind, rest)
        if kind == "join":
            return monitor.joined(SESSION, rest[0])
        if kind in ("open", "call", "heartbeat"):
            if kind == "open":
                self._stream = monitor.opened(SESSION)
                self.state = self.state or "open"
            elif kind == "call":
                self._stream = monitor.call_opened(rest[0])
            else:
                self._stream = monitor.heartbeat_opened(SESSION)
            return None
        stream = self._open()
        if kind == "message":
            return monitor.message(stream, rest[0])
        if kind == "event":
            return monitor.call_message(stream, rest[0], json.dumps(rest[1]))
        if kind == "beat":
            return monitor.heartbeat_message(stream, rest[0], rest[1])
        if kind == "end":
            return monitor.ended(stream, rest[0])
        raise LookupError(kind)

    def _connected(
        self, monitor: ConnectionMonitor, kind: str, rest: Sequence[Any]
    ) -> Observed | None:
        if kind == "open":
            self._stream = monitor.opened()
            self.state = monitor.state(self._stream)
            return None
        stream = self._open()
        if kind == "message":
            return monitor.received(stream, rest[0])
        if kind == "say":
            return monitor.sent(stream, *rest)
        if kind == "end":
            return monitor.ended(stream, rest[0])
        raise LookupError(kind)

    def _open(self) -> int:
        if self._stream is None:
            raise LookupError("nothing is open")
        return self._stream


def played(steps: Sequence[Step], side: Side) -> str | None:
    """What a trace breaks; ``None`` if every step of it is accepted."""
    player = Player(side)
    for step in steps:
        player.step(step)
    return player.wrong
