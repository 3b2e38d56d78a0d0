"""Chunks of a wire tap as observations of traffic, and as messages of WebSockets. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import h11

from gradio_conformance.eras.wiretap.frames import Frames
from gradio_conformance.eras.wiretap.frames import WebSocketMessage
from gradio_conformance.eras.wiretap.tap import Chunk
from gradio_conformance.eras.wiretap.tap import Side
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Headers
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen

Seen = Observation | WebSocketMessage
SWITCHED = 101
CLIENT = "tapped"  # whoever uses the tap is one client


@dataclass(slots=True)
class _Asked:
    """A request whose answer is not over."""

    id: int
    head: h11.Request
    body: bytearray
    is_told: bool = False


def read(chunks: Sequence[Chunk]) -> list[Seen]:
    """What was seen, in order. Bytes that are no HTTP end the reading of their connection."""
    ids = count(1)
    connections: dict[int, _Connection] = {}
    found: list[Seen] = []
    last = 0.0
    for chunk in chunks:
        connection = connections.setdefault(chunk.connection, _Connection(ids))
        found.extend(connection.feed(chunk))
        last = chunk.at
    for connection in connections.values():
        found.extend(connection.left_open(last))
    return found


class _Connection:
    """One TCP connection, read from both ends: each reader is told what the other has read, as if
    it had said that itself.
    """

    def __init__(self, ids: Iterator[int]) -> None:
        self._ids = ids
        self._requests = h11.Connection(h11.SERVER)
        self._answers = h11.Connection(h11.CLIENT)
        self._asked: _Asked | None = None
        self._frames: Frames | None = None
        self._is_unreadable = False
        self._is_closed = False

    def feed(self, chunk: Chunk) -> list[Seen]:
        if self._is_unreadable or self._is_closed:
            return []
        if self._frames is not None:
            return [*self._frames.feed(chunk.side, chunk.data, chunk.at), *self._ending(chunk)]
        try:
            found = self._requested(chunk) if chunk.side == "client" else self._answered(chunk)
            return [*found, *self._ending(chunk)]
        except h11.ProtocolError:
            if not chunk.data:  # amid a message
                return list(self._ending(chunk))
            self._is_unreadable = True
            return list(self.left_open(chunk.at))

    def left_open(self, at: float) -> Iterator[Seen]:
        if self._asked is not None:
            yield from self._told(self._asked, at)
            yield ExchangeOver(self._asked.id, at, "open")
            self._asked = None

    def _ending(self, chunk: Chunk) -> Iterator[Seen]:
        if chunk.data:
            return
        self._is_closed = True
        if self._asked is not None:
            yield from self._told(self._asked, chunk.at)
            how: How = "left" if chunk.side == "client" else "cut"
            if self._frames is not None and self._frames.is_closed:
                how = "eof"
            yield ExchangeOver(self._asked.id, chunk.at, how)
            self._asked = None

    # -- requests -----------------------------------------------------------------------------

    def _requested(self, chunk: Chunk) -> list[Seen]:
        if not chunk.data:
            return []
        self._requests.receive_data(chunk.data)
        return list(self._requests_read(chunk.at))

    def _requests_read(self, at: float) -> Iterator[Seen]:
        while True:
            event = self._requests.next_event()
            if isinstance(event, h11.Request):
                self._asked = _Asked(next(self._ids), event, bytearray())
                self._answers.send(event)
            elif isinstance(event, h11.Data) and self._asked is not None:
                self._asked.body += event.data
                self._answers.send(event)
            elif isinstance(event, h11.EndOfMessage) and self._asked is not None:
                self._answers.send(event)
                yield from self._told(self._asked, at)
            else:
                return  # more is needed, or the answer first

    def _told(self, asked: _Asked, at: float) -> Iterator[Seen]:
        if asked.is_told:
            return
        asked.is_told = True
        method, target = asked.head.method.decode(), asked.head.target.decode("latin-1")
        headers = _text(asked.head.headers)
        yield RequestSeen(asked.id, at, method, target, headers, bytes(asked.body), CLIENT)

    # -- answers ------------------------------------------------------------------------------

    def _answered(self, chunk: Chunk) -> Iterator[Seen]:
        self._answers.receive_data(chunk.data)
        while (asked := self._asked) is not None:
            event = self._answers.next_event()
            if isinstance(event, h11.InformationalResponse | h11.Response):
                yield from self._told(asked, chunk.at)
                yield from self._began(asked, event, chunk.at)
                if self._frames is not None:
                    return
            elif isinstance(event, h11.Data):
                self._requests.send(event)
                yield BodyPiece(asked.id, chunk.at, bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._requests.send(event)
                yield ExchangeOver(asked.id, chunk.at, "eof")
                self._asked = None
                yield from self._next(chunk.at)
            else:
                return

    def _began(
        self, asked: _Asked, event: h11.InformationalResponse | h11.Response, at: float
    ) -> Iterator[Seen]:
        self._requests.send(event)
        if isinstance(event, h11.Response) or event.status_code == SWITCHED:
            yield AnswerBegan(asked.id, at, event.status_code, _text(event.headers))
        if event.status_code == SWITCHED:
            self._frames = Frames(asked.id, _text(event.headers))
            for side, reader in (("client", self._requests), ("server", self._answers)):
                yield from self._frames.feed(_side(side), reader.trailing_data[0], at)

    def _next(self, at: float) -> Iterator[Seen]:
        """Both readers are ready for the next exchange, if there can be one."""
        if self._requests.our_state is self._requests.their_state is h11.DONE:
            self._requests.start_next_cycle()
            self._answers.start_next_cycle()
            yield from self._requests_read(at)


def _side(name: str) -> Side:
    return "client" if name == "client" else "server"


def _text(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
