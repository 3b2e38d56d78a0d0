"""The messages of a WebSocket, read off its bytes from both ends. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wsproto.connection import Connection
from wsproto.connection import ConnectionType
from wsproto.events import CloseConnection
from wsproto.events import TextMessage
from wsproto.extensions import Extension
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError
from wsproto.utilities import RemoteProtocolError

from gradio_conformance.eras.wiretap.tap import Side
from gradio_conformance.traffic.model import Headers


@dataclass(frozen=True, slots=True)
class WebSocketMessage:
    """A text message, or, with ``code``, a close, of the exchange ``id`` (its 101)."""

    id: int
    at: float
    side: Side
    text: str = ""
    code: int | None = None


class Frames:
    """The two directions of a connection after the answer 101 with these headers."""

    def __init__(self, number: int, headers: Headers) -> None:
        self._id = number
        self._ends = {
            "client": Connection(ConnectionType.SERVER, _extensions(headers)),
            "server": Connection(ConnectionType.CLIENT, _extensions(headers)),
        }
        self._begun = {"client": "", "server": ""}
        self.is_closed = False

    def feed(self, side: Side, data: bytes, at: float) -> Iterator[WebSocketMessage]:
        """The messages that these bytes complete. What is no frame ends the reading silently."""
        if not data or self.is_closed:
            return
        try:
            self._ends[side].receive_data(data)
            for event in self._ends[side].events():
                if isinstance(event, TextMessage):
                    self._begun[side] += event.data
                    if event.message_finished:
                        yield WebSocketMessage(self._id, at, side, self._begun[side])
                        self._begun[side] = ""
                elif isinstance(event, CloseConnection):
                    self.is_closed = True
                    yield WebSocketMessage(self._id, at, side, event.reason or "", event.code)
                    return
        except (LocalProtocolError, RemoteProtocolError):
            self.is_closed = True


def _extensions(headers: Headers) -> list[Extension]:
    """Permessage-deflate, if both agreed on it: any window and context that they chose can be read
    with the widest.
    """
    agreed = ",".join(value for name, value in headers if name == "sec-websocket-extensions")
    if PerMessageDeflate.name not in agreed:
        return []
    extension = PerMessageDeflate()
    extension.finalize(PerMessageDeflate.name)
    return [extension]
