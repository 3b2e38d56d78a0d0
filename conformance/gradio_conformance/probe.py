"""What a check holds in its hand: one client of the server under test, with every message judged.

A probe owns a timeline, a monitor, and the sessions, streams and gates that its check opens;
closing it releases the gates and drops the streams, so that the next check finds the server idle.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance.events import Finding
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import show
from gradio_conformance.heartbeats import Heartbeat
from gradio_conformance.raw import Peer
from gradio_conformance.raw import RawConnection
from gradio_conformance.raw import RawRequest
from gradio_conformance.session import CallStream
from gradio_conformance.session import Session
from gradio_conformance.target import Target
from gradio_conformance.timeline import CONTROL_LANE
from gradio_conformance.timeline import NOTE
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.timeline import Timeline
from gradio_conformance.timeline import curl_line
from gradio_conformance.wire import EVENT_STREAM
from gradio_conformance.wire import Reply
from gradio_conformance.wire import StreamReader
from gradio_conformance.wire import Wire
from gradio_conformance.wire import merged
from gradio_spec import sse
from gradio_spec.coverage import Coverage
from gradio_spec.model import Spec
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import Observed
from gradio_spec.records import Violation

# How long a finished check waits for its own events to end before it drops their streams.
SETTLE_S = 2.0
RELEASES_AT_END = 200
DIRECT = ("run", "api")


@dataclass(slots=True)
class SentCancel:
    """A cancel as it was sent; ``answered`` is ``None`` until it is (seconds, monotonic)."""

    session_hash: Any
    fn_index: Any
    event_id: Any
    sent: float
    answered: float | None = None


@dataclass(frozen=True, slots=True)
class StartedCall:
    """An answer to ``POST call/{name}`` or ``call/v2/{name}``, accepted or not.

    ``data``: only of the first; ``session_hash``: ``None`` where the call is a session of its own.
    """

    name: str
    data: Sequence[Any] | None
    session_hash: Any
    reply: Reply


class Probe:
    """One client of ``target``. ``patience_s`` bounds every wait for something the server must
    do; ``coverage`` is told everything that is seen.

    :attr:`changed` guards everything that streams write from their threads; waiters sleep on it.
    """

    def __init__(
        self,
        target: Target,
        spec: Spec,
        *,
        patience_s: float = 10.0,
        coverage: Coverage | None = None,
        profiles: tuple[str, ...] = (),
        seed: int = 0,
    ) -> None:
        self.target = target
        self.spec = spec
        self.patience_s = patience_s
        self.timeline = Timeline()
        self.monitor = Monitor(spec)
        self.changed = threading.Condition(threading.RLock())
        self.findings: list[Finding] = []
        self.faults: list[Exception] = []  # of the suite, in a background thread
        self.coverage = coverage
        self.profiles = profiles  # what the run is about
        self.seed = seed  # of everything that is generated without Hypothesis' own
        self.scripts: list[Mapping[str, Any]] = []  # how to bring about a finding again, as data
        self.remark: str | None = None  # what a passing check has to say
        self.wire = Wire(
            target.base_url, self.timeline, patience_s, self._exchanged, target.headers
        )
        # What was done, oldest first; whoever adds does so from any thread.
        self.sessions: list[Session] = []
        self.call_streams: list[CallStream] = []
        self.gates: list[Gate] = []
        self.cancels: list[SentCancel] = []
        self.started_calls: list[StartedCall] = []
        self.direct_calls: list[str] = []
        self._heartbeats: list[Heartbeat] = []
        self._raw: list[RawConnection] = []

    def another(self, *, patience_s: float | None = None) -> Probe:
        """A fresh client of the same server, for a check whose examples must not share one."""
        patience = self.patience_s if patience_s is None else patience_s
        return Probe(
            self.target,
            self.spec,
            patience_s=patience,
            coverage=self.coverage,
            profiles=self.profiles,
            seed=self.seed,
        )

    # -- plain requests ---------------------------------------------------------------------

    def request(self, method: str, path: str, **options: Any) -> Reply:
        """One request; ``path`` starts with ``/`` and is taken below the API prefix.

        Options as in :meth:`Wire.request`: ``json_body``, ``content``, ``headers``, ``lane``.
        """
        route, _, name = path.removeprefix("/").partition("/")
        if route in DIRECT:
            self.direct_calls.append(name)
        return self.wire.request(method, self.target.prefix + path, **options)

    def root_request(self, method: str, path: str, **options: Any) -> Reply:
        """One request outside the API prefix (``/config``)."""
        return self.wire.request(method, path, **options)

    def run(self, name: str, data: Sequence[Any] = (), **members: Any) -> Reply:
        """``POST run/{name}`` with positional data."""
        return self.request("POST", f"/run/{name}", json_body={"data": list(data), **members})

    def cancel(self, *, session_hash: Any, fn_index: Any, event_id: Any) -> Reply:
        """``POST cancel`` with exactly these members."""
        body = {"session_hash": session_hash, "fn_index": fn_index, "event_id": event_id}
        sent = SentCancel(session_hash, fn_index, event_id, time.monotonic())
        self.cancels.append(sent)
        reply = self.request("POST", "/cancel", json_body=body)
        sent.answered = reply.answered
        return reply

    # -- bytes --------------------------------------------------------------------------------

    def raw(self, clause: str, receive_buffer: int | None = None) -> RawConnection:
        """A connection of its own; silence on it breaks ``clause``."""
        peer = Peer.of(self.target.base_url)
        connection = RawConnection(peer, self.timeline, self.patience_s, clause, receive_buffer)
        self._raw.append(connection)
        return connection

    def raw_request(self, method: str, path: str, **options: Any) -> RawRequest:
        """A request as bytes; ``path`` as in :meth:`request`, options as in :class:`RawRequest`."""
        peer = Peer.of(self.target.base_url)
        return RawRequest(peer, method, self.target.prefix + path, **options)

    # -- the version that is judged by --------------------------------------------------------

    def knows(self, method: str, path: str) -> bool:
        """Whether the version that the server is judged by has this operation."""
        return self.spec.routes.find(method, path, "")[0] is not None

    @property
    def closes_streams(self) -> bool:
        """Whether a stream of a session ends with a message that says so, close_stream."""
        return self.has("messages#/$defs/CloseStream")

    @property
    def stream_failure(self) -> str:
        """The msg of the message that ends a stream which failed or is of no session (SSE-004)."""
        schema = self.spec.schemas.schema("messages#/$defs/UnexpectedError/properties/msg")
        return str(schema["const"])

    @property
    def tells_errors_of_calls(self) -> bool:
        """Whether the error of a call's stream is an object (CALL-006)."""
        return self.has("messages#/$defs/CallError/then")

    def has(self, ref: str) -> bool:
        """Whether it has this part of its schemas, such as a member of a message."""
        return self.spec.schemas.has(ref)

    # -- sessions and calls -----------------------------------------------------------------

    def session(self, session_hash: str | None = None) -> Session:
        """A session of this client; its hash is fresh unless given."""
        session = Session(self, session_hash or f"s-{uuid.uuid4().hex[:12]}")
        self.sessions.append(session)
        return session

    def call(self, name: str, data: Sequence[Any] = (), **members: Any) -> Reply:
        """``POST call/{name}``: the simple API, positional."""
        body = {"data": list(data), **members}
        reply = self.request("POST", f"/call/{name}", json_body=body)
        self.started_calls.append(StartedCall(name, data, members.get("session_hash"), reply))
        return reply

    def call_v2(self, name: str, arguments: Mapping[str, Any]) -> Reply:
        """``POST call/v2/{name}``: arguments by name. ``NotApplicable`` where the version that the
        server is judged by has no such route.
        """
        if not self.knows("POST", f"/call/v2/{name}"):
            raise NotApplicable(f"{self.spec.release.id} has no call/v2")
        reply = self.request("POST", f"/call/v2/{name}", json_body=dict(arguments))
        self.started_calls.append(StartedCall(name, None, arguments.get("session_hash"), reply))
        return reply

    def call_stream(self, name: str, event_id: str, *, v2: bool = False) -> CallStream:
        """Open ``GET call/{name}/{event_id}`` and read it in the background."""
        stream = CallStream(self, name, event_id, v2=v2)
        self.call_streams.append(stream)
        return stream

    def heartbeat(self, session_hash: str) -> Heartbeat:
        """Open ``GET heartbeat/{session_hash}`` and read it in the background."""
        heartbeat = Heartbeat(self, session_hash)
        self._heartbeats.append(heartbeat)
        return heartbeat

    def journal_of(self, key: str) -> Gate:
        """What the testbed writes down under a key that is no gate's."""
        return Gate(self, key)

    def gate(self) -> Gate:
        """A fresh gate for the testbed's ``hold…`` endpoints; opened for good when the check
        ends.
        """
        gate = Gate(self, f"gate-{uuid.uuid4().hex[:12]}")
        self.gates.append(gate)
        return gate

    # -- judging ----------------------------------------------------------------------------

    def wait(
        self,
        condition: Callable[[], bool],
        clause: str,
        expected: str,
        actual: Callable[[], Any],
        *,
        within: float | None = None,
        hopeless: Callable[[], bool] | None = None,
        poll_s: float | None = None,
    ) -> None:
        """Wait until ``condition``; past the deadline, or once it is ``hopeless``, ``clause`` is
        broken.

        The condition is asked again after every message; with ``poll_s`` also after so many
        seconds without one, for conditions that no message announces.
        """
        seconds = self.patience_s if within is None else within
        deadline = time.monotonic() + seconds
        with self.changed:
            while not condition():
                self._raise_faults()
                left = deadline - time.monotonic()
                if hopeless is not None and hopeless():
                    raise NonConformance(clause, expected, show(actual()))
                if left <= 0:
                    raise TooLate(clause, f"{expected} (within {seconds:g} s)", show(actual()))
                self.changed.wait(left if poll_s is None else min(left, poll_s))

    def record(self, observed: Observed | Sequence[Violation]) -> str | None:
        """Keep the violations of one observation; returns the first one's clause for the trace."""
        violations = observed.violations if isinstance(observed, Observed) else tuple(observed)
        now = self.timeline.now_ms()
        self.findings += [Finding(v.clause, v.expected, v.actual, now) for v in violations]
        return violations[0].clause if violations else None

    def _exchanged(self, sent: Any, reply: Reply) -> None:
        if self.coverage is not None:
            body = reply.content if reply.is_json else None
            where = (reply.method, reply.path, self.target.prefix)
            self.coverage.exchange(*where, sent, reply.status, body)

    def _raise_faults(self) -> None:
        """What went wrong in a background thread goes wrong here: it must not look like silence."""
        if self.faults:
            raise self.faults[0]

    def verify(self) -> None:
        """Raise the first violation that the monitor has found so far, if any.

        For use at the end of each generated example, so that Hypothesis can shrink it.
        """
        if self.findings:
            first = self.findings[0]
            raise NonConformance(first.clause, first.expected, first.actual)

    # -- the background side ----------------------------------------------------------------

    def open_stream(
        self,
        path: str,
        lane: str,
        on_event: Callable[[sse.Event], None],
        on_end: Callable[[str], None],
        headers: Mapping[str, str] | None = None,
    ) -> StreamReader:
        """A streamed GET below the API prefix; the callbacks run under :attr:`changed`."""

        seen = self.coverage.stream(path) if self.coverage is not None else None

        def event(item: sse.Event) -> None:
            if seen is not None:
                seen(item.event, item.data)
            with self.changed:
                on_event(item)
                self.changed.notify_all()

        def end(how: str) -> None:
            if self.coverage is not None and reader.status is not None:
                body = bytes(reader.body) or None
                self.coverage.exchange("GET", path, "", None, reader.status, body)
            with self.changed:
                told = f"({how}: {reader.error})" if reader.error and how == "cut" else f"({how})"
                self.timeline.add(NOTE if how == "dropped" else RECEIVED, lane, told)
                if reader.fault is not None:
                    self.faults.append(reader.fault)
                try:
                    on_end(how)
                except Exception as error:
                    self.faults.append(error)
                self.changed.notify_all()

        url = self.target.base_url + self.target.prefix + path
        headers = merged(self.target.headers, headers)
        curl = curl_line("GET", url, {**EVENT_STREAM, **headers}, None, stream=True)
        self.timeline.add(SENT, lane, f"GET {path}", curl=curl)
        reader = StreamReader(url, headers=headers, on_event=event, on_end=end)
        reader.start()
        return reader

    def close(self) -> None:
        """Let every held function end, wait for that a moment, and drop what is still open."""
        for gate in self.gates:
            gate.open_for_good()
        deadline = time.monotonic() + min(SETTLE_S, self.patience_s)
        for session in self.sessions:
            session.settle(deadline)
        for stream in self.call_streams:
            stream.drop()
        for connection in self._raw:
            connection.close()
        for heartbeat in self._heartbeats:
            heartbeat.drop()
        with self.changed:
            self.record(self.monitor.finish())
            if self.coverage is not None:
                self.coverage.lifecycle(self.monitor)
        self.wire.close()
        self._raise_faults()


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("what"), str) and "t" in entry


class Gate:
    """One counting semaphore inside the testbed, and the journal that is kept under the same
    key.
    """

    def __init__(self, probe: Probe, key: str) -> None:
        self._probe = probe
        self.key = key
        self.releases: list[float] = []  # when each was sent (seconds, monotonic)
        self._is_open = False

    def release(self, times: int = 1) -> None:
        """Let ``times`` waits pass, now or later."""
        self.releases.append(time.monotonic())
        self._control("release", [self.key, times])

    def journal(self) -> list[dict[str, Any]]:
        """What the testbed's functions wrote down under this key, oldest first."""
        entries = self._control("journal", [self.key])
        if not isinstance(entries, list) or not all(map(_is_entry, entries)):
            raise NonConformance("RUN-001", "the entries of the journal", show(entries))
        return entries

    def _control(self, name: str, data: list[Any]) -> Any:
        body = {"data": data}
        path = f"/run/{name}"
        reply = self._probe.request("POST", path, json_body=body, lane=CONTROL_LANE)
        answer = reply.require_status("RUN-001", 200).json("RUN-001")
        outputs = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(outputs, list) or not outputs:
            raise NonConformance("RUN-001", f"the output of {name} in data", show(answer))
        return outputs[0]

    def happened(self, what: str) -> list[dict[str, Any]]:
        """The journal's entries of one kind (``start``, ``end``, ``cancelled``, ``closed``,
        ``step``).
        """
        return [entry for entry in self.journal() if entry["what"] == what]

    def wait_growth(self, written: int, clause: str, expected: str) -> None:
        """Wait until the journal has more than ``written`` entries."""
        self._wait(self.journal, written + 1, clause, expected)

    def wait_journal(self, what: str, times: int, clause: str, expected: str) -> None:
        """Wait until the journal holds ``times`` entries of a kind."""
        self._wait(lambda: self.happened(what), times, clause, expected)

    def _wait(
        self, read: Callable[[], list[dict[str, Any]]], number: int, clause: str, expected: str
    ) -> None:
        """Ask again and again: a journal cannot push."""
        deadline = time.monotonic() + self._probe.patience_s
        while len(entries := read()) < number:
            if time.monotonic() >= deadline:
                raise TooLate(clause, expected, show(entries))

    def open_for_good(self) -> None:
        """Free whatever still waits, also on a server that has lost track of it."""
        if self._is_open:
            return
        try:
            self.release(RELEASES_AT_END)
            self._is_open = True
        except Exception as error:
            self._probe.timeline.add(NOTE, "http", f"release of {self.key} failed: {error!r}")
