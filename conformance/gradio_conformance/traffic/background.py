"""An ASGI application on Hypercorn, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
from typing import Any
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from gradio_conformance.looping import LoopThread
from gradio_conformance.ports import HOST
from gradio_conformance.traffic.asgi import App

BACKLOG = 2048
# Whoever stops it does not wait for streams that nobody ends.
FAREWELL_S = 0.2


def bound(port: int, host: str = HOST) -> socket.socket:
    """A socket that has the port, 0 for any free one, and refuses connections: it does not listen.
    ``OSError`` if the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    found.setblocking(False)
    return found


class Background:
    """Serves ``app`` on a socket that is :func:`bound`. ``name`` is the thread's."""

    def __init__(self, app: App, listener: socket.socket, name: str) -> None:
        self._app = app
        self._listener = listener
        self._thread = LoopThread(self._serve, name)

    def start(self) -> None:
        """Whoever connects from now on waits in the listener's backlog."""
        self._listener.listen(BACKLOG)
        self._thread.start()

    def end(self) -> None:
        """Returns when nobody is served any more and the socket is closed."""
        self._thread.end()

    async def _serve(self, ending: asyncio.Event) -> None:
        config = Config()
        config.bind = [f"fd://{self._listener.detach()}"]
        config.backlog = BACKLOG
        config.graceful_timeout = FAREWELL_S
        config.keep_alive_max_requests = 1_000_000_000
        config.include_date_header = config.include_server_header = False  # the upstream's count
        config.accesslog = config.errorlog = None

        async def over() -> Any:
            await ending.wait()

        await serve(cast(Framework, self._app), config, shutdown_trigger=over)
