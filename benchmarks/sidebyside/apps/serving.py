"""Serves an ASGI app on the server that a peer names, each as its users would run it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
BACKLOG = 8192  # thousands of streams are opened at once


@dataclass(frozen=True, slots=True)
class Options:
    """The command line that all apps share."""

    port: int
    server: str
    library: str


def options() -> Options:
    """Read the command line, and hide the modules of `--without` before anything imports them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--server", choices=["own", *SERVERS], default="own")
    parser.add_argument("--library", choices=["gradio", "gradio_reference"], default="gradio")
    parser.add_argument("--without", default="", help="modules that count as not installed")
    given = parser.parse_args()
    for name in filter(None, given.without.split(",")):
        sys.modules[name] = None  # type: ignore[assignment]
    return Options(given.port, given.server, given.library)


def serve(app: Any, chosen: Options) -> None:
    """Serve until SIGTERM. Raises ``ValueError`` for a server that is none."""
    if chosen.server in SERVERS:
        SERVERS[chosen.server](app, chosen.port)
    else:
        raise ValueError(f"--server: this app has no server of its own, so not {chosen.server!r}")


def _hypercorn(app: Any, port: int) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    # What the reference server sets too, so that both stand on the same Hypercorn.
    config = Config()
    config.bind = [f"{HOST}:{port}"]
    config.backlog = BACKLOG
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 1_000_000_000
    config.accesslog = None
    config.loglevel = "WARNING"
    config.graceful_timeout = 1
    asyncio.run(hypercorn_serve(app, config))


def _uvicorn(app: Any, port: int) -> None:
    import uvicorn

    uvicorn.run(
        app,
        host=HOST,
        port=port,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        access_log=False,
        log_level="warning",
    )


def _granian(app: Any, port: int) -> None:
    import uvloop
    from granian.constants import HTTPModes
    from granian.constants import Interfaces
    from granian.server.embed import Server

    async def main() -> None:
        # In this process, which is the one that is measured; its default of back-pressure stalls
        # thousands of streams.
        server = Server(
            app,
            address=HOST,
            port=port,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            backlog=BACKLOG,
            backpressure=BACKLOG,
            log_enabled=False,
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
        await server.serve()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


SERVERS = {"hypercorn": _hypercorn, "uvicorn": _uvicorn, "granian": _granian}
