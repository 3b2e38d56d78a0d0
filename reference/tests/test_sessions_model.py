"""The session store against a naive model that looks at everything at every moment."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_reference.core.sessions import SessionStore

LINGER = 10.0
CAPACITY = 3


@dataclass(frozen=True, eq=False)
class Variable:
    name: str
    time_to_live: float | None = None

    def make(self) -> Any:
        return f"first {self.name}"


PLAIN, SHORT, LONG = Variable("plain"), Variable("short", 2.0), Variable("long", 25.0)
VARIABLES = (PLAIN, SHORT, LONG)
WATCHED = frozenset({PLAIN, SHORT})


@dataclass
class Naive:
    """{session: {variable: (value, since)}}, oldest use first; swept after every tick of time."""

    values: dict[str, dict[Variable, tuple[Any, float]]] = field(default_factory=dict)
    readers: dict[str, int] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    dropped: list[tuple[Variable, Any]] = field(default_factory=list)

    def sweep(self, now: float) -> None:
        for session, held in list(self.values.items()):
            for variable, (value, since) in list(held.items()):
                lifetime = variable.time_to_live
                if lifetime is not None and since + lifetime <= now:
                    del held[variable]
                    self.dropped.append((variable, value))
            if session in self.gone and self.gone[session] + LINGER <= now:
                self.drop(session)

    def drop(self, session: str) -> None:
        self.dropped += [(v, value) for v, (value, _) in self.values.pop(session).items()]
        self.gone.pop(session, None)

    def use(self, session: str, now: float) -> dict[Variable, tuple[Any, float]]:
        held = self.values.pop(session, {})
        self.values[session] = held
        if session in self.gone:
            self.gone[session] = now
        while len(self.values) > CAPACITY:
            self.drop(next(iter(self.values)))
        return held

    def read(self, session: str, variables: list[Variable], now: float) -> list[Any]:
        held = self.use(session, now)
        return [held.setdefault(v, (v.make(), now))[0] for v in variables]

    def store(self, session: str, values: dict[Variable, Any], now: float) -> list[Variable]:
        held = self.use(session, now)
        old = {v: held.get(v, (v.make(), now))[0] for v in values}
        held.update({v: (value, now) for v, value in values.items()})
        return [v for v, value in values.items() if v in WATCHED and value != old[v]]

    def closed(self, session: str, now: float) -> bool:
        self.readers[session] -= 1
        if not self.readers[session] and session in self.values:
            self.gone[session] = now
        return not self.readers[session]

    def opened(self, session: str) -> None:
        self.readers[session] = self.readers.get(session, 0) + 1
        self.gone.pop(session, None)


SESSIONS = st.sampled_from("abcde")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 12)),
        st.tuples(st.just("read"), SESSIONS, st.lists(st.sampled_from(VARIABLES), unique=True)),
        st.tuples(
            st.just("store"),
            SESSIONS,
            st.dictionaries(st.sampled_from(VARIABLES), st.integers(0, 2)),
        ),
        st.tuples(st.just("opened"), SESSIONS),
        st.tuples(st.just("closed"), SESSIONS),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_the_store_does_what_the_model_does(steps: list[tuple[Any, ...]]) -> None:
    store = SessionStore(capacity=CAPACITY, linger=LINGER, watched=WATCHED)
    naive, now = Naive(), 0.0
    for name, *rest in steps:
        if name == "wait":
            for _ in range(rest[0]):
                now += 1.0
                naive.sweep(now)
            if store.due is not None and store.due <= now:
                store.expire(now)
        elif name in ("read", "store"):
            told = getattr(store, name)(*rest, now)
            assert told == getattr(naive, name)(*rest, now)
        elif name == "opened":
            store.opened(rest[0])
            naive.opened(rest[0])
        elif naive.readers.get(rest[0]):
            assert store.closed(rest[0], now) == naive.closed(rest[0], now)
        by_text = [sorted(map(str, dropped)) for dropped in (store.dropped(), naive.dropped)]
        assert by_text[0] == by_text[1]
        naive.dropped.clear()
        assert len(store) == len(naive.values)


def test_a_heartbeat_that_comes_back_keeps_the_session() -> None:
    store = SessionStore(capacity=CAPACITY, linger=LINGER)
    store.opened("s")
    store.store("s", {PLAIN: 1}, 0.0)
    assert store.closed("s", 1.0)
    store.expire(10.9)
    store.opened("s")
    store.expire(1e9)
    assert store.read("s", [PLAIN], 1e9) == [1]
    assert store.closed("s", 1e9)
    store.expire(1e9 + LINGER)
    assert store.dropped() == [(PLAIN, 1)]
    assert store.due is None


def test_a_session_that_is_used_without_heartbeat_is_kept() -> None:
    store = SessionStore(capacity=CAPACITY, linger=LINGER)
    store.opened("s")
    store.store("s", {PLAIN: 1}, 0.0)
    store.closed("s", 0.0)
    for now in (9.0, 18.0, 27.0):
        assert store.read("s", [PLAIN], now) == [1]
    store.expire(37.0)
    assert store.read("s", [PLAIN], 37.0) == ["first plain"]


def test_changes_are_seen_by_value() -> None:
    store = SessionStore(capacity=CAPACITY, linger=LINGER, watched={PLAIN})
    held: list[int] = []
    assert store.store("s", {PLAIN: held}, 0.0) == [PLAIN]
    assert store.store("s", {PLAIN: []}, 0.0) == []
    held = store.read("s", [PLAIN], 0.0)[0]
    held.append(1)
    assert store.store("s", {PLAIN: held}, 0.0) == [PLAIN]  # changed in place
    unpicklable = [lambda: None]
    assert store.store("s", {PLAIN: unpicklable}, 0.0) == [PLAIN]
    assert store.store("s", {PLAIN: unpicklable}, 0.0) == [PLAIN]


def test_alarms_do_not_pile_up() -> None:
    store = SessionStore(capacity=CAPACITY, linger=LINGER)
    for now in range(1000):
        store.opened("s")
        store.store("s", {SHORT: now, LONG: now}, float(now))
        store.closed("s", float(now))
    assert len(store._alarms) <= 3


def test_making_a_first_value_may_fail() -> None:
    class Broken(Variable):
        def make(self) -> Any:
            raise ValueError("out of order")

    store = SessionStore(capacity=CAPACITY, linger=LINGER)
    with pytest.raises(ValueError, match="out of order"):
        store.read("s", [PLAIN, Broken("broken")], 0.0)
    assert store.read("s", [PLAIN], 0.0) == ["first plain"]
