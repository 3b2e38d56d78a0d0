"""Where the body of a stream goes: counted while it is measured, judged in the separate pass."""

from __future__ import annotations

from collections.abc import Callable

from gradio_spec import sse

TAIL = 4096  # bytes: enough for the last messages of a stream, in which the result is


class Tally:
    """Counts messages by the blank lines between them, and keeps the end of the body."""

    __slots__ = ("_gap", "messages", "tail")

    def __init__(self, gap: bytes = b"\n\n") -> None:
        self.messages = 0
        self.tail = b""
        self._gap = gap

    def feed(self, chunk: bytes) -> None:
        keep = len(self._gap) - 1  # of what came before: a gap may be split over two chunks
        self.messages += (self.tail[-keep:] + chunk).count(self._gap)
        self.tail = (self.tail + chunk)[-TAIL:]

    def close(self) -> None:
        """The body has ended."""


class Heard(Tally):
    """Also decodes the stream, and hands every event on."""

    __slots__ = ("_decoder", "_ended", "_hear")

    def __init__(
        self, gap: bytes, hear: Callable[[sse.Event], None], ended: Callable[[], None]
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
        self._ended()
