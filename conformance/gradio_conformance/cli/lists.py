"""Options that are lists; without what an extra brings."""

from __future__ import annotations

import click


def names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """``a, b`` as a tuple, each once: an option's callback."""
    return tuple(dict.fromkeys(part.strip() for part in (value or "").split(",") if part.strip()))
