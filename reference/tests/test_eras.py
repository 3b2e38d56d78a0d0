# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value"
"""A server that speaks as an older release did keeps the specification of that release, and breaks
those of its neighbours where the wire changed between them.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any

import pytest
from quart.datastructures import FileStorage

import gradio_reference as gr
from gradio_reference.eras import era
from gradio_reference.eras import speak_as
from gradio_spec import sse
from gradio_spec.data import SpecError
from gradio_spec.encoders import encode
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor
from gradio_spec.releases import release
from gradio_spec.releases import resolve

pytestmark = pytest.mark.anyio

# The dialects and families with streams of sessions, oldest first, and releases within them at
# which something changed.
VERSIONS = ["sse_v1", "sse_v2", "sse_v2.1", *(row for row in load_spec().dialects)]
RELEASES = ["gradio-4.9.1", "gradio-4.10.0", "gradio-4.31.0", "gradio-4.37.1", "gradio-5.10.0"]
SHRINKING = ([[1, 2, 3], [4, 5, 6]], [[1], [4]])


def make() -> gr.Server:
    app = gr.Server(__name__)

    @app.api
    def echo(text: str) -> str:
        return text

    @app.api
    def words(text: str) -> Iterator[str]:
        told = ""
        for word in text.split():
            told += word
            yield told

    @app.api
    def shrinking() -> Iterator[list[list[int]]]:
        yield from SHRINKING

    @app.api
    def without_key() -> Iterator[list[dict[str, int]]]:
        yield [{"a": 1, "b": 2}]
        yield [{"a": 1}]

    @app.api
    def raising() -> str:
        raise gr.Error("boom")

    @app.api
    def failing() -> str:
        raise ValueError("secret")

    @app.api
    def telling(progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        progress(0.5, desc="half")
        gr.Info("begun")
        gr.Success("done")
        return "told"

    @app.api
    async def endless() -> AsyncIterator[int]:
        yield 0
        await asyncio.Event().wait()

    @app.api
    def keep(file: gr.FileData) -> gr.FileData:
        return file

    @app.api
    @gr.cache
    def cached(text: str) -> str:
        return text

    return app


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


async def everything(name: str) -> Client:
    """A client that has asked for a bit of everything."""
    client = Client(name)
    await client.document("/config", "config")
    await client.document(f"{client.prefix}/info", "info")
    for called in (("echo", "hello"), ("words", "one two three"), ("raising",), ("failing",)):
        await client.through(*called)
    await client.through("telling")
    for _ in range(2):
        await client.through("cached", "once")
    path = await client.upload(b"text", "a b.txt")
    sent = {"path": path, "orig_name": "a b.txt", "meta": {"_type": "gradio.FileData"}}
    told = (await client.through("keep", sent))[2]["output"]["data"][0]
    client.account.answers.append(("files#/$defs/FileOutput", told))
    if told["url"] is not None:
        served = await client.http.get(told["url"].removeprefix("http://localhost"))
        assert await served.get_data(as_text=False) == b"text"
    if client.era.announced != "sse_v1" or name != "gradio-4.9.1":
        await client.read("nobody")
    if "call_stream" in load_spec(name).lifecycle.machines:
        for called in (("echo", "hello"), ("words", "one two"), ("raising",), ("failing",)):
            await client.call(*called)
    for path in ("/run/echo", "/api/echo"):
        answer = await client.post(path, {"data": ["x"]})
        assert (await answer.get_json())["data"] == ["x"]
        client.account.answers.append(("messages#/$defs/Output", await answer.get_json()))
    return client


@pytest.mark.parametrize("name", [*VERSIONS, *RELEASES])
async def test_a_server_keeps_the_specification_that_it_speaks(name: str) -> None:
    client = await everything(name)
    assert client.account.broken(name) == set()


@cache
def neighbours() -> list[tuple[str, str, str]]:
    """An older version, a newer one, and a clause that tells them apart."""
    clauses = ["EVT-008", "files#/$defs/FileOutput", "SSE-031", "SSE-003", "DISC-002", "EVT-021"]
    clauses += ["SSE-017", "DISC-006", "CALL-006", "FILE-040"]
    pairs = list(zip(VERSIONS, VERSIONS[1:], strict=False))
    return [(*pair, clause) for pair, clause in zip(pairs, clauses, strict=True)]


@pytest.mark.parametrize(("older", "newer", "clause"), neighbours())
async def test_a_server_breaks_the_specification_of_what_came_after_it(
    older: str, newer: str, clause: str
) -> None:
    client = await everything(older)
    assert clause in client.account.broken(newer)
