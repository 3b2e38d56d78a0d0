"""Simple calls as checks make them: hand in, read the stream to its end, say what came."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.answers import require_valid
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import CallStream
from gradio_conformance.wire import Reply

Told = list[list[Any]]


def event_id_of(probe: Probe, reply: Reply, clause: str = "CALL-001") -> str:
    """The event id in the answer of an accepted call."""
    body = json_object(reply.require_status(clause, 200), clause)
    require_valid(probe, "http#/$defs/CallAccepted", body, clause)
    return str(body["event_id"])


def start_call(probe: Probe, name: str, data: Sequence[Any] = (), **members: Any) -> CallStream:
    """``POST call/{name}``, and the stream of its event, open."""
    reply = probe.call(name, data, **members)
    return probe.call_stream(name, event_id_of(probe, reply))


def start_call_v2(
    probe: Probe, name: str, arguments: Mapping[str, Any], clause: str = "CALL-001"
) -> CallStream:
    """``POST call/v2/{name}``, whose refusal breaks ``clause``, and the stream of its event."""
    reply = probe.call_v2(name, arguments)
    return probe.call_stream(name, event_id_of(probe, reply, clause), v2=True)


def told(stream: CallStream, clause: str = "CALL-023") -> Told:
    """Wait for the clean end of the response; returns [event name, data] without heartbeats."""
    end = stream.until_end(clause=clause)
    require_equal(end, "eof", clause, "the end of the response")
    return [[name, data] for name, data in stream.events if name != "heartbeat"]


def ended(stream: CallStream) -> Told:
    """The same, for a call whose end has to be a result."""
    events = told(stream)
    kinds = [name for name, _ in events]
    good = kinds[-1:] in (["complete"], ["error"])
    require(good, "CALL-004", "complete or error as the last event", events)
    return events


def require_completes(stream: CallStream, wanted: list[Any], clause: str) -> None:
    """Demand exactly one event, ``complete`` with these outputs, and then the end."""
    require_equal(told(stream), [["complete", wanted]], clause, "the events of the call")


def require_fails(stream: CallStream, clause: str) -> Any:
    """Demand exactly one event, ``error``, and then the end; returns its data."""
    events = told(stream)
    good = [name for name, _ in events] == ["error"]
    require(good, clause, "one error event", events)
    return events[0][1]
