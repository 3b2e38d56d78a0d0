"""The floor, with what a queue in front of blocking functions cannot do without: each call in a
thread, one call after the other. What is between it and the bare floor is not for a server to save.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sidebyside.apps import functions
from sidebyside.apps.floor import Floor
from sidebyside.apps.serving import options
from sidebyside.apps.serving import serve


class ThreadedFloor(Floor):
    """Runs ``echo`` between its start and its end."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = asyncio.Lock()

    async def called(self, name: str, value: Any) -> Any:
        if name != "echo":
            return value
        async with self._turn:
            return await asyncio.to_thread(functions.echo, value)


if __name__ == "__main__":
    serve(ThreadedFloor(), options())
