"""What a running inspector keeps: the newest traffic, and what there is to see of it."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from gradio_conformance.traffic.inspector.view import Update
from gradio_conformance.traffic.inspector.view import View
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.redaction import Redactor

# Of a client that goes on for days, the newest is kept.
MOST_TOLD = 64_000_000  # characters of updates
MOST_KEPT = 256_000_000  # bytes of bodies
OVERHEAD = 500  # bytes of an observation without its body


class Store:
    """Takes observations from one thread, and is read from others. ``news`` gets the updates of
    each observation, on the thread that brought it.
    """

    def __init__(
        self,
        view: View,
        *,
        server: str,
        started_at: str,
        news: Callable[[Sequence[Update]], None] | None = None,
    ) -> None:
        self._view = view
        self._server = server
        self._started_at = started_at
        self._news = news
        self._lock = threading.Lock()
        self._told: deque[tuple[int, str]] = deque()
        self._told_size = 0
        self._next = 1
        self._kept: OrderedDict[int, list[tuple[int, Observation]]] = OrderedDict()
        self._kept_size = 0
        self._count = 0
        self._waiting: set[Callable[[], None]] = set()

    # -- what comes ---------------------------------------------------------------------------

    def take(self, observation: Observation) -> None:
        with self._lock:
            self._keep(observation)
            self._tell(self._view.feed(observation))

    def pass_time(self, now: float) -> None:
        """Nothing has come by ``now`` (seconds since the recording began)."""
        with self._lock:
            self._tell(self._view.pass_time(now))

    def finish(self) -> None:
        with self._lock:
            self._tell(self._view.finish())

    # -- what is read -------------------------------------------------------------------------

    def since(self, number: int) -> tuple[bool, list[tuple[int, str]]]:
        """The updates after this number, as JSON with theirs; whether there were others between,
        which are not kept any more.
        """
        with self._lock:
            first = self._told[0][0] if self._told else self._next
            return number + 1 < first, [told for told in self._told if told[0] > number]

    def diagram(self, session: str | None) -> dict[str, Any]:
        with self._lock:
            return self._view.diagram(session)

    def recording(self, *, with_secrets: bool = False) -> Recording:
        """All that is kept, as a recording."""
        with self._lock:
            placed = sorted(pair for exchange in self._kept.values() for pair in exchange)
        found: Sequence[Observation] = [observation for _, observation in placed]
        if not with_secrets:
            found = Redactor().all(found)
        return Recording(tuple(found), self._server, self._started_at, redacted=not with_secrets)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """``wake`` is called after each news, on whichever thread; returns what ends that."""
        with self._lock:
            self._waiting.add(wake)

        def leave() -> None:
            with self._lock:
                self._waiting.discard(wake)

        return leave

    # -- parts --------------------------------------------------------------------------------

    def _tell(self, updates: Sequence[Update]) -> None:
        for update in updates:
            text = json.dumps(update, ensure_ascii=False)
            self._told.append((self._next, text))
            self._told_size += len(text)
            self._next += 1
        while self._told_size > MOST_TOLD:
            self._told_size -= len(self._told.popleft()[1])
        if not updates:
            return
        for wake in self._waiting:
            wake()
        if self._news is not None:
            self._news(updates)

    def _keep(self, observation: Observation) -> None:
        self._count += 1
        self._kept.setdefault(observation.id, []).append((self._count, observation))
        self._kept_size += _size(observation)
        while self._kept_size > MOST_KEPT and len(self._kept) > 1:
            over = (number for number, seen in self._kept.items() if _is_over(seen))
            oldest = next(over, None)
            if oldest is None:
                return
            self._kept_size -= sum(_size(o) for _, o in self._kept.pop(oldest))


def _is_over(seen: Sequence[tuple[int, Observation]]) -> bool:
    return isinstance(seen[-1][1], ExchangeOver)


def _size(observation: Observation) -> int:
    if isinstance(observation, RequestSeen):
        return len(observation.body) + OVERHEAD
    return (len(observation.data) if isinstance(observation, BodyPiece) else 0) + OVERHEAD
