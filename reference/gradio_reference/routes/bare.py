"""The routes that every event needs, join and data, as bare ASGI.

Quart's request, contexts and response cost as much as all the rest of an event
(benchmarks/README.md). Handlers and answers are those of ``routes/queue``; whatever is unusual
about a request, or asks for something that only Quart does, goes through Quart: a log-in, hooks of
the app, a body that is large or of unknown length, another spelling of the path.
``reference/tests/test_bare.py`` compares the two ways.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from quart import Quart
from quart import signals
from quart.asgi import ASGIHTTPConnection
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestTimeout

from gradio_reference.bodies import Rejected
from gradio_reference.incoming import Incoming
from gradio_reference.routes import queue
from gradio_reference.routes.answers import STREAM_HEADERS
from gradio_reference.routes.answers import json_body
from gradio_reference.service import API_PREFIX
from gradio_reference.service import Service

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Body = AsyncGenerator[bytes, None]
Answer = tuple[int, Any] | Body  # a status and what is sent as JSON, or the body of a stream
Route = Callable[[Service, Incoming, Receive], Awaitable[Answer | None]]  # None: nobody is there

LARGE = 1024 * 1024  # bytes; of such a body the request around it costs next to nothing
BODY_TIMEOUT = 60.0  # seconds, as Quart's
_JOIN, _DATA = f"{API_PREFIX}/queue/join", f"{API_PREFIX}/queue/data"
_LENGTH, _CODING, _TYPE = b"content-length", b"transfer-encoding", b"content-type"
_JSON = (_TYPE, b"application/json")
_STREAM = [(name.lower().encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


def connection(provide: Callable[[], Service]) -> type[ASGIHTTPConnection]:
    """What Quart is to make of each HTTP request."""

    class Connection(ASGIHTTPConnection):
        async def __call__(self, receive: Receive, send: Send) -> None:
            route = _find(self.scope) if _is_plain(self.app) else None
            if route is None or (service := provide()).guarded:
                await super().__call__(receive, send)
                return
            answer = await _answer(self.app, route, service, self.scope, receive)
            if isinstance(answer, tuple):
                await _send(send, *answer)
            elif answer is not None:
                await _stream(answer, receive, send)

    return Connection


def _is_plain(app: Quart) -> bool:
    """Whether nobody but the protocol wants to see the requests for its routes."""
    return not (
        app.before_request_funcs.get(None)
        or len(app.after_request_funcs[None]) > 1  # one is the server's own
        or app.teardown_request_funcs.get(None)
        or app.url_value_preprocessors.get(None)
        or any(signal.receivers for signal in _SIGNALS)
    )


_SIGNALS = (signals.request_started, signals.request_finished, signals.request_tearing_down)


def _find(scope: Any) -> Route | None:
    """Who answers this request without Quart."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if scope["method"] == "GET" and path == _DATA:
        return _data
    if scope["method"] == "POST" and path == _JOIN and _is_small(scope):
        return _join
    return None


def _is_small(scope: Any) -> bool:
    length = b""
    for name, value in scope["headers"]:
        if name == _CODING:
            return False
        if name == _LENGTH:
            length = value
    return length.isdigit() and int(length) <= LARGE


async def _answer(
    app: Quart, route: Route, service: Service, scope: Any, receive: Receive
) -> Answer | None:
    try:
        return await route(service, Incoming(scope), receive)
    except Rejected as refusal:
        return refusal.status, {"detail": refusal.detail}
    except HTTPException as error:
        return error.code or 500, {"detail": error.name}  # DISC-025
    except Exception as error:
        app.logger.error("A protocol route failed", exc_info=error)
        return 500, {"detail": "Internal Server Error"}


async def _send(send: Send, status: int, value: Any) -> None:
    body = json_body(value)
    headers = [_JSON, (_LENGTH, b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


# --- join ----------------------------------------------------------------------------------------


class _Sent:
    """A request whose body has come."""

    def __init__(self, asked: Incoming, body: bytes) -> None:
        kind = asked.header(_TYPE) or ""
        self.mimetype = kind.partition(";")[0].strip().lower()
        self._body = body

    async def get_data(self, *, cache: bool) -> bytes:
        return self._body


async def _join(service: Service, asked: Incoming, receive: Receive) -> Answer | None:
    body = await read_body(receive)
    return None if body is None else (200, await queue.join(service, asked, _Sent(asked, body)))


async def whole_body(receive: Receive) -> bytes | None:
    """All of a body; None if the client left before its end."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def read_body(receive: Receive) -> bytes | None:
    """All of a body, as above. Raises ``RequestTimeout`` after ``BODY_TIMEOUT``."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            return await whole_body(receive)
    except TimeoutError:
        raise RequestTimeout from None


# --- data ----------------------------------------------------------------------------------------


async def until_left(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _data(service: Service, asked: Incoming, receive: Receive) -> Answer:
    return queue.session_stream(service, asked)


async def _stream(body: Body, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _STREAM})
    reader, left = asyncio.current_task(), False

    async def watch() -> None:
        nonlocal left
        await until_left(receive)
        left = True
        assert reader is not None
        reader.cancel()

    watcher = asyncio.create_task(watch())
    try:
        async for chunk in body:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except asyncio.CancelledError:
        if not left:  # the server itself wants to end
            raise
    finally:
        watcher.cancel()
        await body.aclose()  # SSE-020
