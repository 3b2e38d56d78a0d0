"""Options from a file and from the environment: flag, then ``GRADIO_PROTOCOL_<COMMAND>_<OPTION>``,
then ``gradio-protocol.toml`` or ``[tool.gradio-protocol]`` of ``pyproject.toml``, then the default.

Keys are the long names of options. A key that is none, or a value that is wrong, is refused.
"""

from __future__ import annotations

import difflib
import json
import os
import shlex
import tomllib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import NoReturn

import click

from gradio_conformance.cli.extras import StandIn
from gradio_conformance.cli.lists import names

OWN_FILE = "gradio-protocol.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = "gradio-protocol"
PREFIX = "GRADIO_PROTOCOL"
# What a command is about, where its arguments do not say: a URL, or the words of a command.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "check": ("url", "command"),
    "check-client": ("command",),
}
_META = "gradio_conformance.configured"

Find = Callable[[str], click.Command | None]


@dataclass(frozen=True, slots=True)
class Configured:
    """``options`` by command and parameter, as Click's ``default_map`` has them; ``subjects`` by
    command.
    """

    options: Mapping[str, Mapping[str, Any]]
    subjects: Mapping[str, tuple[str, ...]]


def configure(context: click.Context, path: Path | None, find: Find) -> None:
    """Let all commands below ``context`` have what the file says; ``find`` gives a command."""
    configured = _read(path, find)
    context.default_map = {name: dict(own) for name, own in configured.options.items()}
    context.meta[_META] = configured.subjects


def subject(
    context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    """An argument's callback: what the user wrote, or else what the environment or the file says
    of this command.
    """
    name = context.info_name or ""
    return value or _subject_of_environment(name) or context.meta.get(_META, {}).get(name, ())


def name_variables(name: str, command: click.Command) -> None:
    """Let each option of the command have its environment variable."""
    for option in _options(command).values():
        if option.envvar is None:
            option.envvar = variable(name, _key(option))


def variable(command: str, key: str) -> str:
    """``GRADIO_PROTOCOL_CHECK_FAIL_ON``."""
    return f"{PREFIX}_{command}_{key}".replace("-", "_").upper()


def file_of(folder: Path) -> Path | None:
    """The configuration file of a folder, if it has one; its own comes first."""
    if (folder / OWN_FILE).is_file():
        return folder / OWN_FILE
    project = folder / PROJECT_FILE
    return project if project.is_file() and _table(project) is not None else None


def schema(commands: Mapping[str, click.Command]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a configuration file, off the options of the commands."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{OWN_FILE}, or the table tool.{TABLE} of {PROJECT_FILE}",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _section_schema(name, command) for name, command in commands.items()},
    }


def _section_schema(name: str, command: click.Command) -> dict[str, Any]:
    words = {"type": ["string", "array"], "items": {"type": "string"}, "minLength": 1}
    subjects = {key: {"type": "string"} if key == "url" else words for key in _subjects(name)}
    options = {key: _value_schema(option) for key, option in _options(command).items()}
    return {"type": "object", "additionalProperties": False, "properties": {**subjects, **options}}


def _value_schema(option: click.Option) -> dict[str, Any]:
    told = {"description": option.help} if option.help else {}
    if option.is_flag:
        return {"type": "boolean", **told}
    if _is_list(option):
        return {"type": ["string", "array"], "items": {"type": "string"}, **told}
    if isinstance(option.type, click.Choice):
        return {"enum": list(option.type.choices), **told}
    return {"type": _KINDS.get(_kind(option), "string"), **told}


def _read(path: Path | None, find: Find) -> Configured:
    found = path or file_of(Path())
    if found is None:
        return Configured({}, {})
    table = _table(found)
    if table is None:
        raise click.UsageError(f"{found}: there is no table tool.{TABLE}")
    options, subjects = {}, {}
    for name, section in table.items():
        command = find(name)
        if command is None:
            raise click.UsageError(f"{found}: {name}: no command is called so")
        if not isinstance(section, Mapping):
            raise click.UsageError(f"{found}: {name}: not a table")
        if isinstance(command, StandIn):
            continue
        own = _Section(found, name, command)
        options[name] = dict(own.values(section))
        subjects[name] = own.subject(section)
    return Configured(options, subjects)


def _table(path: Path) -> Mapping[str, Any] | None:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise click.UsageError(f"{path}: {error}") from error
    if path.name != PROJECT_FILE:
        return data
    found = data.get("tool", {}).get(TABLE)
    return found if isinstance(found, Mapping) else None


@dataclass(frozen=True, slots=True)
class _Section:
    """One command's table of a file."""

    path: Path
    name: str
    command: click.Command

    def values(self, section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        there = _options(self.command)
        subjects = _subjects(self.name)
        for key, value in section.items():
            if key in subjects:
                continue
            if key not in there:
                close = difflib.get_close_matches(key, [*there, *subjects], 1)
                hint = f"; do you mean {close[0]}?" if close else ""
                self._refuse(key, f"{self.name} has no such option{hint}")
            yield str(there[key].name), self._value(key, there[key], value)

    def subject(self, section: Mapping[str, Any]) -> tuple[str, ...]:
        given = [key for key in _subjects(self.name) if key in section]
        if len(given) > 1:
            self._refuse(given[1], f"there is {given[0]}, too")
        if not given:
            return ()
        value = section[given[0]]
        if isinstance(value, str) and given[0] == "url":
            return (value,)
        if isinstance(value, str):
            return self._words(given[0], value)
        if given[0] == "url" or not _is_texts(value) or not value:
            self._refuse(given[0], "no text" if given[0] == "url" else "no text, no list of texts")
        return tuple(value)

    def _words(self, key: str, value: str) -> tuple[str, ...]:
        try:
            return tuple(shlex.split(value))
        except ValueError as error:
            self._refuse(key, str(error))

    def _value(self, key: str, option: click.Option, value: Any) -> Any:
        if _is_list(option):
            if not isinstance(value, str) and not _is_texts(value):
                self._refuse(key, "no text, no list of texts")
            texts = [value] if isinstance(value, str) else value
            return ",".join(texts) if option.callback is names else texts
        wanted = bool if option.is_flag else _kind(option)
        right = isinstance(value, (int, float) if wanted is float else wanted)
        if not right or isinstance(value, bool) != (wanted is bool):
            self._refuse(key, f"{json.dumps(value, default=str)} is not {_WORDS[wanted]}")
        try:
            option.type.convert(value, option, None)
        except click.BadParameter as error:
            self._refuse(key, error.message)
        return value

    def _refuse(self, key: str, reason: str) -> NoReturn:
        raise click.UsageError(f"{self.path}: {self.name}.{key}: {reason}")


def _subject_of_environment(name: str) -> tuple[str, ...]:
    for key in _subjects(name):
        told = os.environ.get(variable(name, key), "")
        if told:
            return (told,) if key == "url" else tuple(shlex.split(told))
    return ()


def _subjects(name: str) -> tuple[str, ...]:
    return SUBJECTS.get(name, ())


def _options(command: click.Command) -> dict[str, click.Option]:
    """Those that can stand in a file, by their keys."""
    options = [p for p in command.params if isinstance(p, click.Option) and not p.is_eager]
    return {_key(option): option for option in options}


def _key(option: click.Option) -> str:
    return max(option.opts, key=len).lstrip("-")


def _is_list(option: click.Option) -> bool:
    return option.multiple or option.callback is names


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _kind(option: click.Option) -> type:
    if isinstance(option.type, click.types.FloatParamType):
        return float
    return int if isinstance(option.type, click.types.IntParamType) else str


_KINDS = {float: "number", int: "integer", str: "string"}
_WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}
