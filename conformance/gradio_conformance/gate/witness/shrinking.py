"""Witnesses made smaller: whatever can be left out while they stay witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.judges import tried


def shrunk(witness: Witness, old: Side, new: Side) -> Witness:
    """The witness when nothing can be taken from it: no member, no item, no part of a text. What
    the refusing side says stays the same.
    """
    best, progress = witness, True
    while progress:
        progress = False
        for value in _smaller(best.value):
            found = tried(best.kind, best.subject, value, old, new)
            if found is not None and _alike(found, best):
                best, progress = found, True
                break
    return best


def _alike(one: Witness, other: Witness) -> bool:
    return one.old.accepted == other.old.accepted and _why(one) == _why(other)


def _why(witness: Witness) -> str | None:
    """Why it is refused, apart from the value that the reason may quote."""
    reason = (witness.new if witness.old.accepted else witness.old).reason or ""
    if "required" in reason:
        return reason
    return reason.rpartition(" (")[2] if reason.endswith(")") else reason.partition(" ")[0]


def _smaller(value: Any) -> Iterator[Any]:
    """Everything that has one part less."""
    if isinstance(value, dict):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
        for key, part in value.items():
            for less in _smaller(part):
                yield {**value, key: less}
    elif isinstance(value, list):
        for index in range(len(value)):
            yield [*value[:index], *value[index + 1 :]]
        for index, part in enumerate(value):
            for less in _smaller(part):
                yield [*value[:index], less, *value[index + 1 :]]
    elif isinstance(value, str) and len(value) > 1:
        yield "a"
        yield value[: len(value) // 2]
