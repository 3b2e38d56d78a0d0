"""From observations to what the inspector shows: JSON values, without secrets. No I/O.

Each update has a kind (``kind``): ``exchange``, ``answer``, ``message``, ``over`` or ``offence``;
``id`` is the exchange's.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gradio_conformance.events import TraceEntry
from gradio_conformance.faults import show
from gradio_conformance.reporting.sequence import sequence_svg
from gradio_conformance.reporting.trace import NOTE
from gradio_conformance.reporting.trace import RECEIVED
from gradio_conformance.reporting.trace import ROOMY
from gradio_conformance.reporting.trace import SENT
from gradio_conformance.reporting.trace import shown_labels
from gradio_conformance.timeline import curl_line
from gradio_conformance.timeline import summarise
from gradio_conformance.traffic.exchange import CALL_STREAMS
from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.exchange import HEARTBEAT
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.judge import MessageSeen
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import Offence
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.redaction import Redactor
from gradio_conformance.traffic.verdict import offence_line
from gradio_spec import sse
from gradio_spec.model import Spec

Update = dict[str, Any]
LONGEST = 20_000  # characters of one body or value: a page is for reading, exports have it all
KEPT_ENTRIES = 20_000  # of all diagrams together
PLAIN = "http"
# What a client sends by itself, whoever repeats its request.
OWN_HEADERS = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding")
STREAM_KINDS = {DATA: "session", HEARTBEAT: "heartbeat", **dict.fromkeys(CALL_STREAMS, "call")}


class View:
    """Judges what it is fed, and tells what there is to see of it.

    ``address`` is what curl lines begin with; the other arguments are the judge's.
    """

    def __init__(self, spec: Spec, address: str, **judged: Any) -> None:
        self._spec = spec
        self._address = address.rstrip("/")
        self._messages: list[MessageSeen] = []
        self.judge = Judge(spec, told=self._messages.append, **judged)
        self._redactor = Redactor()
        self._open: dict[int, Exchange] = {}
        self._lanes: dict[int, tuple[str, str | None]] = {}  # exchange → lane, session
        self._entries: deque[tuple[int, TraceEntry]] = deque(maxlen=KEPT_ENTRIES)

    def feed(self, observation: Observation) -> list[Update]:
        """What is new after this observation."""
        self._messages.clear()
        offences = self.judge.feed(observation)
        clean = self._redactor.of(observation)
        updates = list(self._updates(observation, clean))
        return [*updates, *map(self._offence, offences)]

    def pass_time(self, now: float) -> list[Update]:
        """What shows because nothing has come by ``now``."""
        return [self._offence(offence) for offence in self.judge.pass_time(now)]

    def finish(self) -> list[Update]:
        """What only the end shows."""
        return [self._offence(offence) for offence in self.judge.finish()]

    def diagram(self, session: str | None = None) -> dict[str, Any]:
        """The sequence diagram of one session, or of everything: ``svg``, and which event each
        label names.
        """
        chosen = {n for n, (_, owner) in self._lanes.items() if session in (None, owner)}
        trace = [entry for number, entry in self._entries if number in chosen]
        if not trace:
            return {"svg": "", "events": {}}
        title = f"Messages of session {session}" if session else "All messages"
        events = {label: event for event, label in shown_labels(trace, ROOMY).items()}
        return {"svg": sequence_svg(trace, ident="seq", title=title), "events": events}

    # -- updates ------------------------------------------------------------------------------

    def _updates(self, raw: Observation, clean: Observation) -> Iterator[Update]:
        if isinstance(raw, RequestSeen) and isinstance(clean, RequestSeen):
            yield self._request(raw, clean)
            return
        exchange = self._open.get(raw.id)
        if exchange is None:
            return
        if isinstance(raw, AnswerBegan) and isinstance(clean, AnswerBegan):
            exchange.began(raw)
            yield self._answer(clean)
        elif isinstance(raw, BodyPiece):
            for number, event in enumerate(exchange.piece(raw)):
                seen = self._messages[number] if number < len(self._messages) else None
                yield self._message(exchange, raw.at, event, seen)
        elif not isinstance(raw, RequestSeen | AnswerBegan):
            exchange.over(raw)
            yield self._over(exchange)
            del self._open[exchange.id]

    def _request(self, raw: RequestSeen, clean: RequestSeen) -> Update:
        place = self.judge.site.place(raw.method, raw.target)
        exchange = self._open[raw.id] = Exchange(raw, place)
        lane = self._lane(exchange)
        self._lanes[raw.id] = (lane, exchange.session)
        kind = STREAM_KINDS.get(exchange.name, "request")
        curl = self._curl(clean, stream=kind != "request")
        entry = TraceEntry(
            raw.at * 1000, SENT, lane, f"{clean.method} {_short(clean.target)}", curl=curl
        )
        self._entries.append((raw.id, entry))
        return {
            "kind": "exchange",
            "id": raw.id,
            "at": raw.at,
            "client": raw.client,
            "method": clean.method,
            "target": clean.target,
            "operation": exchange.name,
            "stream": kind,
            "session": exchange.session,
            "event_id": exchange.event_id,  # of a call's stream; others are told it
            "headers": [list(pair) for pair in clean.headers],
            "body": _pretty(clean.body),
            "curl": curl,
        }

    def _answer(self, clean: AnswerBegan) -> Update:
        return {
            "kind": "answer",
            "id": clean.id,
            "at": clean.at,
            "status": clean.status,
            "staged": clean.staged,
            "headers": [list(pair) for pair in clean.headers],
        }

    def _message(
        self, exchange: Exchange, at: float, event: sse.Event, seen: MessageSeen | None
    ) -> Update:
        observed = seen.observed if seen is not None else None
        broken = [v.clause for v in observed.violations] if observed is not None else []
        data = self._redactor.text(event.data)
        message = observed.message if observed is not None else None
        if exchange.name == DATA and isinstance(message, Mapping):
            summary = self._redactor.text(summarise(message))
        else:
            summary = f"{event.event}: {show(data, 60)}" if event.event else show(data, 80)
        event_id = observed.event_id if observed is not None else exchange.event_id
        state = observed.state if observed is not None else None
        lane = self._lanes[exchange.id][0]
        entry = TraceEntry(
            at * 1000, RECEIVED, lane, summary, event_id, state, violation=next(iter(broken), None)
        )
        self._entries.append((exchange.id, entry))
        values = seen.values if seen is not None else None
        is_chunk = isinstance(message, Mapping) and message.get("msg") == "process_generating"
        return {
            "kind": "message",
            "id": exchange.id,
            "at": at,
            "summary": summary,
            "name": event.event,
            "event_id": event_id,
            "state": state,
            "payload": _pretty(data.encode()),
            # What the edits so far add up to, as a client has to show it.
            "values": self._redactor.text(_json(values)) if is_chunk and values else None,
            "broken": broken,
        }

    def _over(self, exchange: Exchange) -> Update:
        body = "" if exchange.is_stream else _pretty(self._redactor.data(bytes(exchange.body)))
        lane = self._lanes[exchange.id][0]
        status = exchange.status if exchange.status is not None else "no answer"
        if not exchange.is_stream:
            summary = f"{status} {show(' '.join(body.split()), 80)}"
        else:
            summary = f"({exchange.how})"
        way = NOTE if exchange.how in ("left", "open") else RECEIVED
        entry = TraceEntry((exchange.over_at or 0.0) * 1000, way, lane, summary)
        self._entries.append((exchange.id, entry))
        return {
            "kind": "over",
            "id": exchange.id,
            "at": exchange.over_at,
            "how": exchange.how,
            "staged": exchange.staged,
            "session": exchange.session,
            "event_id": exchange.event_id,
            "body": body,
        }

    def _offence(self, offence: Offence) -> Update:
        self._mark(offence)
        line = offence_line(offence)
        owed = self._spec.client.get(offence.clause)
        clause = owed if owed is not None else self._spec.clauses[offence.clause]
        told = {name: self._redactor.text(line[name]) for name in ("expected", "actual")}
        bugs = {bug: self._spec.bugs[bug] for bug in offence.bugs}
        return {
            **line,
            **told,
            "id": offence.exchange,
            "level": clause.level.value,
            "text": clause.text,
            "bugs": bugs,
        }

    # -- parts --------------------------------------------------------------------------------

    def _mark(self, offence: Offence) -> None:
        """The newest entry of the exchange shows what it broke, if none does."""
        for place in range(len(self._entries) - 1, -1, -1):
            number, entry = self._entries[place]
            if number == offence.exchange:
                if entry.violation is None:
                    self._entries[place] = (number, replace(entry, violation=offence.clause))
                return

    def _lane(self, exchange: Exchange) -> str:
        if exchange.name == HEARTBEAT:
            return f"heartbeat {exchange.session}"
        if exchange.name in CALL_STREAMS:
            return f"call {exchange.place.parameters.get('api_name')}"
        return exchange.session or PLAIN

    def _curl(self, clean: RequestSeen, *, stream: bool) -> str:
        headers = {n: v for n, v in clean.headers if n.lower() not in OWN_HEADERS}
        is_elsewhere = clean.target.startswith(("http://", "https://"))
        url = clean.target if is_elsewhere else self._address + clean.target
        body = clean.body if clean.body or clean.method == "POST" else None
        return curl_line(clean.method, url, headers, body, stream=stream)


def _short(target: str) -> str:
    return target if len(target) <= 80 else f"{target[:79]}…"


def _pretty(body: bytes) -> str:
    """JSON with indents, other text as it is, bytes as what they are; cut where it gets long."""
    if not body:
        return ""
    try:
        text = json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return f"({len(body)} bytes that are no text)"
    return _cut(text)


def _json(values: Sequence[Any]) -> str:
    return _cut(json.dumps(values, ensure_ascii=False, indent=2, default=repr))


def _cut(text: str) -> str:
    more = len(text) - LONGEST
    return text if more <= 0 else f"{text[:LONGEST]}\n… {more} more characters"
