"""Workflow commands of GitHub Actions: annotations in a log, values in the file ``GITHUB_OUTPUT``.

Whoever's text it is, it can neither end the command that carries it nor begin another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from gradio_conformance.reporting.words import visible

# GitHub shows so many of each kind for a step, and so much of each.
SHOWN = 10
LONGEST = 3_000


@dataclass(frozen=True, slots=True)
class Annotation:
    """``kind`` is ``error``, ``warning`` or ``notice``; ``file`` and ``line`` are a place in the
    repository.
    """

    kind: str
    title: str
    message: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        """The command, a single line."""
        told = {"file": self.file, "line": self.line, "title": self.title}
        values = [f"{name}={as_property(str(v))}" for name, v in told.items() if v is not None]
        message = self.message
        if len(message) > LONGEST:
            message = f"{message[:LONGEST]}…"
        return f"::{self.kind} {','.join(values)}::{as_data(message)}"


def as_data(text: str) -> str:
    """Text as the message of a command: percent signs and ends of lines escaped."""
    shown = visible(text.replace("\r\n", "\n"))
    return shown.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def as_property(text: str) -> str:
    """Text as the value of a command's property: colons and commas escaped as well."""
    return as_data(text).replace(":", "%3A").replace(",", "%2C")


def shown(annotations: Iterable[Annotation | str], rest: str) -> list[str]:
    """The commands of those that GitHub will show, some of which may be written already; the last
    of a kind that has more says how many, and that they are in ``rest``.
    """
    kinds: dict[str, list[str]] = {}
    for line in map(str, annotations):
        kinds.setdefault(line.removeprefix("::").partition(" ")[0], []).append(line)
    kept = []
    for kind, own in kinds.items():
        some = own if len(own) <= SHOWN else own[: SHOWN - 1]
        kept += some
        if len(own) > len(some):
            more = f"{len(own) - len(some)} more of these are in {rest}"
            kept.append(str(Annotation(kind, "gradio-protocol", more)))
    return kept


def outputs(values: Mapping[str, str]) -> str:
    """The values as lines of ``GITHUB_OUTPUT``. No value can contain its delimiter, which is
    drawn at random.
    """
    told = []
    for name, value in values.items():
        delimiter = f"end-{secrets.token_hex(16)}"
        told.append(f"{name}<<{delimiter}\n{value}\n{delimiter}\n")
    return "".join(told)
