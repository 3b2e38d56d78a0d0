"""Sides for the tests, each loaded once."""

from __future__ import annotations

from functools import cache

from gradio_conformance.gate.compare import differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.sides import opened
from gradio_spec.releases import number
from gradio_spec.releases import published
from gradio_spec.releases import resolve

NUMBERS = [number(name) for name in published()]


@cache
def side(name: str) -> Side:
    with opened(name) as source:
        assert source.asked is not None
        return source.side(source.asked)


@cache
def found(old: str, new: str) -> tuple[Difference, ...]:
    return differences(side(old), side(new))


def before(release: str) -> str:
    """The newest release that was published before another one."""
    return published()[max(i for i, n in enumerate(NUMBERS) if n < number(release))]


def release_of(name: str) -> str:
    return resolve(name).number
