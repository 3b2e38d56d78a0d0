"""What a docstring says of a function, its parameters and its result."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterator
from typing import Any

_PARAMETERS = ("Args:", "Parameters:", "Arguments:")
_RESULT = "Returns:"
_SECTIONS = (*_PARAMETERS, _RESULT)
_PARAMETER = re.compile(r"(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")


def summary(fn: Any) -> str:
    """A function's docstring on one line, up to the section on its parameters or its result."""
    before = itertools.takewhile(lambda line: not line.startswith(_SECTIONS), _lines(fn))
    return " ".join(line for line in before if line)


def parameters(fn: Any) -> dict[str, str]:
    """What the docstring says of each parameter: ``name: text`` or ``name (type): text``."""
    matches = (_PARAMETER.fullmatch(line) for line in _section(fn, _PARAMETERS))
    return {match[1]: match[2].strip() for match in matches if match}


def result(fn: Any) -> str:
    """What the docstring says of the result, its lines joined by commas."""
    return ", ".join(_section(fn, (_RESULT,)))


def _lines(fn: Any) -> list[str]:
    return [line.strip() for line in (inspect.getdoc(fn) or "").splitlines()]


def _section(fn: Any, titles: tuple[str, ...]) -> Iterator[str]:
    """The lines below a title, up to a blank line or the next title."""
    below = itertools.dropwhile(lambda line: line not in titles, _lines(fn))
    next(below, None)
    return itertools.takewhile(lambda line: line and not line.startswith(_SECTIONS), below)
