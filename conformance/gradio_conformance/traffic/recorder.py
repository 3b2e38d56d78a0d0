"""Tells what passes an ASGI application, as observations of traffic."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from itertools import count

from gradio_conformance.traffic.asgi import App
from gradio_conformance.traffic.asgi import Message
from gradio_conformance.traffic.asgi import Receive
from gradio_conformance.traffic.asgi import Scope
from gradio_conformance.traffic.asgi import Send
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Headers
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.relay import target_of

# Of a body that no rule reads, a file's above all, so many bytes are kept.
KEPT_OF_FILES = 1_000_000
PROTOCOL = ("", "application/json", "text/event-stream", "text/plain")
STAGED = "staged"  # a key of the messages of an application that stands in for the server


class StagedError(Exception):
    """Leaves the response without its end, on purpose (``cut``)."""


class Recorder:
    """``app``, watched from the client's side. ``tell`` gets each observation before the other
    side gets what it is about; ``clock`` gives seconds since the recording began.
    """

    def __init__(
        self, app: App, tell: Callable[[Observation], None], clock: Callable[[], float]
    ) -> None:
        self._app = app
        self.tell = tell
        self.clock = clock
        self.ending: How | None = None  # set when all that is open ends without either side's doing
        self._ids = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self, next(self._ids), scope, receive, send)
        how: How = "cut"
        staged = False
        try:
            await self._app(scope, exchange.receive, exchange.send)
            how = "left" if exchange.is_left else "cut"
        except StagedError:
            staged = True
            raise
        finally:
            if self.ending is not None:
                how, staged = self.ending, True
            exchange.end(how, staged=staged)


class _Exchange:
    """One request and its answer."""

    def __init__(
        self, recorder: Recorder, number: int, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._recorder = recorder
        self._id = number
        self._scope = scope
        self._receive = receive
        self._send = send
        self._room = _Room(_kind(scope["headers"]))
        self._body = bytearray()
        self._omitted = 0
        self._is_asked = False
        self._is_over = False
        self.is_left = False
        if all(name not in (b"content-length", b"transfer-encoding") for name, _ in _lower(scope)):
            self._asked()

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.is_left = True
        elif not self._is_asked:
            data = bytes(message.get("body", b""))
            kept = self._room.of(data)
            self._body += kept
            self._omitted += len(data) - len(kept)
            if not message.get("more_body"):
                self._asked()
        return message

    async def send(self, message: Message) -> None:
        staged = message.pop(STAGED, False)
        if message["type"] == "http.response.start":
            self._asked()  # also one that is answered before its body is whole
            self._room = _Room(_kind(message["headers"]))
            headers = _text(message["headers"])
            self._tell(AnswerBegan(self._id, self._now(), message["status"], headers, staged))
        elif message["type"] == "http.response.body":
            data = bytes(message.get("body", b""))
            kept = self._room.of(data)
            if data:
                self._tell(BodyPiece(self._id, self._now(), kept, len(data) - len(kept)))
            if not message.get("more_body"):
                self.end("eof", staged=staged)
        await self._send(message)

    def end(self, how: How, *, staged: bool) -> None:
        if not self._is_over:
            self._asked()
            self._is_over = True
            self._tell(ExchangeOver(self._id, self._now(), how, staged))

    def _asked(self) -> None:
        if self._is_asked:
            return
        self._is_asked = True
        scope = self._scope
        self._tell(
            RequestSeen(
                self._id,
                self._now(),
                scope["method"],
                target_of(scope).decode("latin-1"),
                _text(scope["headers"]),
                bytes(self._body),
                (scope.get("client") or ("",))[0],
                self._omitted,
            )
        )

    def _tell(self, observation: Observation) -> None:
        if not self._is_over or isinstance(observation, ExchangeOver):
            self._recorder.tell(observation)

    def _now(self) -> float:
        return self._recorder.clock()


class _Room:
    """How much of a body of this content type is kept."""

    def __init__(self, kind: str) -> None:
        self._left = None if kind in PROTOCOL else KEPT_OF_FILES

    def of(self, piece: bytes) -> bytes:
        if self._left is None:
            return piece
        kept = piece[: self._left]
        self._left -= len(kept)
        return kept


def _lower(scope: Scope) -> Iterable[tuple[bytes, bytes]]:
    return ((name.lower(), value) for name, value in scope["headers"])


def _kind(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The content type, without its parameters."""
    found = next((v for n, v in headers if n.lower() == b"content-type"), b"")
    return found.split(b";")[0].strip().lower().decode("latin-1")


def _text(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
