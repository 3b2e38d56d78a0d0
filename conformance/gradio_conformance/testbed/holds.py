"""Endpoints that run until their gate opens: how a suite decides what runs at the same time.

No postponed annotations here: the library evaluates them.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from gradio_conformance.testbed.kit import Kit

HOLDS: dict[str, dict[str, Any]] = {
    "hold": {},
    "hold_two": {"concurrency_limit": 2},
    "hold_unlimited": {"concurrency_limit": None},
    "hold_shared_wide": {"concurrency_id": "shared", "concurrency_limit": 3},
    "hold_shared_narrow": {"concurrency_id": "shared", "concurrency_limit": 1},
}


def register(kit: Kit) -> None:
    for name, options in HOLDS.items():
        kit.api(name=name, **options)(_hold(kit, name))
    _asynchronous(kit)
    _generator(kit)


def _hold(kit: Kit, name: str) -> Callable[[str], str]:
    # A new function each time: the default concurrency group is the function object.
    def hold(key: str) -> str:
        kit.journal.write(key, name, "start")
        kit.gates.wait(key)
        kit.journal.write(key, name, "end")
        return key

    return hold


def _asynchronous(kit: Kit) -> None:
    @kit.api(name="hold_async", concurrency_limit=None)
    async def hold_async(key: str) -> str:
        kit.journal.write(key, "hold_async", "start")
        try:
            await kit.gates.wait_async(key)
        except asyncio.CancelledError:
            kit.journal.write(key, "hold_async", "cancelled")
            raise
        kit.journal.write(key, "hold_async", "end")
        return key


def _generator(kit: Kit) -> None:
    @kit.api(name="hold_generator", concurrency_limit=None)
    def hold_generator(key: str, steps: int) -> int:  # type: ignore[misc]
        try:
            for step in range(steps):
                kit.journal.write(key, "hold_generator", "step", step)
                yield step
                kit.gates.wait(key)
        except GeneratorExit:
            kit.journal.write(key, "hold_generator", "closed")
            raise
