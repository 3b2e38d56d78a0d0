"""The web servers that can carry a ``Server``: one module each, imported when it is asked for."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import socket
from typing import TYPE_CHECKING
from typing import Protocol
from typing import cast

if TYPE_CHECKING:
    from gradio_reference.server import Server
    from gradio_reference.serving import Plan

DEFAULT = "hypercorn"
# The module of each, what must be importable for it, and the extra that brings that.
_MODULES = {
    DEFAULT: ("on_hypercorn", ("hypercorn",), "server"),
    "uvicorn": ("on_uvicorn", ("uvicorn", "httptools"), "fast"),
}
NAMES = tuple(_MODULES)


class Adapter(Protocol):
    """A web server."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it is best served on."""
        ...

    async def serve(
        self, app: Server, listener: socket.socket, plan: Plan, stop: asyncio.Event
    ) -> None:
        """Serve on a listening socket, which is closed in the end, until ``stop`` is set; then
        first ``app.say_goodbye()``, so that open streams end by themselves (SSE-026), and after
        ``app.grace`` seconds cut off what has not ended.
        """
        ...


def adapter(name: str) -> Adapter:
    """Raises ``ValueError`` for a name that is none, or whose packages are not installed."""
    if name not in _MODULES:
        raise ValueError(f"server: must be one of {', '.join(NAMES)}, not {name!r}")
    module, needed, extra = _MODULES[name]
    if not all(map(importlib.util.find_spec, needed)):
        how = f"pip install 'gradio-protocol[server,{extra}]'"
        raise ValueError(f"server: {name} needs {' and '.join(needed)}: {how}")
    return cast(Adapter, importlib.import_module(f"{__name__}.{module}"))
