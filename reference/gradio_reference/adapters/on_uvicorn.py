"""Uvicorn with httptools and, where there is one, uvloop: HTTP/1.1, at less cost a request."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING
from typing import Any

from uvicorn import Config
from uvicorn import Server as WebServer
from uvicorn._types import ASGI3Application
from uvicorn._types import ASGIReceiveCallable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

if TYPE_CHECKING:
    from gradio_reference.server import Server
    from gradio_reference.serving import Plan

# Of a request's head, and of each chunk's and the trailer's; Hypercorn and Uvicorn's own parser
# have such a limit as well.
MAX_HEAD = 64 * 1024


def new_event_loop() -> asyncio.AbstractEventLoop:
    """See ``Adapter.new_event_loop``."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


async def serve(app: Server, listener: socket.socket, plan: Plan, stop: asyncio.Event) -> None:
    """See ``Adapter.serve``."""
    server = _Server(_config(app, plan))

    async def trigger() -> None:
        await stop.wait()
        app.say_goodbye()
        server.should_exit = True  # it waits for open responses from here on

    waiting = asyncio.create_task(trigger())
    try:
        await server.serve([listener])
    except SystemExit:  # its way to say that the lifespan has failed, which it has logged
        raise RuntimeError("the app did not start") from None
    finally:
        waiting.cancel()
        listener.close()


def _config(app: Server, plan: Plan) -> Config:
    config = Config(
        app,
        interface="asgi3",
        http=_Connection,
        lifespan="on",
        backlog=plan.backlog,
        timeout_keep_alive=plan.keep_alive,
        timeout_graceful_shutdown=math.ceil(app.grace),
        proxy_headers=False,  # who is trusted is the app's business
        access_log=False,
        log_config=None,
        log_level="error",
    )
    if plan.tls is not None:
        config.ssl_certfile, config.ssl_keyfile = plan.tls.certificate, plan.tls.key
        config.ssl_keyfile_password = plan.tls.password
    return config


class _Server(WebServer):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # ``serving`` listens to them


class _Connection(HttpToolsProtocol):
    """Stricter than its base about what is a request, and milder to who has sent one."""

    _ended = False  # the client's side of the connection
    _streams = False  # what is being answered
    _unread = 0  # bytes since the parser has last told of anything but a header

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_HEAD and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        self._unread = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._unread = 0
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            raise ValueError("Host")  # the parser stops, and so the connection ends (NET-012)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self.pipeline:  # several answers are owed, and this would overtake them (NET-010)
            self.transport.close()
        elif self._owes:
            self.cycle.keep_alive = False  # which closes the connection behind the answer
        else:
            super().send_400_response(msg)

    @property
    def _owes(self) -> bool:
        """Whether a request that came whole has not been answered yet."""
        cycle: RequestResponseCycle | None = self.cycle
        return not (cycle is None or cycle.more_body or cycle.response_complete)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        # The answer is still wanted (NET-013), but no stream: its reader has left (SSE-020).
        self._ended = True
        if not self._owes or self._streams or self.scheme == "https":
            return None  # closes the connection; with TLS it cannot stay half open
        self.cycle.keep_alive = False
        return True

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._streams = False
        super()._start_asgi_task(cycle, partial(self._answer, app))

    async def _answer(
        self, app: ASGI3Application, scope: Any, receive: ASGIReceiveCallable, send: Any
    ) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._streams = any(_is_stream(*header) for header in message["headers"])
                if self._streams and self._ended:
                    self.transport.close()
            await send(message)

        await app(scope, receive, sending)


def _is_stream(name: bytes, value: bytes) -> bool:
    return name.lower() == b"content-type" and value.startswith(b"text/event-stream")
