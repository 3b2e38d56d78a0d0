"""What traffic says of the server: the schemas of its answers, and the monitor of its streams.

The same oracles as in a check, fed with what somebody else asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from typing import Any

from gradio_conformance.demands import Demands
from gradio_conformance.faults import show
from gradio_conformance.streams import JudgedStream
from gradio_conformance.streams import Kind
from gradio_conformance.traffic.exchange import CALL_STREAMS
from gradio_conformance.traffic.exchange import CALLS
from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.exchange import HEARTBEAT
from gradio_conformance.traffic.exchange import JSON
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.site import Site
from gradio_spec import sse
from gradio_spec.model import Spec
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import Observed
from gradio_spec.monitor import strict_json
from gradio_spec.records import Violation
from gradio_spec.schemas import CALL_EVENTS
from gradio_spec.schemas import Schemas
from gradio_spec.schemas import referred

JOIN = CALLS[0]
FULL = 503
LOGIN = "POST /login"
UNAUTHENTICATED = "http#/$defs/Unauthenticated"
STREAMS: Mapping[str, tuple[Kind, str]] = {
    DATA: ("session", "session_hash"),
    HEARTBEAT: ("heartbeat", "session_hash"),
    **dict.fromkeys(CALL_STREAMS, ("call", "event_id")),
}
STREAM_MESSAGES = "messages#/$defs/ServerMessage"
REFERENCE = ".schema.json#"


class ServerSide:
    """``asked`` counts, by clause, how often something was seen that could have broken it."""

    def __init__(self, spec: Spec, site: Site) -> None:
        self._spec = spec
        self._site = site
        self.monitor = Monitor(spec)
        self._streams: dict[int, JudgedStream] = {}
        self._known: set[int] = set()  # documents that have been judged, by their hash
        self._bodies: Counter[str] = Counter()  # by the reference of their schema

    # -- as it comes --------------------------------------------------------------------------

    def request(self, exchange: Exchange) -> None:
        if exchange.name == JOIN and exchange.session is not None:
            self.monitor.joining(exchange.session, simple_format=_is_simple(exchange))
        if exchange.name in STREAMS:
            kind, parameter = STREAMS[exchange.name]
            known = {**exchange.place.query, **exchange.place.parameters}
            if parameter in known:
                self._streams[exchange.id] = JudgedStream(self.monitor, kind, known[parameter])

    def event(self, exchange: Exchange, event: sse.Event) -> Observed | None:
        """One event of a stream; ``None`` if it is one that no rule is about."""
        stream = self._streams.get(exchange.id)
        if stream is None:
            return None
        observed = stream.event(event)
        if ref := self._schema_of(exchange, event, observed):
            self._bodies[ref] += 1
        return observed

    def over(self, exchange: Exchange) -> Sequence[Violation]:
        """The exchange has ended, in whichever way."""
        stream = self._streams.pop(exchange.id, None)
        if stream is not None and exchange.status == 200:
            # What a test has cut, the server has seen as a client that went away.
            how = "dropped" if exchange.staged or exchange.how == "left" else str(exchange.how)
            unfinished = exchange.tail if how == "eof" and exchange.has_unfinished else None
            if how == "open" or not exchange.is_whole:
                return ()  # how it goes on is not known
            return stream.ended(how, exchange.status, unfinished)
        if exchange.how != "eof" or exchange.staged or exchange.status is None:
            return ()
        return [*self._answer(exchange), *self._demanded(exchange), *self._joined(exchange)]

    def finish(self, is_new: Callable[[str], bool]) -> Sequence[Violation]:
        """What can only be said at the end; ``is_new`` tells whether all of a session was seen."""
        strangers = {e.id for e in self.monitor.events.values() if not is_new(e.session or "")}
        return [v for v in self.monitor.finish() if v.actual.partition(":")[0] not in strangers]

    @property
    def asked(self) -> Counter[str]:
        """How often each clause could have been seen broken so far."""
        found: Counter[str] = Counter()
        schemas = self._spec.schemas
        for ref, times in self._bodies.items():  # also those of messages
            for clause in clauses_of(schemas, ref):
                found[clause] += times
        rules = {rule.id: rule.clause for rule in self._spec.lifecycle.rules}
        for rule, times in self.monitor.judged.items():
            found[rules[rule]] += times
        for (machine, state, _symbol, _target), times in self.monitor.transitions.items():
            for clause in self._guarding(machine, state):
                found[clause] += times
        return found

    # -- parts --------------------------------------------------------------------------------

    @cache  # noqa: B019  # one for each judge, and as few as there are states
    def _guarding(self, machine: str, state: str) -> frozenset[str]:
        refusals = self._spec.lifecycle.machines[machine].refusals
        return frozenset(r.clause for r in refusals if state in r.states)

    def _schema_of(self, exchange: Exchange, event: sse.Event, seen: Observed) -> str | None:
        """By which schema a message was judged, if it is one of those that have a name."""
        if exchange.name in CALL_STREAMS:
            return CALL_EVENTS.get(event.event or "")
        if exchange.name != DATA or seen.message is None:
            return None
        kinds = self._spec.schemas.schema(STREAM_MESSAGES)["discriminator"]["mapping"]
        pointer = kinds.get(str(seen.message.get("msg")), "")
        return seen.form or (f"messages{pointer}" if pointer else None)

    def _answer(self, exchange: Exchange) -> Iterator[Violation]:
        """The body, as ``openapi.yaml`` describes it; and a status that it does not have."""
        operation, status = exchange.place.operation, exchange.status or 0
        if operation is None:
            return
        found = operation.response(status)
        what = f"{operation.name}, status {status}"
        if found is None and status >= 500:
            actual = f"{status}: {show(exchange.body.decode(errors='replace'), 200)}"
            yield Violation("NET-004", f"no 5xx for {operation.name}", actual)
        if not operation.clauses:
            return  # no clause of this version is about it
        if found is None or not exchange.is_json or not exchange.body or not exchange.is_whole:
            return
        if (key := hash((what, bytes(exchange.body)))) in self._known:
            return  # /config, asked for again and again
        self._known.add(key)
        clause = "NET-008" if 400 <= status < 500 else operation.clauses[0]
        try:
            body = strict_json(exchange.body.decode())
        except (NotStrictJSON, UnicodeDecodeError) as error:
            yield Violation(clause, f"strict JSON for {what}", str(error))
            return
        ref = _reference(found[1].get("content", {}).get(JSON, {}).get("schema", {}))
        if status == 401 and operation.name != LOGIN:
            ref = UNAUTHENTICATED  # AUTH-001, which openapi.yaml has under 4XX but once
        if ref is None:
            return
        self._bodies[ref] += 1
        for wrong in self._spec.schemas.check(ref, body):
            expected = f"what {ref} says of {wrong.path or 'the body'} ({what})"
            yield Violation(wrong.clause or clause, expected, wrong.message)

    def _demanded(self, exchange: Exchange) -> Iterator[Violation]:
        if exchange.request.method != "POST" or self._site.config is None or self._site.renders:
            return
        if exchange.request.omitted or exchange.status == FULL:
            return
        if exchange.place.operation is None:
            return  # a route that this version has not
        prefix = self._site.prefix or ""
        demands = Demands(self._spec.schemas, prefix, self._site.ids)
        path, body = exchange.place.path, exchange.request.body
        demand = demands.of_post(path, exchange.content_type, body)
        status = exchange.status or 0
        if demand.verdict == "refused" and not 400 <= status < 500:
            expected = f"a refusal of {show(body.decode(errors='replace'), 120)}"
            yield Violation(demand.clause, expected, f"status {status}")

    def _joined(self, exchange: Exchange) -> Sequence[Violation]:
        if exchange.name != JOIN or exchange.event_id is None or exchange.session is None:
            return ()
        simple = _is_simple(exchange)
        observed = self.monitor.joined(exchange.session, exchange.event_id, simple_format=simple)
        return observed.violations


def clauses_of(schemas: Schemas, ref: str) -> frozenset[str]:
    """The clauses that a body of this schema can break."""
    name, _, pointer = ref.partition("#")
    found: set[str] = set()
    _collect(schemas, name, schemas.schema(f"{name}#{pointer}"), found, set())
    return frozenset(found)


def _collect(schemas: Schemas, name: str, part: Any, found: set[str], seen: set[str]) -> None:
    if isinstance(part, list):
        for item in part:
            _collect(schemas, name, item, found, seen)
    if not isinstance(part, Mapping):
        return
    if "x-clause" in part:
        found.add(part["x-clause"])
    target = part.get("$ref")
    if isinstance(target, str):
        document, pointer = referred(target, name)
        ref = f"{document}#{pointer}"
        if ref not in seen and document in schemas.documents:
            seen.add(ref)
            _collect(schemas, document, schemas.schema(ref), found, seen)
    for key, item in part.items():
        if key not in ("examples", "$defs"):
            _collect(schemas, name, item, found, seen)


def _reference(schema: Mapping[str, Any]) -> str | None:
    """How the schemas name what ``openapi.yaml`` refers to."""
    target = schema.get("$ref", "")
    return target.replace(REFERENCE, "#") if REFERENCE in target else None


def _is_simple(exchange: Exchange) -> bool:
    return isinstance(exchange.sent, dict) and exchange.sent.get("simple_format") is True
