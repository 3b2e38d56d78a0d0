"""Words that the documents share."""

from __future__ import annotations

from gradio_reference.docstrings import summary
from gradio_reference.endpoint import Endpoint


def ordinal(number: int) -> str:
    """1 → ``1st``."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def label(endpoint: Endpoint, side: str, place: int) -> str:
    """Of one of its ``parameters`` or ``returns``, counted from 1."""
    described = endpoint.described
    return ordinal(place) if described is None else str(described.entry[side][place - 1]["label"])


def component(endpoint: Endpoint, side: str, place: int) -> str:
    """The kind of component of one of its ``parameters`` or ``returns``, as in ``/config``."""
    described = endpoint.described
    return "api" if described is None else str(described.entry[side][place - 1]["component"])


def description(endpoint: Endpoint) -> str:
    if endpoint.described is not None:
        return str(endpoint.described.entry["description"] or "")
    given = endpoint.options.description
    if given is None:
        return summary(endpoint.fn)
    return given or ""
