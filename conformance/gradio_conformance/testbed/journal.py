"""What the endpoints did and when, by key, for a suite to read back."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any
from typing import Literal

What = Literal["start", "end", "cancelled", "closed", "step", "called", "deleted"]

MAX_KEYS = 2_000
MAX_ENTRIES = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `n` is a step or batch size, `t` are monotonic seconds of the server."""

    endpoint: str
    what: What
    n: int | None
    t: float


class Journal:
    """Thread-safe and bounded: the oldest entries of a key and the oldest keys go first."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        max_keys: int = MAX_KEYS,
        max_entries: int = MAX_ENTRIES,
    ) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, deque[Entry]] = OrderedDict()

    def write(self, key: str, endpoint: str, what: What, n: int | None = None) -> None:
        with self._lock:
            lines = self._entries.setdefault(key, deque(maxlen=self._max_entries))
            self._entries.move_to_end(key)
            lines.append(Entry(endpoint, what, n, self._clock()))
            if len(self._entries) > self._max_keys:
                self._entries.popitem(last=False)

    def read(self, key: str) -> list[dict[str, Any]]:
        """All entries under `key` in the order they were written, as JSON objects."""
        with self._lock:
            return [asdict(entry) for entry in self._entries.get(key, ())]
