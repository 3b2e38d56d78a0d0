"""State machines as tables: the interpreter of the ``machines`` part of ``lifecycle.yaml``.

Everything about order between two messages of one thing (an event, a stream) lives in the tables;
this file knows no message, no state and no clause by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

ANY = "any"
SERVER = "server"
GUARDS = "#/guards/"


@dataclass(frozen=True, slots=True)
class Transition:
    """What may happen: in one of these states, on this input, if the guard accepts the message."""

    sources: frozenset[str]
    on: str
    target: str | None
    guard: Draft202012Validator | None = None
    when: str | None = None  # the guard's name
    by: str = SERVER  # whose turn it is

    def allows(self, state: str, symbol: str, message: Any) -> bool:
        if self.on != symbol or state not in self.sources:
            return False
        return self.guard is None or self.guard.is_valid(message)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which clause an input without a transition breaks."""

    states: frozenset[str]
    on: frozenset[str]
    clause: str
    expected: str

    def covers(self, state: str, symbol: str) -> bool:
        return state in self.states and (symbol in self.on or ANY in self.on)


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one input: the new state, and the refusal if no transition allowed it."""

    source: str
    symbol: str
    target: str
    refusal: Refusal | None = None
    when: str | None = None  # the guard of the transition that was taken


@dataclass(frozen=True, slots=True)
class Machine:
    """One table of states. Immutable: the caller keeps the current state of each thing."""

    name: str
    title: str
    initial: str
    states: Mapping[str, str]
    final: frozenset[str]
    transitions: tuple[Transition, ...]
    refusals: tuple[Refusal, ...]

    def expected(self, state: str) -> frozenset[tuple[str, str]]:
        """What may come in a state: by whom (``server`` or ``client``), and which input."""
        return frozenset((row.by, row.on) for row in self.transitions if state in row.sources)

    def step(self, state: str, symbol: str, message: Any = None) -> Step:
        """Feed one input. A refused input leaves the state as it was, so that one fault is told
        once.
        """
        for transition in self.transitions:
            if transition.allows(state, symbol, message):
                return Step(state, symbol, transition.target or state, when=transition.when)
        for refusal in self.refusals:
            if refusal.covers(state, symbol):
                return Step(state, symbol, state, refusal)
        raise LookupError(
            f"machine {self.name!r}: no transition and no refusal for {symbol!r} in state {state!r}"
        )


def _guards_named(schema: Any) -> Iterator[str]:
    """The names in all references ``#/guards/NAME`` of a schema."""
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith(GUARDS):
            yield reference.removeprefix(GUARDS)
        for part in schema.values():
            yield from _guards_named(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _guards_named(part)


def _name_of_guard(row: Mapping[str, Any]) -> str | None:
    if "when" not in row:
        return None
    return str(row["when"].get("$ref", "when")).removeprefix(GUARDS)


def parse_machine(name: str, data: Mapping[str, Any], guards: Mapping[str, Any]) -> Machine:
    """Build a machine from its YAML; ``ValueError`` names the row and the unknown state or
    guard.
    """
    states = {state: (spec or {}).get("title", state) for state, spec in data["states"].items()}
    final = frozenset(s for s, spec in data["states"].items() if (spec or {}).get("final"))

    def known(row: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
        unknown = sorted(set(names) - states.keys())
        if unknown:
            raise ValueError(f"machine {name!r}: row {dict(row)} names unknown states {unknown}")
        return frozenset(names)

    def guard(row: Mapping[str, Any]) -> Draft202012Validator | None:
        if "when" not in row:
            return None
        unknown = sorted(set(_guards_named(row["when"])) - guards.keys())
        if unknown:
            raise ValueError(f"machine {name!r}: row {dict(row)} names unknown guards {unknown}")
        return Draft202012Validator({**row["when"], "guards": dict(guards)})

    transitions = []
    for row in data["transitions"]:
        target = row.get("to")
        known(row, [target] if target else [])
        sources, when = known(row, row["from"]), _name_of_guard(row)
        by = row.get("by", SERVER)
        transitions.append(Transition(sources, row["input"], target, guard(row), when, by))
    refusals = []
    for row in data["refusals"]:
        on = frozenset([row["input"]] if isinstance(row["input"], str) else row["input"])
        refusals.append(Refusal(known(row, row["in"]), on, row["clause"], row["expected"]))
    known({"initial": data["initial"]}, [data["initial"]])
    return Machine(
        name=name,
        title=data["title"],
        initial=data["initial"],
        states=states,
        final=final,
        transitions=tuple(transitions),
        refusals=tuple(refusals),
    )
