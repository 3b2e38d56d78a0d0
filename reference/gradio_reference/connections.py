"""Hypercorn's connections, but those whose client has gone end at once.

Hypercorn 0.18 stops the keep-alive timer of a connection only after having waited for it, so that
each connection that a client closes stays in memory with its last request for
``keep_alive_timeout``: with a new connection for each session, megabytes a second.
"""

from __future__ import annotations

from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer


class Connection(TCPServer):
    """A connection that waits for nothing when nothing more can come."""

    async def _read_data(self) -> None:
        await super()._read_data()
        await self.idle_task.stop()


def install() -> None:
    """Let Hypercorn serve with these, which it has no option for."""
    run.TCPServer = Connection  # type: ignore[attr-defined]  # imported there, for itself
