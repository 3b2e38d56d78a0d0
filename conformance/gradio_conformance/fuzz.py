"""Schemathesis over ``openapi.yaml``: its generators and its checks, our wire and our clauses.

Imported only when such a check runs: Schemathesis takes a while to load.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import requests
import schemathesis
from hypothesis import settings
from schemathesis import Case
from schemathesis import CheckContext
from schemathesis import Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig
from schemathesis.generation.hypothesis.builder import HypothesisTestMode
from schemathesis.generation.hypothesis.builder import create_test
from schemathesis.specs.openapi.checks import content_type_conformance
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.checks import response_headers_conformance
from schemathesis.specs.openapi.checks import response_schema_conformance
from schemathesis.specs.openapi.checks import status_code_conformance
from schemathesis.specs.openapi.checks import unsupported_method

from gradio_conformance.demands import DIRECT
from gradio_conformance.demands import Demands
from gradio_conformance.demands import route_and_name
from gradio_conformance.events import Finding
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import show
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply
from gradio_spec import openapi

# On the testbed: functions that end by themselves, whatever they are called with.
QUICK = (
    "echo",
    "echo_text",
    "add",
    "pair",
    "no_inputs",
    "no_outputs",
    "typed",
    "fail",
    "fail_user",
)
STREAM = "text/event-stream"
# A stream that nothing holds up ends at once; one that is meant to go on, or to begin later, need
# not be waited for.
STREAM_S = 0.1
STREAMS = 5  # generated cases of an operation that streams
LONGEST_URL = 60_000
ROUNDS = 5  # how many clauses one operation may break and be told of
# What the wire adds by itself, and what would tell the runs of one seed apart.
OWN_HEADERS = {
    *("user-agent", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid"),
}
Check = Callable[[CheckContext, Response, Case[Any]], bool | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations whose answers are judged together; ``clause`` demands that the document be
    kept.
    """

    clause: str
    profiles: tuple[str, ...]


@dataclass
class Fuzz:
    """All requests of one check. ``joined`` and ``refused``: session hashes of joins."""

    probe: Probe
    group: Group
    told: set[tuple[str, str]] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    @cached_property
    def demands(self) -> Demands:
        target = self.probe.target
        ids = {str(d["api_name"]): d["id"] for d in target.dependencies if d.get("api_name")}
        return Demands(self.probe.spec.schemas, target.prefix, ids)

    @cached_property
    def names(self) -> list[str]:
        """The endpoints that may be called with anything."""
        offered = [name for name in QUICK if self.probe.target.offers(name)]
        if self.probe.target.is_testbed and offered:
            return offered
        return [some_endpoint(self.probe.target).name]

    # -- what is sent -----------------------------------------------------------------------

    def run(self) -> None:
        """Send the cases of every operation of the group; what is broken becomes a finding."""
        for operation in self._operations():
            for _ in range(ROUNDS):
                found = self._first_failure(operation)
                if found is None:
                    break
                self.told.add((operation.label, found.clause))
                now = self.probe.timeline.now_ms()
                finding = Finding(found.clause, found.expected, found.actual, now)
                self.probe.findings.append(finding)

    def _operations(self) -> Iterator[Any]:
        document = described(self.probe, self.names)
        schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
        # 500 with the error object and 503 are answers like any other, where the document has them.
        schema.config.checks.not_a_server_error.expected_statuses += ["500", "503"]
        schema.config.seed = self.probe.seed
        for result in schema.get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr]
            clause = next(iter(operation.definition.raw["x-clauses"]), None)
            if clause is None:  # what it is about came later than the version that is judged by
                continue
            profile = self.probe.spec.profiles[self.probe.spec.clause(clause).profile]
            if profile.id in self.group.profiles and self.probe.target.serves(profile):
                yield operation

    def _first_failure(self, operation: Any) -> NonConformance | None:
        """The smallest case that breaks a clause which has not been told of yet."""

        def send(case: Case[Any]) -> None:
            self._send(case)

        most = settings.default.max_examples if settings.default is not None else STREAMS
        if _is_stream(operation):
            most = min(most, STREAMS)
        config = HypothesisTestConfig(
            operation.schema.config,
            list(HypothesisTestMode),
            settings=settings(settings.default, max_examples=most),
            explicit_setting_names={"max_examples"},
            seed=self.probe.seed,
        )
        try:
            create_test(operation=operation, test_func=send, config=config)()
        except NonConformance as found:
            return found
        except BaseExceptionGroup as group:  # several cases that are given explicitly
            kept, others = group.split(NonConformance)
            if kept is None or others is not None:
                raise
            return _leaves(kept)[0]
        return None

    def _send(self, case: Case[Any]) -> None:
        given = case.as_transport_kwargs(base_url=self.probe.target.base_url)
        prepared = requests.Request(**given).prepare()
        url, method = str(prepared.url), str(prepared.method)
        path = url.removeprefix(self.probe.target.base_url)
        body = _bytes(prepared)
        if len(url) > LONGEST_URL or self._may_not_end(url, body) or _has_empty_session(body):
            return
        headers = {n: _text(v) for n, v in prepared.headers.items() if n.lower() not in OWN_HEADERS}
        if method == "GET" and _is_stream(case.operation):
            reply = self._stream(path, headers)
            if reply is None:
                return
        else:
            content = None if body is None and method == "GET" else body or b""
            reply = self.probe.root_request(method, path, content=content, headers=headers)
        self._judge(case, prepared, reply)

    def _stream(self, path: str, headers: Mapping[str, str]) -> Reply | None:
        """Read a stream to its end, or for a moment; ``None`` if it has not begun by then."""
        plain = {name: value for name, value in headers.items() if value.isascii()}
        prefix = self.probe.target.prefix
        ended: list[str] = []
        reader = self.probe.open_stream(
            path.removeprefix(prefix), "http", lambda event: None, ended.append, plain
        )
        with self.probe.changed:
            self.probe.changed.wait_for(lambda: bool(ended), STREAM_S)
        reader.drop()
        content = bytes(reader.received or reader.body)
        if reader.status is None:
            return None
        return Reply("GET", path, reader.status, reader.headers, content)

    def _may_not_end(self, url: str, body: bytes | None) -> bool:
        """Would this call a function that waits for somebody, or somebody's own?"""
        name = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
        ids = self.demands.ids
        if name in ids and name not in self.names:
            return True
        try:
            index = json.loads(body or b"null").get("fn_index")
            number = int(index)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            return False
        return number in ids.values() and number not in [ids[name] for name in self.names]

    # -- what is demanded of the answer -----------------------------------------------------

    def _judge(self, case: Case[Any], sent: requests.PreparedRequest, reply: Reply) -> None:
        operation = case.operation
        for clause, expected in self._broken(case, sent, reply):
            if (operation.label, clause) in self.told:
                continue
            what = f"{expected} for {reply.method} {reply.path[:200]}"
            raise NonConformance(clause, what, reply.describe())

    def _broken(
        self, case: Case[Any], sent: requests.PreparedRequest, reply: Reply
    ) -> Iterator[tuple[str, str]]:
        yield from self._own(case, sent, reply)
        headers = {name: reply.headers.get_list(name) for name in reply.headers}
        cut = reply.content != b"" and not reply.content.endswith(b"\n\n")
        response = Response(
            reply.status, headers, reply.content, sent, 0.0, False, stream_cut_short=cut
        )
        try:
            case.validate_response(response, checks=self._checks(case))
        except FailureGroup as group:
            for failure in group.exceptions:
                yield self._told_by(failure)
        except Failure as failure:
            yield self._told_by(failure)

    def _told_by(self, failure: Any) -> tuple[str, str]:
        clause = _CLAUSES.get(type(failure).__name__, self.group.clause)
        text = " ".join(str(failure).split())
        return clause, f"no {failure.title}: {show(text, 200)}"

    def _checks(self, case: Case[Any]) -> list[Check]:
        checks: list[Check] = [
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ]
        # POST only, for a GET of call/v2/{name} is one of call/{name}/{event_id} too.
        if not (case.method == "GET" and "/call/v2/" in case.operation.path):
            checks.append(unsupported_method)
        if case.operation.path.endswith("/queue/data"):
            # No clause lets a server refuse another parameter of a query, nor makes it compare the
            # name in the path of a call stream.
            checks.append(negative_data_rejection)
        return checks

    def _own(
        self, case: Case[Any], sent: requests.PreparedRequest, reply: Reply
    ) -> Iterator[tuple[str, str]]:
        url = str(sent.url)
        route, _ = route_and_name(url, self.probe.target.prefix)
        if reply.status >= 500 and not _is_meant(route, reply):
            yield "NET-004", "no 5xx"
        if reply.is_json and not _is_strict(reply):
            yield self.group.clause, "strict JSON"
        if reply.method != "POST" or case.operation.method.upper() != "POST":
            return
        body = _bytes(sent) or b""
        kind = _text(sent.headers.get("Content-Type", ""))
        demand = self.demands.of_post(url, kind, body)
        self._note_session(route, body, reply.status)
        if demand.verdict == "refused" and not 400 <= reply.status < 500:
            yield demand.clause, "a refusal"
        if demand.verdict == "accepted":
            # Of a direct call it is open how missing data are answered, and functions may fail.
            good = (200, 422, 500) if route in DIRECT else (200,)
            if reply.status not in good:
                yield demand.clause, "no refusal"

    def _note_session(self, route: str, body: bytes, status: int) -> None:
        session = _session_of(body)
        if session:
            kept = self.joined if status == 200 or route != "/queue/join" else self.refused
            kept.add(session)

    def require_nothing_left(self, clause: str, most: int = 20) -> None:
        """Demand that no refused join has made its session known."""
        for session_hash in sorted(self.refused - self.joined)[:most]:
            stream = self.probe.session(session_hash).open()
            stream.until_end(clause=clause)
            if not stream.knows_no_session:
                expected = f"that the session {session_hash[:80]!r} of a refused join is unknown"
                raise NonConformance(clause, expected, stream.describe())


# What our clauses say of Schemathesis' failures; all others break the clause of the group.
_CLAUSES = {
    "ServerError": "NET-004",
    "UnsupportedMethodResponse": "DISC-025",
    "AcceptedNegativeData": "SSE-019",
}


def described(probe: Probe, names: list[str]) -> dict[str, Any]:
    """The protocol's document, with the names and numbers of functions that may be called."""
    target = probe.target
    document = openapi.build(probe.spec, openapi.CANONICAL, target.prefix)
    document["components"]["parameters"]["ApiName"]["schema"]["enum"] = names
    ids = [target.fn_index(name) for name in names]
    bodies = document["components"]["schemas"]
    bodies["PredictBody"]["properties"]["fn_index"]["enum"] = ids
    bodies["RunBody"]["properties"]["fn_index"]["enum"] = [None, *ids]
    return document


def _has_empty_session(body: bytes | None) -> bool:
    """JOIN-012 has a check of its own, on an idle group: a server that queues such a join all the
    same can stop altogether when it waits beside others.
    """
    return _session_of(body) == ""


def _session_of(body: bytes | None) -> str | None:
    """The session hash that a body names, if it is a text that can be sent."""
    try:
        session = json.loads(body or b"null")["session_hash"]
        str(session).encode()
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return session if isinstance(session, str) else None


def _is_stream(operation: Any) -> bool:
    answers = operation.definition.raw.get("responses", {})
    return STREAM in (answers.get("200") or {}).get("content", {})


def _is_meant(route: str, reply: Reply) -> bool:
    """503 of a full queue, and 500 with the error object of a function that failed."""
    if reply.status == 503:
        return True
    try:
        body = json.loads(reply.content)
    except ValueError:
        return False
    return reply.status == 500 and route in DIRECT and isinstance(body, dict) and "error" in body


def _is_strict(reply: Reply) -> bool:
    try:
        reply.json("NET-008")
    except NonConformance:
        return False
    return True


def _bytes(sent: requests.PreparedRequest) -> bytes | None:
    body: Any = sent.body
    if body is None or isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else bytes(body.read())


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _leaves(group: BaseExceptionGroup[NonConformance]) -> list[NonConformance]:
    found: list[NonConformance] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
