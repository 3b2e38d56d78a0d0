"""Each law rejects a history that breaks it, and blames the right clause."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from itertools import combinations
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.history import Entry
from gradio_conformance.history import Group
from gradio_conformance.history import History
from gradio_conformance.history import Join
from gradio_conformance.history import Sample
from gradio_conformance.history import Told
from gradio_conformance.history import explain

from .simulator import Simulator
from .worlds import ALL
from .worlds import BATCH
from .worlds import FREE
from .worlds import ONE
from .worlds import SHARED
from .worlds import TWO
from .worlds import WORLDS

Mutator = Callable[[History], History | None]
World = Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Broken:
    """What a mutator breaks, and where: ``calm`` worlds have neither cancels nor drops."""

    clauses: frozenset[str]
    worlds: tuple[World, ...]
    calm: bool
    mutate: Mutator


BROKEN: dict[str, Broken] = {}


def breaks(
    *clauses: str, on: tuple[World, ...] = WORLDS, calm: bool = False
) -> Callable[[Mutator], Mutator]:
    def register(mutator: Mutator) -> Mutator:
        BROKEN[mutator.__name__] = Broken(frozenset(clauses), on, calm, mutator)
        return mutator

    return register


def certain(history: History) -> list[Join]:
    """Events that nobody cancelled or orphaned, with a key of their own, which ran."""
    free = {cancel.event for cancel in history.cancels} | {
        join.id for join in history.joins for drop in history.drops if drop.session == join.session
    }
    ran = {entry.key for entry in history.entries if entry.what == "end"}
    return [join for join in history.joins if join.id not in free and join.key in ran]


def terminal(history: History, join: Join) -> Told:
    return next(t for t in history.told if t.event == join.id and t.msg == "process_completed")


def exchanged(history: History, old: Told, new: Told | None) -> History:
    told = [new if t is old else t for t in history.told]
    return replace(history, told=[t for t in told if t is not None])


def run(history: History, join: Join) -> tuple[Entry, Entry]:
    first, last = (entry for entry in history.entries if entry.key == join.key)
    return first, last


def rerun(history: History, times: Mapping[Any, tuple[float, float]]) -> History:
    """The runs of these keys at other times."""
    entries = [
        replace(e, t=times[e.key][e.what != "start"]) if e.key in times else e
        for e in history.entries
    ]
    return replace(history, entries=sorted(entries, key=lambda entry: entry.t))


@breaks("QUEUE-024")
def run_twice(history: History) -> History | None:
    for join in certain(history):
        _, last = run(history, join)
        again = [replace(last, what="start"), last]
        return replace(history, entries=[*history.entries, *again])
    return None


@breaks("QUEUE-024")
def result_without_a_run(history: History) -> History | None:
    for join in certain(history):
        return replace(history, entries=[e for e in history.entries if e.key != join.key])
    return None


@breaks("EVT-003", calm=True)
def lost_end(history: History) -> History | None:
    for join in certain(history):
        return exchanged(history, terminal(history, join), None)
    return None


@breaks("SSE-029")
def two_ends(history: History) -> History | None:
    for join in certain(history):
        return replace(history, told=[*history.told, terminal(history, join)])
    return None


@breaks("EVT-008")
def results_exchanged(history: History) -> History | None:
    for one, other in combinations(certain(history), 2):
        first, second = terminal(history, one), terminal(history, other)
        once = exchanged(history, first, replace(first, body=second.body))
        return exchanged(once, second, replace(second, body=first.body))
    return None


@breaks("EVT-008")
def failure_of_nothing(history: History) -> History | None:
    for join in certain(history):
        end = terminal(history, join)
        body = {**end.body, "success": False, "output": {"error": None}}
        return exchanged(history, end, replace(end, body=body))
    return None


@breaks("CANCEL-007", "CANCEL-008")
def cancelled_by_nobody(history: History) -> History | None:
    for join in certain(history):
        end = terminal(history, join)
        return exchanged(history, end, replace(end, body={**end.body, "output": {}}))
    return None


@breaks("CANCEL-005")
def cancelled_and_started(history: History) -> History | None:
    started = {t.event for t in history.told if t.msg == "process_starts"}
    ended = {t.event for t in history.told if t.msg == "process_completed"}
    for join in history.joins:
        waited = join.id in ended - started and join.key and not history.drops
        if waited and any(
            c.event == join.id and c.session == join.session for c in history.cancels
        ):
            entry = Entry(str(join.key), join.endpoint, "start", None, history.entries[-1].t + 1)
            return replace(history, entries=[*history.entries, entry])
    return None


def crowds(history: History, count: int) -> History | None:
    """So many functions of one group at one moment."""
    for joins in combinations(certain(history), count):
        if len({ALL[join.endpoint].name for join in joins}) == 1:
            begins = {join.key: run(history, join)[0].t for join in joins}
            last = max(run(history, join)[1].t for join in joins) + 1
            return rerun(history, {key: (begin, last) for key, begin in begins.items()})
    return None


@breaks("QUEUE-001", on=(ONE,))
def two_of_one(history: History) -> History | None:
    return crowds(history, 2)


@breaks("QUEUE-003", on=(TWO,))
def three_of_two(history: History) -> History | None:
    return crowds(history, 3)


@breaks("QUEUE-005", on=(SHARED,))
def two_of_shared(history: History) -> History | None:
    return crowds(replace(history, joined_before=frozenset(SHARED)), 2)


@breaks("QUEUE-002", on=(ONE,), calm=True)
def starts_exchanged(history: History) -> History | None:
    for one, other in permutations(certain(history), 2):
        first, second = run(history, one), run(history, other)
        apart = first[0].t < first[1].t <= second[0].t < second[1].t
        if one.answered < other.sent and apart:
            moved = {one.key: (second[0].t, second[1].t), other.key: (first[0].t, first[1].t)}
            return rerun(history, moved)
    return None


def estimation(history: History, change: Mapping[str, int]) -> History | None:
    for told in history.told:
        if told.msg == "estimation":
            body = {**told.body, **{k: told.body[k] + more for k, more in change.items()}}
            return exchanged(history, told, replace(told, body=body))
    return None


@breaks("QUEUE-007", "EVT-005")
def rank_of_nobody(history: History) -> History | None:
    many = len(history.joins)
    return estimation(history, {"rank": many, "queue_size": many})


@breaks("QUEUE-009")
def more_than_joined(history: History) -> History | None:
    return estimation(history, {"queue_size": len(history.joins)})


@breaks("EVT-005")
def rank_grows(history: History) -> History | None:
    for told in history.told:
        if told.msg == "estimation":
            more = {**told.body, "rank": told.body["rank"] + 1}
            place = history.told.index(told)
            again = [*history.told[: place + 1], replace(told, body=more)]
            return replace(history, told=[*again, *history.told[place + 1 :]])
    return None


@breaks("QUEUE-010")
def eta_of_the_unknown(history: History) -> History | None:
    unknown = {t.event for t in history.told if t.msg == "process_starts" and t.body["eta"] is None}
    for told in history.told:
        if told.msg == "estimation" and told.event in unknown:
            return exchanged(history, told, replace(told, body={**told.body, "rank_eta": 1.0}))
    return None


@breaks("QUEUE-011")
def status_of_more(history: History) -> History | None:
    return replace(history, samples=[*history.samples, Sample(0, 1, len(history.joins) + 1)])


def batch_entries(history: History) -> list[Entry]:
    return [entry for entry in history.entries if entry.key == "batch" and entry.what == "start"]


def resized(history: History, entry: Entry, n: int) -> History:
    return replace(history, entries=[replace(e, n=n) if e is entry else e for e in history.entries])


@breaks("QUEUE-014", on=(BATCH,))
def batch_too_large(history: History) -> History | None:
    return next((resized(history, entry, 5) for entry in batch_entries(history)), None)


@breaks("QUEUE-024", on=(BATCH,))
def batch_again(history: History) -> History | None:
    if not batch_entries(history):
        return None
    entries = list(history.entries)
    for _ in history.joins:
        for what in ("start", "end"):
            entries.append(Entry("batch", "batch_upper", what, 4, entries[-1].t + 1))
    return replace(history, entries=entries)


@breaks("QUEUE-014", on=(BATCH,))
def slice_of_another(history: History) -> History | None:
    ends = [t for t in history.told if t.msg == "process_completed" and "data" in t.body["output"]]
    for one, other in combinations(ends, 2):
        if one.event != other.event:
            return exchanged(history, one, replace(one, body=other.body))
    return None


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_law_is_blamed(broken: Broken) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(broken.worlds), st.integers(0, 2**32))
    def blamed(groups: World, seed: int) -> None:
        history = broken.mutate(Simulator(groups, seed, calm=broken.calm).run())
        assume(history is not None)
        assert history is not None
        assert {violation.clause for violation in explain(history, ALL)} & broken.clauses

    blamed()


def test_a_group_without_limit_is_free() -> None:
    """No order of starts breaks anything where nobody waits for another."""
    history = crowds(Simulator({**FREE}, 5).run(), 4)
    assert history is not None
    assert explain(history, ALL) == ()
