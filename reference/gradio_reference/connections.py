"""Hypercorn's connections, with two differences that it has no option for.

Those whose client has gone end at once: Hypercorn 0.18 stops the keep-alive timer of a connection
only after having waited for it, so that each connection that a client closes stays in memory with
its last request for ``keep_alive_timeout``: with a new connection for each session, megabytes a
second.

And those whose client has ended its side stay until the answer is there (NET-013), but for streams,
where that is how a reader leaves (SSE-020).
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from hypercorn.asyncio import run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.config import Config as HypercornConfig
from hypercorn.events import Event
from hypercorn.events import RawData
from hypercorn.events import Updated
from hypercorn.protocol.h11 import H11Protocol

_STREAM = b"text/event-stream"


class Connection(TCPServer):
    """A connection that waits for nothing when nothing more can come, and for its last answer."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reader: Any = _Reader(self.reader, self._until_answered)
        self._busy = self._begun = self._streams = False
        self._progress: asyncio.Future[None] | None = None

    async def protocol_send(self, event: Event) -> None:
        if isinstance(event, Updated):
            self._busy, self._begun, self._streams = not event.idle, False, False
        elif isinstance(event, RawData) and not self._begun:
            # The head of an answer is one event, and the first.
            self._begun, self._streams = True, _STREAM in event.data
        if self._progress is not None and not self._progress.done():
            self._progress.set_result(None)
        await super().protocol_send(event)

    @property
    def _owes(self) -> bool:
        """Whether a request that came whole has not been answered, and not by a stream."""
        protocol = self.protocol.protocol
        if not self._busy or self._streams or not isinstance(protocol, H11Protocol):
            return False
        # With TLS a connection cannot be half open.
        return not protocol.ssl and protocol.connection.their_state is h11.DONE

    async def _until_answered(self) -> None:
        while self._owes:
            self._progress = self.loop.create_future()
            await self._progress

    async def _read_data(self) -> None:
        await super()._read_data()
        await self.idle_task.stop()


class _Reader:
    """What the client sends; its end comes when nothing is owed any more."""

    def __init__(self, reader: asyncio.StreamReader, until_answered: Any) -> None:
        self._read = reader.read
        self._until_answered = until_answered
        self._ended = False

    def at_eof(self) -> bool:
        return self._ended

    async def read(self, size: int) -> bytes:
        data = await self._read(size)
        if not data:
            await self._until_answered()
            self._ended = True
        return data


class Config(HypercornConfig):
    """The configuration of a server that has these connections."""


def _connection(app: Any, loop: Any, config: HypercornConfig, *rest: Any) -> TCPServer:
    made = Connection if isinstance(config, Config) else TCPServer
    return made(app, loop, config, *rest)


def install() -> None:
    """Let Hypercorn serve with these where it is given a :class:`Config`; other servers of the
    process keep its own.
    """
    # Imported there, for itself.
    run.TCPServer = _connection  # type: ignore[assignment,attr-defined]
