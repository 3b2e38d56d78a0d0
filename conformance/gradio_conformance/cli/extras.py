"""What a command needs beyond a plain install, which is the specification alone."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import NoReturn

import click

from gradio_conformance.events import USAGE_EXIT_CODE

# What stands for each extra of pyproject.toml: who has these has the rest of it as well.
_STANDS_FOR = {
    "suite": ("httpcore", "httpx", "hypothesis", "pytest", "rich", "schemathesis"),
    "server": ("hypercorn", "quart"),
}


class MissingExtra(click.ClickException):
    """Says in one line what to install; the exit code is that of a wrong usage."""

    exit_code = USAGE_EXIT_CODE


class StandIn(click.Command):
    """A command that cannot run, and says why."""


def missing(extras: Iterable[str]) -> list[str]:
    """Those of the extras that are not installed."""
    return [name for name in extras if not all(map(importlib.util.find_spec, _STANDS_FOR[name]))]


def need(what: str, *extras: str) -> None:
    """Raises ``MissingExtra`` if one of the extras is not installed."""
    absent = missing(extras)
    if absent:
        raise MissingExtra(f"{what} needs {_requirement(absent)}")


def stand_in(name: str, absent: list[str]) -> StandIn:
    """In the place of a command that cannot run: it is still listed, and tells why."""

    def tell(**_: object) -> NoReturn:
        raise MissingExtra(f"{name} needs {_requirement(absent)}")

    settings = {"ignore_unknown_options": True, "help_option_names": []}
    rest = click.Argument(["rest"], nargs=-1, type=click.UNPROCESSED)
    short = f"Needs {_requirement(absent)}."
    return StandIn(name, settings, tell, [rest], short_help=short)


def _requirement(extras: Iterable[str]) -> str:
    return f"an extra: pip install 'gradio-protocol[{','.join(extras)}]'"
