"""The action's inputs, ``INPUT_*`` of the environment, as the arguments of a command. Pure.

No input ever reaches a shell: each becomes whole arguments.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

PREFIX = "INPUT_"
DEFAULT_DIR = "gradio-protocol-report"
# What is about the action itself, whatever the mode.
COMMON = ("mode", "report-dir", "args")


class InputError(ValueError):
    """An input that is wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Mode:
    """What one mode takes. ``options`` are inputs that are options of the same name, ``subject``
    makes the arguments from the inputs in ``subjects``; ``files`` are the reports by role.
    """

    subjects: tuple[str, ...]
    options: tuple[str, ...]
    subject: Callable[[Mapping[str, str]], list[str]]
    reports: tuple[str, ...]
    data: str
    summary: str

    @property
    def inputs(self) -> tuple[str, ...]:
        return (*self.subjects, *self.options)


@dataclass(frozen=True, slots=True)
class Order:
    """The command to run, and where its reports will be."""

    mode: str
    arguments: tuple[str, ...]
    folder: Path
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / MODES[self.mode].data

    @property
    def summary(self) -> Path:
        return self.folder / MODES[self.mode].summary


def _server(inputs: Mapping[str, str]) -> list[str]:
    if "url" in inputs and "command" in inputs:
        raise InputError("inputs 'url' and 'command': one of the two")
    return [inputs["url"]] if "url" in inputs else _words(inputs, "command")


def _client(inputs: Mapping[str, str]) -> list[str]:
    return _words(inputs, "command")


def _versions(inputs: Mapping[str, str]) -> list[str]:
    return [_needed(inputs, "old"), _needed(inputs, "new")]


def _release(inputs: Mapping[str, str]) -> list[str]:
    if ("release" in inputs) == ("url" in inputs):
        raise InputError("inputs 'release' and 'url': mode drift needs one of the two")
    return [inputs["url"] if "url" in inputs else inputs["release"]]


_RUN_REPORTS = ("jsonl", "md", "junit", "html")
MODES: Mapping[str, Mode] = {
    "check": Mode(
        ("url", "command"),
        ("profile", "spec-version", "known-failing", "fail-on", "seed", "budget"),
        _server,
        _RUN_REPORTS,
        "report.jsonl",
        "report.md",
    ),
    "check-client": Mode(
        ("command",),
        ("level", "known-failing", "fail-on"),
        _client,
        _RUN_REPORTS,
        "report.jsonl",
        "report.md",
    ),
    "diff": Mode(
        ("old", "new"),
        ("severity", "ignore", "fail-on"),
        _versions,
        ("json", "markdown", "github", "junit"),
        "diff.json",
        "diff.md",
    ),
    "drift": Mode(
        ("release", "url"),
        ("against", "spec-version", "known-failing", "fail-on"),
        _release,
        ("json", "markdown"),
        "drift.json",
        "drift.md",
    ),
}


def order_of(environment: Mapping[str, str]) -> Order:
    """What the inputs ask for; ``InputError`` names the one that is wrong."""
    inputs = _given(environment)
    name = inputs.get("mode", "check")
    mode = MODES.get(name)
    if mode is None:
        raise InputError(f"input 'mode': {name!r}; there are {', '.join(MODES)}")
    _refuse_others(name, inputs)
    folder = Path(inputs.get("report-dir", DEFAULT_DIR))
    further = _words(inputs, "args")
    if "--" in further:
        raise InputError("input 'args': options only; what follows -- has inputs of its own")
    # The action's own options come last, so that they hold.
    options = [f"--{option}={inputs[option]}" for option in mode.options if option in inputs]
    options += [f"--report={','.join(mode.reports)}", f"--report-dir={folder}"]
    subject = mode.subject(inputs)
    told = ["--", *subject] if subject else []
    return Order(name, (name, *further, *options, *told), folder, inputs)


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    """The inputs that are not empty, by their names in ``action.yml``."""
    names = {*COMMON, *(name for mode in MODES.values() for name in mode.inputs)}
    found = {name: environment.get(variable(name), "").strip() for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


def variable(name: str) -> str:
    """The environment variable of an input."""
    return PREFIX + name.replace("-", "_").upper()


def _refuse_others(name: str, inputs: Mapping[str, str]) -> None:
    for given in inputs:
        if given not in (*COMMON, *MODES[name].inputs):
            takers = " and ".join(other for other, mode in MODES.items() if given in mode.inputs)
            raise InputError(f"input {given!r}: mode {name} has no use for it; {takers} has")


def _needed(inputs: Mapping[str, str], name: str) -> str:
    if name not in inputs:
        raise InputError(f"input {name!r} is missing")
    return inputs[name]


def _words(inputs: Mapping[str, str], name: str) -> list[str]:
    """A line of words, quoted as in a shell, which nothing is expanded in."""
    try:
        return shlex.split(inputs.get(name, ""))
    except ValueError as error:
        raise InputError(f"input {name!r}: {error}") from error
