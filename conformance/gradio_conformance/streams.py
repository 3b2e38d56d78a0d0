"""One event stream of a server under the monitor: what its bytes, its messages and its end break.

Whoever reads a stream, the suite's own client or a proxy on the way of somebody else's, judges it
here, so that both say the same. No input or output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from gradio_conformance.faults import show
from gradio_spec import sse
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import Observed
from gradio_spec.records import Violation

Kind = Literal["session", "call", "heartbeat"]
# What is broken by a message whose bytes are not UTF-8.
UTF8 = {"session": "SSE-006", "call": "CALL-020"}
SHOWN = 80


class JudgedStream:
    """One response, from the request on. ``owner`` is its session hash, or its event id if it is a
    call's.
    """

    def __init__(self, monitor: Monitor, kind: Kind, owner: str) -> None:
        opened = {
            "session": monitor.opened,
            "call": monitor.call_opened,
            "heartbeat": monitor.heartbeat_opened,
        }
        self._monitor = monitor
        self._kind = kind
        self.number = opened[kind](owner)

    def event(self, event: sse.Event) -> Observed:
        """One server-sent event."""
        if self._kind == "session":
            observed = self._monitor.message(self.number, event.data)
        elif self._kind == "call":
            observed = self._monitor.call_message(self.number, event.event, event.data)
        else:
            observed = self._monitor.heartbeat_message(self.number, event.event, event.data)
        clause = UTF8.get(self._kind)
        if not event.replaced or clause is None:
            return observed
        broken = Violation(clause, "UTF-8", show(event.data))
        return replace(observed, violations=(*observed.violations, broken))

    def ended(self, how: str, status: int | None, unfinished: bytes | None) -> Sequence[Violation]:
        """The response is over: ``eof``, ``cut`` or ``dropped`` by the client. ``unfinished``: the
        last bytes received, if an event without its end is among them.
        """
        if status != 200:
            return ()  # a refusal is no stream; the check judges it by its own clause
        found: list[Violation] = []
        if unfinished is not None and self._kind == "session":
            actual = show(unfinished[-SHOWN:].decode(errors="replace"))
            found.append(Violation("SSE-002", "an empty line after the last message", actual))
        return [*found, *self._monitor.ended(self.number, how).violations]
