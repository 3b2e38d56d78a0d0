"""What a probe did and saw, as a history for :mod:`gradio_conformance.history` to judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance.history import Cancel
from gradio_conformance.history import Drop
from gradio_conformance.history import Entry
from gradio_conformance.history import History
from gradio_conformance.history import Join
from gradio_conformance.history import Release
from gradio_conformance.history import Sample
from gradio_conformance.history import Told
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.probe import StartedCall
from gradio_conformance.session import CallStream
from gradio_conformance.session import Event
from gradio_conformance.wire import Reply

BATCH_KEY = "batch"  # where batch_upper keeps its journal
KEPT = 100  # so many entries of a key a server keeps at least (testbed.yaml, `journal`)
CALL_MESSAGES = {"generating": "process_generating", "complete": "process_completed"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment (client's clock) and the last entry that the batches' journal had then."""

    at: float
    batch: dict[str, Any] | None


def mark(probe: Probe) -> Mark:
    """The moment from which :func:`collect` takes what happens."""
    entries = Gate(probe, BATCH_KEY).journal()
    return Mark(time.monotonic(), entries[-1] if entries else None)


def collect(
    probe: Probe,
    since: Mark | None = None,
    *,
    at_rest: bool = False,
    statuses: Sequence[Reply] = (),
) -> History:
    """All events that this probe joined or called since the mark, and what became of them.

    No join or call may be under way: it would stand in the ranks of the others.

    ``at_rest``: every gate was opened, and the client waited for everything that the server owes.
    ``statuses``: answers to ``GET queue/status``. Without a mark nothing is judged of batches but
    their results, as their journal holds those of others. Reads the journal: one request for each
    key. ``NonConformance`` (RUN-001) if there is none.
    """
    begun = since.at if since is not None else -1.0
    sessions = list(probe.sessions)
    with probe.changed:  # the messages first: what they tell must be in the journal when it is read
        events = [event for session in sessions for event in session.events]
        calls = [call for call in probe.started_calls if _event_id(call.reply)]
        streams = list(probe.call_streams)
        new = {e.id for e in events if e.reply.sent > begun}
        new |= {_event_id(c.reply) for c in calls if c.reply.sent > begun}
        told = [
            t for t in (*_session_messages(events, new), *_call_messages(streams)) if t.event in new
        ]
        drops = list(_drops(probe))
        unread = frozenset(_unread(events, calls, streams))
    found = [*map(_of_event, events), *map(_of_call, calls)]
    joins = [join for join in found if join.id in new]
    return History(
        joins=joins,
        entries=list(_entries(probe, joins, since)),
        told=sorted(told, key=lambda told: told.at),
        cancels=list(_cancels(probe)),
        drops=drops,
        releases=[
            Release(gate.key, at) for gate in list(probe.gates) for at in list(gate.releases)
        ],
        samples=[_sample(reply) for reply in statuses],
        unread=unread,
        joined_before=frozenset(join.endpoint for join in found if join.id not in new),
        called_directly=frozenset(probe.direct_calls),
        at_rest=at_rest,
    )


# -- what the testbed's functions wait for, journal and return -------------------------------------

Habit = Callable[[Sequence[Any]], Mapping[str, Any]]


def _hold(data: Sequence[Any]) -> Mapping[str, Any]:
    return {"gate": data[0], "key": data[0], "result": [data[0]]}


def _batch(data: Sequence[Any]) -> Mapping[str, Any]:
    word, colon, gate = str(data[0]).partition(":")
    return {"gate": gate if colon and word == "hold" else None, "result": [str(data[0]).upper()]}


HABITS: Mapping[str, Habit] = {
    **dict.fromkeys(
        ("hold", "hold_two", "hold_unlimited", "hold_shared_wide", "hold_shared_narrow"), _hold
    ),
    "hold_async": _hold,
    "hold_logs": lambda data: {"gate": data[0], "result": [data[1]]},
    "hold_generator": lambda data: {"gate": data[0] if data[1] > 0 else None, "key": data[0]},
    "progress": lambda data: {"gate": data[0], "result": ["done"]},
    "progress_nested": lambda data: {"gate": data[0], "result": ["done"]},
    "batch_upper": _batch,
    "echo": lambda data: {"result": list(data)},
    "echo_text": lambda data: {"result": list(data)},
}


def _habits(endpoint: str, data: Sequence[Any] | None) -> Mapping[str, Any]:
    """What is known of a call; nothing if it is one that its function may not take."""
    habit = HABITS.get(endpoint)
    if habit is None or data is None:
        return {}
    try:
        found = habit(data)
    except (LookupError, TypeError):
        return {}
    keys = [found[name] for name in ("gate", "key") if found.get(name) is not None]
    return found if all(isinstance(key, str) for key in keys) else {}


# -- parts -----------------------------------------------------------------------------------------


def _of_event(event: Event) -> Join:
    endpoint = _name_of(event.session.probe, event.fn_index) or ""
    return Join(
        event.id,
        endpoint,
        event.session.hash,
        event.reply.sent,
        event.reply.answered,
        **_habits(endpoint, event.data),
    )


def _of_call(call: StartedCall) -> Join:
    event_id, session = _event_id(call.reply), call.session_hash
    owner = session if isinstance(session, str) else event_id
    times = (call.reply.sent, call.reply.answered)
    return Join(event_id, call.name, owner, *times, **_habits(call.name, call.data))


def _name_of(probe: Probe, fn_index: Any) -> str | None:
    found = (d.get("api_name") for d in probe.target.dependencies if d.get("id") == fn_index)
    name = next(found, None)
    return name if isinstance(name, str) else None


def _event_id(reply: Reply) -> str:
    """The event id in the answer to a call; empty if it was refused."""
    body = reply.json("CALL-001") if reply.status == 200 and reply.is_json else None
    event_id = body.get("event_id") if isinstance(body, dict) else None
    return event_id if isinstance(event_id, str) else ""


def _session_messages(events: Sequence[Event], new: set[str]) -> Iterator[Told]:
    sessions = {id(event.session): event.session for event in events if event.id in new}
    for session in sessions.values():
        for stream in session.streams:
            for at, message in zip(stream.times, stream.messages, strict=True):
                yield Told(str(message.get("event_id")), at, message)


def _call_messages(streams: Sequence[CallStream]) -> Iterator[Told]:
    """The events of call streams, as the messages they stand for.

    What a stream says that was opened after another one had brought the end is no news (CALL-010).
    """
    ended: set[str] = set()
    for stream in streams:  # in the order in which they were opened
        if stream.event_id in ended:
            continue
        if stream.of_kind("complete") or stream.of_kind("error"):
            ended.add(stream.event_id)
        for at, (name, data) in zip(stream.times, stream.events, strict=True):
            if name == "error":
                body = {"msg": "process_completed", "success": False, "output": data}
                yield Told(stream.event_id, at, body)
            elif name in CALL_MESSAGES:
                body = {"msg": CALL_MESSAGES[name], "success": True, "output": {"data": data}}
                yield Told(stream.event_id, at, body)


def _unread(
    events: Sequence[Event], calls: Sequence[StartedCall], streams: Sequence[CallStream]
) -> Iterator[str]:
    """A stream that has ended brings nothing any more; whether it was right to end, the monitor
    knows.
    """
    for event in events:
        if all(stream.end is not None for stream in event.session.streams):
            yield event.id
    read = {stream.event_id for stream in streams if stream.end is None}
    for call in calls:
        if _event_id(call.reply) not in read:
            yield _event_id(call.reply)


def _drops(probe: Probe) -> Iterator[Drop]:
    owners = {_event_id(call.reply): call.session_hash for call in probe.started_calls}
    for session in list(probe.sessions):
        for stream in session.streams:
            if stream.dropped_at is not None:
                yield Drop(session.hash, stream.dropped_at)
    for call in probe.call_streams:
        if call.dropped_at is not None:
            yield Drop(owners.get(call.event_id) or call.event_id, call.dropped_at)


def _cancels(probe: Probe) -> Iterator[Cancel]:
    for sent in list(probe.cancels):
        endpoint = _name_of(probe, sent.fn_index)
        if isinstance(sent.event_id, str):
            owner = str(sent.session_hash)
            yield Cancel(sent.event_id, owner, endpoint, sent.sent, sent.answered)


def _entries(probe: Probe, joins: Sequence[Join], since: Mark | None) -> Iterator[Entry]:
    for key in sorted({join.key for join in joins if join.key is not None}):
        yield from (_entry(key, line) for line in Gate(probe, key).journal())
    if since is not None and any(join.endpoint == "batch_upper" for join in joins):
        lines = Gate(probe, BATCH_KEY).journal()
        # Where the marked entry is gone, others may be, too.
        if since.batch is not None and since.batch in lines:
            yield from (_entry(BATCH_KEY, line) for line in lines[lines.index(since.batch) + 1 :])
        elif since.batch is None and len(lines) < KEPT:
            yield from (_entry(BATCH_KEY, line) for line in lines)


def _entry(key: str, line: Mapping[str, Any]) -> Entry:
    return Entry(key, str(line.get("endpoint")), line["what"], line.get("n"), line["t"])


def _sample(reply: Reply) -> Sample:
    body = reply.require_status("QUEUE-011", 200).json("QUEUE-011")
    size = body.get("queue_size") if isinstance(body, dict) else None
    return Sample(reply.sent, reply.answered, size if isinstance(size, int) else -1)
