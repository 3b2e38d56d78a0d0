"""How a check ends when it does not pass, and the one assertion that checks use."""

from __future__ import annotations

import json
from typing import Any


class NonConformance(AssertionError):
    """The server broke ``clause``."""

    def __init__(self, clause: str, expected: str, actual: str) -> None:
        super().__init__(f"{clause}: expected {expected}; actual {actual}")
        self.clause = clause
        self.expected = expected
        self.actual = actual
        self.at_ms: float | None = None


class TooLate(NonConformance):
    """The server had not done it when patience ended; a loaded machine may be to blame."""


class NotApplicable(Exception):
    """The server does not claim what this check is about; never red."""


class CouldNotRun(Exception):
    """A prerequisite is missing: the run is inconclusive, not green."""


def show(value: Any, limit: int = 300) -> str:
    """A value for people: text as it is, everything else as short JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def require(condition: bool, clause: str, expected: str, actual: Any) -> None:
    """Raise ``NonConformance`` unless ``condition`` holds."""
    if not condition:
        raise NonConformance(clause, expected, show(actual))


def require_equal(actual: Any, expected: Any, clause: str, what: str) -> None:
    """Raise ``NonConformance`` unless both are the same JSON value (``True`` is not ``1``)."""
    from gradio_spec.diff import same

    require(same(actual, expected), clause, f"{what}: {show(expected)}", actual)
