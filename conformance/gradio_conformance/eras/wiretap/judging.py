"""What a server broke in what was seen, by the version of its own release. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gradio_conformance.eras.wiretap.frames import WebSocketMessage
from gradio_conformance.eras.wiretap.reading import SWITCHED
from gradio_conformance.eras.wiretap.reading import Seen
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.verdict import judge_recording
from gradio_spec import sse
from gradio_spec.connections import LEFT
from gradio_spec.connections import ConnectionMonitor
from gradio_spec.loader import load_spec
from gradio_spec.model import Spec
from gradio_spec.monitor import Observed

NORMAL = 1000  # the code of a WebSocket that was closed because all is said
JOIN, DATA, RESET = "/queue/join", "/queue/data", "/reset"


def broken_clauses(name: str, seen: Sequence[Seen]) -> set[str]:
    """The clauses of that release's version that the server broke."""
    spec = load_spec(name)
    if "connection" in spec.lifecycle.machines:
        connections = _Connections(spec)
        for one in seen:
            connections.feed(one)
        return connections.broken
    http = tuple(one for one in seen if not isinstance(one, WebSocketMessage))
    found = judge_recording(spec, Recording(http), sides=("server",))
    return {clause.id for clause in found.clauses if clause.offences}


class _Connections:
    """The connections of ``ws`` and ``sse``, each one event."""

    def __init__(self, spec: Spec) -> None:
        self.broken: set[str] = set()
        self._monitor = ConnectionMonitor(spec)
        self._asked: dict[int, RequestSeen] = {}
        self._numbers: dict[int, int] = {}  # of exchanges whose connection is not over
        self._decoders: dict[int, sse.Decoder] = {}
        self._owners: dict[str, int] = {}  # event id → exchange

    def feed(self, one: Seen) -> None:
        if isinstance(one, RequestSeen):
            self._asked[one.id] = one
            self._posted(one)
        elif isinstance(one, AnswerBegan):
            self._began(one)
        elif isinstance(one, BodyPiece) and one.id in self._decoders:
            for event in self._decoders[one.id].feed(one.data):
                self._received(one.id, event.data)
        elif isinstance(one, WebSocketMessage):
            self._framed(one)
        elif isinstance(one, ExchangeOver) and one.how != "open":
            self._ended(one.id, one.how)

    def _began(self, one: AnswerBegan) -> None:
        path = self._asked[one.id].target.partition("?")[0]
        if path != JOIN or one.status not in (200, SWITCHED):
            return
        self._numbers[one.id] = self._monitor.opened()
        if one.status != SWITCHED:
            self._decoders[one.id] = sse.Decoder()

    def _framed(self, one: WebSocketMessage) -> None:
        if one.code is not None:
            is_last_word = one.side == "server" and one.code == NORMAL
            self._ended(
                one.id, LEFT if one.side == "client" else "closed" if is_last_word else "cut"
            )
        elif one.side == "server":
            self._received(one.id, one.text)
        elif one.id in self._numbers:
            body = json.loads(one.text)
            name = "data" if "data" in body else "hash"
            self._keep(self._monitor.sent(self._numbers[one.id], name, body))

    def _posted(self, one: RequestSeen) -> None:
        """What a client of ``sse`` says, by requests of their own."""
        path = one.target.partition("?")[0]
        if one.method != "POST" or path not in (DATA, RESET):
            return
        body: Any = json.loads(one.body)
        number = self._numbers.get(self._owners.get(body.get("event_id"), 0))
        if number is None:
            return
        if path == DATA:
            self._keep(self._monitor.sent(number, "data", body))
        else:
            self._keep(self._monitor.sent(number, "reset"))

    def _received(self, exchange: int, text: str) -> None:
        if exchange not in self._numbers:
            return
        observed = self._monitor.received(self._numbers[exchange], text)
        message = observed.message
        if message is not None and isinstance(message.get("event_id"), str):
            self._owners[message["event_id"]] = exchange
        self._keep(observed)

    def _ended(self, exchange: int, how: str) -> None:
        number = self._numbers.pop(exchange, None)
        if number is not None:
            self._keep(self._monitor.ended(number, how))

    def _keep(self, observed: Observed) -> None:
        self.broken |= {violation.clause for violation in observed.violations}
