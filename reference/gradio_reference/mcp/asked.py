"""Who asked for a call, from the route to the handlers behind the SDK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from gradio_reference.request import Request

ASKED = "gradio_reference.asked"  # where the ASGI scope of a request holds an Asked


@dataclass(slots=True)
class Asked:
    """The HTTP request, the URL under which it reached this server, and the bytes of its body.

    Tells the call that its caller has gone: not all releases of the SDK do.
    """

    request: Request
    root: str
    size: int
    _gone: bool = field(default=False, init=False)
    _cancel: Callable[[], object] = field(default=lambda: None, init=False)

    def when_gone(self, cancel: Callable[[], object]) -> None:
        """What to call then, or now."""
        self._cancel = cancel
        if self._gone:
            cancel()

    def go(self) -> None:
        """The caller has gone."""
        self._gone = True
        self._cancel()
