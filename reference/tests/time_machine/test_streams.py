"""A server that speaks as an older release did keeps the specification of that release, and breaks
those of its neighbours where the wire changed between them.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

import gradio_reference as gr
from gradio_reference.eras import speak_as
from gradio_spec.data import SpecError
from gradio_spec.encoders import encode
from gradio_spec.loader import load_spec
from gradio_spec.releases import release
from gradio_spec.releases import resolve

from .app import SHRINKING
from .app import Endless
from .app import echo
from .app import make
from .app import raising
from .app import words
from .client import Account
from .client import Client

pytestmark = pytest.mark.anyio

# The dialects and families with streams of sessions, oldest first, and releases within them at
# which something changed.
VERSIONS = ["sse_v1", "sse_v2", "sse_v2.1", *(row for row in load_spec().dialects)]
RELEASES = ["gradio-4.9.1", "gradio-4.10.0", "gradio-4.31.0", "gradio-4.37.1", "gradio-5.10.0"]


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
