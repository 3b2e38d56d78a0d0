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
from itertools import pairwise
from typing import Any

import pytest
from quart.datastructures import FileStorage
from quart.testing.connections import WebsocketDisconnectError

import gradio_reference as gr
from gradio_reference.core.model import QueueFull
from gradio_reference.eras import speak_as
from gradio_spec import sse
from gradio_spec.connections import ConnectionMonitor
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


def echo(text: str) -> str:
    return text


def words(text: str) -> Iterator[str]:
    told = ""
    for word in text.split():
        told += word
        yield told


def shrinking() -> Iterator[list[list[int]]]:
    yield from SHRINKING


def without_key() -> Iterator[list[dict[str, int]]]:
    yield [{"a": 1, "b": 2}]
    yield [{"a": 1}]


def raising() -> str:
    raise gr.Error("boom")


def failing() -> str:
    raise ValueError("secret")


def telling(progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
    progress(0.5, desc="half")
    gr.Info("begun")
    gr.Success("done")
    return "told"


def keep(file: gr.FileData) -> gr.FileData:
    return file


@gr.cache
def cached(text: str) -> str:
    return text


FUNCTIONS = (echo, words, shrinking, without_key, raising, failing, telling, keep, cached)


def make() -> gr.Server:
    app = gr.Server(__name__)
    for function in FUNCTIONS:
        app.api(function)
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
    served = await client.http.get(f"{client.prefix}/file={await client.upload(b'{1', 'a.json')}")
    assert await served.get_data(as_text=False) == b"{1"
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


ACCOUNTS: dict[str, Account] = {}


async def account_of(name: str) -> Account:
    """What a server of ``name`` answers when it is asked for everything."""
    if name not in ACCOUNTS:
        ACCOUNTS[name] = (await everything(name)).account
    return ACCOUNTS[name]


@pytest.mark.parametrize("name", [*VERSIONS, *RELEASES])
async def test_a_server_keeps_the_specification_that_it_speaks(name: str) -> None:
    assert (await account_of(name)).broken(name) == set()


@cache
def neighbours() -> list[tuple[str, str, str]]:
    """An older version, a newer one, and a clause that tells them apart."""
    clauses = ["EVT-008", "files#/$defs/FileOutput", "SSE-031", "SSE-003", "DISC-002", "EVT-021"]
    clauses += ["SSE-017", "DISC-006", "CALL-006", "FILE-040"]
    pairs = pairwise(VERSIONS)
    return [(*pair, clause) for pair, clause in zip(pairs, clauses, strict=True)]


@pytest.mark.parametrize(("older", "newer", "clause"), neighbours())
async def test_a_server_breaks_the_specification_of_what_came_after_it(
    older: str, newer: str, clause: str
) -> None:
    assert clause in (await account_of(older)).broken(newer)


@pytest.mark.parametrize("name", ["sse_v2", "v3-4.22", "gradio-5.33.0", "v3-6.0", "sse_v3"])
async def test_edits_are_those_of_the_encoder_that_the_release_had(name: str) -> None:
    client = Client(name)
    messages = await client.through("shrinking")
    told = [m["output"]["data"][0] for m in messages if m["msg"] == "process_generating"]
    generation = release(resolve(name).number).encoder
    assert generation is not None
    assert told == [SHRINKING[0], encode(generation, *SHRINKING)]
    await client.join("shrinking", session="simple", simple_format=True)
    messages = await client.read("simple")
    told = [m["output"]["data"][0] for m in messages if m["msg"] == "process_generating"]
    knows = (
        "simple_format" in load_spec(name).schemas.schema("http#/$defs/PredictBody")["properties"]
    )
    assert told == [SHRINKING[0], SHRINKING[1] if knows else encode(generation, *SHRINKING)]


async def test_an_event_fails_where_the_encoder_of_the_release_did() -> None:
    *_, chunk, failed, end = await Client("gradio-5.30.0").through("without_key")
    assert (chunk["msg"], end["msg"]) == ("process_generating", "close_stream")
    assert (failed["success"], failed["output"]) == (False, {"error": None})


class Endless:
    """An app with a function that goes on until it is stopped."""

    def __init__(self) -> None:
        self.app = make()
        self.stopped = asyncio.Event()

        @self.app.api
        async def endless() -> AsyncIterator[int]:
            try:
                yield 0
                await asyncio.Event().wait()
            finally:
                self.stopped.set()


@pytest.mark.parametrize("name", ["gradio-4.31.0", "v3-6.0"])
async def test_cancel_tells_of_the_end(name: str) -> None:
    client = Client(name, Endless().app)
    event_id = await client.join("endless", session="s")
    body = {"event_id": event_id, "fn_index": client.fn("endless"), "session_hash": "s"}
    assert (await client.post("/cancel", body)).status_code == 200
    messages = await client.read("s")
    assert [m["msg"] for m in messages][-2:] == ["process_completed", "close_stream"]
    assert messages[-2]["output"] == {}


@pytest.mark.parametrize("name", ["gradio-4.31.0", "gradio-4.44.1", "v3-6.0"])
async def test_who_was_cancelled_while_it_waited_is_not_told_of_a_start(name: str) -> None:
    client = Client(name, Endless().app)
    running, waiting = [await client.join("endless", session="s") for _ in range(2)]
    for event_id in (waiting, running):
        body = {"event_id": event_id, "fn_index": client.fn("endless"), "session_hash": "s"}
        assert (await client.post("/cancel", body)).status_code == 200
    told = [m["msg"] for m in await client.read("s") if m.get("event_id") == waiting]
    assert "process_starts" not in told
    assert told[-1] == "process_completed"


async def test_what_a_cache_answered_is_told_as_the_run_that_it_was() -> None:
    client = Client("v3-6.0")
    for _ in range(2):
        messages = await client.through("cached", "once")
    told = [(m["msg"], m.get("rank_eta", m.get("eta"))) for m in messages[:2]]
    mean = messages[2]["output"]["average_duration"]
    assert told == [("estimation", mean), ("process_starts", mean)]
    assert mean is not None


@pytest.mark.parametrize(
    ("name", "listed", "names"),
    [
        ("gradio-4.11.0", ["/open", "/quiet"], ["open", "quiet", False]),
        ("gradio-4.12.0", ["/open"], ["open", "quiet", False]),
        ("v3-6.0", ["/open"], ["open", "quiet", "secret"]),
    ],
)
async def test_endpoints_are_hidden_as_the_release_hid_them(
    name: str, listed: list[str], names: list[Any]
) -> None:
    app = gr.Server(__name__)
    app.api(name="open")(echo)
    app.api(name="quiet", api_visibility="undocumented")(words)
    app.api(name="secret", api_visibility="private")(raising)
    client = Client(name, app)
    config = await client.document("/config", "config")
    info = await client.document(f"{client.prefix}/info", "info")
    assert [d["api_name"] for d in config["dependencies"]] == names
    assert list(info["named_endpoints"]) == listed
    assert client.account.broken(name) == set()


@pytest.mark.parametrize(("name", "title"), [("sse_v2", "FileData"), ("sse_v2.1", None)])
async def test_a_file_without_a_mark_is_known_by_the_title_of_its_type(
    name: str, title: str | None
) -> None:
    info = await Client(name).document("/info", "info")
    (parameter,) = info["named_endpoints"]["/keep"]["parameters"]
    assert parameter["type"].get("title") == title
    assert ("meta" in parameter["type"]["properties"]) == (title is None)


@pytest.mark.parametrize("name", ["sse_v1", "sse_v2", "v3-4.22"])
async def test_reset_ends_an_event_and_nobody_is_told(name: str, live: Any) -> None:
    endless = Endless()
    client = Client(name, endless.app)
    event_id = await client.join("endless", session="s")
    path, query = f"{client.prefix}/queue/data", {"session_hash": "s"}
    async with client.http.request(path, query_string=query) as connection:
        stream = await live(connection)
        while json.loads((await stream.next()).data)["msg"] != "process_generating":
            pass
        answer = await client.post("/reset", {"event_id": event_id})
        assert await answer.get_json() == {"success": True}
        await endless.stopped.wait()
        await client.join("echo", "x", session="s")
        told = [json.loads((await stream.next()).data)["msg"] for _ in range(3)]
        assert told == ["estimation", "process_starts", "process_completed"]
        assert not stream.events
        assert not connection._task.done()  # type: ignore[attr-defined]
        await connection.disconnect()


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("gradio-3.50.2", "msg rank queue_size rank_eta averages"),
        ("gradio-4.8.0", "rank queue_size rank_eta averages"),
        ("gradio-4.10.0", "rank queue_size rank_eta averages"),
        ("gradio-4.19.2", "rank queue_size rank_eta"),
        ("gradio-4.20.0", "msg event_id rank queue_size rank_eta"),
    ],
)
async def test_the_status_of_the_queue_has_the_members_of_its_time(name: str, members: str) -> None:
    client = Client(name)
    status = await (await client.http.get("/queue/status")).get_json()
    averages = {
        "avg_event_process_time": 0.0,
        "avg_event_concurrent_process_time": None,
        "queue_eta": 1.0,
    }
    told = averages if "averages" in members else {}
    assert set(status) == {*members.replace(" averages", "").split(), *told}
    assert {name: status[name] for name in told} == told
    if not client.era.per_event:
        client.account.answers.append(("http#/$defs/QueueStatus", status))
        assert client.account.broken(name) == set()


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("sse_v1", ["/call/echo", "/heartbeat/s", "/cancel", "/gradio_api/info"]),
        ("v3-4.22", ["/heartbeat/s", "/cancel", "/gradio_api/info", "/openapi.json"]),
        ("v3-5.0", ["/info", "/queue/data", "/gradio_api/openapi.json", "/gradio_api/mcp/"]),
        ("v3-6.0", ["/info", "/gradio_api/call/v2/echo"]),
    ],
)
async def test_what_a_release_had_not_is_not_there(name: str, absent: list[str]) -> None:
    client = Client(name)
    for path in absent:
        assert (await client.http.post(path, json={})).status_code in (404, 405)
    answer = await client.http.get(f"{client.prefix}/file=/tmp/there-is-no-such-file")
    assert answer.status_code == (403 if client.prefix else 404)


@pytest.mark.parametrize(("name", "marked"), [("v3-5.0", False), ("v3-5.5", True)])
async def test_a_file_without_a_mark_is_one_before_5_5(name: str, marked: bool) -> None:
    client = Client(name)
    path = await client.upload(b"text", "a.txt")
    told = (await client.through("keep", {"path": path}))[2]["output"]["data"][0]
    assert ("url" not in told) == marked


@pytest.mark.parametrize("name", ["gradio-3.1.4", "gradio-3.5", "v3-9.9", "latest"])
def test_a_name_without_a_specification_is_refused(name: str) -> None:
    with pytest.raises(SpecError):
        speak_as(make(), name)


# --- a connection for each event ----------------------------------------------------------------


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
