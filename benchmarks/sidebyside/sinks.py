"""Where the body of a stream goes: counted while it is measured, judged in the separate pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gradio_spec import sse

TAIL = 4096  # bytes: enough for the last messages of a stream, in which the result is


class Tally:
    """Counts messages by the blank lines between them, and keeps the end of the body."""

    __slots__ = ("_awaited", "_gap", "messages", "tail")

    def __init__(self, gap: bytes = b"\n\n") -> None:
        self.messages = 0
        self.tail = b""
        self._gap = gap
        self._awaited: tuple[bytes, asyncio.Event] | None = None

    def feed(self, chunk: bytes) -> None:
        keep = len(self._gap) - 1  # of what came before: a gap may be split over two chunks
        self.messages += (self.tail[-keep:] + chunk).count(self._gap)
        self.tail += chunk
        self._look()
        self.tail = self.tail[-TAIL:]

    def expect(self, text: bytes | None = None) -> asyncio.Event:
        """Set when this text, or with None the end of a message, has come; once for each tally."""
        self._awaited = (self._gap if text is None else text, asyncio.Event())
        self._look()
        return self._awaited[1]

    def _look(self) -> None:
        if self._awaited is not None and self._awaited[0] in self.tail:
            self._awaited[1].set()

    def close(self) -> None:
        """The body has ended."""

    def drop(self) -> None:
        """The reader leaves before the end."""


class Heard(Tally):
    """Also decodes the stream, and hands every event on."""

    __slots__ = ("_decoder", "_ended", "_hear")

    def __init__(
        self, gap: bytes, hear: Callable[[sse.Event], None], ended: Callable[[str], None]
    ) -> None:
        super().__init__(gap)
        self._decoder = sse.Decoder()
        self._hear = hear
        self._ended = ended

    def feed(self, chunk: bytes) -> None:
        super().feed(chunk)
        for event in self._decoder.feed(chunk):
            self._hear(event)

    def close(self) -> None:
        self._ended("eof")

    def drop(self) -> None:
        self._ended("dropped")
