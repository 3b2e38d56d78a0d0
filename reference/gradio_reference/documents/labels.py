"""Words that the documents share."""

from __future__ import annotations

from gradio_reference.docstrings import summary
from gradio_reference.endpoint import Endpoint
from gradio_reference.schema import type_text


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


def type_names(endpoint: Endpoint) -> list[str]:
    """Of its returns, in the words of Python."""
    if endpoint.described is None:
        return [type_text(schema) for schema in endpoint.signature.returns]
    told = (item["python_type"] for item in endpoint.described.entry["returns"])
    return [str(one.get("type", "Any")) if isinstance(one, dict) else "Any" for one in told]


def description(endpoint: Endpoint) -> str:
    if endpoint.described is not None:
        return str(endpoint.described.entry["description"] or "")
    given = endpoint.options.description
    if given is None:
        return summary(endpoint.fn)
    return given or ""
