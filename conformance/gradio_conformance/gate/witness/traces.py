"""The shortest trace that one version's monitor accepts and the other one's refuses, found breadth
first: both monitors hear the same words, and words that both accept go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import lru_cache

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.alphabet import steps_of
from gradio_conformance.gate.witness.judges import tried
from gradio_conformance.gate.witness.playing import Player
from gradio_conformance.gate.witness.playing import Step
from gradio_conformance.gate.witness.remembering import remembering
from gradio_spec.changes import bare

_LONGEST = 7
_MOST_WORDS = 14  # that go on, of each length and for each pair of states
_Going = tuple[tuple[Step, ...], tuple[Player, Player]]
_BEGINNINGS: tuple[tuple[Step, ...], ...] = (
    (["join", "e"], ["open"]),
    (["open"],),
    (["call", "e"],),
    (["heartbeat"],),
)


@dataclass(frozen=True)
class Word:
    """A trace that the sides judge differently: the state before its last step, those after it,
    and the clause that it breaks.
    """

    steps: tuple[Step, ...]
    state: str | None
    after: frozenset[str | None]
    clause: str | None

    @property
    def last(self) -> str:
        kind, *rest = self.steps[-1]
        if kind == "message":
            return str(rest[0].get("msg"))
        return str(rest[0]) if rest else kind


def trace_witness(difference: Difference, old: Side, new: Side) -> Witness | None:
    """The shortest trace that is about the difference: it ends with its input in its state, or
    breaks its clause.
    """
    pointer = difference.place.pointer.replace("~1", " ").replace("/", " ")
    about = set(pointer.replace(" or ", " ").split())
    ours = [word for word in words(old, new) if _is_about(word, about, difference, old, new)]
    for word in sorted(ours, key=lambda word: (-_fit(word, about), len(word.steps))):
        found = tried("trace", "trace", [list(step) for step in word.steps], old, new)
        if found is not None:
            return found
    return None


def clause_trace(clause: str, old: Side, new: Side) -> Witness | None:
    """The shortest trace that breaks a clause in one version only."""
    for word in words(old, new):
        if word.clause == clause:
            return tried("trace", "trace", [list(step) for step in word.steps], old, new)
    return None


def words(old: Side, new: Side) -> tuple[Word, ...]:
    """All that a bounded search finds, shortest first."""
    return _searched(_Pair(old, new))


class _Pair:
    """Two sides as a key: the same objects are the same pair."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old, self.new = old, new

    def __hash__(self) -> int:
        return hash((id(self.old.spec), id(self.new.spec)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Pair)
            and self.old.spec is other.old.spec
            and self.new.spec is other.new.spec
        )


@lru_cache(16)
def _searched(pair: _Pair) -> tuple[Word, ...]:
    if bare(pair.old.documents["lifecycle"]) == bare(pair.new.documents["lifecycle"]):
        return ()
    alphabet = steps_of(pair.old, pair.new)
    sides = [replace(side, spec=remembering(side.spec)) for side in (pair.old, pair.new)]
    found: list[Word] = []
    for beginning in _BEGINNINGS:
        found += _from(beginning, alphabet, *sides)
    return tuple(sorted(found, key=lambda word: len(word.steps)))


def _from(
    beginning: Sequence[Step], alphabet: Sequence[Step], old: Side, new: Side
) -> Iterator[Word]:
    players = Player(old), Player(new)
    said: tuple[Step, ...] = ()
    for step in beginning:
        word = _said(players, said, step)
        said = (*said, step)
        if word is not None:
            yield word
        if any(player.wrong for player in players):
            return
    frontier, seen = [(said, players)], {_situation(players)}
    while frontier and len(frontier[0][0]) < _LONGEST:
        coming: list[_Going] = []
        for steps, both in frontier:
            for step in alphabet:
                forked = both[0].fork(), both[1].fork()
                word = _said(forked, steps, step)
                if word is not None:
                    yield word
                elif not forked[0].wrong and _situation(forked) not in seen:
                    seen.add(_situation(forked))
                    coming.append(((*steps, step), forked))
        frontier = _few_of_each(coming)


def _few_of_each(words: Sequence[_Going]) -> list[_Going]:
    """Some of the words that lead to each pair of states, so that no state is forgotten."""
    count: Counter[tuple[str | None, ...]] = Counter()
    found = []
    for word in words:
        states = tuple(player.state for player in word[1])
        count[states] += 1
        if count[states] <= _MOST_WORDS:
            found.append(word)
    return found


def _said(players: tuple[Player, Player], steps: tuple[Step, ...], step: Step) -> Word | None:
    """One more step for both; the word if only one of them refuses it."""
    state = players[0].state or players[1].state
    for player in players:
        player.step(step)
    was, now = players
    if bool(was.wrong) == bool(now.wrong):
        return None
    after = frozenset(player.state for player in players)
    return Word((*steps, step), state, after, was.clause or now.clause)


def _situation(players: tuple[Player, Player]) -> str:
    return "|".join(player.monitor.situation() for player in players)


def _fit(word: Word, about: set[str]) -> int:
    return (word.last in about) + (word.state in about) + bool(word.after & about)


def _is_about(word: Word, about: set[str], difference: Difference, old: Side, new: Side) -> bool:
    rules = {rule.id: rule.clause for side in (old, new) for rule in side.spec.lifecycle.rules}
    named = {rules[one] for one in about if one in rules} or set(difference.clauses)
    if named:
        return word.clause in named
    if "states" in about:
        return word.state in about or bool(word.after & about)
    if "transitions" in about or "refusals" in about:
        return word.last in about and (word.state in about or word.state is None)
    return _machine(word) in about


def _machine(word: Word) -> str:
    """The machine that a whole trace is about."""
    kinds = {"call": "call_stream", "heartbeat": "heartbeat_stream", "join": "event"}
    kind = kinds.get(str(word.steps[0][0]))
    return kind or ("connection" if word.steps[-1][0] == "say" else "session_stream")
