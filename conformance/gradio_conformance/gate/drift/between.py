"""Two observations, compared with each other, and what explains the differences. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.gate.drift.explaining import Explaining
from gradio_conformance.gate.drift.facts import ENCODER
from gradio_conformance.gate.drift.facts import Fact
from gradio_conformance.gate.drift.facts import Facts
from gradio_conformance.gate.drift.facts import facts_of
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.notes import notes
from gradio_conformance.gate.drift.observation import Observation
from gradio_spec.changes import changes_between
from gradio_spec.model import Spec
from gradio_spec.pointers import escaped

ASPECTS = ("presence", "types", "null", "values")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two: what was seen, the view of the specification that it is judged by, and the
    clauses that it is listed to break, each with what is said of that.
    """

    observation: Observation
    spec: Spec
    known: Mapping[str, str] = field(default_factory=dict)


def compare_releases(older: Side, newer: Side) -> Comparison:
    """How ``newer`` differs from ``older``, and which changes between the two explain it."""
    old, new = facts_of(older.observation), facts_of(newer.observation)
    rows = changes_between(older.spec.release, newer.spec.release)
    explaining = Explaining(rows, older.spec, newer.spec, {**older.known, **newer.known})
    findings = tuple(explaining.of(finding) for finding in _differences(old, new))
    absent = {**_named(old, older.observation), **_named(new, newer.observation)}
    return Comparison(
        older.observation.subject.named,
        newer.observation.subject.named,
        findings,
        tuple(explaining.row(change, findings, old.absent, new.absent) for change in rows),
        absent,
    )


def _named(facts: Facts, observation: Observation) -> dict[str, str]:
    name = observation.subject.named
    return {f"{step} ({name})": why for step, why in facts.absent.items()}


# -- differences ----------------------------------------------------------------------------------


def _differences(old: Facts, new: Facts) -> Iterator[Finding]:
    alone = {side: _kinds(facts) for side, facts in (("old", old), ("new", new))}
    for kind in sorted(alone["new"] - alone["old"]):
        yield from _kind(Sort.NEW, kind, new)
    for kind in sorted(alone["old"] - alone["new"]):
        yield from _kind(Sort.GONE, kind, old)
    both = alone["old"] & alone["new"]
    for key in dict.fromkeys((*old.by_key, *new.by_key)):
        before, after = old.by_key.get(key), new.by_key.get(key)
        fact = after or before
        assert fact is not None
        if fact.sort == "member" and _kind_of(fact) not in both:
            continue
        finding = _difference(key, before, after)
        if finding is not None:
            yield finding


def _difference(key: str, before: Fact | None, after: Fact | None) -> Finding | None:
    fact = after or before
    assert fact is not None
    if before is None or after is None:
        # What one side could not play tells nothing of the other.
        return _lone(fact, before is None) if fact.sort == "member" else None
    old, new = before.value, after.value
    if fact.sort == "member":
        ignored = notes().volatile(key)
        old, new = (_aspects(value, ignored) for value in (old, new))
    elif fact.sort == "encoder":
        old, new = (value["like"] or value["sent"] for value in (old, new))
    elif "value" in notes().volatile(key):
        return None
    if old == new:
        return None
    sort = Sort.DIFFERENT
    if fact.sort == "route":
        sort = Sort.NEW if new == "answers" else Sort.GONE
    places = (*fact.places, *_encoders(fact, old, new))
    title = _title(fact, old, new)
    return Finding(sort, fact.area, key, title, old, new, places, fact.clauses)


def _aspects(value: Mapping[str, Any], ignored: frozenset[str]) -> dict[str, Any]:
    return {name: value.get(name) for name in ASPECTS if name not in ignored and name in value}


def _encoders(fact: Fact, old: Any, new: Any) -> tuple[str, ...]:
    if fact.key != ENCODER:
        return ()
    # A side whose edits are those of no generation, because it sends none, is no list.
    named = (name for side in (old, new) if isinstance(side, list) for name in side)
    return tuple(f"encoder:{name}" for name in named)


def _lone(fact: Fact, is_new: bool) -> Finding | None:
    if "presence" in notes().volatile(fact.key):
        return None
    sort = Sort.NEW if is_new else Sort.GONE
    kind, _, name = fact.key.removeprefix("member ").rpartition(".")
    old, new = (None, fact.value) if is_new else (fact.value, None)
    title = f"{kind} {'has a new member' if is_new else 'has lost'} {name}"
    places = fact.places or (f"{kind}/properties/{escaped(name)}",)
    return Finding(sort, fact.area, fact.key, title, old, new, places, fact.clauses)


def _title(fact: Fact, old: Any, new: Any) -> str:
    if fact.sort == "route":
        return (
            f"{fact.key.removeprefix('route ')} {'answers now' if new == 'answers' else 'is gone'}"
        )
    if fact.sort == "member":
        told = [f"{k} {_said(old[k])} → {_said(new[k])}" for k in old if old[k] != new.get(k)]
        told += [f"{k} {_said(new[k])}" for k in new if k not in old]
        return f"{fact.key.removeprefix('member ')}: {'; '.join(told)}"
    if fact.sort == "encoder":
        return "the encoder of edits is another one"
    return f"{fact.key.removeprefix('step ')}: {old} → {new}"


def _said(value: Any) -> str:
    return " or ".join(value) if isinstance(value, list) else str(value)


# -- kinds of objects that only one side has ------------------------------------------------------


def _kinds(facts: Facts) -> set[str]:
    return {_kind_of(fact) for fact in facts.by_key.values() if fact.sort == "member"}


def _kind_of(fact: Fact) -> str:
    return fact.key.removeprefix("member ").rpartition(".")[0]


def _kind(sort: Sort, kind: str, facts: Facts) -> Iterator[Finding]:
    if "presence" in notes().volatile(f"kind {kind}"):
        return
    members = [f for f in facts.by_key.values() if f.sort == "member" and _kind_of(f) == kind]
    names = sorted(f.key.rpartition(".")[2] for f in members)
    title = f"objects of the kind {kind} {'are new' if sort is Sort.NEW else 'are gone'}"
    old, new = (None, names) if sort is Sort.NEW else (names, None)
    clauses = tuple(dict.fromkeys(c for f in members for c in f.clauses))
    places = (kind, *clauses)
    yield Finding(sort, members[0].area, f"kind {kind}", title, old, new, places, clauses)
