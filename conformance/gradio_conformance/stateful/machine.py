"""The Hypothesis state machine: draws the steps of several clients and has them executed at once.

What it draws depends on the steps before, never on what the server answered, so that Hypothesis
can run and shrink the same choices again.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import MultipleResults
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import multiple
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from gradio_conformance.stateful.palette import Offer
from gradio_conformance.stateful.script import GATE
from gradio_conformance.stateful.script import PLAINLY
from gradio_conformance.stateful.script import Beat
from gradio_conformance.stateful.script import Call
from gradio_conformance.stateful.script import Cancel
from gradio_conformance.stateful.script import Fetch
from gradio_conformance.stateful.script import Join
from gradio_conformance.stateful.script import Leave
from gradio_conformance.stateful.script import Open
from gradio_conformance.stateful.script import Pause
from gradio_conformance.stateful.script import Refused
from gradio_conformance.stateful.script import Release
from gradio_conformance.stateful.script import Reset
from gradio_conformance.stateful.script import Resume
from gradio_conformance.stateful.script import Step
from gradio_conformance.stateful.script import Unbeat

# No more than a server can hold at once (testbed.yaml, controls), and a person can read.
MOST_EVENTS = 12
MOST_SESSIONS = 3
ASIDE_EVERY = 4  # steps
HELD = "hold"
Made = str | MultipleResults[str]


class Player(Protocol):
    """Executes the steps of one example."""

    def do(self, step: Step) -> None: ...

    def end(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What may be drawn: endpoints, the actions that there are, and the ways of doing them that
    differ.
    """

    offers: Sequence[Offer]
    actions: Collection[str]
    cancels: Sequence[str]
    refusals: Sequence[tuple[str, str]]

    @property
    def asides(self) -> Sequence[type[Step]]:
        """What a client does beside its events."""
        beats = (Beat, Unbeat) if "end_heartbeat" in self.actions else ()
        return (Pause, Resume, *beats)


def _knows(*actions: str) -> Callable[[Any], bool]:
    """A precondition: the version that the server is judged by has these actions."""
    return lambda machine: all(name in machine.repertoire.actions for name in actions)


def _of(choose: Callable[[Repertoire], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """A strategy that depends on the repertoire of the machine that draws from it."""
    return st.runner().flatmap(lambda machine: choose(machine.repertoire))


def _few(found: Repertoire) -> st.SearchStrategy[list[int]]:
    """Half of the examples are about one endpoint that is held, where most can go wrong."""
    everything = range(len(found.offers))
    held = [place for place in everything if found.offers[place].begins]
    several = st.lists(st.sampled_from(everything), min_size=1, max_size=3)
    return st.sampled_from(held).map(lambda place: [place]) | several if held else several


OFFERS = _of(_few)
# What is done plainly is done most often.
CANCELS = _of(lambda found: st.sampled_from([PLAINLY, *found.cancels]))
REFUSALS = _of(lambda found: st.sampled_from(found.refusals))
SESSION = st.runner().flatmap(lambda machine: st.sampled_from(machine.sessions))
OPENED = st.runner().flatmap(lambda machine: st.sampled_from(machine.opened))
# Most steps wait for what must come of them; some do not, and races show.
HURRIED = st.sampled_from([False, False, False, True])
ASIDES = st.one_of(
    st.tuples(_of(lambda found: st.sampled_from(found.asides)), SESSION).map(lambda d: d[0](d[1])),
    st.tuples(SESSION, REFUSALS).map(lambda drawn: Refused(drawn[0], *drawn[1])),
)


class Clients(RuleBasedStateMachine):
    """Several clients of one server. Subclasses say what may be drawn and who executes it."""

    events: Bundle[str] = Bundle("events")
    calls: Bundle[str] = Bundle("calls")
    repertoire: Repertoire

    def __init__(self) -> None:
        super().__init__()
        self._player = self.begin()
        self._made = 0
        self._failed = False
        self.sessions = "A"
        self._few: Sequence[int] = [0]
        self.opened: list[str] = []
        self._steps = 0
        self._last: tuple[str, str, list[Any]] | None = None

    def begin(self) -> Player:
        """A player for one example."""
        raise NotImplementedError

    @initialize(few=OFFERS, sessions=st.integers(1, MOST_SESSIONS))
    def choose(self, few: Sequence[int], sessions: int) -> None:
        """Each example uses few endpoints and sessions, so that they get into each other's way."""
        self._few = few
        self.sessions = string.ascii_uppercase[:sessions]

    def _drawn(self, data: st.DataObject) -> tuple[str, list[Any]]:
        offer = self.repertoire.offers[data.draw(st.sampled_from(self._few))]
        return offer.endpoint, data.draw(offer.arguments)

    def _do(self, step: Step) -> None:
        self._steps += 1
        try:
            self._player.do(step)
        except BaseException:
            self._failed = True
            raise

    def _label(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._made}"

    @rule(target=events, session=SESSION, data=st.data(), hurried=HURRIED)
    def join(self, session: str, data: st.DataObject, hurried: bool) -> Made:
        if self._made >= MOST_EVENTS:
            return multiple()
        self._last = (session, *self._drawn(data))
        return self._join(self._last, hurried)

    @rule(target=events, hurried=HURRIED)
    def join_again(self, hurried: bool) -> Made:
        """The same once more: two of a kind are what most defects are about."""
        if self._made >= MOST_EVENTS:
            return multiple()
        self._last = self._last or (self.sessions[0], HELD, [GATE])
        return self._join(self._last, hurried)

    def _join(self, what: tuple[str, str, list[Any]], hurried: bool) -> str:
        event = self._label("e")
        self._do(Join(event, *what, hurried=hurried))
        return event

    @precondition(_knows("call"))
    @rule(target=calls, session=st.just("") | SESSION, data=st.data(), hurried=HURRIED)
    def call(self, session: str, data: st.DataObject, hurried: bool) -> Made:
        if self._made >= MOST_EVENTS:
            return multiple()
        call = self._label("c")
        self._do(Call(call, session, *self._drawn(data), hurried=hurried))
        return call

    @precondition(_knows("call", "fetch"))
    @rule(target=calls, data=st.data(), again=st.booleans())
    def call_and_fetch(self, data: st.DataObject, again: bool) -> Made:
        """What most callers do; some, as after a lost connection, read a second time."""
        if self._made >= MOST_EVENTS:
            return multiple()
        call = self._label("c")
        self._do(Call(call, "", *self._drawn(data)))
        for _ in range(1 + again):
            self._do(Fetch(call))
        return call

    @rule(call=calls, hurried=HURRIED)
    def fetch(self, call: str, hurried: bool) -> None:
        self._do(Fetch(call, hurried=hurried))

    @rule(session=SESSION, hurried=HURRIED)
    def open(self, session: str, hurried: bool) -> None:
        self.opened = [*(s for s in self.opened if s != session), session]
        self._do(Open(session, hurried=hurried))

    @precondition(lambda self: self.opened)
    @rule(session=OPENED, hurried=HURRIED)
    def leave(self, session: str, hurried: bool) -> None:
        self.opened = [s for s in self.opened if s != session]
        self._do(Leave(session, hurried=hurried))

    @precondition(lambda self: self.opened)
    @rule(target=events, session=OPENED, data=st.data())
    def come_back(self, session: str, data: st.DataObject) -> Made:
        """What a page does that lost its stream: it joins and opens a new one."""
        if self._made >= MOST_EVENTS:
            return multiple()
        self._do(Leave(session))
        self._last = (session, *self._drawn(data))
        event = self._join(self._last, hurried=False)
        self._do(Open(session))
        return event

    @rule(subject=events | calls, hurried=HURRIED)
    def release(self, subject: str, hurried: bool) -> None:
        self._do(Release(subject, hurried=hurried))

    @precondition(_knows("cancel"))
    @rule(subject=events | calls, way=CANCELS, hurried=HURRIED)
    def cancel(self, subject: str, way: str, hurried: bool) -> None:
        is_call = subject.startswith("c")
        self._do(Cancel(subject, PLAINLY if is_call else way, hurried=hurried))

    @precondition(lambda self: self._steps % ASIDE_EVERY == ASIDE_EVERY - 1)
    @rule(step=ASIDES)
    def do_aside(self, step: Step) -> None:
        """What must not change anything that anybody is owed."""
        self._do(step)

    @precondition(lambda self: self._steps % ASIDE_EVERY == ASIDE_EVERY - 1)
    @rule(event=events)
    def reset(self, event: str) -> None:
        self._do(Reset(event))

    def teardown(self) -> None:
        try:
            if not self._failed:
                self._player.end()
        finally:
            self._player.close()


def machine_for(repertoire: Repertoire, begin: Callable[[], Player]) -> type[Clients]:
    """A state machine over this repertoire; ``begin`` is called for each example."""
    members = {"repertoire": repertoire, "begin": lambda self: begin()}
    return type("Clients", (Clients,), members)
