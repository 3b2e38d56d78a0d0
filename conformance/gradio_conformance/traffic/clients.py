"""What is known of the clients from what they asked for and what they were told."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.traffic.exchange import CALL_STREAMS
from gradio_conformance.traffic.exchange import CALLS
from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.exchange import HEARTBEAT
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.site import Site
from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import strict_json

JOIN = CALLS[0]
UPLOAD = "POST /upload"
CANCEL = "POST /cancel"
# After these the client knows that its stream is at an end, though the body may last.
LAST_MESSAGES = ("close_stream", "unexpected_error")
CALL_ENDS = ("complete", "error")
# More texts of outputs than a person looks at; the oldest are forgotten.
KEPT_TEXTS = 100_000
LONGEST_TEXT = 4096
KEPT_REFUSALS = 5


@dataclass(slots=True)
class EventSeen:
    """One event id, and the exchange that named it first. ``ended_at``: when its client was told
    so. ``fn_index`` and ``session`` are what it was joined with.
    """

    id: str
    call: Exchange
    fn_index: Any = None
    session: str | None = None
    ended_at: float | None = None
    is_cancelled: bool = False
    readings: list[Exchange] = field(default_factory=list)  # of a simple call


@dataclass(slots=True)
class SessionSeen:
    """One session hash, and what came with it, oldest first."""

    hash: str
    first: Exchange
    is_new: bool  # its client asked for the configuration first, so nothing came before
    clients: list[str] = field(default_factory=list)  # in the order in which they came
    is_back: bool = False  # one of them came again after another one had
    joins: list[Exchange] = field(default_factory=list)
    streams: list[Exchange] = field(default_factory=list)
    heartbeats: list[Exchange] = field(default_factory=list)
    events: dict[str, EventSeen] = field(default_factory=dict)
    told_last: set[int] = field(default_factory=set)  # streams that brought one of LAST_MESSAGES

    def outstanding(self) -> list[EventSeen]:
        """The events that have not ended, as far as the client was told."""
        return [e for e in self.events.values() if e.ended_at is None and not e.is_cancelled]

    def open_stream(self, *, before: Exchange | None = None) -> Exchange | None:
        """The newest stream that its client still reads, as far as it must know."""
        for stream in reversed(self.streams):
            if before is not None and stream.id >= before.id:
                continue
            if stream.is_open and stream.id not in self.told_last and is_stream(stream):
                return stream
        return None

    def open_heartbeats(self) -> list[Exchange]:
        return [h for h in self.heartbeats if h.is_open and h.status in (None, 200)]


def is_stream(exchange: Exchange) -> bool:
    """Was it not refused, as far as is known?"""
    return exchange.status in (None, 200)


class Clients:
    """All clients of one server, together: a session hash or an event id names one of them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.sessions: dict[str, SessionSeen] = {}
        self.events: dict[str, EventSeen] = {}
        self.uploaded: set[str] = set()
        self.secrets: set[str] = set()
        self.server_header: str | None = None  # of whoever answers /config
        self.refused: dict[Hashable, list[Exchange]] = {}
        self.probes: dict[Hashable, list[Exchange]] = {}  # calls without arguments
        self._texts: OrderedDict[str, None] = OrderedDict()
        self._newcomers: set[str] = set()  # clients that have asked for the configuration

    def knows_text(self, text: str) -> bool:
        """Did the server ever say this, as a value or inside one?"""
        return text in self._texts or text in self.uploaded

    def is_new(self, session: str) -> bool:
        """Was all of this session seen?"""
        found = self.sessions.get(session)
        return found is not None and found.is_new

    # -- as it comes --------------------------------------------------------------------------

    def request(self, exchange: Exchange) -> None:
        """To be told before any rule is asked."""
        if exchange.place.is_elsewhere:
            return
        session = self._session(exchange)
        if session is not None:
            lists = {JOIN: session.joins, DATA: session.streams, HEARTBEAT: session.heartbeats}
            if exchange.name in lists:
                lists[exchange.name].append(exchange)
        if exchange.name in CALL_STREAMS and exchange.event_id in self.events:
            self.events[exchange.event_id].readings.append(exchange)
        if exchange.name == CANCEL and isinstance(exchange.sent, dict):
            event = self.events.get(str(exchange.sent.get("event_id")))
            if event is not None:
                event.is_cancelled = True
        self.secrets.update(secrets_of(exchange.headers))

    def message(self, exchange: Exchange, at: float, name: str | None, data: str) -> None:
        """One event of a stream, as the client gets it."""
        try:
            body = strict_json(data)
        except NotStrictJSON:
            return
        self._learn(body)
        if exchange.name in CALL_STREAMS and name in CALL_ENDS:
            event = self.events.get(exchange.event_id or "")
            if event is not None:
                event.ended_at = at
        if exchange.name == DATA and isinstance(body, dict):
            self._session_message(exchange, at, body)

    def over(self, exchange: Exchange) -> None:
        """An exchange has ended; its answer is whole if it ever will be."""
        if exchange.is_json and exchange.how == "eof" and exchange.is_whole:
            self._answered(exchange)
        if exchange.name == DATA and exchange.how in ("eof", "cut") and exchange.status == 200:
            self._lose(exchange)
        cookies = exchange.answer_headers.get("set-cookie", "")
        self.secrets.update(secrets_of({"cookie": cookies.replace(", ", "; ")}))

    def refuse(self, exchange: Exchange) -> None:
        """A call was refused for good."""
        refused = self.refused.setdefault(call_key(exchange), [])
        refused.append(exchange)
        del refused[:-KEPT_REFUSALS]

    # -- parts --------------------------------------------------------------------------------

    def _session(self, exchange: Exchange) -> SessionSeen | None:
        if exchange.session is None or exchange.name not in (*CALLS, DATA, HEARTBEAT):
            return None
        session = self.sessions.get(exchange.session)
        if session is None:
            is_new = exchange.client in self._newcomers
            session = SessionSeen(exchange.session, exchange, is_new)
            self.sessions[exchange.session] = session
        session.is_back = False
        if exchange.client and session.clients[-1:] != [exchange.client]:
            session.is_back = exchange.client in session.clients
            session.clients.append(exchange.client)
        return session

    def _answered(self, exchange: Exchange) -> None:
        body = exchange.answer
        self._learn(body)
        if exchange.name == "GET /config" and exchange.status == 200:
            self._newcomers.add(exchange.client)
            self.server_header = exchange.answer_headers.get("server")
        if exchange.name == UPLOAD and exchange.status == 200 and isinstance(body, list):
            self.uploaded.update(path for path in body if isinstance(path, str))
        if exchange.name in CALLS and exchange.event_id is not None:
            sent = exchange.sent if isinstance(exchange.sent, dict) else {}
            fn_index = sent.get("fn_index")
            event = EventSeen(exchange.event_id, exchange, fn_index, exchange.session)
            self.events[event.id] = event
            session = self.sessions.get(exchange.session or "")
            if session is not None and exchange.name == JOIN:
                early = session.events.get(event.id)  # its messages may come before the answer
                event.ended_at = early.ended_at if early is not None else None
                session.events[event.id] = event

    def page(self, exchange: Exchange) -> None:
        """A page with the configuration in it was answered."""
        self._newcomers.add(exchange.client)

    def _session_message(self, exchange: Exchange, at: float, body: Mapping[str, Any]) -> None:
        session = self.sessions.get(exchange.session or "")
        if session is None:
            return
        kind, event_id = body.get("msg"), body.get("event_id")
        if kind in LAST_MESSAGES:
            session.told_last.add(exchange.id)
        if kind == "unexpected_error":
            for event in session.events.values():
                event.ended_at = at if event.ended_at is None else event.ended_at
        if kind == "process_completed" and isinstance(event_id, str):
            event = session.events.setdefault(event_id, EventSeen(event_id, exchange))
            event.ended_at = at

    def _lose(self, exchange: Exchange) -> None:
        """What the end of a stream took with it (CLIENT-012), but for what is read elsewhere."""
        session = self.sessions.get(exchange.session or "")
        if session is None or exchange.id in session.told_last or session.streams[-1] != exchange:
            return
        for event in session.outstanding():
            event.ended_at = exchange.over_at

    def _learn(self, body: Any) -> None:
        for text in texts(body):
            if ("/" in text or "\\" in text) and len(text) <= LONGEST_TEXT:
                self._texts[text] = None
                self._texts.move_to_end(text)
        while len(self._texts) > KEPT_TEXTS:
            self._texts.popitem(last=False)


def call_key(exchange: Exchange) -> Hashable:
    """The same for the same call of the same client."""
    request = exchange.request
    return (request.client, request.method, request.target, hash(request.body))


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)


def secrets_of(headers: Mapping[str, str]) -> Iterator[str]:
    """What a request's headers prove who one is with: values of cookies, tokens, passwords."""
    for name in ("authorization", "x-hf-authorization"):
        if name in headers:
            yield headers[name].rpartition(" ")[2]
    for pair in headers.get("cookie", "").split("; "):
        name, equals, value = pair.partition("=")
        if equals and name.strip().lower() not in COOKIE_ATTRIBUTES:
            yield value.partition(";")[0]


COOKIE_ATTRIBUTES = ("path", "domain", "expires", "max-age", "samesite")
