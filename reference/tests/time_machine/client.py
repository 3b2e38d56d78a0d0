"""A client of a server that speaks as an older release did, and what it was answered."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from quart.datastructures import FileStorage

import gradio_reference as gr
from gradio_reference.eras import speak_as
from gradio_spec import sse
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor

from .app import make


@dataclass
class Account:
    """What a server answered, to be judged by any version."""

    joins: list[tuple[str, str]] = field(default_factory=list)
    streams: list[tuple[str, list[str], str]] = field(default_factory=list)
    calls: list[tuple[str, list[tuple[str | None, str]]]] = field(default_factory=list)
    answers: list[tuple[str, Any]] = field(default_factory=list)

    def broken(self, name: str) -> set[str]:
        """The clauses of a version that it breaks."""
        spec, found = load_spec(name), set()
        monitor = Monitor(spec)
        for session, messages, end in self.streams:
            for owner, event_id in self.joins:
                if owner == session:
                    found |= {v.clause for v in monitor.joined(owner, event_id).violations}
            stream = monitor.opened(session)
            for message in messages:
                found |= {v.clause for v in monitor.message(stream, message).violations}
            found |= {v.clause for v in monitor.ended(stream, end).violations}
        for event_id, events in self.calls if "call_stream" in spec.lifecycle.machines else ():
            monitor.joined(event_id, event_id)
            stream = monitor.call_opened(event_id)
            for event, data in events:
                found |= {v.clause for v in monitor.call_message(stream, event, data).violations}
            found |= {v.clause for v in monitor.ended(stream, "eof").violations}
        for ref, value in self.answers:
            found |= {error.clause or ref for error in spec.schemas.check(ref, value)}
        return found


class Client:
    """A client of an app that speaks as ``name`` did."""

    def __init__(self, name: str, app: gr.Server | None = None) -> None:
        self.app = app or make()
        self.era = speak_as(self.app, name)
        self.http = self.app.test_client()
        self.account = Account()
        self.prefix = self.era.prefix

    async def post(self, path: str, body: Any) -> Any:
        return await self.http.post(self.prefix + path, json=body)

    async def get(self, path: str, **query: str) -> Any:
        return await self.http.get(path, query_string=query)

    def fn(self, name: str) -> int:
        return {endpoint.name: endpoint.index for endpoint in self.app.endpoints}[name]

    async def join(self, name: str, *data: Any, session: str, **more: Any) -> str:
        body = {"data": list(data), "fn_index": self.fn(name), "session_hash": session, **more}
        answer = await self.post("/queue/join", body)
        assert answer.status_code == 200, await answer.get_data()
        event_id: str = (await answer.get_json())["event_id"]
        self.account.joins.append((session, event_id))
        return event_id

    async def read(self, session: str, end: str = "eof") -> list[Any]:
        answer = await self.get(f"{self.prefix}/queue/data", session_hash=session)
        assert answer.status_code == 200
        events = sse.Decoder().feed(await answer.get_data(as_text=False))
        self.account.streams.append((session, [event.data for event in events], end))
        return [json.loads(event.data) for event in events]

    async def through(self, name: str, *data: Any, **more: Any) -> list[Any]:
        session = f"session {len(self.account.streams)}"
        await self.join(name, *data, session=session, **more)
        return await self.read(session)

    async def call(self, name: str, *data: Any) -> list[tuple[str | None, str]]:
        answer = await self.post(f"/call/{name}", {"data": list(data)})
        assert answer.status_code == 200
        event_id = (await answer.get_json())["event_id"]
        result = await self.get(f"{self.prefix}/call/{name}/{event_id}")
        events = sse.Decoder().feed(await result.get_data(as_text=False))
        self.account.calls.append((event_id, [(event.event, event.data) for event in events]))
        return self.account.calls[-1][1]

    async def upload(self, content: bytes, name: str) -> str:
        files = {"files": FileStorage(io.BytesIO(content), filename=name)}
        answer = await self.http.post(f"{self.prefix}/upload", files=files)
        paths: list[str] = await answer.get_json()
        return paths[0]

    async def document(self, path: str, ref: str) -> Any:
        answer = await self.get(path)
        assert answer.status_code == 200
        self.account.answers.append((ref, value := await answer.get_json()))
        return value
