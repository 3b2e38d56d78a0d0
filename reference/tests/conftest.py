"""Helpers of the server's tests: a client of the protocol, with the spec's monitor as judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pytest

from gradio_reference import Server
from gradio_spec import sse
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor

SPEC = load_spec()
API = "/gradio_api"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Live:
    """An open stream: events arrive one at a time."""

    connection: Any
    decoder: sse.Decoder = field(default_factory=sse.Decoder)
    events: list[sse.Event] = field(default_factory=list)

    async def next(self) -> sse.Event | None:
        """The next event, or None at the end of the response."""
        while not self.events:
            if self.connection._task.done() and self.connection._receive_queue.empty():
                return None
            receive = asyncio.ensure_future(self.connection.receive())
            await asyncio.wait({receive, self.connection._task}, return_when="FIRST_COMPLETED")
            if receive.done():
                self.events.extend(self.decoder.feed(receive.result()))
            else:
                receive.cancel()
        return self.events.pop(0)


class Protocol:
    """A client of one app. Every message of a session stream passes the monitor."""

    def __init__(self, app: Server) -> None:
        self.app = app
        self.http = app.test_client()
        self.monitor = Monitor(SPEC)

    async def post(self, path: str, body: Any) -> Any:
        return await self.http.post(API + path, json=body)

    async def answer(self, path: str, body: Any) -> Any:
        response = await self.post(path, body)
        assert response.status_code == 200, await response.get_data()
        return await response.get_json()

    async def join(self, name: str, *data: Any, session: str = "s", **more: Any) -> str:
        fn = {endpoint.name: endpoint.index for endpoint in self.app.endpoints}[name]
        body = {"data": list(data), "fn_index": fn, "session_hash": session, **more}
        event_id: str = (await self.answer("/queue/join", body))["event_id"]
        simple = bool(more.get("simple_format"))
        assert not self.monitor.joined(session, event_id, simple_format=simple).violations
        return event_id

    async def cancel(self, name: str, event_id: str, session: str = "s") -> None:
        fn = {endpoint.name: endpoint.index for endpoint in self.app.endpoints}[name]
        body = {"event_id": event_id, "fn_index": fn, "session_hash": session}
        assert await self.answer("/cancel", body) == {"success": True}

    async def waiting(self) -> int:
        """How many events wait."""
        status = await (await self.http.get(f"{API}/queue/status")).get_json()
        assert (status["msg"], status["event_id"], status["rank"]) == ("estimation", None, None)
        return int(status["queue_size"])

    async def read(self, session: str = "s") -> list[dict[str, Any]]:
        """The whole session stream, judged."""
        response = await self.http.get(f"{API}/queue/data", query_string={"session_hash": session})
        assert response.status_code == 200
        stream = self.monitor.opened(session)
        messages = []
        for event in sse.Decoder().feed(await response.get_data(as_text=False)):
            observed = self.monitor.message(stream, event.data)
            assert not observed.violations, observed.violations
            messages.append(dict(observed.message or {}))
        assert not self.monitor.ended(stream, "eof").violations
        return messages

    async def run_through(self, name: str, *data: Any, **more: Any) -> list[dict[str, Any]]:
        """Join and read to the end."""
        await self.join(name, *data, **more)
        return await self.read(more.get("session", "s"))

    async def outcome(self, name: str, *data: Any, **more: Any) -> dict[str, Any]:
        """The terminal message of a call."""
        messages = await self.run_through(name, *data, **more)
        return next(message for message in messages if message["msg"] == "process_completed")

    async def call(self, name: str, *data: Any) -> list[tuple[str | None, str]]:
        """The events of a simple call: (name, data)."""
        event_id = (await self.answer(f"/call/{name}", {"data": list(data)}))["event_id"]
        return await self.result(name, event_id)

    async def result(self, name: str, event_id: str) -> list[tuple[str | None, str]]:
        response = await self.http.get(f"{API}/call/{name}/{event_id}")
        assert response.status_code == 200
        events = sse.Decoder().feed(await response.get_data(as_text=False))
        return [(event.event, event.data) for event in events]

    def open(self, session: str = "s") -> Any:
        """An async context manager for a stream that stays open."""
        return self.http.request(f"{API}/queue/data", query_string={"session_hash": session})

    def open_call(self, event_id: str) -> Any:
        return self.http.request(f"{API}/call/any/{event_id}")


@pytest.fixture
def client() -> Callable[[Server], Protocol]:
    return Protocol


@pytest.fixture
def live() -> Callable[[Any], Coroutine[Any, Any, Live]]:
    async def start(connection: Any) -> Live:
        await connection.send_complete()
        return Live(connection)

    return start
