"""Endpoints by which the suite opens gates, reads the journal and learns the settings.

They are async so that they need no worker thread: functions that hold may occupy them all.
No postponed annotations here: the library evaluates them.
"""

from typing import Any

from gradio_conformance.testbed.kit import Kit

CONTROL: dict[str, Any] = {"queue": False, "concurrency_limit": None}


def register(kit: Kit) -> None:
    @kit.api(name="release", **CONTROL)
    async def release(key: str, times: int = 1) -> int:
        return kit.gates.release(key, times)

    @kit.api(name="journal", **CONTROL)
    async def journal(key: str) -> list[Any]:
        return kit.journal.read(key)

    @kit.api(name="settings", **CONTROL)
    async def settings() -> dict[str, Any]:
        return kit.settings.as_json()
