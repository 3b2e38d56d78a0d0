"""The bodies of the SSE responses: the session stream and the call stream."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from collections.abc import Callable

from gradio_reference.brokers import Stream
from gradio_reference.brokers import StreamLost
from gradio_reference.core import messages
from gradio_reference.core.messages import Message
from gradio_spec import sse

_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def session_event(message: Message) -> bytes:
    return sse.encode(_json(message))


def call_event(message: Message) -> bytes:
    """A message of the session stream as an event of the call stream."""
    output = message.get("output")
    if message["msg"] == "heartbeat":
        return sse.encode("null", event="heartbeat")  # CALL-021
    if message["msg"] in ("process_generating", "process_streaming"):
        return sse.encode(_json(output["data"]), event="generating") if output else b""
    if message.get("cancelled"):
        # CALL-022: not a success, and no official client reads this route.
        payload = messages.shown_error("cancelled", title="Cancelled")
        return sse.encode(_json(payload), event="error")
    if message.get("success") and output is not None:
        return sse.encode(_json(output["data"]), event="complete")
    return sse.encode(_json(output), event="error")


def call_lost(lost: StreamLost) -> bytes:
    # CALL-009, CALL-010
    return sse.encode(_json(messages.shown_error(str(lost))), event="error")


def session_lost(lost: StreamLost) -> bytes:
    message = messages.unexpected_error(str(lost), session_not_found=lost.unknown)
    return session_event(message)


class Pace:
    """When the next heartbeat is due, whatever else is sent.

    Every interval must see one (SSE-014, CALL-021), so they come a fifth earlier: a busy moment of
    this machine or the network does not make one late.
    """

    def __init__(self, interval: float) -> None:
        self._step = 0.8 * interval
        self._due = time.monotonic() + self._step

    def left(self) -> float:
        return max(0.0, self._due - time.monotonic())

    def due(self) -> bool:
        now = time.monotonic()
        if now < self._due:
            return False
        self._due = now + self._step
        return True


Encode = Callable[[Message], bytes]


def session_stream(stream: Stream, interval: float) -> AsyncGenerator[bytes, None]:
    """The body of GET queue/data."""
    return _body(stream, interval, session_event, session_lost)


def call_stream(stream: Stream, interval: float) -> AsyncGenerator[bytes, None]:
    """The body of GET call/{name}/{event_id}."""
    return _body(stream, interval, call_event, call_lost)


async def _body(
    stream: Stream, interval: float, encode: Encode, farewell: Callable[[StreamLost], bytes]
) -> AsyncGenerator[bytes, None]:
    pace = Pace(interval)
    try:
        while True:
            try:
                batch = await stream.next(pace.left())
            except StreamLost as lost:
                yield farewell(lost)
                return  # SSE-018: a clean end
            ready = [encode(message) for message in batch.messages]
            if pace.due() and not batch.finished:  # SSE-013: nothing after the last message
                ready.append(encode(messages.heartbeat()))
            if ready:
                yield b"".join(ready)  # one write for all that is ready
            if batch.finished:
                return
    finally:
        stream.close()
