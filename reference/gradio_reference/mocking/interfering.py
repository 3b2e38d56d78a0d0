"""What stands between the web server and the mock: it refuses requests and spoils streams.

Which fault a call is given is decided once, when it is made. Functions learn of theirs by a header
of the request; streams are told apart by the events that they tell of.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import unquote

from gradio_reference.core import messages
from gradio_reference.mocking import faults
from gradio_reference.mocking.faults import Fault
from gradio_reference.mocking.faults import Where
from gradio_reference.mocking.sleep import Sleep
from gradio_reference.routes.bare import until_left
from gradio_reference.routes.bare import whole_body
from gradio_reference.routes.streams import call_event
from gradio_reference.routes.streams import session_event
from gradio_reference.service import API_PREFIX

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

CONTROL = "/mock"
MOST_MARKED = 10_000  # events that are remembered for their streams
_CALLS = ("call", "run", "api")
_HEADER = faults.HEADER.encode()
_SLEEPING = "<!doctype html><title>Sleeping</title><p>This server is sleeping. It wakes up soon."


class Cut(Exception):
    """The connection is to break here."""


class Interference:
    """``names``: the endpoints by index."""

    def __init__(
        self, names: Mapping[int, str], switchboard: faults.Switchboard, sleep: Sleep
    ) -> None:
        self._names = names
        self._switchboard = switchboard
        self._sleep = sleep
        self._marked: OrderedDict[str, Fault] = OrderedDict()
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Nobody is kept waiting any more: the server stops."""
        self._closed.set()

    async def __call__(self, app: App, scope: Any, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "").rstrip("/"))
        if path == CONTROL or path.startswith(f"{CONTROL}/"):
            await app(scope, receive, send)
        elif self._sleep.knock():
            await _answer(send, 503, _SLEEPING, b"text/html; charset=utf-8")
        elif scope["method"] == "POST" and _makes_a_call(path):
            await self._call(app, path, scope, receive, send)
        elif scope["method"] == "GET" and (event := self._event_of(path)) is not None:
            await self._stream(app, event, scope, receive, send)
        else:
            await app(scope, receive, send)

    # --- calls -----------------------------------------------------------------------------------

    async def _call(self, app: App, path: str, scope: Any, receive: Receive, send: Send) -> None:
        body = await whole_body(receive)
        if body is None:
            return
        try:
            fault = self._fault(path, body, scope)
        except faults.FaultError as error:
            await _answer(send, 400, {"detail": f"mock: {error}"})
            return
        if fault is not None and fault.kind.where is Where.SERVER:
            await _answer(send, 503, _SLEEPING, b"text/html; charset=utf-8")
            return
        if fault is not None and fault.kind.where is Where.REQUEST:
            await _answer(send, *_refusal(fault))
            return
        headers = [pair for pair in scope["headers"] if pair[0] != _HEADER]
        if fault is not None and fault.kind.where is Where.FUNCTION:
            headers.append((_HEADER, fault.as_header().encode("latin-1", "replace")))
        if fault is not None and fault.kind.where is Where.STREAM:
            send = self._marking(fault, send)
        await app({**scope, "headers": headers}, _once(body, receive), send)

    def _fault(self, path: str, body: bytes, scope: Any) -> Fault | None:
        """The one that the request asks for, or that is on for its endpoint."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        asked = [value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER]
        asked += query.get(faults.QUERY, [])
        if asked:
            return faults.from_header(asked[0])
        return self._switchboard.take(self._endpoint(path, body))

    def _endpoint(self, path: str, body: bytes) -> str | None:
        parts = path.removeprefix(f"{API_PREFIX}/").strip("/").split("/")
        if parts[0] in _CALLS:
            return unquote(parts[-1])
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            return None
        index = found.get("fn_index") if isinstance(found, dict) else None
        return self._names.get(index) if isinstance(index, int) else None

    def _marking(self, fault: Fault, send: Send) -> Send:
        """Looks in the answer for the event that the fault is for."""

        async def marking(message: Any) -> None:
            if message["type"] == "http.response.body" and message.get("body"):
                try:
                    found = json.loads(message["body"])
                except ValueError:
                    found = None
                event = found.get("event_id") if isinstance(found, dict) else None
                if isinstance(event, str):
                    self._marked[event] = fault
                    while len(self._marked) > MOST_MARKED:
                        self._marked.popitem(last=False)
            await send(message)

        return marking

    # --- streams ---------------------------------------------------------------------------------

    def _event_of(self, path: str) -> str | None:
        """Of a call's stream its event, of a session's nothing yet; None: it is no stream."""
        if path.rstrip("/") == f"{API_PREFIX}/queue/data":
            return ""
        parts = path.removeprefix(f"{API_PREFIX}/").strip("/").split("/")
        return unquote(parts[-1]) if parts[0] == "call" and len(parts) > 2 else None

    async def _stream(self, app: App, event: str, scope: Any, receive: Receive, send: Send) -> None:
        if event and event not in self._marked:
            await app(scope, receive, send)
            return
        spoiler = _Spoiler(self._marked, event, send)
        try:
            await app(scope, receive, spoiler)
        except Cut:
            return  # an answer that was begun and not ended: the web server closes the connection
        if spoiler.silent:
            left = asyncio.ensure_future(until_left(receive))
            closed = asyncio.ensure_future(self._closed.wait())
            await asyncio.wait({left, closed}, return_when=asyncio.FIRST_COMPLETED)
            left.cancel()
            closed.cancel()


class _Spoiler:
    """The way of a stream to its reader, until a fault is due."""

    def __init__(self, marked: Mapping[str, Fault], event: str, send: Send) -> None:
        self._marked = marked
        self._event = event
        self._send = send
        self._results: dict[str, int] = {}
        self.silent = False
        self._over = False

    async def __call__(self, message: Any) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        if self.silent or self._over:
            return
        good, fault = self._until_due(message.get("body", b""))
        if fault is None:
            await self._send(message)
            return
        if good:
            await self._send({"type": "http.response.body", "body": good, "more_body": True})
        await self._spoil(fault)

    def _until_due(self, body: bytes) -> tuple[bytes, Fault | None]:
        """What of a write is still sent, and the fault that is due behind it."""
        blocks = [block + b"\n\n" for block in body.split(b"\n\n") if block]
        for place, block in enumerate(blocks):
            event, is_result = self._read(block)
            fault = self._marked.get(event)
            if fault is None or not is_result:
                continue
            seen = self._results.get(event, 0)
            if seen >= (fault.after or 0):
                return b"".join(blocks[:place]), fault
            self._results[event] = seen + 1
        return body, None

    def _read(self, block: bytes) -> tuple[str, bool]:
        """Whose event a block tells of, and whether it brings a result."""
        if self._event:
            return self._event, not block.startswith(b"event: heartbeat")
        try:
            found = json.loads(block.removeprefix(b"data:"))
        except ValueError:
            return "", False
        results = ("process_generating", "process_completed", "process_streaming")
        return str(found.get("event_id")), found.get("msg") in results

    async def _spoil(self, fault: Fault) -> None:
        self._over = True
        if fault.name == "silent":
            self.silent = True
        elif fault.name == "cut":
            raise Cut
        else:
            text = fault.message or "The mock was told to fail."
            if self._event:
                told = call_event({"msg": "", "output": messages.shown_error(text)})
            else:
                told = session_event(messages.unexpected_error(text, session_not_found=False))
            await self._send({"type": "http.response.body", "body": told})


def _makes_a_call(path: str) -> bool:
    parts = path.removeprefix(f"{API_PREFIX}/").strip("/").split("/")
    return parts == ["queue", "join"] or parts[0] in _CALLS


def _refusal(fault: Fault) -> tuple[int, Any]:
    if fault.name == "queue-full":
        text = fault.message or "Queue is full. Max size is 10 and size is 10."
        return 503, {"detail": text}
    if fault.name == "invalid":
        text = fault.message or "The mock was told to refuse this."
        return 422, {"detail": [{"type": "value_error", "loc": ["body", "data"], "msg": text}]}
    return 500, {"detail": fault.message or "Internal Server Error"}


def _once(body: bytes, receive: Receive) -> Receive:
    """The body again, and then what comes behind it."""
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _answer(send: Send, status: int, content: Any, kind: bytes = b"application/json") -> None:
    body = (content if isinstance(content, str) else json.dumps(content)).encode()
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
