"""Generated loads over several sessions: does a legal schedule explain what was seen?

Each example joins held functions, some at the same moment, releases and cancels them in a drawn
order, and hands everything that it saw to :mod:`gradio_conformance.history`.
"""

from __future__ import annotations

from typing import Any

from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.binding import check
from gradio_conformance.exploration import Exploration
from gradio_conformance.load import BATCH
from gradio_conformance.load import Load
from gradio_conformance.probe import Probe

SHARED = ("hold_shared_narrow", "hold_shared_wide")
NEEDS = ("hold", "hold_two", "hold_unlimited", *SHARED, BATCH, "release", "journal")
# Few groups at a time, so that they fill up.
GROUPS = (("hold",), ("hold_two",), SHARED, ("hold_unlimited", "hold"))
WITH_BATCHES = (*GROUPS, (BATCH,), (BATCH, "hold_two"))
SESSIONS = 3
# A server may answer nobody while 30 functions run; a load is at most so many joins.
JOINS_AT_ONCE = 4
JOINS = 12
WAVES = 5

Step = tuple[Any, ...]
PICK = st.integers(0, 20)
RELEASE = st.tuples(st.just("release"), PICK)
CANCEL = st.tuples(st.just("cancel"), PICK)
LOOK = st.tuples(st.just("look"))
SETTLE = st.tuples(st.just("settle"))
ANY_SESSION = st.integers(0, SESSIONS - 1)
# Whoever is to be cancelled has a session to itself.
OWN_SESSION = st.integers(0, 1000)


@st.composite
def loads(
    draw: st.DrawFn,
    groups: tuple[tuple[str, ...], ...],
    sessions: st.SearchStrategy[int],
    others: tuple[st.SearchStrategy[Step], ...],
) -> list[Step]:
    """Waves of joins at the same time, with other steps after each."""
    endpoints = draw(st.sampled_from(groups))
    call = st.tuples(st.sampled_from(endpoints), sessions)
    steps: list[Step] = []
    left = JOINS
    for _ in range(draw(st.integers(1, WAVES))):
        size = min(left, draw(st.integers(1, JOINS_AT_ONCE)))
        left -= size
        if size:
            steps.append(("join", draw(st.lists(call, min_size=size, max_size=size))))
        steps += draw(st.lists(st.one_of(others), max_size=3))
    return steps


def _one_by_one(endpoint: str, first: int, count: int) -> list[Step]:
    """Joins whose order is certain, each in a session of its own."""
    return [("join", [(endpoint, number)]) for number in range(first, first + count)]


# Chance seldom fills a queue so far.
LONG_QUEUE: list[Step] = [
    *(("join", [("hold_two", number)] * 3) for number in range(2)),
    *(("settle",), ("release", 0), ("settle",)),
]
WITHOUT_LIMIT: list[Step] = [("join", [("hold_unlimited", 0)] * 4), ("settle",)]
SHARED_LIMIT: list[Step] = [*_one_by_one(SHARED[1], 0, 2), ("settle",)]
FREED_SLOT: list[Step] = [*_one_by_one("hold", 0, 3), ("settle",), ("release", 0), ("settle",)]
SMALL_BATCH: list[Step] = [*_one_by_one(BATCH, 0, 1), ("settle",), *_one_by_one(BATCH, 0, 3)]
CANCEL_IN_A_QUEUE: list[Step] = [
    *_one_by_one("hold", 0, 4),
    *(("cancel", 0), ("look",)),
    *_one_by_one("hold", 4, 1),
    ("release", 0),
]


def drive(probe: Probe, steps: list[Step], *, cancels_running: bool = False) -> None:
    """Do all steps, and see that they are explained."""
    if not probe.sessions:
        _use_once(probe)
    load = Load(probe)
    for kind, *arguments in steps:
        if kind == "cancel":
            load.cancel(*arguments, running=cancels_running)
        else:
            getattr(load, kind)(*arguments)
    load.verify()


def _use_once(probe: Probe) -> None:
    """The limit of a shared group counts once each of its functions has been joined (QUEUE-005)."""
    for endpoint in SHARED:
        gate = probe.gate()
        gate.release()
        probe.session().run(endpoint, [gate.key])


@check(
    "QUEUE-002",
    "QUEUE-003",
    "QUEUE-004",
    "QUEUE-005",
    "QUEUE-009",
    "QUEUE-011",
    "QUEUE-014",
    "QUEUE-024",
    needs=NEEDS,
)
@given(steps=loads(WITH_BATCHES, ANY_SESSION, (RELEASE, LOOK, SETTLE)))
@example(steps=LONG_QUEUE)
@example(steps=WITHOUT_LIMIT)
@example(steps=SHARED_LIMIT)
@example(steps=FREED_SLOT)
@example(steps=SMALL_BATCH)
def check_a_load_is_explained(probe: Probe, exploration: Exploration, steps: list[Step]) -> None:
    """Joins at the same time, over sessions and groups: a legal schedule explains what was seen."""
    with exploration.sparing(probe):
        drive(probe, steps)


@check("QUEUE-002", "QUEUE-007", "QUEUE-009", "QUEUE-011", "CANCEL-005", needs=NEEDS)
@given(steps=loads(WITH_BATCHES, OWN_SESSION, (RELEASE, CANCEL, LOOK)))
@example(steps=CANCEL_IN_A_QUEUE)
def check_cancels_of_waiting_events_are_explained(probe: Probe, steps: list[Step]) -> None:
    """The same while waiting events are cancelled."""
    drive(probe, steps)


@check("CANCEL-015", needs=NEEDS)
@given(steps=loads(GROUPS, OWN_SESSION, (RELEASE, CANCEL)))
def check_cancels_of_running_events_are_explained(
    probe: Probe, exploration: Exploration, steps: list[Step]
) -> None:
    """The same while running events are cancelled, too."""
    if not probe.findings:
        with exploration.sparing(probe):
            drive(probe, steps, cancels_running=True)
