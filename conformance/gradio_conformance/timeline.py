"""The trace of one check: what was sent and received, in order, on one clock."""

from __future__ import annotations

import json
import shlex
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from gradio_conformance.events import TraceEntry
from gradio_conformance.urls import shown

SENT = "→"
RECEIVED = "←"
NOTE = "·"
CONTROL_LANE = "testbed"  # gates and journal: the suite's own doing, not what is judged
# A flood keeps its beginning, its end, and the first violations between them.
KEPT_AT_EACH_END = 1000
KEPT_VIOLATIONS = 100
# The longest argument that every Linux passes to a program is 128 KiB.
LONGEST_ARGUMENT = 100_000


class Timeline:
    """An append-only, thread-safe, bounded list of trace entries; times are ms since it was made.

    ``dropped`` counts the entries that were not kept; :attr:`entries` says where they were.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._head: list[TraceEntry] = []
        self._violations: list[TraceEntry] = []
        self._tail: deque[TraceEntry] = deque()
        self._curl: str | None = None
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
        with self._lock:  # the clock too: entries are in the order of their times
            entry = TraceEntry(
                self.now_ms(), direction, lane, summary, event_id, state, payload, curl, violation
            )
            if curl and lane != CONTROL_LANE:
                self._curl = curl
            self._keep(entry)
        return entry

    def _keep(self, entry: TraceEntry) -> None:
        if len(self._head) < KEPT_AT_EACH_END:
            self._head.append(entry)
            return
        self._tail.append(entry)
        if len(self._tail) <= KEPT_AT_EACH_END:
            return
        oldest = self._tail.popleft()
        if oldest.violation and len(self._violations) < KEPT_VIOLATIONS:
            self._violations.append(oldest)
        else:
            self.dropped += 1

    @property
    def entries(self) -> tuple[TraceEntry, ...]:
        with self._lock:
            middle = list(self._violations)
            if self.dropped:
                after = self._tail[0]
                text = f"({self.dropped} entries left out)"
                middle.append(TraceEntry(after.at_ms, NOTE, after.lane, text))
            return (*self._head, *middle, *self._tail)

    def last_curl(self) -> str | None:
        """The newest request that a person can repeat by hand."""
        with self._lock:
            return self._curl


def curl_line(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, stream: bool = False
) -> str:
    """A POSIX shell line that sends the same request; a password in the URL is hidden.

    A body that no argument can carry is piped in; one that is too long for that is left to the
    reader.
    """
    parts = ["curl", "-sN" if stream else "-si"]
    if not set("[]{}").isdisjoint(url):
        parts.append("--globoff")  # an IPv6 host is no pattern
    if method == "HEAD":
        parts.append("--head")
    elif method != ("GET" if body is None else "POST"):
        parts += ["-X", method]
    for name, value in headers.items():
        parts += ["-H", f"{name}: {value}" if value else f"{name};"]
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        parts += ["-H", "content-type:"]  # curl would add that of a form
    if body is None:
        return shlex.join([*parts, shown(url)])
    text = _argument(body)
    if text is not None:
        return shlex.join([*parts, "--data-raw", text, shown(url)])
    line = shlex.join([*parts, "--data-binary", "@-", shown(url)])
    if len(body) > LONGEST_ARGUMENT // 4:
        return f"{line}  # pipe the body in: {len(body)} bytes"
    octal = "".join(f"\\{byte:03o}" for byte in body)
    return f"printf {shlex.quote(octal)} | {line}"


def _argument(body: bytes) -> str | None:
    """The body as the argument of a command, if it can be one."""
    if b"\0" in body or len(body) > LONGEST_ARGUMENT:
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def summarise(message: Mapping[str, Any]) -> str:
    """One message of a session stream as a short line."""
    name = str(message.get("msg"))
    shown_members = {
        "estimation": ("rank", "queue_size", "rank_eta"),
        "process_starts": ("eta",),
        "log": ("level", "log"),
        "process_completed": ("success", "output"),
        "process_generating": ("output",),
        "unexpected_error": ("message", "session_not_found"),
        "progress": ("progress_data",),
    }.get(name, ())
    details = []
    for key in shown_members:
        value = message.get(key)
        if key == "output" and isinstance(value, Mapping):
            value = value.get("data", value)
        text = json.dumps(value, ensure_ascii=False, default=repr)
        details.append(f"{key}={text if len(text) <= 60 else text[:59] + '…'}")
    return " ".join([name, *details])
