"""A script: the numbered steps of one or more clients, as data that can be kept and run again.

The clients are called by their sessions (``A``, ``B``, …), events ``e1``, ``e2``, …, simple calls
``c1``, …, in the order in which they are made. In the data of a step ``$gate`` stands for the gate
of its event, which only ``release`` and the end of the script open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any
from typing import ClassVar
from typing import TypeVar

import yaml
from jsonschema import Draft202012Validator

FORMAT = "1"
GATE = "$gate"
PLAINLY = "plainly"
SCHEMA = Path(__file__).with_name("script.schema.json")
S = TypeVar("S", bound="type[Step]")


class ScriptError(ValueError):
    """A script is not what its schema says; the message names the step and the reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a client does. ``hurried``: the next step does not wait for what must come
    of this one.
    """

    words: ClassVar[str] = ""
    hurried: bool = field(default=False, kw_only=True)

    def told(self) -> str:
        """The step in words."""
        values = {f.name: _short(getattr(self, f.name)) for f in fields(self)}
        return self.words.format(**values) + (", and does not wait" if self.hurried else "")


STEPS: dict[str, type[Step]] = {}


def _step(kind: S) -> S:
    STEPS[kind.__name__.lower()] = kind
    return kind


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:99] + "…"


@_step
@dataclass(frozen=True, slots=True)
class Join(Step):
    """``POST queue/join``."""

    words = "{session} joins {endpoint} with {data} as {event}"
    event: str
    session: str
    endpoint: str
    data: list[Any]


@_step
@dataclass(frozen=True, slots=True)
class Refused(Step):
    """A request that has to be refused; ``way`` as in the actions of ``lifecycle.yaml``."""

    words = "{session} sends a {action} with {way}"
    session: str
    action: str
    way: str


@_step
@dataclass(frozen=True, slots=True)
class Open(Step):
    """``GET queue/data``, read as messages come."""

    words = "{session} opens its stream"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Pause(Step):
    """The reader of the stream reads nothing for a while."""

    words = "{session} stops reading"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Resume(Step):
    words = "{session} reads on"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Leave(Step):
    """The client closes the connection of its stream."""

    words = "{session} drops its stream"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Beat(Step):
    """``GET heartbeat/{session_hash}``, kept open."""

    words = "{session} opens its heartbeat"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Unbeat(Step):
    words = "{session} drops its heartbeat"
    session: str


@_step
@dataclass(frozen=True, slots=True)
class Cancel(Step):
    """``POST cancel``; ``way`` as in the actions of ``lifecycle.yaml``."""

    words = "cancel of {event}, {way}"
    event: str
    way: str = PLAINLY


@_step
@dataclass(frozen=True, slots=True)
class Reset(Step):
    words = "reset of {event}"
    event: str


@_step
@dataclass(frozen=True, slots=True)
class Release(Step):
    """Let the function of an event or call pass its gate once."""

    words = "the gate of {event} lets it pass once"
    event: str


@_step
@dataclass(frozen=True, slots=True)
class Call(Step):
    """``POST call/{name}``; ``session`` is empty for a call that names none."""

    words = "call of {endpoint} with {data} as {call} (session: {session})"
    call: str
    session: str
    endpoint: str
    data: list[Any]


@_step
@dataclass(frozen=True, slots=True)
class Fetch(Step):
    """``GET call/{name}/{event_id}``."""

    words = "GET of the result of {call}"
    call: str


@dataclass(frozen=True, slots=True)
class Script:
    """A sequence of steps on one server of the testbed, and the clause that it was found to break.

    ``circumstance`` says under which action the clause was broken, to tell two ways of breaking it
    apart.
    """

    steps: tuple[Step, ...]
    server: str = "main"
    clause: str | None = None
    circumstance: str | None = None
    expected: str | None = None
    actual: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        """What makes one script simpler than another: fewer steps, then less data."""
        return len(self.steps), len(json.dumps(as_data(self)["steps"]))

    def told(self) -> str:
        """The numbered steps, and how it ends."""
        lines = [f"{number}. {step.told()}" for number, step in enumerate(self.steps, 1)]
        lines.append(f"{len(lines) + 1}. all gates open; all that is owed is read to its end")
        if self.clause:
            lines.append(f"   {self.clause}: expected {self.expected}")
            lines.append(f"   got {self.actual}")
        return "\n".join(lines)


def as_data(script: Script) -> dict[str, Any]:
    """The script as JSON-able data (``script.schema.json``)."""
    found = {
        name: value
        for name in ("clause", "circumstance", "expected", "actual")
        if (value := getattr(script, name)) is not None
    }
    return {
        "script": FORMAT,
        "server": script.server,
        **found,
        "steps": [_step_data(step) for step in script.steps],
    }


def _step_data(step: Step) -> dict[str, Any]:
    members = {f.name: getattr(step, f.name) for f in fields(step)}
    if not step.hurried:
        del members["hurried"]
    return {type(step).__name__.lower(): members}


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def from_data(data: Any) -> Script:
    """The script that :func:`as_data` wrote; ``ScriptError`` names the step and the reason."""
    for error in _validator().iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise ScriptError(f"{where}: {error.message}")
    steps = []
    for number, row in enumerate(data["steps"], 1):
        ((name, members),) = row.items()
        try:
            steps.append(STEPS[name](**members))
        except TypeError as error:
            raise ScriptError(f"step {number}, {name}: {error}") from error
    facts = {k: v for k, v in data.items() if k not in ("script", "steps")}
    return Script(tuple(steps), **facts)


def read_script(path: Path) -> Script:
    """A script file (YAML or JSON); ``ScriptError`` or ``OSError`` names what is wrong."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path.name}: not YAML: {error}") from error
    return from_data(data)


def write_script(script: Script, path: Path) -> None:
    """Write a script as YAML, its steps in words above it."""
    told = "".join(f"# {_printable(line)}\n" for line in script.told().split("\n"))
    body = yaml.safe_dump(as_data(script), sort_keys=False, width=100)
    path.write_text(told + body, encoding="utf-8")


def _printable(text: str) -> str:
    """Without what YAML refuses even in a comment."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def circumstances(action: str, *rest: str) -> str:
    """How two ways of breaking one clause are told apart: ``cancel in running by stranger``.

    ``rest`` are the states that the subject may have been in, and the way.
    """
    *states, way = rest
    state = states[0] if len(states) == 1 else "unseen"
    return f"{action} in {state}" + ("" if way == PLAINLY else f" by {way}")
