"""``Header``: a header field of the request as an argument."""

from __future__ import annotations


class Header(str):
    """Annotate a parameter with ``Header`` (or ``Header | None``) to receive the field of its name,
    ``_`` read as ``-``: text, or None where the request has no such field.
    """

    __slots__ = ()


def field_name(parameter: str) -> str:
    """``x_request_id`` → ``x-request-id``."""
    return parameter.replace("_", "-")
