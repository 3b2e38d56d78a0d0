"""Options that take several names."""

from __future__ import annotations

import click


def names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """``a, b`` as a tuple: an option's callback."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())
