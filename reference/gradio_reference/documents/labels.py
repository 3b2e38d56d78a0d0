"""Words that the documents share."""

from __future__ import annotations

from gradio_reference.docstrings import summary
from gradio_reference.endpoint import Endpoint


def ordinal(number: int) -> str:
    """1 → ``1st``."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def description(endpoint: Endpoint) -> str:
    given = endpoint.options.description
    if given is None:
        return summary(endpoint.fn)
    return given or ""
