"""Session hashes, streams and heartbeats."""

from __future__ import annotations

import math
import re

from gradio_conformance.traffic.client_rules.asking import GRACE_S
from gradio_conformance.traffic.client_rules.asking import Answer
from gradio_conformance.traffic.client_rules.asking import Case
from gradio_conformance.traffic.client_rules.asking import ClientRule
from gradio_conformance.traffic.client_rules.asking import Found
from gradio_conformance.traffic.client_rules.asking import Later
from gradio_conformance.traffic.client_rules.asking import Moment
from gradio_conformance.traffic.clients import JOIN
from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.exchange import HEARTBEAT

# A client that has not opened its stream by then, though it is there, does not do so.
STREAM_S = 15.0
HEARTBEAT_S = 10.0
POLLS = 4  # heartbeats of one session that were opened and left
# Math.random().toString(36), which the official client for JavaScript uses, has 50 bits and rarely
# fewer than 45; what cannot even have these is a name, not a secret.
LEAST_BITS = 40.0


def hashes_are_chosen_by_chance(case: Case) -> Answer:
    session = case.clients.sessions.get(case.exchange.session or "")
    if session is None or session.hash in case.clients.events:
        return None
    # A phone that changes its network does not come back to the old address.
    if session.is_back:
        others = ", ".join(sorted(session.clients))
        return [Found("a session hash of its own for each client", f"{session.hash!r} of {others}")]
    if session.first is case.exchange and (bits := most_bits(session.hash)) < LEAST_BITS:
        actual = f"{session.hash!r}, of {bits:.0f} bits at most"
        return [Found("a random session hash, of at least 40 bits of chance", actual)]
    return ()


def most_bits(text: str) -> float:
    """So much chance is in a text at most, by its length and the kinds of characters in it."""
    kinds = ((r"[0-9]+", 10), (r"[0-9a-f]+", 16), (r"[0-9a-z]+", 36), (r"[0-9a-zA-Z]+", 62))
    bare = text.replace("-", "") if re.fullmatch(r"[0-9a-fA-F-]+", text) else text
    size = next((size for pattern, size in kinds if re.fullmatch(pattern, bare)), 95)
    return len(bare) * math.log2(size) if len(set(bare)) > 1 else 0.0


def one_stream_at_a_time(case: Case) -> Answer:
    session = case.clients.sessions.get(case.exchange.session or "")
    older = session.open_stream(before=case.exchange) if session is not None else None
    if session is None or older is None:
        return () if session is not None else None
    due = case.now + GRACE_S

    def find(now: float) -> Found | None:
        still = older.over_at is None or older.over_at > due
        if not still or older.id in session.told_last or case.exchange.status not in (None, 200):
            return None
        return Found("no second stream of a session that is read", f"exchange {older.id} is open")

    return [Later(due, find)]


def streams_are_read_to_their_end(case: Case) -> Answer:
    """Somebody still waits for what was left, if the stream is opened again for nothing else."""
    session = case.clients.sessions.get(case.exchange.session or "")
    older = [s for s in session.streams if s.id < case.exchange.id] if session is not None else []
    if session is None or not older or not session.outstanding():
        return None if not older else ()
    last, waiting = older[-1], session.outstanding()[0]
    last_join = max((join.at for join in session.joins), default=-math.inf)

    def find(now: float) -> Found | None:
        if last.how != "left" or last.status != 200 or last.id in session.told_last:
            return None
        left = min(last.over_at or 0.0, case.exchange.at)
        if last_join > max(last.at, left - GRACE_S):
            return None  # a new event to open it for
        actual = f"left after {(last.over_at or 0.0) - last.at:.1f} s, and opened again"
        return Found("a stream that is read until close_stream", actual, event_id=waiting.id)

    if last.is_open:
        return [Later(case.now + GRACE_S, find)]
    found = find(case.now)
    return [found] if found is not None else ()


def events_are_read(case: Case) -> Answer:
    exchange = case.exchange
    session = case.clients.sessions.get(exchange.session or "")
    if session is None or exchange.event_id is None:
        return None
    event_id, due = exchange.event_id, case.now + STREAM_S

    def find(now: float) -> Found | None:
        event = session.events.get(event_id)
        is_there = bool(session.open_heartbeats())  # a client that has gone needs no stream
        waits = event is not None and event.ended_at is None and not event.is_cancelled
        read = session.open_stream() or any(s.at >= exchange.at for s in session.streams)
        if not is_there or not waits or read:
            return None
        expected = "GET queue/data while an event is outstanding"
        return Found(expected, f"none within {STREAM_S:g} s", exchange, event_id)

    return [Later(due, find)]


def heartbeat_is_held(case: Case) -> Answer:
    config = case.site.config or {}
    session = case.clients.sessions.get(case.exchange.session or "")
    if config.get("connect_heartbeat") is not True or session is None:
        return None
    if session.joins[0] is not case.exchange or case.exchange.event_id is None:
        return ()

    def find(now: float) -> Found | None:
        if session.open_heartbeats() or session.open_stream() is None:
            return None  # without a stream it may be gone
        expected = "GET heartbeat/{session_hash}, as connect_heartbeat of /config is true"
        return Found(expected, f"none is open {HEARTBEAT_S:g} s after the first join")

    return [Later(case.now + HEARTBEAT_S, find)]


def heartbeats_are_of_sessions(case: Case) -> Answer:
    exchange, named = case.exchange, case.exchange.session or ""
    if named in case.clients.events:
        return [
            Found("a heartbeat of a session", f"heartbeat/{named}, an event id", event_id=named)
        ]
    session = case.clients.sessions.get(named)
    if session is None:
        return None
    left = [h for h in session.heartbeats if h.how == "left" and h.status == 200]
    if len(left) >= POLLS:
        return [Found("one heartbeat, held open", f"{len(left)} were opened and left before")]
    older = [h for h in session.open_heartbeats() if h.id < exchange.id]
    if not older:
        return ()
    due = case.now + GRACE_S

    def find(now: float) -> Found | None:
        if all(h.over_at is not None and h.over_at <= due for h in older):
            return None
        return Found("one heartbeat of a session", f"exchange {older[0].id} is one, and open")

    return [Later(due, find)]


RULES = (
    ClientRule(
        "CLIENT-003",
        Moment.REQUEST,
        hashes_are_chosen_by_chance,
        (
            JOIN,
            DATA,
            HEARTBEAT,
        ),
    ),
    ClientRule("CLIENT-004", Moment.REQUEST, one_stream_at_a_time, (DATA,)),
    ClientRule("CLIENT-005", Moment.REQUEST, streams_are_read_to_their_end, (DATA,)),
    ClientRule("CLIENT-006", Moment.OVER, events_are_read, (JOIN,)),
    ClientRule("CLIENT-023", Moment.OVER, heartbeat_is_held, (JOIN,)),
    ClientRule("CLIENT-022", Moment.REQUEST, heartbeats_are_of_sessions, (HEARTBEAT,)),
)
