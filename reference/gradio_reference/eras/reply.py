"""Requests and answers of the present server on their way to and from a client of an era: ASGI
messages in, ASGI messages out.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from gradio_spec import sse

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Change = Callable[[int, Any], tuple[int, Any]]  # of a status and a JSON value
Say = Callable[[sse.Event], Iterable[bytes]]  # what becomes of an event of a stream
_LENGTH = b"content-length"


def _json(value: Any) -> bytes:
    """Compact, as every release wrote the body of an answer: some clients show it."""
    return json.dumps(value, separators=(",", ":")).encode()


class Reply:
    """A ``send`` for the present server. ``change`` is asked for each answer in JSON, ``say`` for
    each event of a stream. What is neither passes as it is.
    """

    def __init__(
        self,
        send: Send,
        change: Change | None = None,
        say: Say | None = None,
        *,
        pace: float = 0.0,
        passes: bool = False,
    ) -> None:
        """``pace``: seconds between two looks at a stream; ``passes``: what went well passes as it
        is, whatever it is.
        """
        self._passes = passes
        self._pace = pace
        self._send = send
        self._change = change
        self._say = say
        self._start: Any = None
        self._body = b""
        self._decoder: sse.Decoder | None = None
        self._goes_on = False
        self.ends = True  # whether the end of a stream is passed on

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            if not self._goes_on:
                await self._begin(message)
        elif self._start is not None:
            await self._collect(message)
        elif self._decoder is not None:
            await self._stream(self._decoder, message)
        else:
            await self._send(message)

    async def _begin(self, message: Any) -> None:
        kind = _header(message, b"content-type")
        if self._say is not None and kind.startswith(b"text/event-stream"):
            self._decoder = sse.Decoder()
        elif self._passes and message["status"] < 400:
            pass
        elif self._change is not None and kind.startswith(b"application/json"):
            self._start = message
            return
        await self._send(message)

    async def _collect(self, message: Any) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        status, body = self._start["status"], self._body
        if body and self._change is not None:
            status, value = self._change(status, json.loads(body))
            body = _json(value)
        headers = [(k, v) for k, v in self._start["headers"] if k.lower() != _LENGTH]
        headers.append((_LENGTH, b"%d" % len(body)))
        await self._send({**self._start, "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def _stream(self, decoder: sse.Decoder, message: Any) -> None:
        assert self._say is not None
        if self._pace and message.get("body"):  # the end follows the last message at once
            await asyncio.sleep(self._pace)
        said = [
            part for event in decoder.feed(message.get("body", b"")) for part in self._say(event)
        ]
        is_last = not message.get("more_body", False)
        if is_last and not self.ends:
            is_last = False
        if said or is_last:
            body = b"".join(said)
            await self._send({"type": "http.response.body", "body": body, "more_body": not is_last})

    def go_on(self) -> None:
        """What comes next is more of the same stream."""
        self._goes_on, self._decoder = True, sse.Decoder()


def _header(message: Any, wanted: bytes) -> bytes:
    for name, value in message["headers"]:
        if name.lower() == wanted:
            return bytes(value)
    return b""


class Heard:
    """A ``receive`` that remembers whether the client has left, which is told once only."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.left = False

    async def __call__(self) -> Any:
        message = await self._receive()
        self.left = self.left or message["type"] == "http.disconnect"
        return message


class Request:
    """The body of a request, as far as it has been read."""

    def __init__(self, receive: Receive, body: bytes, *, whole: bool) -> None:
        self._receive = receive
        self._body: bytes | None = body
        self._whole = whole

    @property
    def value(self) -> Any:
        """The body as JSON; None if it is none, or too long."""
        try:
            # Not json.loads(bytes), which guesses UTF-16 and UTF-32 as well (JOIN-027).
            text = (self._body or b"").decode("utf-8")
            return json.loads(text, parse_constant=_no_constant) if self._whole else None
        except (ValueError, RecursionError):
            return None

    async def receive(self) -> Any:
        """For the present server."""
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": not self._whole}

    def replaced(self, scope: Any, value: Any) -> Any:
        """Send this JSON instead; returns the scope with its length."""
        self._body = json.dumps(value).encode()
        length = b"%d" % len(self._body)
        headers = [(k, length if k == _LENGTH else v) for k, v in scope["headers"]]
        return {**scope, "headers": headers}


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


async def read(receive: Receive, most: int) -> Request | None:
    """The body of a request, or of a longer one than ``most`` bytes its beginning; None if the
    client left.
    """
    body, whole = b"", False
    while not whole and len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += bytes(message.get("body", b""))
        whole = not message.get("more_body", False)
    return Request(receive, body, whole=whole)


def as_json(send: Send) -> Send:
    """A ``send`` for routes that are not there, which older releases said in JSON."""
    missing = False

    async def told(message: Any) -> None:
        nonlocal missing
        if message["type"] == "http.response.start" and message["status"] == 404:
            missing = _header(message, b"content-type").startswith(b"text/html")
            if missing:
                await refuse(send, 404, "Not Found")
        if not missing:
            await send(message)

    return told


async def refuse(send: Send, status: int, detail: str, *more: tuple[bytes, bytes]) -> None:
    """Answer with a detail, and with ``more`` headers."""
    # Clients show the text of a refusal as it is: as compact as Gradio's, whatever the release.
    body = _json({"detail": detail})
    headers = [*more, (b"content-type", b"application/json"), (_LENGTH, b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def ask(app: Any, scope: Any, path: str, value: Any) -> tuple[int, Any]:
    """POST a JSON value to the app, for the client of ``scope``; the status and what came back."""
    body, answers = json.dumps(value).encode(), []
    kept = (b"cookie", b"authorization", b"host", b"origin")
    headers = [(k, v) for k, v in scope["headers"] if k in kept]
    headers += [(b"content-type", b"application/json"), (_LENGTH, b"%d" % len(body))]
    root = scope.get("root_path", "")
    asked = {**scope, "type": "http", "method": "POST", "path": root + path, "headers": headers}
    asked |= {"raw_path": (root + path).encode(), "query_string": b"", "http_version": "1.1"}
    if asked.get("scheme") in ("ws", "wss"):
        asked["scheme"] = asked["scheme"].replace("ws", "http")

    asked_for = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        message = next(asked_for, None)
        return message or await asyncio.get_running_loop().create_future()  # nobody leaves

    async def send(message: Any) -> None:
        answers.append(message)

    await app(asked, receive, send)
    text = b"".join(message.get("body", b"") for message in answers[1:])
    return answers[0]["status"], json.loads(text) if text else None
