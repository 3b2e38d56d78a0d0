# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value, unreachable"
"""Joins and their refusals, streams, cancel, disconnects, shutdown."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gradio_reference import Server

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
JOIN = "/gradio_api/queue/join"


class Gate:
    """Functions that wait for ``open`` and tell that they run, whichever thread they are in."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.running: asyncio.Queue[str] = asyncio.Queue()
        self.closed: asyncio.Queue[str] = asyncio.Queue()
        self.loop = asyncio.get_running_loop()

    def tell(self, queue: asyncio.Queue[str], text: str) -> None:
        self.loop.call_soon_threadsafe(queue.put_nowait, text)

    def app(self) -> Server:
        app = Server(__name__)

        @app.api
        def hold(key: str) -> str:
            self.tell(self.running, key)
            assert self.opened.wait(20)
            return key

        @app.api
        def steps(key: str) -> int:
            try:
                for number in range(1000):
                    self.tell(self.running, key)
                    yield number
                    assert self.opened.wait(20)
            finally:
                self.tell(self.closed, key)

        @app.api(concurrency_limit=None)
        async def wait(key: str) -> str:
            self.tell(self.running, key)
            try:
                return await asyncio.Event().wait() or ""
            except asyncio.CancelledError:
                self.tell(self.closed, key)
                raise

        @app.api
        def echo(value: Any) -> Any:
            return value

        @app.api(api_visibility="private")
        def secret() -> None: ...

        return app


@pytest.fixture
async def gate() -> Any:
    gate = Gate()
    yield gate
    gate.opened.set()


# --- joins ---------------------------------------------------------------------------------------

BAD_JOINS: list[tuple[Any, int, Any]] = [
    ({"data": [], "fn_index": 3}, 400, "Session hash not found."),
    ({"data": [], "fn_index": 3, "session_hash": None}, 400, "Session hash not found."),
    ({"data": [], "session_hash": "s"}, 400, "No function index provided."),
    ({"data": [], "session_hash": "s", "fn_index": 99}, 404, "fn_index 99"),
    ({"data": [], "session_hash": "s", "fn_index": -1}, 404, "fn_index -1"),
    ({"session_hash": "s", "fn_index": 3}, 422, ["body", "data"]),
    ({"data": 5, "session_hash": "s", "fn_index": 3}, 422, ["body", "data"]),
    ({"data": [], "session_hash": 5, "fn_index": 3}, 422, ["body", "session_hash"]),
    ({"data": [], "session_hash": "", "fn_index": 3}, 422, ["body", "session_hash"]),
    ({"data": [], "session_hash": "s", "fn_index": "3"}, 422, ["body", "fn_index"]),
    ({"data": [], "session_hash": "s", "fn_index": True}, 422, ["body", "fn_index"]),
    ({"data": [], "session_hash": "s", "fn_index": 1.5}, 422, ["body", "fn_index"]),
    ([], 422, ["body"]),
]


@pytest.mark.parametrize(("body", "status", "detail"), BAD_JOINS, ids=str)
async def test_bad_joins_name_the_mistake_and_leave_nothing(
    gate: Gate, client: Client, body: Any, status: int, detail: Any
) -> None:
    api = client(gate.app())
    response = await api.post("/queue/join", body)
    assert response.status_code == status
    found = (await response.get_json())["detail"]
    if isinstance(detail, str):
        assert detail in found
    else:
        assert found[0]["loc"] == detail
        assert set(found[0]) == {"type", "loc", "msg", "input"}
    assert (await api.waiting()) == 0
    assert (await api.read())[0]["session_not_found"] is True  # JOIN-016


async def test_private_endpoints_are_joined_by_index_and_hidden_by_name(
    gate: Gate, client: Client
) -> None:
    api = client(gate.app())
    body = {"data": [], "session_hash": "s", "fn_index": 4}
    assert (await api.post("/queue/join", body)).status_code == 200  # JOIN-023
    assert (await api.post("/call/v2/secret", {})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff{}",
        b'{"data":[NaN],"fn_index":3,"session_hash":"s"}',
        b"[" * 100_000,
        '{"data":[],"fn_index":3,"session_hash":"s"}'.encode("utf-16"),
    ],
    ids=["empty", "cut", "not-utf-8", "nan", "deep", "utf-16"],
)
async def test_what_is_not_json_is_a_422(gate: Gate, body: bytes) -> None:
    http = gate.app().test_client()
    response = await http.post(JOIN, data=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert (await response.get_json())["detail"][0]["loc"][0] == "body"


async def test_other_content_types_are_refused(gate: Gate) -> None:
    body = json.dumps({"data": [], "fn_index": 3, "session_hash": "s"})
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = (
            await gate.app().test_client().post(JOIN, data=body, headers={"Content-Type": kind})
        )
        assert response.status_code == 422


async def test_too_large_a_body_is_a_json_413(gate: Gate) -> None:
    app = gate.app()
    app.config["MAX_CONTENT_LENGTH"] = 100
    response = await app.test_client().post(JOIN, json={"data": ["x" * 200]})
    assert response.status_code == 413
    assert "detail" in await response.get_json()


async def test_a_good_join_ignores_what_it_does_not_know(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    hash_ = "ß" * 256 + "/?&"
    for path in ("/queue/join", "/queue/join/"):
        body = {
            "data": [1, "surplus"],
            "fn_index": 3.0,
            "session_hash": hash_,
            "event_id": "mine",
            "event_data": {"x": 1},
            "trigger_id": None,
            "unknown": 1,
        }
        event_id = (await api.answer(path, body))["event_id"]
        assert len(event_id) == 32
        api.monitor.joined(hash_, event_id)
        messages = await api.read(hash_)
        assert {m["event_id"] for m in messages} == {event_id, None}


async def test_a_full_queue_is_a_503(gate: Gate, client: Client) -> None:
    app = gate.app()
    app.configure(max_size=1)
    api = client(app)
    await api.join("hold", "a")
    await gate.running.get()
    await api.join("hold", "b")
    for path, body in (
        ("/queue/join", {"data": ["c"], "fn_index": 0, "session_hash": "s"}),
        ("/call/hold", {"data": ["c"]}),
        ("/call/v2/hold", {"key": "c"}),
    ):
        response = await api.post(path, body)
        assert response.status_code == 503
        detail = (await response.get_json())["detail"]
        assert detail == "Queue is full. Max size is 1 and size is 1."
    assert await api.waiting() == 1
    gate.opened.set()
    assert [m["msg"] for m in await api.read()].count("process_completed") == 2


# --- streams -------------------------------------------------------------------------------------


async def test_headers_of_a_stream(gate: Gate) -> None:
    response = await gate.app().test_client().get("/gradio_api/queue/data?session_hash=x")
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert "no-cache" in response.headers["Cache-Control"]
    assert response.headers["X-Accel-Buffering"] == "no"


async def test_unknown_sessions_and_missing_parameters(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    [message] = await api.read("nobody")
    assert (message["msg"], message["session_not_found"]) == ("unexpected_error", True)
    response = await api.http.get("/gradio_api/queue/data")
    assert response.status_code == 422
    assert (await response.get_json())["detail"][0]["loc"] == ["query", "session_hash"]
    head = await api.http.head("/gradio_api/queue/data?session_hash=s")
    assert head.status_code == 405


async def test_a_session_can_be_used_again_and_its_end_is_told_at_once(
    gate: Gate, client: Client
) -> None:
    api = client(gate.app())
    for value in ("a", "b"):
        assert (await api.run_through("echo", value))[-1]["msg"] == "close_stream"
    assert [m["msg"] for m in await api.read()] == ["close_stream"]  # SSE-023


async def test_an_event_joined_while_the_stream_is_open_comes_on_it(
    gate: Gate, client: Client, live: Any
) -> None:
    api = client(gate.app())
    held = await api.join("hold", "a")
    async with api.open() as connection:
        stream = await live(connection)
        while json.loads((await stream.next()).data)["msg"] != "process_starts":
            pass
        late = await api.join("echo", "x")
        ends = []
        while (event := await stream.next()) is not None:
            message = json.loads(event.data)
            if message["msg"] == "process_completed":
                ends.append(message["event_id"])
                gate.opened.set()
        assert ends == [late, held]
        assert message["msg"] == "close_stream"


async def test_heartbeats(
    gate: Gate, client: Client, live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_HEARTBEAT_INTERVAL", "0.05")
    api = client(gate.app())
    await api.join("hold", "a")
    event_id = (await api.answer("/call/wait", {"data": ["b"]}))["event_id"]
    async with api.open() as connection, api.open_call(event_id) as other:
        stream, call = await live(connection), await live(other)
        while json.loads((await stream.next()).data)["msg"] != "heartbeat":
            pass
        beat = await call.next()
        assert (beat.event, beat.data) == ("heartbeat", "null")
        gate.opened.set()
        while (event := await stream.next()) is not None:
            last = event
        assert json.loads(last.data)["msg"] == "close_stream"
        await other.disconnect()
    async with api.http.request("/gradio_api/heartbeat/x") as connection:
        alive = await live(connection)
        assert [(await alive.next()).data for _ in "ab"] == ["ALIVE", "ALIVE"]
        await connection.disconnect()


def test_a_bad_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_HEARTBEAT_INTERVAL", "soon")
    with pytest.raises(ValueError, match="GRADIO_HEARTBEAT_INTERVAL"):
        Server(__name__)._provide()


@pytest.mark.parametrize(("text", "limit"), [("none", None), ("3", 3)])
def test_the_default_limit_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str, limit: int | None
) -> None:
    monkeypatch.setenv("GRADIO_DEFAULT_CONCURRENCY_LIMIT", text)
    assert Server(__name__)._provide().settings.default_limit == limit
    for chosen in (None, 2):  # what the app says wins
        app = Server(__name__)
        app.configure(default_concurrency_limit=chosen)
        assert app._provide().settings.default_limit == chosen


@pytest.mark.parametrize("text", ["0", "0.5", "-1", "many"])
def test_a_bad_default_limit_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GRADIO_DEFAULT_CONCURRENCY_LIMIT", text)
    with pytest.raises(ValueError, match="GRADIO_DEFAULT_CONCURRENCY_LIMIT"):
        Server(__name__)._provide()


async def test_the_default_limit_of_the_app_rules(client: Client) -> None:
    app, both = Server(__name__), asyncio.Barrier(2)

    @app.api
    async def meet() -> None:
        await both.wait()  # ends when two run at once

    app.configure(default_concurrency_limit=2)
    api = client(app)
    for _ in "ab":
        await api.join("meet")
    assert [m["success"] for m in await api.read() if m["msg"] == "process_completed"] == [True] * 2


async def test_a_newer_reader_replaces_the_older(gate: Gate, client: Client, live: Any) -> None:
    api = client(gate.app())
    event = await api.join("hold", "a")
    async with api.open() as first:
        old = await live(first)
        while json.loads((await old.next()).data)["msg"] != "process_starts":
            pass
        reading = asyncio.create_task(api.http.get("/gradio_api/queue/data?session_hash=s"))
        goodbye = json.loads((await old.next()).data)
        assert (goodbye["msg"], goodbye["session_not_found"]) == ("unexpected_error", False)
        assert await old.next() is None
        gate.opened.set()
        lines = (await (await reading).get_data(as_text=True)).split("\n\n")[:-1]
        messages = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [(m["msg"], m["event_id"]) for m in messages] == [
        ("process_completed", event),
        ("close_stream", None),
    ]


# --- cancel --------------------------------------------------------------------------------------


async def test_cancel_of_async_code_reaches_it(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    event, other = await api.join("wait", "a"), await api.join("wait", "b")
    assert {await gate.running.get(), await gate.running.get()} == {"a", "b"}
    for fn, session in (("wait", "stranger"), ("hold", "s")):
        await api.cancel(fn, event, session)
    await api.cancel("wait", event)
    assert await gate.closed.get() == "a"  # CANCEL-004; and only this one (CANCEL-007)
    assert gate.closed.empty()
    await api.cancel("wait", event)
    await api.cancel("wait", other)
    messages = await api.read()
    ends = [m for m in messages if m["msg"] == "process_completed"]
    assert [(m["event_id"], m["output"], m["success"], m["cancelled"]) for m in ends] == [
        (event, {}, True, True),
        (other, {}, True, True),
    ]
    assert messages[-1]["msg"] == "close_stream"


async def test_cancel_of_a_generator_stops_it_at_its_next_step(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    event = await api.join("steps", "a")
    await gate.running.get()
    await api.cancel("steps", event)
    gate.opened.set()
    assert await gate.closed.get() == "a"
    messages = await api.read()
    assert len([m for m in messages if m["msg"] == "process_generating"]) <= 1
    assert messages[-2]["output"] == {}


async def test_a_cancelled_function_keeps_its_slot_until_it_returns(
    gate: Gate, client: Client
) -> None:
    api = client(gate.app())
    first, second = await api.join("hold", "a"), await api.join("hold", "b")
    await gate.running.get()
    await api.cancel("hold", first)
    assert await api.waiting() == 1  # CANCEL-015
    gate.opened.set()
    assert await gate.running.get() == "b"
    ends = [m for m in await api.read() if m["msg"] == "process_completed"]
    assert [(m["event_id"], m["output"] == {}) for m in ends] == [(first, True), (second, False)]


async def test_a_cancelled_call_is_an_error_event(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    event_id = (await api.answer("/call/wait", {"data": ["a"]}))["event_id"]
    await api.cancel("wait", event_id, event_id)
    [(event, data)] = await api.result("wait", event_id)
    assert (event, json.loads(data)["error"]) == ("error", "cancelled")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"session_hash": "s", "fn_index": 0, "event_id": None},
        {"session_hash": "s", "fn_index": "0", "event_id": "e"},
        {"session_hash": 1, "fn_index": 0, "event_id": "e"},
    ],
)
async def test_ill_typed_cancels_are_refused(gate: Gate, client: Client, body: Any) -> None:
    response = await client(gate.app()).post("/cancel", body)
    assert response.status_code == 422


async def test_cancel_and_reset_of_nothing_succeed(gate: Gate, client: Client) -> None:
    api = client(gate.app())
    await api.cancel("hold", "nope")
    assert await api.answer("/reset", {"event_id": "nope"}) == {"success": True}
    assert (await api.post("/reset", {})).status_code == 422


# --- disconnects and shutdown --------------------------------------------------------------------


async def test_a_reader_that_goes_away_takes_its_events_along(
    gate: Gate, client: Client, live: Any
) -> None:
    api = client(gate.app())
    await api.join("steps", "a")
    await api.join("wait", "b")
    await api.join("steps", "never")
    other = await api.join("steps", "other", session="t")
    async with api.open() as connection:
        stream = await live(connection)
        while json.loads((await stream.next()).data)["msg"] != "process_generating":
            pass
        await connection.disconnect()
    assert await gate.closed.get() == "b"
    gate.opened.set()
    assert await gate.closed.get() == "a"  # SSE-021
    assert await gate.closed.get() == "other"  # SSE-020: "never" never ran
    assert (await api.read("t"))[-2]["event_id"] == other
    assert (await client(api.app).run_through("echo", 1))[-1]["msg"] == "close_stream"  # SSE-022


async def test_a_direct_call_whose_client_goes_away_is_stopped(
    gate: Gate, client: Client, live: Any
) -> None:
    api = client(gate.app())
    headers = {"Content-Type": "application/json"}
    path = "/gradio_api/run/wait"
    async with api.http.request(path, method="POST", headers=headers) as connection:
        await connection.send(b'{"data": ["a"]}')
        await connection.send_complete()
        await gate.running.get()
        await connection.disconnect()
    assert await gate.closed.get() == "a"


async def test_a_stopping_server_says_goodbye(gate: Gate, client: Client, live: Any) -> None:
    app = gate.app()
    api = client(app)
    await api.join("wait", "a")
    event_id = (await api.answer("/call/wait", {"data": ["b"]}))["event_id"]
    async with api.open() as connection, api.open_call(event_id) as other:
        stream, call = await live(connection), await live(other)
        while json.loads((await stream.next()).data)["msg"] != "process_starts":
            pass
        await gate.running.get()
        app.say_goodbye()
        last = json.loads((await stream.next()).data)
        assert (last["msg"], last["session_not_found"]) == ("unexpected_error", False)
        assert await stream.next() is None
        assert (await call.next()).event == "error"
        assert await call.next() is None
    body = {"data": [1], "fn_index": 3, "session_hash": "s"}
    assert (await api.post("/queue/join", body)).status_code == 503
    assert {await gate.closed.get(), await gate.closed.get()} == {"a", "b"}
