"""The judge of traffic: observations in, broken clauses out, of the server and of its clients.

Sans-I/O and without a clock: time is what the observations say it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal

from gradio_conformance.faults import show
from gradio_conformance.traffic.client_rules import RULES
from gradio_conformance.traffic.client_rules.asking import Case
from gradio_conformance.traffic.client_rules.asking import Found
from gradio_conformance.traffic.client_rules.asking import Later
from gradio_conformance.traffic.client_rules.asking import Moment
from gradio_conformance.traffic.client_rules.calls import is_refused_for_good
from gradio_conformance.traffic.clients import Clients
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import Offence
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.server_side import ServerSide
from gradio_conformance.traffic.site import CONFIG
from gradio_conformance.traffic.site import Site
from gradio_spec import sse
from gradio_spec.model import Spec
from gradio_spec.monitor import Observed
from gradio_spec.records import Violation

Side = Literal["server", "client"]
BOTH: tuple[Side, ...] = ("server", "client")


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """One event of a stream, as the judge understood it; ``values`` are those that a client has
    put together of the event so far, ``None`` where there are none.
    """

    exchange: int
    at: float
    event: sse.Event
    observed: Observed
    values: Sequence[Any] | None


class Judge:
    """Feed it what was seen, in order; every offence is told once, when it shows.

    ``sides``: who is judged. ``whole``: the recording holds all that the clients ever asked for,
    so that what is not in it was not done; without it only what must be wrong is. ``config`` and
    ``info`` are the server's documents, where they are known beforehand; the traffic's own are used
    as they come. ``base``: the path below which the server is served. ``told`` gets each message.
    """

    def __init__(
        self,
        spec: Spec,
        *,
        sides: Sequence[Side] = BOTH,
        whole: bool = False,
        config: Mapping[str, Any] | None = None,
        info: Mapping[str, Any] | None = None,
        base: str | None = None,
        told: Callable[[MessageSeen], None] | None = None,
    ) -> None:
        self._spec = spec
        self._sides = tuple(sides)
        self._whole = whole
        self._told = told
        self.site = Site(spec.routes, config=config, info=info, base=base)
        self._server = ServerSide(spec, self.site)
        self.clients = Clients(self.site)
        self._open: dict[int, Exchange] = {}
        self._later: list[tuple[str, Exchange, Later]] = []
        self._asked: Counter[str] = Counter()
        self._now = 0.0
        self.offences: list[Offence] = []

    # -- the interface ------------------------------------------------------------------------

    def feed(self, observation: Observation) -> tuple[Offence, ...]:
        """The offences that this observation shows. An observation of an exchange whose request
        was not seen is ignored.
        """
        self._now = max(self._now, observation.at)
        found = list(self._due(self._now))
        if isinstance(observation, RequestSeen):
            found += self._request(observation)
        elif (exchange := self._open.get(observation.id)) is not None:
            if isinstance(observation, AnswerBegan):
                exchange.began(observation)
                found += self._ask(Moment.ANSWER, exchange)
            elif isinstance(observation, BodyPiece):
                found += self._piece(exchange, observation)
            else:
                found += self._over(exchange, observation)
        return self._keep(found)

    def pass_time(self, now: float) -> tuple[Offence, ...]:
        """The offences that show because nothing has come by ``now``."""
        self._now = max(self._now, now)
        return self._keep(list(self._due(self._now)))

    def finish(self) -> tuple[Offence, ...]:
        """The offences that only the end of the recording shows."""
        found = list(self._due(self._now))
        if "server" in self._sides:
            last = self._server.finish(self._is_new)
            found += [self._of_server(violation, None) for violation in last]
        return self._keep(found)

    @property
    def asked(self) -> Mapping[str, int]:
        """How often each clause could have been seen broken so far, for those that could."""
        server = self._server.asked if "server" in self._sides else Counter()
        return server + self._asked

    # -- one exchange -------------------------------------------------------------------------

    def _request(self, observation: RequestSeen) -> Iterator[Offence]:
        place = self.site.place(observation.method, observation.target)
        exchange = Exchange(observation, place)
        self._open[exchange.id] = exchange
        self.clients.request(exchange)
        self._server.request(exchange)
        yield from self._ask(Moment.REQUEST, exchange)

    def _piece(self, exchange: Exchange, observation: BodyPiece) -> Iterator[Offence]:
        for event in exchange.piece(observation):
            self.clients.message(exchange, observation.at, event.event, event.data)
            observed = self._server.event(exchange, event)
            if observed is None:
                continue
            if self._told is not None:
                record = self._server.monitor.events.get(observed.event_id or "")
                values = record.values if record is not None else None
                seen = MessageSeen(exchange.id, observation.at, event, observed, values)
                self._told(seen)
            for violation in observed.violations:
                yield self._of_server(violation, exchange, observed.event_id)

    def _over(self, exchange: Exchange, observation: ExchangeOver) -> Iterator[Offence]:
        exchange.over(observation)
        self._learn(exchange)
        for violation in self._server.over(exchange):
            yield self._of_server(violation, exchange, exchange.event_id)
        self.clients.over(exchange)
        if is_refused_for_good(exchange):
            self.clients.refuse(exchange)
        yield from self._ask(Moment.OVER, exchange)
        del self._open[exchange.id]
        exchange.forget()

    def _learn(self, exchange: Exchange) -> None:
        if exchange.request.method != "GET" or exchange.how != "eof" or exchange.status != 200:
            return
        path = exchange.request.target.partition("?")[0]
        body = bytes(exchange.body)
        if exchange.is_json and path.rstrip("/").endswith(CONFIG):
            self.site.learn_config(path, body)
        elif exchange.name == "GET /info":
            self.site.learn_info(body)
        elif exchange.answer_type == "text/html" and self.site.learn_page(path, body):
            self.clients.page(exchange)

    # -- client rules -------------------------------------------------------------------------

    def _ask(self, moment: Moment, exchange: Exchange) -> Iterator[Offence]:
        if "client" not in self._sides:
            return
        case = Case(exchange, self.clients, self._now, self._whole)
        for rule in RULES:
            if rule.moment is not moment or (
                rule.operations and exchange.name not in rule.operations
            ):
                continue
            answer = rule.judge(case)
            if answer is None:
                continue
            self._asked[rule.clause] += 1
            for found in answer:
                if isinstance(found, Later):
                    self._later.append((rule.clause, exchange, found))
                else:
                    yield self._of_client(rule.clause, found, exchange)

    def _due(self, now: float) -> Iterator[Offence]:
        due = [waiting for waiting in self._later if waiting[2].at <= now]
        if not due:
            return
        self._later = [waiting for waiting in self._later if waiting[2].at > now]
        for clause, exchange, later in due:
            found = later.find(now)
            if found is not None:
                yield self._of_client(clause, found, exchange)

    # -- offences -----------------------------------------------------------------------------

    def _keep(self, found: Sequence[Offence]) -> tuple[Offence, ...]:
        kept = tuple(o for o in found if o.side in self._sides)
        self.offences += kept
        return kept

    def _is_new(self, session: str) -> bool:
        return self._whole or self.clients.is_new(session)

    def _of_server(
        self, violation: Violation, exchange: Exchange | None, event_id: str | None = None
    ) -> Offence:
        return Offence(
            "server",
            violation.clause,
            exchange.id if exchange is not None else 0,
            self._now,
            violation.expected,
            violation.actual,
            event_id,
            exchange.session if exchange is not None else None,
        )

    def _of_client(self, clause: str, found: Found, asked: Exchange) -> Offence:
        exchange = found.exchange or asked
        return Offence(
            "client",
            clause,
            exchange.id,
            self._now,
            found.expected,
            show(found.actual),
            found.event_id,
            exchange.session,
            self._spec.client[clause].bugs,
        )
