"""Hypercorn: HTTP/1.1, and HTTP/2 where the client asks for it."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from hypercorn.asyncio import serve as hypercorn_serve

from gradio_reference import connections

if TYPE_CHECKING:
    from gradio_reference.server import Server
    from gradio_reference.serving import Plan

new_event_loop = asyncio.new_event_loop


async def serve(app: Server, listener: socket.socket, plan: Plan, stop: asyncio.Event) -> None:
    """See ``Adapter.serve``."""

    async def trigger() -> None:
        await stop.wait()
        # Hypercorn waits for open responses from here on.
        app.say_goodbye()

    connections.install()
    await hypercorn_serve(app, _config(listener, plan, app.grace), shutdown_trigger=trigger)


def _config(listener: socket.socket, plan: Plan, grace: float) -> connections.Config:
    config = connections.Config()
    config.bind = [f"fd://{listener.detach()}"]  # Hypercorn owns it from here on
    config.backlog = plan.backlog
    config.graceful_timeout = grace
    # Of the lifespan, which waits for what the app is still doing: its own time, and some air.
    config.shutdown_timeout = grace + 5
    config.keep_alive_timeout = plan.keep_alive
    config.keep_alive_max_requests = 1_000_000_000  # the default of 1000 cuts busy clients off
    config.accesslog = None
    config.errorlog = "-"
    config.loglevel = "WARNING"
    if plan.tls is not None:
        config.certfile, config.keyfile = plan.tls.certificate, plan.tls.key
        config.keyfile_password = plan.tls.password
    return config
