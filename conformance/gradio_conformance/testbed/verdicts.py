"""Endpoints that do not run for every call: a validator refuses some, a cache answers others.

No postponed annotations here: the libraries evaluate them.
"""

from collections.abc import Callable
from typing import Any

from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    _validated(kit)
    if hasattr(kit.gr, "cache"):  # gradio has it from 6.12 on
        _cached(kit)


def _validated(kit: Kit) -> None:
    validates: Callable[..., Callable[[F], F]] = (
        kit.api
    )  # Server mode has no validators, so its decorator takes none

    def judge(key: str, n: int) -> list[Any]:
        verdicts = ((bool(key), "no key"), (n >= 0, "negative"))
        return [kit.gr.validate(good, "" if good else why) for good, why in verdicts]

    @validates(name="validated", validator=judge)
    def validated(key: str, n: int) -> int:
        kit.journal.write(key, "validated", "called")
        return n


def _cached(kit: Kit) -> None:
    @kit.api(name="cached")
    @_remembered(kit)
    def cached(key: str, n: int) -> int:
        kit.journal.write(key, "cached", "called")
        return n + 1

    @kit.api(name="cached_steps")
    @_remembered(kit)
    def cached_steps(key: str, steps: int) -> list[int]:  # type: ignore[misc]
        kit.journal.write(key, "cached_steps", "called")
        for step in range(1, steps + 1):
            yield list(range(1, step + 1))


def _remembered(kit: Kit) -> Callable[[F], F]:
    remember: Callable[[F], F] = kit.gr.cache
    return remember
