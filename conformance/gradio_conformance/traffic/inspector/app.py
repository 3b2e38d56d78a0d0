"""The inspector as an ASGI application: its page, what is new as server-sent events, exports.

Everything is below a path of its own. It shows what others have sent, so it answers only to names
that no web page can give it (a host that resolves to this machine by a trick has another name).
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import parse_qs

from gradio_conformance.traffic.asgi import Receive
from gradio_conformance.traffic.asgi import Scope
from gradio_conformance.traffic.asgi import Send
from gradio_conformance.traffic.har import har_of
from gradio_conformance.traffic.inspector.store import Store
from gradio_conformance.traffic.recording import write_recording
from gradio_spec import sse

BASE = "/__inspector__/"
HEARTBEAT_S = 15.0
SAFE = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "frame-ancestors 'none'",
}


class InspectorApp:
    """Serves ``page`` and what is in ``store``."""

    def __init__(self, store: Store, page: str) -> None:
        self._store = store
        self._page = page.encode()
        self._is_over = False
        self._readers: set[Callable[[], None]] = set()

    def end(self) -> None:
        """Let the streams of events come to their ends; from any thread."""
        self._is_over = True
        for wake in tuple(self._readers):
            wake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for moment in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{moment}.complete"})
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
        path, method = scope["path"], scope["method"]
        if not _is_ours(headers.get("host", "")):
            await _whole(send, 421, "text/plain", b"This host name is not served here.\n")
        elif method not in ("GET", "HEAD"):
            await _whole(send, 405, "text/plain", b"Only GET.\n", {"allow": "GET, HEAD"})
        elif path in ("/", BASE.rstrip("/")):
            await _whole(send, 307, "text/plain", b"", {"location": BASE})
        elif path == f"{BASE}events" and method == "GET":
            await self._events(headers, receive, send)
        else:
            query = parse_qs(scope["query_string"].decode("latin-1"))
            found = await asyncio.to_thread(self._found, path, query)
            status, kind, body = found or (404, "text/plain", b"No such page.\n")
            await _whole(send, status, kind, body if method == "GET" else b"")

    def _found(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, str, bytes] | None:
        match path.removeprefix(BASE):
            case "":
                return 200, "text/html; charset=utf-8", self._page
            case "diagram.json":
                session = next(iter(query.get("session", [])), None) or None
                return 200, "application/json", json.dumps(self._store.diagram(session)).encode()
            case "export.jsonl":
                file = io.StringIO()
                write_recording(self._store.recording(), file)
                return 200, "application/x-ndjson", file.getvalue().encode()
            case "export.har":
                text = json.dumps(har_of(self._store.recording()), ensure_ascii=False)
                return 200, "application/json", text.encode()
        return None

    # -- events -------------------------------------------------------------------------------

    async def _events(self, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        told = headers.get("last-event-id", "")
        kind = {**SAFE, "content-type": "text/event-stream"}
        await send({"type": "http.response.start", "status": 200, "headers": _raw(kind)})
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            async for piece in self._news(int(told) if told.isdecimal() else 0, gone):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _news(self, last: int, gone: asyncio.Future[None]) -> AsyncIterator[bytes]:
        """All that is told from now on, in pieces, until the reader has gone."""
        loop, fresh = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            try:
                loop.call_soon_threadsafe(fresh.set)
            except RuntimeError:
                pass  # the loop has been closed: nobody reads any more

        leave = self._store.subscribe(wake)
        self._readers.add(wake)
        try:
            is_new = last == 0
            while not gone.done() and not self._is_over:
                fresh.clear()
                lost, updates = self._store.since(last)
                if lost or is_new:
                    yield sse.encode("all anew", event="reset")
                    is_new = False
                if updates:
                    last = updates[-1][0]
                    yield b"".join(sse.encode(text, id=str(n)) for n, text in updates)
                waiting = asyncio.ensure_future(fresh.wait())
                await asyncio.wait(
                    (waiting, gone), timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED
                )
                waiting.cancel()
                if not fresh.is_set():
                    yield b": nothing new\n\n"
        finally:
            self._readers.discard(wake)
            leave()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _whole(
    send: Send, status: int, kind: str, body: bytes, more: Mapping[str, str] | None = None
) -> None:
    headers = {**SAFE, "content-type": kind, "content-length": str(len(body)), **(more or {})}
    await send({"type": "http.response.start", "status": status, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _is_ours(host: str) -> bool:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    name = name.strip("[]")
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
