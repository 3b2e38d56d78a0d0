"""The trace of one check: what was sent and received, in order, on one clock."""

from __future__ import annotations

import json
import shlex
import threading
import time
from collections.abc import Mapping
from typing import Any

from gradio_conformance.events import TraceEntry

SENT = "→"
RECEIVED = "←"
NOTE = "·"
MAX_ENTRIES = 2000
CONTROL_LANE = "testbed"  # gates and journal: the suite's own doing, not what is judged


class Timeline:
    """An append-only, thread-safe list of trace entries; times are ms since it was made.

    Bounded: past ``MAX_ENTRIES`` the middle of a flood is counted, not kept.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._entries: list[TraceEntry] = []
        self.dropped = 0

    def now_ms(self) -> float:
        return round((time.monotonic() - self._start) * 1000, 1)

    def add(
        self,
        direction: str,
        lane: str,
        summary: str,
        *,
        event_id: str | None = None,
        state: str | None = None,
        payload: Any = None,
        curl: str | None = None,
        violation: str | None = None,
    ) -> TraceEntry:
        entry = TraceEntry(
            self.now_ms(), direction, lane, summary, event_id, state, payload, curl, violation
        )
        with self._lock:
            if len(self._entries) < MAX_ENTRIES or violation:
                self._entries.append(entry)
            else:
                self.dropped += 1
        return entry

    @property
    def entries(self) -> tuple[TraceEntry, ...]:
        with self._lock:
            return tuple(self._entries)

    def last_curl(self) -> str | None:
        """The newest request that a person can repeat by hand."""
        judged = (e for e in reversed(self.entries) if e.lane != CONTROL_LANE)
        return next((e.curl for e in judged if e.curl), None)


def curl_line(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, stream: bool = False
) -> str:
    """A shell line that sends the same request."""
    parts = ["curl", "-sN" if stream else "-si"]
    if method != "GET":
        parts += ["-X", method]
    for name, value in headers.items():
        parts += ["-H", f"{name}: {value}"]
    if body is not None:
        parts += ["--data-binary", body.decode("utf-8", "backslashreplace")]
    return shlex.join([*parts, url])


def summarise(message: Mapping[str, Any]) -> str:
    """One message of a session stream as a short line."""
    name = str(message.get("msg"))
    shown = {
        "estimation": ("rank", "queue_size", "rank_eta"),
        "process_starts": ("eta",),
        "log": ("level", "log"),
        "process_completed": ("success", "output"),
        "process_generating": ("output",),
        "unexpected_error": ("message", "session_not_found"),
        "progress": ("progress_data",),
    }.get(name, ())
    details = []
    for key in shown:
        value = message.get(key)
        if key == "output" and isinstance(value, Mapping):
            value = value.get("data", value)
        text = json.dumps(value, ensure_ascii=False, default=repr)
        details.append(f"{key}={text if len(text) <= 60 else text[:59] + '…'}")
    return " ".join([name, *details])
