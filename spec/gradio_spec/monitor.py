"""The judge of message sequences: observations in, broken clauses out. Sans-I/O, no clock.

The order rules are executed from ``lifecycle.yaml``, the shapes from the JSON Schemas; nothing
about the protocol is repeated here. Observations are fed in the order in which one observer made
them. A message may name an event whose join has not been answered yet (EVT-034), so events are
created by whichever is seen first.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradio_spec import diff
from gradio_spec.machine import Machine
from gradio_spec.machine import Step
from gradio_spec.model import Spec
from gradio_spec.records import EventRecord
from gradio_spec.records import Situation
from gradio_spec.records import StreamRecord
from gradio_spec.records import Violation
from gradio_spec.rules import KINDS
from gradio_spec.rules import brief
from gradio_spec.schemas import EDITS

# server_stopped: what unexpected_error was called in the first two releases of sse_v1
STREAM_MESSAGES = frozenset({"heartbeat", "close_stream", "unexpected_error", "server_stopped"})
EVENT_MESSAGE = "event_message"


@dataclass(frozen=True, slots=True)
class Observed:
    """What the monitor made of one observation; ``form`` names the narrower schema by which its
    history makes this message be read.
    """

    violations: tuple[Violation, ...]
    message: Mapping[str, Any] | None = None
    event_id: str | None = None
    state: str | None = None
    form: str | None = None


class NotStrictJSON(ValueError):
    """The payload is not strict JSON (SSE-006)."""


def strict_json(text: str) -> Any:
    """Parse JSON as RFC 8259 has it: no ``NaN``, no ``Infinity``."""

    def refuse(constant: str) -> Any:
        raise NotStrictJSON(f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:  # ValueError: also of a number without end
        raise NotStrictJSON(str(error)) from error


class Monitor:
    """Judges the streams of one server as one client sees them.

    ``transitions`` counts the steps of the machines as (machine, state, input, new state),
    ``passages`` those that a row allowed, with the name of its guard, and ``judged`` the rules that
    were asked: the run's coverage of the lifecycle. ``ValueError`` for the families without session
    streams, ``ws`` and ``sse``.
    """

    def __init__(self, spec: Spec) -> None:
        self._schemas = spec.schemas
        self._rules = spec.lifecycle.rules
        self._machines = spec.lifecycle.machines
        if "session_stream" not in self._machines:
            judge = "gradio_spec.connections"
            raise ValueError(f"{spec.version} has a connection for each event; see {judge}")
        self._event: Machine = self._machines["event"]
        self._stream: Machine = self._machines["session_stream"]
        # Before 4.24 a number that is not finite was sent as no JSON has it, before sse_v2 every
        # chunk in full.
        self._strict = "SSE-006" in spec.clauses
        self._edits = any(rule.kind == "edits-parse" for rule in self._rules)
        self._streams: dict[int, StreamRecord] = {}
        self._joining: dict[str, bool] = {}
        self.events: dict[str, EventRecord] = {}
        self.transitions: Counter[tuple[str, str, str, str]] = Counter()
        self.passages: Counter[tuple[str, str, str, str, str | None]] = Counter()
        self.judged: Counter[str] = Counter()

    # -- observations -----------------------------------------------------------------------

    def joining(self, session: str, *, simple_format: bool) -> None:
        """``session`` is about to send a join: messages may come before its answer (EVT-034).

        Without this, an event is taken to send edits until :meth:`joined` says otherwise.
        """
        self._joining[session] = simple_format

    def joined(self, session: str, event_id: str, *, simple_format: bool = False) -> Observed:
        """``queue/join`` of ``session`` was answered with ``event_id``."""
        event = self._event_record(event_id)
        found: list[Violation] = []
        if event.accepted:
            found.append(Violation("JOIN-002", "an event id never used before", event_id))
        elif event.session is not None and event.session != session:
            actual = f"{event_id} was seen on the stream of {event.session!r}"
            found.append(Violation("SSE-010", f"an event of session {session!r}", actual))
        event.accepted = True
        event.session = session
        event.simple_format = simple_format
        return Observed(tuple(found), event_id=event_id, state=event.state)

    def opened(self, session: str) -> int:
        """A session stream was opened; returns the stream's number for the later observations."""
        for older in self._streams.values():
            if (
                self._of_session(older)
                and older.owner == session
                and older.state not in self._stream.final
            ):
                self._advance_stream(self._stream, older, "replaced", None)
        accepted = frozenset(e.id for e in self.events.values() if e.session == session)
        return self._open(self._stream, session, accepted)

    def message(self, stream_id: int, payload: str | Mapping[str, Any]) -> Observed:
        """One message of a session stream: its JSON text, or the parsed object."""
        stream = self._streams[stream_id]
        try:
            message = self._parsed(payload) if isinstance(payload, str) else payload
        except ValueError as error:
            actual = f"{brief(payload)} ({error})"
            return Observed((Violation("SSE-006", "strict JSON in data", actual),))
        found = [
            Violation(e.clause or "SSE-003", e.message, f"{e.path}: {brief(message)}")
            for e in self._schemas.check_message(message)
        ]
        name = message.get("msg") if isinstance(message, Mapping) else None
        if not isinstance(name, str) or any(v.clause == "SSE-004" for v in found):
            return Observed(tuple(found))
        symbol = name if name in STREAM_MESSAGES else EVENT_MESSAGE
        found += self._advance_stream(self._stream, stream, symbol, message)
        if symbol != EVENT_MESSAGE:
            found += self._judge_rules(name, message, stream, None)
            return Observed(tuple(found), message, None, stream.state)
        event_id = message.get("event_id")
        if not isinstance(event_id, str):
            return Observed(tuple(found), message, None, stream.state)
        form = self._form(name, event_id)
        event, more = self._event_message(name, message, stream, event_id)
        return Observed(tuple(found + more), message, event_id, event.state, form)

    def ended(self, stream_id: int, how: str) -> Observed:
        """A stream is over: ``eof`` (clean end), ``cut`` (aborted body) or ``dropped`` (by the
        client).
        """
        stream = self._streams[stream_id]
        machine = self._machines[stream.machine]
        # Its events live on in the next stream (SSE-015) or in the newer reader's (SSE-024), also
        # where the replaced reader was told so by an unexpected_error.
        was = stream.state
        found = self._advance_stream(machine, stream, how, None)
        if self._of_session(stream) and was == machine.initial:
            found += self._judge_rules(how, {}, stream, None)
        # Before there was close_stream, the bare end said that nothing is outstanding.
        is_done = was == machine.initial and how == "eof" and not found
        goes_on = was == "closed" or is_done or self._is_replaced(stream)
        if self._of_session(stream) and not goes_on:
            self._lose_events(stream)
        return Observed(tuple(found), state=stream.state)

    def call_opened(self, event_id: str) -> int:
        """A call stream was opened; returns the stream's number. ``KeyError`` for a version that
        has none.
        """
        return self._open(self._machines["call_stream"], event_id)

    def call_message(self, stream_id: int, name: str | None, payload: str) -> Observed:
        """One SSE event of a call stream: its ``event`` name and its ``data`` text."""
        stream = self._streams[stream_id]
        found: list[Violation] = []
        data: Any = None
        try:
            data = strict_json(payload)
        except NotStrictJSON as error:
            actual = f"{brief(payload)} ({error})"
            found.append(Violation("CALL-020", "strict JSON in data", actual))
        else:
            found += [
                Violation(e.clause or "CALL-003", e.message, f"{name}: {brief(data)}")
                for e in self._schemas.check_call(name, data)
            ]
        message = {"event": name, "data": data}
        if any(v.clause == "CALL-003" for v in found) or name is None:
            return Observed(tuple(found), message, stream.owner, stream.state)
        found += self._advance_stream(self._machines[stream.machine], stream, name, message)
        return Observed(tuple(found), message, stream.owner, stream.state)

    def heartbeat_opened(self, session: str) -> int:
        """A heartbeat of ``session`` was opened; returns the stream's number. ``KeyError`` for a
        version that has none.
        """
        return self._open(self._machines["heartbeat_stream"], session)

    def heartbeat_message(self, stream_id: int, name: str | None, payload: str) -> Observed:
        """One SSE event of a heartbeat: its ``event`` name, if any, and its ``data`` text."""
        stream = self._streams[stream_id]
        message = {"event": name, "data": payload}
        wrong = self._schemas.check("messages#/$defs/Alive", message)
        machine = self._machines[stream.machine]
        found = self._advance_stream(machine, stream, "other" if wrong else "alive", None)
        return Observed(tuple(found), message, None, stream.state)

    def finish(self) -> tuple[Violation, ...]:
        """What can only be said at the end, when every join of this client has been answered."""
        return tuple(
            Violation(
                "EVT-034",
                "messages of accepted events only",
                f"{e.id}: no join was answered with it",
            )
            for e in self.events.values()
            if not e.accepted
        )

    # -- questions --------------------------------------------------------------------------

    def fork(self) -> Monitor:
        """A monitor that has seen the same, to be fed otherwise from here on."""
        other = copy.copy(self)
        other._streams = {key: copy.copy(stream) for key, stream in self._streams.items()}
        other._joining = dict(self._joining)
        other.events = {key: event.copy() for key, event in self.events.items()}
        other.transitions = self.transitions.copy()
        other.passages = self.passages.copy()
        other.judged = self.judged.copy()
        return other

    def situation(self) -> str:
        """What it knows, as text: equal for two that will judge all that follows alike."""
        return repr((self.events, self._streams, self._joining))

    def outstanding(self, session: str) -> frozenset[str]:
        """The events of a session that have not ended."""
        final = self._event.final
        return frozenset(
            e.id for e in self.events.values() if e.session == session and e.state not in final
        )

    # -- parts ------------------------------------------------------------------------------

    def _open(self, machine: Machine, owner: str, accepted: frozenset[str] = frozenset()) -> int:
        number = len(self._streams) + 1
        record = StreamRecord(number, machine.name, owner, machine.initial, accepted)
        self._streams[number] = record
        return number

    def _parsed(self, payload: str) -> Any:
        return strict_json(payload) if self._strict else json.loads(payload)

    def _of_session(self, stream: StreamRecord) -> bool:
        return stream.machine == self._stream.name

    def _event_record(self, event_id: str) -> EventRecord:
        if event_id not in self.events:
            self.events[event_id] = EventRecord(event_id, self._event.initial)
        return self.events[event_id]

    def _event_message(
        self, name: str, message: Mapping[str, Any], stream: StreamRecord, event_id: str
    ) -> tuple[EventRecord, list[Violation]]:
        event = self._event_record(event_id)
        if event.session is None:
            event.session = stream.owner
            event.simple_format = self._joining.get(stream.owner, False)
        event.seen_on.add(stream.id)
        found = self._judge_rules(EVENT_MESSAGE, message, stream, event)
        step = self._event.step(event.state, name, message)
        found += self._refused(self._event, step, event_id)
        event.state = step.target
        found += self._judge_rules(name, message, stream, event)
        self._rebuild(event, name, message)
        return event, found

    def _advance_stream(
        self, machine: Machine, stream: StreamRecord, symbol: str, message: Any
    ) -> list[Violation]:
        step = machine.step(stream.state, symbol, message)
        stream.state = step.target
        return self._refused(machine, step, stream.owner)

    def _refused(self, machine: Machine, step: Step, thing: str) -> list[Violation]:
        self.transitions[machine.name, step.source, step.symbol, step.target] += 1
        if step.refusal is None:
            self.passages[machine.name, step.source, step.symbol, step.target, step.when] += 1
            return []
        actual = f"{step.symbol} while {thing} was {step.source} ({machine.states[step.source]})"
        return [Violation(step.refusal.clause, step.refusal.expected, actual)]

    def _judge_rules(
        self, on: str, message: Mapping[str, Any], stream: StreamRecord, event: EventRecord | None
    ) -> list[Violation]:
        older_open = self._of_session(stream) and self._has_open_predecessor(stream)
        now = Situation(on, message, stream, event, self.events, self._event.final, older_open)
        rules = [rule for rule in self._rules if rule.on == on]
        self.judged.update(rule.id for rule in rules)
        return [v for rule in rules for v in KINDS[rule.kind](rule, now)]

    def _form(self, name: str, event_id: str) -> str | None:
        event = self.events.get(event_id)
        if name != "process_generating" or event is None or event.simple_format or not self._edits:
            return None
        return None if event.values is None else EDITS

    def _is_replaced(self, stream: StreamRecord) -> bool:
        return any(
            other.id > stream.id and other.owner == stream.owner
            for other in self._streams.values()
            if self._of_session(other)
        )

    def _has_open_predecessor(self, stream: StreamRecord) -> bool:
        return any(
            other.id < stream.id
            and other.owner == stream.owner
            and other.state not in self._stream.final
            for other in self._streams.values()
            if self._of_session(other)
        )

    def _lose_events(self, stream: StreamRecord) -> None:
        for event in self.events.values():
            if event.session == stream.owner and event.state not in self._event.final:
                step = self._event.step(event.state, "stream_lost")
                self._refused(self._event, step, event.id)
                event.state = step.target

    def _rebuild(self, event: EventRecord, name: str, message: Mapping[str, Any]) -> None:
        """Keep the value a client would show, as EVT-012 and EVT-013 let it."""
        output = message.get("output")
        data = output.get("data") if isinstance(output, Mapping) else None
        if name != "process_generating" or not isinstance(data, list) or not event.decodable:
            return
        if event.values is None or event.simple_format or not self._edits:
            event.values = data
            return
        try:
            event.values = [diff.apply(v, e) for v, e in zip(event.values, data, strict=True)]
        except (diff.DiffError, TypeError, ValueError):
            event.decodable = False
