"""The judge of the families with one connection for each event, ``ws`` and ``sse``: what server and
client say on it, in the order in which one observer saw it. Sans-I/O, no clock.

Whose turn it is, what may come and what not is read off the machine ``connection`` of the family's
``lifecycle.yaml``.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradio_spec.machine import Machine
from gradio_spec.model import Spec
from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import Observed
from gradio_spec.monitor import strict_json
from gradio_spec.records import EventRecord
from gradio_spec.records import Situation
from gradio_spec.records import StreamRecord
from gradio_spec.records import Violation
from gradio_spec.rules import KINDS
from gradio_spec.rules import brief
from gradio_spec.schemas import SERVER_MESSAGE

# What the client says, and its shape.
SAID: Mapping[str, str] = {
    "hash": "messages#/$defs/ClientHash",
    "data": "messages#/$defs/ClientData",
}
LEFT = "left"


@dataclass(slots=True)
class _Connection:
    stream: StreamRecord
    event: EventRecord


class ConnectionMonitor:
    """Judges the connections of one server as one client sees them; ``ValueError`` for a family
    whose streams are those of sessions.
    """

    def __init__(self, spec: Spec) -> None:
        if "connection" not in spec.lifecycle.machines:
            raise ValueError(f"{spec.version} has streams of sessions; see gradio_spec.monitor")
        self._machine: Machine = spec.lifecycle.machines["connection"]
        self._rules = spec.lifecycle.rules
        self._schemas = spec.schemas
        self._shape: str = spec.schemas.schema(SERVER_MESSAGE)["x-clause"]
        self._connections: dict[int, _Connection] = {}

    def opened(self) -> int:
        """A connection was opened; returns its number for the later observations."""
        number = len(self._connections) + 1
        stream = StreamRecord(number, self._machine.name, str(number), self._machine.initial)
        self._connections[number] = _Connection(stream, EventRecord(str(number), ""))
        return number

    def state(self, number: int) -> str:
        """The state of a connection."""
        return self._connections[number].stream.state

    def expected(self, number: int) -> frozenset[tuple[str, str]]:
        """What may come next: by whom (``server`` or ``client``), and which message or end."""
        return self._machine.expected(self.state(number))

    def received(self, number: int, payload: str | Mapping[str, Any]) -> Observed:
        """One message of the server: its JSON text, or the parsed object."""
        try:
            message = strict_json(payload) if isinstance(payload, str) else payload
        except NotStrictJSON as error:
            actual = f"{brief(payload)} ({error})"
            return Observed((Violation(self._shape, "strict JSON", actual),))
        found = [
            Violation(e.clause or self._shape, e.message, f"{e.path}: {brief(message)}")
            for e in self._schemas.check_message(message)
        ]
        name = message.get("msg") if isinstance(message, Mapping) else None
        if not isinstance(name, str):
            return Observed(tuple(found), state=self.state(number))
        return self._said(number, name, message, found)

    def sent(self, number: int, name: str, body: Any = None) -> Observed:
        """What the client said: ``hash`` or ``data`` with its body, or ``reset``."""
        found = [
            Violation(e.clause or self._shape, e.message, f"{e.path}: {brief(body)}")
            for e in (self._schemas.check(SAID[name], body) if name in SAID else ())
        ]
        return self._said(number, name, body, found)

    def ended(self, number: int, how: str) -> Observed:
        """The connection is over: ``closed`` (a WebSocket, code 1000), ``eof`` (a stream, cleanly),
        ``cut`` (otherwise), or ``left`` (by the client).
        """
        return self._said(number, how, None, [])

    def fork(self) -> ConnectionMonitor:
        """A monitor that has seen the same, to be fed otherwise from here on."""
        other = copy.copy(self)
        other._connections = {
            number: _Connection(copy.copy(one.stream), one.event.copy())
            for number, one in self._connections.items()
        }
        return other

    def situation(self) -> str:
        """What it knows, as text: equal for two that will judge all that follows alike."""
        return repr(self._connections)

    def _said(self, number: int, symbol: str, message: Any, found: list[Violation]) -> Observed:
        connection = self._connections[number]
        stream = connection.stream
        step = self._machine.step(stream.state, symbol, message)
        if step.refusal is not None:
            was = self._machine.states[step.source]
            actual = f"{symbol} while it was {step.source} ({was})"
            found.append(Violation(step.refusal.clause, step.refusal.expected, actual))
        stream.state = step.target
        if isinstance(message, Mapping):
            now = Situation(
                symbol, message, stream, connection.event, {}, self._machine.final, False
            )
            rules = (rule for rule in self._rules if rule.on == symbol)
            found += [v for rule in rules for v in KINDS[rule.kind](rule, now)]
            _keep(connection.event, symbol, message)
        return Observed(tuple(found), message, None, stream.state)


def _keep(event: EventRecord, name: str, message: Mapping[str, Any]) -> None:
    """The value that a client would show: that of the last chunk."""
    output = message.get("output")
    data = output.get("data") if isinstance(output, Mapping) else None
    if name == "process_generating" and isinstance(data, list):
        event.values = data
