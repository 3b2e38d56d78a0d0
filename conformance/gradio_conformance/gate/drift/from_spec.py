"""An observation, compared with what the specification says of a release. Pure.

Who judges is the judge of traffic; what is newer than the release is seen by the sightings. Added
are what only the plan knows, because it knows what it did: words, statuses, routes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from gradio_conformance.gate.drift.exchanges import Exchanges
from gradio_conformance.gate.drift.facts import ENCODER
from gradio_conformance.gate.drift.facts import Facts
from gradio_conformance.gate.drift.facts import facts_of
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.notes import notes
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.places import part_at
from gradio_conformance.gate.drift.plan import plan
from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import Offence
from gradio_spec.loader import load_spec
from gradio_spec.model import Spec
from gradio_spec.pointers import escaped
from gradio_spec.sightings import Sightings

_VARYING = re.compile(r"[0-9a-f]{8,}|\d+(\.\d+)?(e-?\d+)?")
_REQUIRED = "is a required property"
_AREAS = {
    "AUTH": "log-in",
    "CALL": "calls",
    "CANCEL": "cancel",
    "CORS": "cors",
    "DIFF": "edits",
    "DISC": "discovery",
    "EVT": "events",
    "FILE": "files",
    "JOIN": "joins",
    "MCP": "mcp",
    "NET": "routes",
    "QUEUE": "queue",
    "RUN": "calls",
    "SSE": "stream",
    "STATE": "state",
    "STREAM": "media",
}


def compare_with_spec(
    observation: Observation,
    spec: Spec,
    *,
    known: Mapping[str, str] | None = None,
    named: str | None = None,
) -> Comparison:
    """All that the view ``spec`` does not allow, does not know, or requires and is not there.
    ``known``: clauses that the server is listed to break, and what is said of that.
    """
    facts = facts_of(observation)
    expected = list(_unexpected(facts, spec))
    told = {clause for finding in expected for clause in finding.clauses}
    found = [
        *expected,
        *(f for f in _offences(observation, spec) if not told.intersection(f.clauses)),
        *_stuck(observation, spec),
        *_routes(facts, spec),
        *_newer(observation, facts, spec),
        *_unknown(facts, spec),
        *_encoder(facts, spec),
    ]
    own = [_own_encoder(finding, facts, spec) for finding in found]
    judged = tuple(_known(finding, known or {}) for finding in own)
    old = named or f"the specification of {spec.release.id}"
    return Comparison(old, observation.subject.named, judged, absent=facts.absent)


def _own_encoder(finding: Finding, facts: Facts, spec: Spec) -> Finding:
    """What is wrong with edits, where they are just those that the encoder of the release sends."""
    fact, encoder = facts.by_key.get(ENCODER), spec.release.encoder
    if fact is None or encoder not in fact.value["like"] or finding.area != "edits":
        return finding
    reason = f"this release has the encoder {encoder} (dialects.yaml), whose edits these are"
    return replace(finding, status=Status.EXPLAINED, reason=reason)


def _known(finding: Finding, known: Mapping[str, str]) -> Finding:
    clauses = finding.clauses
    if finding.status is not Status.DRIFT or not clauses or not set(clauses) <= known.keys():
        return finding
    told = "; ".join(dict.fromkeys(known[clause] for clause in clauses))
    return replace(finding, status=Status.KNOWN, reason=told)


# -- what the judge of traffic says ---------------------------------------------------------------


def _offences(observation: Observation, spec: Spec) -> Iterator[Finding]:
    """One finding for all offences that say the same."""
    seen: dict[tuple[str, str], list[Offence]] = {}
    for traffic in observation.traffic.values():
        judge = Judge(spec, sides=("server",))
        for one in traffic:
            judge.feed(one)
        judge.finish()
        for offence in judge.offences:
            told = _VARYING.sub("…", offence.expected)
            seen.setdefault((offence.clause, told), []).append(offence)
    for (clause, _), offences in seen.items():
        first = offences[0]
        is_gone = _REQUIRED in f"{first.expected} {first.actual}"
        times = f" ({len(offences)} times)" if len(offences) > 1 else ""
        yield Finding(
            Sort.GONE if is_gone else Sort.DIFFERENT,
            _AREAS.get(clause.partition("-")[0], "routes"),
            f"clause {clause}",
            f"{_words_of(spec, clause)}{times}",
            first.expected,
            first.actual,
            (clause,),
            (clause,),
        )


def _words_of(spec: Spec, clause: str) -> str:
    return spec.clauses[clause].text if clause in spec.clauses else clause


# -- what the plan says ---------------------------------------------------------------------------


def _unexpected(facts: Facts, spec: Spec) -> Iterator[Finding]:
    for fact in facts.by_key.values():
        if fact.telling is None or not set(fact.clauses) & spec.clauses.keys():
            continue
        expected = fact.telling.expected(spec.release)
        if expected is None or expected.match.fullmatch(fact.value):
            continue
        clauses = tuple(c for c in fact.clauses if c in spec.clauses)
        title = " ".join(_words_of(spec, clause) for clause in clauses[:1])
        old, places = expected.match.pattern, fact.places
        yield Finding(Sort.DIFFERENT, fact.area, fact.key, title, old, fact.value, places, clauses)


def _stuck(observation: Observation, spec: Spec) -> Iterator[Finding]:
    """Steps that could not be played to their end, though clauses of the version are about them."""
    areas = {step.id: step.area for step in plan()}
    clauses = {s.id: {c for fact in s.facts for c in fact.clauses} for s in plan()}
    for step in observation.steps:
        if step.stuck is not None and clauses.get(step.id, set()) & spec.clauses.keys():
            title = f"the step {step.id} could not go on: {step.stuck}"
            key, area = f"step {step.id}", areas.get(step.id, "routes")
            yield Finding(Sort.DIFFERENT, area, key, title, None, step.stuck)


def _routes(facts: Facts, spec: Spec) -> Iterator[Finding]:
    """Routes of the view that do not answer."""
    there = {operation.name for operation in spec.routes.operations}
    for fact in facts.by_key.values():
        name = fact.key.removeprefix("route ")
        if fact.sort != "route" or name not in there or fact.value == "answers":
            continue
        title = f"{name} does not answer"
        yield Finding(
            Sort.GONE, "routes", fact.key, title, "answers", fact.value, fact.places, fact.clauses
        )


def _newer(observation: Observation, facts: Facts, spec: Spec) -> Iterator[Finding]:
    """What the newest document dates after the release."""
    newest = load_spec()
    sightings = Sightings(spec, newest)
    for traffic in observation.traffic.values():
        exchanges = Exchanges(newest.routes, traffic)
        for told in exchanges.by_number.values():
            exchange = told.exchange
            status, path = exchange.status or 0, exchange.request.target.partition("?")[0]
            prefix = exchanges.site.prefix or ""
            sightings.answer(exchange.request.method, path, prefix, status, exchange.answer)
            if exchange.name == DATA:
                for message in told.messages:
                    sightings.message(message)
    for place, since in sightings.found.items():
        reason = notes().early(place)
        yield Finding(
            Sort.NEW,
            "routes" if place.startswith("openapi") else "events",
            f"since {place}",
            f"{place} is there, which the specification dates {since}",
            None,
            since,
            (place,),
            status=Status.DRIFT if reason is None else Status.EXPLAINED,
            reason=reason,
        )


def _unknown(facts: Facts, spec: Spec) -> Iterator[Finding]:
    """Members that neither the newest document describes nor that of the release."""
    for fact in facts.by_key.values():
        if fact.sort != "member" or fact.places or notes().undescribed(fact.key):
            continue
        kind, _, name = fact.key.removeprefix("member ").rpartition(".")
        if part_at(spec.schemas.documents, f"{kind}/properties/{escaped(name)}") is None:
            title = f"{name} of {kind} is described nowhere"
            yield Finding(Sort.NEW, fact.area, fact.key, title, None, fact.value, (kind,))


def _encoder(facts: Facts, spec: Spec) -> Iterator[Finding]:
    """Edits that are wrong in another way than the release's own are."""
    fact = facts.by_key.get(ENCODER)
    wanted = spec.release.encoder
    if fact is None or wanted is None or not fact.value["wrong"] or wanted in fact.value["like"]:
        return
    title = f"the edits of {_listed(fact.value['wrong'])} do not lead to the value that was yielded"
    yield Finding(
        Sort.DIFFERENT, "edits", ENCODER, title, wanted, fact.value, ("DIFF-001",), fact.clauses
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
