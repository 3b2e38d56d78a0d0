"""Misfortunes that a proxy brings about on purpose: which exchanges they befall, and how."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from fnmatch import fnmatchcase
from typing import Any
from typing import Literal

from gradio_conformance.traffic.asgi import App
from gradio_conformance.traffic.asgi import Message
from gradio_conformance.traffic.asgi import Receive
from gradio_conformance.traffic.asgi import Scope
from gradio_conformance.traffic.asgi import Send
from gradio_conformance.traffic.asgi import route_of
from gradio_conformance.traffic.asgi import whole_body
from gradio_conformance.traffic.recorder import STAGED
from gradio_conformance.traffic.recorder import StagedError
from gradio_spec import sse

# What the protocol's servers say with these (QUEUE-014, NET-004); others say that they are staged.
DETAILS = {503: "Queue is full. Max size is 1 and size is 1."}
# cut: the body breaks off. end: it ends, as if it were whole. silence: nothing more comes.
Then = Literal["cut", "end", "silence"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls the exchanges ``at`` a route: ``[METHOD] route-glob``, the route below the API
    prefix without a slash before it (``GET queue/data``, ``call/*``).

    Of those that match, the first ``skip`` are spared, and then ``times`` of them are met, all if
    ``None``. ``delay_s`` passes before the request goes on, ``pause_s`` before each piece of the
    body, of which ``chunk`` bytes are sent at once. ``status`` answers in the server's place, with
    ``body`` as JSON, or a ``detail`` if that is ``None``. ``after_bytes`` and ``after_messages``
    (of an event stream; 0: after the headers) say where ``then`` happens.
    """

    at: str = "*"
    skip: int = 0
    times: int | None = None
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_bytes: int | None = None
    after_messages: int | None = None
    then: Then = "cut"
    chunk: int | None = None
    delay_s: float = 0.0
    pause_s: float = 0.0

    def __post_init__(self) -> None:
        for name in ("skip", "times", "after_bytes", "after_messages", "delay_s", "pause_s"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} must not be negative: {value!r}")
        if self.chunk is not None and self.chunk < 1:
            raise ValueError(f"chunk must be at least 1: {self.chunk!r}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError(f"status must be that of an answer: {self.status!r}")

    def is_at(self, method: str, route: str) -> bool:
        wanted, _, pattern = self.at.rpartition(" ")
        return wanted in ("", method) and fnmatchcase(route, pattern)


class Faults:
    """The faults that are in force; they may be changed from any thread while requests come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._matched: dict[int, int] = {}  # by the fault's identity: two may say the same

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, for the requests from now on; returns it for :meth:`remove`."""
        with self._lock:
            self._faults.append(fault)
            self._matched[id(fault)] = 0
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a fault out of force; exchanges that it has met go on as they are."""
        with self._lock:
            self._faults = [other for other in self._faults if other is not fault]
            self._matched.pop(id(fault), None)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._matched.clear()

    def met(self, fault: Fault) -> int:
        """How many exchanges a fault in force has befallen."""
        with self._lock:
            matched = self._matched.get(id(fault), 0) - fault.skip
            return max(0, matched if fault.times is None else min(matched, fault.times))

    def of(self, method: str, route: str) -> Fault | None:
        """What befalls this request: the first fault in force that counts for it."""
        with self._lock:
            for fault in self._faults:
                if not fault.is_at(method, route):
                    continue
                before = self._matched[id(fault)]
                self._matched[id(fault)] = before + 1
                last = None if fault.times is None else fault.skip + fault.times
                if before >= fault.skip and (last is None or before < last):
                    return fault
        return None


class Faulty:
    """``app`` under the faults; ``base`` is the path below which its routes begin."""

    def __init__(self, app: App, faults: Faults, base: str = "") -> None:
        self._app = app
        self._faults = faults
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http":
            fault = self._faults.of(scope["method"], route_of(scope, self._base))
        if fault is None:
            await self._app(scope, receive, send)
            return
        await asyncio.sleep(fault.delay_s)
        if fault.status is not None:
            if await whole_body(receive) is not None:
                await _answer(fault, fault.status, send)
            return
        try:
            await self._app(scope, receive, _Disturbed(fault, send))
        except _EndedError:
            pass


class _EndedError(Exception):
    """Stops the application whose response has been ended for it."""


class _Disturbed:
    """``send`` for one answer that a fault is about."""

    def __init__(self, fault: Fault, send: Send) -> None:
        self._fault = fault
        self._send = send
        self._place = _Place(fault)

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            if self._place.is_reached:
                await self._stop()
            return
        body = bytes(message.get("body", b""))
        before = self._place.before(body)
        for piece in self._pieces(body[:before]):
            await asyncio.sleep(self._fault.pause_s)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._place.is_reached:
            await self._stop()
        if not message.get("more_body"):
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _pieces(self, body: bytes) -> Iterator[bytes]:
        size = self._fault.chunk or max(1, len(body))
        return (body[at : at + size] for at in range(0, len(body), size))

    async def _stop(self) -> None:
        if self._fault.then == "silence":
            await asyncio.Event().wait()  # until the client leaves, which cancels this
        if self._fault.then == "cut":
            raise StagedError("the response is cut here on purpose")
        await self._send({"type": "http.response.body", STAGED: True})
        raise _EndedError


class _Place:
    """Where in a body the fault strikes."""

    def __init__(self, fault: Fault) -> None:
        self._bytes = fault.after_bytes
        self._messages = fault.after_messages
        self._decoder = sse.Decoder()

    @property
    def is_reached(self) -> bool:
        return self._bytes == 0 or self._messages == 0

    def before(self, body: bytes) -> int:
        """How many of these bytes come before that place."""
        size = len(body)
        if self._bytes is not None:
            size = min(size, self._bytes)
        if self._messages is not None:
            size = self._within(body[:size])
        if self._bytes is not None:
            self._bytes -= size
        return size

    def _within(self, body: bytes) -> int:
        at = 0
        for line in body.splitlines(keepends=True):  # bytes: at CR and LF only
            if self._messages == 0:
                break
            at += len(line)
            self._messages = (self._messages or 0) - len(self._decoder.feed(line))
        return at


async def _answer(fault: Fault, status: int, send: Send) -> None:
    detail = DETAILS.get(status, "This answer is staged.")
    body = json.dumps({"detail": detail} if fault.body is None else fault.body).encode()
    headers = {
        "content-type": "application/json",
        **{k.lower(): v for k, v in fault.headers.items()},
    }
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": raw, STAGED: True})
    await send({"type": "http.response.body", "body": body, "more_body": False, STAGED: True})
