"""Sessions, their events and their streams, as a check drives them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import quote

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import require
from gradio_conformance.faults import show
from gradio_conformance.streams import SHOWN
from gradio_conformance.streams import JudgedStream
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import summarise
from gradio_conformance.wire import Reply
from gradio_spec import sse

if TYPE_CHECKING:
    from gradio_conformance.probe import Probe

CLOSING = "close_stream"
# What marks the message about a session that nobody knows, since there is such a mark (SSE-017).
NOT_FOUND = "messages#/$defs/UnexpectedError/properties/session_not_found"


class Event:
    """One accepted event of a session: its messages so far, and waits for the next ones.

    ``reply`` is the answer to its join; ``data`` what was joined with, where that is known.
    """

    def __init__(
        self,
        session: Session,
        event_id: str,
        fn_index: int,
        reply: Reply,
        data: Sequence[Any] | None = None,
    ) -> None:
        self.session = session
        self.id = event_id
        self.fn_index = fn_index
        self.reply = reply
        self.data = data

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The messages with this event id, in order of arrival, over all streams of the session."""
        return [m for m in self.session.messages if m.get("event_id") == self.id]

    def of_kind(self, msg: str) -> list[Mapping[str, Any]]:
        return [m for m in self.messages if m.get("msg") == msg]

    @property
    def kinds(self) -> list[str]:
        """The ``msg`` of each message, in order."""
        return [str(m.get("msg")) for m in self.messages]

    @property
    def is_completed(self) -> bool:
        return bool(self.of_kind("process_completed"))

    def until(
        self, msg: str, *, clause: str, nth: int = 1, within: float | None = None
    ) -> Mapping[str, Any]:
        """Wait for the ``nth`` message of a kind; ``clause`` is what its absence breaks."""
        self.session.probe.wait(
            lambda: len(self.of_kind(msg)) >= nth,
            clause,
            f"{msg} number {nth} for event {self.id}",
            lambda: f"only {self.kinds}, stream {self.session.stream_state}",
            within=within,
            hopeless=lambda: (
                self.session.is_over or (self.is_completed and msg != "process_completed")
            ),
        )
        return self.of_kind(msg)[nth - 1]

    def completed(
        self, *, clause: str = "EVT-003", within: float | None = None
    ) -> Mapping[str, Any]:
        """Wait for the terminal message."""
        return self.until("process_completed", clause=clause, within=within)

    def result(self, *, clause: str | None = None) -> list[Any]:
        """Wait for a successful end; returns ``output.data``.

        ``clause`` is broken if there is no end or no success; by default EVT-003 and EVT-008.
        """
        message = self.completed(clause=clause or "EVT-003")
        clause = clause or "EVT-008"
        output = message.get("output")
        good = message.get("success") is True and isinstance(output, Mapping) and "data" in output
        require(good, clause, "process_completed with success true and output.data", dict(message))
        data = output["data"] if isinstance(output, Mapping) else None
        if not isinstance(data, list):
            raise NonConformance(clause, "an array in output.data", show(data))
        return data

    def cancel(self, *, session_hash: str | None = None, fn_index: int | None = None) -> Reply:
        """``POST cancel`` for this event; the keywords send a wrong owner or function on
        purpose.
        """
        return self.session.probe.cancel(
            session_hash=self.session.hash if session_hash is None else session_hash,
            fn_index=self.fn_index if fn_index is None else fn_index,
            event_id=self.id,
        )

    def cancel_in_background(self, *, session_hash: str | None = None) -> Future[Reply]:
        """The same, from a thread: a server may answer only when the function has ended."""
        return in_background(lambda: self.cancel(session_hash=session_hash))


def in_background(send: Callable[[], Reply]) -> Future[Reply]:
    """Send a request from a thread of its own."""
    answer: Future[Reply] = Future()

    def work() -> None:
        try:
            answer.set_result(send())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=work, name="request", daemon=True).start()
    return answer


class Session:
    """One session hash: joins, and one stream at a time."""

    def __init__(self, probe: Probe, session_hash: str) -> None:
        self.probe = probe
        self.hash = session_hash
        self.events: list[Event] = []
        self.streams: list[SessionStream] = []

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """Every message of every stream of this session, in order of arrival."""
        with self.probe.changed:
            return [m for stream in self.streams for m in stream.messages]

    @property
    def is_over(self) -> bool:
        """A stream was opened, and none is open now."""
        return bool(self.streams) and all(s.end is not None for s in self.streams)

    @property
    def stream_state(self) -> str:
        return self.streams[-1].describe() if self.streams else "never opened"

    def post_join(self, body: Any, **options: Any) -> Reply:
        """``POST queue/join`` with exactly this body; nothing is demanded of the answer."""
        simple = isinstance(body, Mapping) and body.get("simple_format") is True
        with self.probe.changed:
            self.probe.monitor.joining(self.hash, simple_format=simple)
        return self.probe.request("POST", "/queue/join", json_body=body, lane=self.hash, **options)

    def join(
        self, endpoint: str, data: Sequence[Any] = (), *, clause: str = "JOIN-001", **members: Any
    ) -> Event:
        """Join an endpoint by name; a refusal breaks ``clause``. ``members`` are added to the
        body.
        """
        fn_index = self.probe.target.fn_index(endpoint)
        body = {"data": list(data), "fn_index": fn_index, "session_hash": self.hash, **members}
        reply = self.post_join(body).require_status(clause, 200)
        simple = members.get("simple_format") is True
        return self.adopt(reply, fn_index, simple_format=simple, data=data)

    def adopt(
        self,
        reply: Reply,
        fn_index: int,
        *,
        simple_format: bool = False,
        data: Sequence[Any] | None = None,
    ) -> Event:
        """Take the event id out of a join's answer and tell the monitor."""
        body = reply.json("JOIN-001")
        event_id = body.get("event_id") if isinstance(body, dict) else None
        if not isinstance(event_id, str):
            raise NonConformance("JOIN-001", "a string event_id", show(body))
        require(event_id != "", "JOIN-002", "a non-empty event_id", body)
        with self.probe.changed:
            observed = self.probe.monitor.joined(self.hash, event_id, simple_format=simple_format)
            self.probe.record(observed)
            event = Event(self, event_id, fn_index, reply, data)
            self.events.append(event)
        return event

    def open(self, headers: Mapping[str, str] | None = None) -> SessionStream:
        """Open ``GET queue/data`` and read it in the background."""
        return SessionStream(self, headers)

    def run(
        self,
        endpoint: str,
        data: Sequence[Any] = (),
        *,
        clause: str | None = None,
        **members: Any,
    ) -> Event:
        """Join, open a stream if none is open, wait for the terminal message.

        ``clause`` is broken by a refusal and by the absence of an end; by default JOIN-001 and
        EVT-003.
        """
        if self.streams and not self.is_over and all(e.is_completed for e in self.events):
            # It is about to close, and what joined now would meet its end.
            self.until_closed()
        event = self.join(endpoint, data, clause=clause or "JOIN-001", **members)
        if not self.streams or self.is_over:
            self.open()
        event.completed(clause=clause or "EVT-003")
        return event

    def until_closed(self, *, clause: str = "SSE-011", within: float | None = None) -> None:
        """Wait until the newest stream got ``close_stream`` and its response ended cleanly."""
        stream = self.streams[-1]
        self.probe.wait(
            lambda: stream.end is not None,
            clause,
            "close_stream and the end of the response",
            stream.describe,
            within=within,
        )
        told = f"{CLOSING} as the last message, then " if self.probe.closes_streams else ""
        good = stream.is_closed and stream.end == "eof"
        require(good, clause, f"{told}a clean end", stream.describe())

    def drop(self) -> None:
        """Go away: close every open stream from the client's side."""
        for stream in self.streams:
            stream.drop()

    def settle(self, deadline: float) -> None:
        """Give the session's events until ``deadline`` to end, then go away."""
        with self.probe.changed:
            while any(s.end is None for s in self.streams):
                left = deadline - time.monotonic()
                if left <= 0 or not self.probe.monitor.outstanding(self.hash):
                    break
                self.probe.changed.wait(left)
        self.drop()


class SessionStream:
    """One response of ``GET queue/data``. ``end`` is ``None`` while it is open."""

    def __init__(self, session: Session, headers: Mapping[str, str] | None = None) -> None:
        self.session = session
        self.messages: list[Mapping[str, Any]] = []
        self.raw: list[str] = []
        self.arrivals: list[float] = []  # of what is in raw
        self.times: list[float] = []  # of what is in messages
        self.end: str | None = None
        self.dropped_at: float | None = None
        probe = session.probe
        with probe.changed:
            self._judged = JudgedStream(probe.monitor, "session", session.hash)
            session.streams.append(self)
            path = f"/queue/data?session_hash={quote(session.hash, safe='')}"
            self.reader = probe.open_stream(
                path, session.hash, self._on_event, self._on_end, headers
            )

    def of_kind(self, msg: str) -> list[Mapping[str, Any]]:
        return [m for m in self.messages if m.get("msg") == msg]

    @property
    def is_closed(self) -> bool:
        """Its last message said that it ends, in a version with such a message (SSE-011)."""
        probe = self.session.probe
        last = self.messages[-1].get("msg") if self.messages else None
        return last == CLOSING if probe.closes_streams else last != probe.stream_failure

    @property
    def knows_no_session(self) -> bool:
        """It has told that its session is unknown, and nothing else."""
        probe = self.session.probe
        marked = probe.has(NOT_FOUND)
        told = [(m.get("msg"), m.get("session_not_found")) for m in self.messages]
        return told == [(probe.stream_failure, True if marked else None)]

    def until(
        self, msg: str, *, clause: str, nth: int = 1, within: float | None = None
    ) -> Mapping[str, Any]:
        """Wait for the ``nth`` message of a kind on this stream, of whatever event."""
        self.session.probe.wait(
            lambda: len(self.of_kind(msg)) >= nth,
            clause,
            f"{msg} number {nth} on the stream of {self.session.hash}",
            self.describe,
            within=within,
            hopeless=lambda: self.end is not None,
        )
        return self.of_kind(msg)[nth - 1]

    def until_end(self, *, clause: str, within: float | None = None) -> str:
        """Wait for the end of the response; returns ``eof``, ``cut`` or ``dropped``."""
        self.session.probe.wait(
            lambda: self.end is not None,
            clause,
            "the end of the response",
            self.describe,
            within=within,
        )
        return str(self.end)

    def until_ready(self, *, clause: str = "SSE-001") -> None:
        """Wait for the response's status and headers."""
        if not self.reader.ready.wait(self.session.probe.patience_s):
            raise TooLate(clause, "an answer to GET queue/data", "nothing")

    def describe(self) -> str:
        kinds = [str(m.get("msg")) for m in self.messages]
        shown = kinds if len(kinds) <= 8 else [*kinds[:3], f"… {len(kinds) - 6} more", *kinds[-3:]]
        status = self.reader.status
        return f"HTTP {status}, messages [{', '.join(shown)}], {self.end or 'still open'}"

    def drop(self) -> None:
        """Close the connection from the client's side."""
        if self.end is None:
            self.dropped_at = time.monotonic()
            self.reader.drop()

    def _on_event(self, event: sse.Event) -> None:
        probe, lane = self.session.probe, self.session.hash
        observed = self._judged.event(event)
        if observed.form is not None and probe.coverage is not None:
            probe.coverage.shape(observed.form, observed.message)
        violation = probe.record(observed)
        self.raw.append(event.data)
        self.arrivals.append(now := time.monotonic())
        message = observed.message
        if isinstance(message, Mapping):
            self.messages.append(message)
            self.times.append(now)
        summary = summarise(message) if isinstance(message, Mapping) else show(event.data, 80)
        probe.timeline.add(
            RECEIVED,
            lane,
            summary,
            event_id=observed.event_id,
            state=observed.state,
            payload=message if message is not None else event.data,
            violation=violation,
        )

    def _on_end(self, how: str) -> None:
        self.end = how
        if how != "fault":  # of the suite's own making
            reader = self.reader
            tail = bytes(reader.received[-SHOWN:]) if reader.unfinished else None
            self.session.probe.record(self._judged.ended(how, reader.status, tail))


class CallStream:
    """One response of ``GET call/{name}/{event_id}``: a list of (SSE event name, data)."""

    def __init__(self, probe: Probe, name: str, event_id: str, *, v2: bool = False) -> None:
        self.probe = probe
        self.name = name
        self.event_id = event_id
        self.events: list[tuple[str | None, Any]] = []
        self.raw: list[str] = []
        self.times: list[float] = []  # of what is in events
        self.end: str | None = None
        self.dropped_at: float | None = None
        path = f"/call/{'v2/' if v2 else ''}{name}/{event_id}"
        with probe.changed:
            self._judged = JudgedStream(probe.monitor, "call", event_id)
            self.reader = probe.open_stream(path, f"call {name}", self._on_event, self._on_end)

    def of_kind(self, name: str) -> list[Any]:
        """The data of each SSE event with this name."""
        return [data for kind, data in self.events if kind == name]

    def until_end(self, *, clause: str = "CALL-023", within: float | None = None) -> str:
        """Wait for the end of the response."""
        self.probe.wait(
            lambda: self.end is not None,
            clause,
            "the end of the response",
            self.describe,
            within=within,
        )
        return str(self.end)

    def until(self, name: str, *, clause: str, nth: int = 1, within: float | None = None) -> Any:
        """Wait for the ``nth`` SSE event of this name; returns its data."""
        self.probe.wait(
            lambda: len(self.of_kind(name)) >= nth,
            clause,
            f"SSE event {name!r} number {nth}",
            self.describe,
            within=within,
            hopeless=lambda: self.end is not None,
        )
        return self.of_kind(name)[nth - 1]

    def result(self, *, clause: str = "CALL-004") -> tuple[str, Any]:
        """Wait for ``complete`` or ``error``; returns (name, data)."""

        def done() -> list[tuple[str, Any]]:
            return [(k, d) for k, d in self.events if k in ("complete", "error")]

        self.probe.wait(
            lambda: bool(done()),
            clause,
            "a complete or error event",
            self.describe,
            hopeless=lambda: self.end is not None,
        )
        return done()[0]

    def describe(self) -> str:
        shown = [f"{kind}: {show(data, 60)}" for kind, data in self.events[:6]]
        return f"HTTP {self.reader.status}, events {shown}, {self.end or 'still open'}"

    def drop(self) -> None:
        """Close the connection from the client's side."""
        if self.end is None:
            self.dropped_at = time.monotonic()
            self.reader.drop()

    def _on_event(self, event: sse.Event) -> None:
        observed = self._judged.event(event)
        violation = self.probe.record(observed)
        message = observed.message or {}
        self.raw.append(event.data)
        self.events.append((event.event, message.get("data")))
        self.times.append(time.monotonic())
        self.probe.timeline.add(
            RECEIVED,
            f"call {self.name}",
            f"{event.event}: {show(message.get('data'), 60)}",
            event_id=self.event_id,
            state=observed.state,
            payload=message.get("data"),
            violation=violation,
        )

    def _on_end(self, how: str) -> None:
        self.end = how
        if how != "fault":
            self.probe.record(self._judged.ended(how, self.reader.status, None))
