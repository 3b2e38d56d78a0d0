"""Recorded streams, told to the monitor in the order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from transcripts import CUT
from transcripts import Exchange
from transcripts import Recording

from gradio_spec.loader import load_spec
from gradio_spec.model import Spec
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import Observed


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that one client saw, to be told to the monitor in the order of time."""

    t_ms: float
    order: int
    kind: str
    exchange: Exchange
    payload: Any = None


def observations(recording: Recording) -> list[Observation]:
    """Joins, then openings, then messages, then ends, where the recorder's clock does not tell
    them apart.
    """
    return sorted(_observed(recording), key=lambda o: (o.t_ms, o.order))


def _observed(recording: Recording) -> Iterator[Observation]:
    for exchange in recording.exchanges:
        is_join = exchange.route == "/queue/join" or exchange.route.startswith("/call/")
        if (
            exchange.method == "POST"
            and is_join
            and exchange.status == 200
            and exchange.body is not CUT
        ):
            yield Observation(exchange.t_ms, 0, "join", exchange, exchange.body)
    for exchange in (*recording.streams(), *recording.call_streams()):
        if exchange.status != 200:
            continue
        yield Observation(exchange.t_ms, 1, "open", exchange)
        last = exchange.t_ms
        for message in exchange.messages:
            last = max(last, message.t_ms)
            yield Observation(message.t_ms, 2, "message", exchange, message)
        yield Observation(last, 3, "end", exchange)


def judge(recording: Recording, spec: Spec | None = None) -> set[str]:
    """The clauses that the monitor finds broken in one recording, by the newest version if no other
    is named.
    """
    monitor = Monitor(spec or load_spec())
    numbers: dict[int, int] = {}
    sessions: dict[str, str] = {}
    found: set[str] = set()
    for seen in observations(recording):
        observed = _tell(monitor, seen, numbers, sessions)
        found |= {v.clause for v in observed.violations} if observed else set()
    return found


def _tell(
    monitor: Monitor, seen: Observation, numbers: dict[int, int], sessions: dict[str, str]
) -> Observed | None:
    exchange, is_call = seen.exchange, seen.exchange.route.startswith("/call/")
    if seen.kind == "join":
        request = exchange.request if isinstance(exchange.request, dict) else {}
        session = request.get("session_hash") or seen.payload["event_id"]
        sessions[exchange.label] = session
        simple = request.get("simple_format") is True
        return monitor.joined(session, seen.payload["event_id"], simple_format=simple)
    if seen.kind == "open":
        # One recording lost the query; its join has the same label.
        session = exchange.query.get("session_hash", sessions.get(exchange.label, ""))
        event_id = exchange.route.rpartition("/")[2]
        number = monitor.call_opened(event_id) if is_call else monitor.opened(session)
        numbers[id(exchange)] = number
        return None
    number = numbers[id(exchange)]
    if seen.kind == "end":
        return monitor.ended(number, str(exchange.end))
    payload = seen.payload.payload
    if is_call:
        # NaN, where it was recorded, is given as it was sent.
        return monitor.call_message(number, seen.payload.name, json.dumps(payload))
    return monitor.message(number, payload)
