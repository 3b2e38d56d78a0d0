"""What comes in while a streaming-input event runs: the latest chunk, the end, the time spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PATIENCE = 30.0  # seconds without a chunk, where the function has no time limit


@dataclass(slots=True)
class Feed:
    """The input of one event of connection "stream". Times in seconds; ``weight``: the bytes of
    the last chunk, which the function may be at work on.

    Of the chunks that nobody has taken only the last one counts: a client that is faster than the
    function neither waits nor fills the memory.
    """

    limit: float | None = None
    chunk: Any = None
    weight: int = 0
    fresh: bool = False
    closed: bool = False
    spent: float = 0.0
    first: float | None = None

    def put(self, chunk: Any, weight: int = 0) -> None:
        self.chunk, self.weight, self.fresh = chunk, weight, True

    def take(self) -> Any:
        """The chunk that waits; it waits no longer."""
        chunk, self.chunk, self.fresh = self.chunk, None, False
        return chunk

    def ran(self, seconds: float) -> None:
        """A call of the function is over; ``seconds`` count from when it began to wait for its
        chunk.
        """
        self.spent += seconds
        if self.first is None:
            self.first = seconds

    @property
    def finished(self) -> bool:
        """Whether no further chunk is wanted (STREAM-004, STREAM-005)."""
        return self.closed or (self.limit is not None and self.spent >= self.limit)

    @property
    def left(self) -> float | None:
        """What clients are told of the time limit: how much of it the first call has left."""
        return None if self.limit is None else self.limit - (self.first or 0.0)

    @property
    def patience(self) -> float:
        """How long to wait for the next chunk (STREAM-006)."""
        return PATIENCE if self.limit is None else max(0.0, self.limit - self.spent)
