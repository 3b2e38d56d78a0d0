"""Where each event has a connection of its own, a server keeps the specification that it speaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from quart.testing.connections import WebsocketDisconnectError

import gradio_reference as gr
from gradio_reference.core.model import QueueFull
from gradio_spec import sse
from gradio_spec.connections import ConnectionMonitor
from gradio_spec.loader import load_spec

from .app import Endless
from .client import Client

pytestmark = pytest.mark.anyio


class Conversation:
    """A client of ``ws`` or ``sse``; each connection is judged as it goes."""

    def __init__(self, name: str, app: gr.Server | None = None) -> None:
        self.client = Client(name, app)
        self.judge = ConnectionMonitor(load_spec(name))

    async def through(self, name: str, *data: Any) -> list[Any]:
        talk = self._by_websocket if self.client.era.announced is None else self._by_stream
        messages = await talk(name, list(data))
        for message in messages:
            assert "event_id" not in message or message["msg"] == "send_data"
        return messages

    def _hear(self, number: int, text: str | bytes) -> Any:
        observed = self.judge.received(number, text if isinstance(text, str) else text.decode())
        assert not observed.violations, observed.violations
        return observed.message

    async def _by_websocket(self, name: str, data: list[Any]) -> list[Any]:
        said = {"session_hash": "s", "fn_index": self.client.fn(name)}
        number = self.judge.opened()
        messages: list[Any] = []
        async with self.client.http.websocket("/queue/join") as connection:
            while not messages or messages[-1]["msg"] not in ("process_completed", "queue_full"):
                messages.append(self._hear(number, await connection.receive()))
                kind = {"send_hash": "hash", "send_data": "data"}.get(messages[-1]["msg"])
                if kind is not None:
                    body = said if kind == "hash" else said | {"data": data}
                    assert not self.judge.sent(number, kind, body).violations
                    await connection.send(json.dumps(body))
            with pytest.raises(WebsocketDisconnectError) as over:
                await connection.receive()
        assert over.value.args == (1000,)
        assert not self.judge.ended(number, "closed").violations
        return messages

    async def _by_stream(self, name: str, data: list[Any]) -> list[Any]:
        said = {"fn_index": self.client.fn(name), "session_hash": "s"}
        number, decoder = self.judge.opened(), sse.Decoder()
        messages: list[Any] = []
        async with self.client.http.request("/queue/join", query_string=said) as connection:
            await connection.send_complete()
            while not messages or messages[-1]["msg"] not in ("process_completed", "queue_full"):
                events = decoder.feed(await connection.receive())
                messages.extend(self._hear(number, event.data) for event in events)
                if messages[-1]["msg"] == "send_data":
                    body = {**said, "data": data, "event_id": messages[-1]["event_id"]}
                    assert not self.judge.sent(number, "data", body).violations
                    answer = await self.client.post("/queue/data", body)
                    assert await answer.get_json() is None
        assert not self.judge.ended(number, "eof").violations
        return messages


@pytest.mark.parametrize("name", ["gradio-3.34.0", "gradio-3.35.0", "ws", "gradio-4.0.0", "sse"])
async def test_events_with_a_connection_of_their_own_keep_their_specification(name: str) -> None:
    talk = Conversation(name)
    is_websocket = talk.client.era.announced is None
    first = ["send_hash"] * is_websocket + ["estimation", "send_data", "process_starts"]
    messages = await talk.through("echo", "hello")
    assert [m["msg"] for m in messages] == [*first, "process_completed"]
    assert messages[-1]["output"]["data"] == ["hello"]
    messages = await talk.through("words", "one two")
    told = [m["output"]["data"] for m in messages if m["msg"] == "process_generating"]
    assert told == [["one"], ["onetwo"]]
    assert messages[-1]["output"]["is_generating"] is True
    assert ("alive?" in [m["msg"] for m in messages]) == (name == "gradio-3.34.0")
    for failing, text in (("raising", "'boom'"), ("failing", None)):
        assert (await talk.through(failing))[-1]["output"] == {"error": text}
    kinds = [m["msg"] for m in await talk.through("telling")]
    assert ("log" in kinds) == (name not in ("gradio-3.34.0", "gradio-3.35.0"))
    path = await talk.client.upload(b"text", "a b.txt")
    sent: Any = {"path": path, "orig_name": "a b.txt"}
    if is_websocket:
        sent = {"name": path, "data": None, "is_file": True, "orig_name": "a b.txt"}
    (told,) = (await talk.through("keep", sent))[-1]["output"]["data"]
    assert told["name" if is_websocket else "path"] == path
    (told,) = (await talk.through("cached", "x"))[-1]["output"]["data"]
    assert [m["msg"] for m in await talk.through("cached", "x")] == [*first, "process_completed"]


async def test_a_file_of_ws_may_come_in_the_argument_itself() -> None:
    talk = Conversation("ws")
    sent = {"name": "a.txt", "data": "data:text/plain;base64,dGV4dA==", "is_file": False}
    (told,) = (await talk.through("keep", sent))[-1]["output"]["data"]
    answer = await talk.client.http.get(f"/file={told['name']}")
    assert (told["orig_name"], await answer.get_data(as_text=False)) == ("a.txt", b"text")


@pytest.mark.parametrize("name", ["ws", "sse"])
async def test_a_full_queue_is_told_on_the_connection(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Conversation(name)

    async def is_full(weight: int = 0) -> None:
        raise QueueFull(1, 1)

    monkeypatch.setattr(talk.client.app._provide().broker, "require_room", is_full)
    messages = await talk.through("echo", "x")
    assert messages[-1] == {"msg": "queue_full"}


@pytest.mark.parametrize("name", ["ws", "sse"])
async def test_reset_ends_what_has_a_connection_of_its_own(name: str, live: Any) -> None:
    endless = Endless()
    client = Client(name, endless.app)
    fn = client.fn("endless")
    said = {"session_hash": "s", "fn_index": fn, "data": []}
    if name == "ws":
        async with client.http.websocket("/queue/join") as connection:
            message: dict[str, Any] = {"msg": ""}
            while message["msg"] != "process_completed":
                message = json.loads(await connection.receive())
                if message["msg"] in ("send_hash", "send_data"):
                    await connection.send(json.dumps(said))
                if message["msg"] == "process_generating":
                    await client.post("/reset", {"session_hash": "s", "fn_index": fn})
        assert (message["output"]["data"], message["output"]["is_generating"]) == ([0], True)
    else:
        query = {"session_hash": "s", "fn_index": fn}
        async with client.http.request("/queue/join", query_string=query) as connection:
            stream, told = await live(connection), []
            while (event := await stream.next()) is not None:
                told.append(json.loads(event.data))
                if told[-1]["msg"] == "send_data":
                    event_id = told[-1]["event_id"]
                    await client.post("/queue/data", {**said, "event_id": event_id})
                if told[-1]["msg"] == "process_generating":
                    await client.post("/reset", {"event_id": event_id})
        assert told[-1]["msg"] == "process_generating"
    await endless.stopped.wait()
