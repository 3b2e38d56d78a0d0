"""The heartbeat of a session, as a check holds it open."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from gradio_conformance.streams import JudgedStream
from gradio_conformance.timeline import RECEIVED
from gradio_spec import sse

if TYPE_CHECKING:
    from gradio_conformance.probe import Probe


class Heartbeat:
    """One response of ``GET heartbeat/{session_hash}``. ``end`` is ``None`` while it is open."""

    def __init__(self, probe: Probe, session_hash: str) -> None:
        self.probe = probe
        self.beats = 0
        self.end: str | None = None
        self._lane = f"heartbeat {session_hash}"
        with probe.changed:
            self._judged = JudgedStream(probe.monitor, "heartbeat", session_hash)
            path = f"/heartbeat/{quote(session_hash, safe='')}"
            self.reader = probe.open_stream(path, self._lane, self._on_event, self._on_end)

    def until_beat(self, number: int, *, clause: str, within: float | None = None) -> None:
        """Wait for the ``number``-th event of any kind; the monitor judges what it says."""
        self.probe.wait(
            lambda: self.beats >= number,
            clause,
            f"ALIVE number {number}",
            self.describe,
            within=within,
            hopeless=lambda: self.end is not None,
        )

    def describe(self) -> str:
        status = self.reader.status
        return f"HTTP {status}, {self.beats} events, {self.end or 'still open'}"

    def drop(self) -> None:
        """Close the connection from the client's side."""
        if self.end is None:
            self.reader.drop()

    def _on_event(self, event: sse.Event) -> None:
        observed = self._judged.event(event)
        violation = self.probe.record(observed)
        self.beats += 1
        self.probe.timeline.add(
            RECEIVED, self._lane, event.data, payload=event.data, violation=violation
        )

    def _on_end(self, how: str) -> None:
        self.end = how
        if how != "fault":
            self.probe.record(self._judged.ended(how, self.reader.status, None))
