# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value"
"""What a server says in the words of a release has the shape of what that release was recorded
saying: the members of /config and /info, the messages of an event and their members.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from transcripts import ROOT

import gradio_reference as gr
from gradio_reference.eras import speak_as
from gradio_spec import sse

pytestmark = pytest.mark.anyio
RELEASES = sorted(path.name for path in ROOT.glob("gradio-*"))
EVENTS = ["echo", "gen", "gnest", "gerr", "err", "exc", "logs"]


def make() -> gr.Server:
    """The app that was recorded, as far as its values matter here."""
    app = gr.Server(__name__)

    @app.api
    def echo(x: str) -> str:
        return x

    @app.api
    def gen(x: str) -> Iterator[str]:
        told = ""
        for number in range(3):
            told += f"tok{number} "
            yield told

    @app.api
    def gnest(x: str) -> Iterator[list[list[int]]]:
        yield [[1, 2, 3], [4, 5, 6]]
        yield [[1], [4]]

    _failing(app)
    return app


def _failing(app: gr.Server) -> None:
    @app.api
    def gerr(x: str) -> Iterator[str]:
        yield "part"
        raise gr.Error("mid boom")

    @app.api
    def err(x: str) -> str:
        raise gr.Error("boom")

    @app.api
    def exc(x: str) -> str:
        raise ValueError("secret")

    @app.api
    def logs(x: str) -> str:
        gr.Info("hello info")
        gr.Warning("careful")
        return x


def recorded(release: str, name: str) -> Any:
    """A document of a release; None where the recorder cut it."""
    data = json.loads((ROOT / release / f"{name}.json").read_text(encoding="utf-8"))
    body = data.get("body", data)
    try:
        return json.loads(body) if isinstance(body, str) else body
    except json.JSONDecodeError:
        return None


def recorded_messages(release: str, event: str) -> list[Any]:
    data = json.loads((ROOT / release / f"event_{event}.json").read_text(encoding="utf-8"))
    frames = data.get("stream", data)["frames"]
    texts = [f["raw"].removeprefix("data: ") for f in frames if f.get("dir") in (None, "s2c")]
    return [json.loads(text) for text in texts]


def shape(messages: list[Any]) -> list[Any]:
    """Kinds and members, in their order; how often one of a kind comes is chance."""
    rows = [
        (message["msg"], sorted(message), sorted(message.get("output") or {}))
        for message in messages
        if message["msg"] != "heartbeat"
    ]
    return [row for row, before in zip(rows, [None, *rows], strict=False) if row != before]


class Told:
    """A client that asks a server of one release."""

    def __init__(self, release: str) -> None:
        self.app = make()
        self.era = speak_as(self.app, release)
        self.http = self.app.test_client()

    def said(self, event: str) -> dict[str, Any]:
        fn = next(e.index for e in self.app.endpoints if e.name == event)
        return {"fn_index": fn, "session_hash": event, "data": ["x"]}

    async def messages(self, event: str) -> list[Any]:
        if self.era.announced is None:
            return await self._by_websocket(self.said(event))
        if self.era.per_event:
            return await self._by_stream(self.said(event))
        await self.http.post(f"{self.era.prefix}/queue/join", json=self.said(event))
        query = {"session_hash": event}
        answer = await self.http.get(f"{self.era.prefix}/queue/data", query_string=query)
        return _parsed(await answer.get_data(as_text=False))

    async def _by_websocket(self, said: dict[str, Any]) -> list[Any]:
        messages: list[Any] = []
        async with self.http.websocket("/queue/join") as connection:
            while not messages or messages[-1]["msg"] != "process_completed":
                messages.append(json.loads(await connection.receive()))
                if messages[-1]["msg"] in ("send_hash", "send_data"):
                    await connection.send(json.dumps(said))
        return messages

    async def _by_stream(self, said: dict[str, Any]) -> list[Any]:
        text = b""
        messages: list[Any] = []
        async with self.http.request("/queue/join", query_string=said) as connection:
            await connection.send_complete()
            while not messages or messages[-1]["msg"] != "process_completed":
                text += await connection.receive()
                messages = _parsed(text)
                if messages[-1]["msg"] == "send_data":
                    body = said | {"event_id": messages[-1]["event_id"]}
                    await self.http.post("/queue/data", json=body)
        return messages


def _parsed(text: bytes) -> list[Any]:
    return [json.loads(event.data) for event in sse.Decoder().feed(text)]


@pytest.mark.parametrize("release", RELEASES)
async def test_messages_have_the_shape_that_was_recorded(release: str) -> None:
    told = Told(release)
    for event in EVENTS:
        assert shape(await told.messages(event)) == shape(recorded_messages(release, event)), event


async def test_a_shape_is_that_of_few_releases() -> None:
    said = shape(await Told("gradio-4.44.1").messages("logs"))
    alike = [name for name in RELEASES if shape(recorded_messages(name, "logs")) == said]
    assert alike == ["gradio-4.44.1"]
    assert [row[0] for row in said][2:] == ["log", "process_completed", "close_stream"]


@pytest.mark.parametrize("release", RELEASES)
async def test_config_has_the_members_that_were_recorded(release: str) -> None:
    told = await (await Told(release).http.get("/config")).get_json()
    was = recorded(release, "config")
    assert told["version"] == was["version"]
    assert told.get("protocol") == was.get("protocol")
    assert sorted(told) == sorted(was)
    for place in ("dependencies", "components"):
        assert sorted(told[place][0]) == sorted(was[place][0]), place
    types = told["dependencies"][0]["types"]
    assert sorted(types) == sorted(was["dependencies"][0]["types"])


@pytest.mark.parametrize("release", RELEASES)
async def test_info_has_the_members_that_were_recorded(release: str) -> None:
    told = Told(release)
    was = recorded(release, "info")
    if was is None:
        return
    found = await (await told.http.get(f"{told.era.prefix}/info")).get_json()
    now, then = (document["named_endpoints"]["/echo"] for document in (found, was))
    assert sorted(now) == sorted(then)
    for side in ("parameters", "returns"):
        assert sorted(now[side][0]) == sorted(then[side][0]), side
