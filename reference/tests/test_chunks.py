# Endpoints are small, and some are made for one test.
# mypy: disable-error-code="misc, no-untyped-def"
"""Streaming input: chunks for an event that runs."""

import asyncio
from collections.abc import Callable
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference.core.feeds import Feed
from gradio_reference.core.model import Function
from gradio_reference.core.scheduler import Scheduler

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]

total = State(0)
Total = Annotated[int, total]


def echo(text: str) -> str:
    if text == "fail":
        raise ValueError("as told")
    return text


def add(n: int, held: Total) -> tuple[int, Total]:
    return held + n, held + n


def make(*functions: Any, **options: Any) -> Server:
    app = Server(__name__)
    for function in functions:
        app.api(function, connection="stream", **options)
    return app


async def send(api: Any, event_id: str, *data: Any, **more: Any) -> int:
    response = await api.post(f"/stream/{event_id}", {"data": list(data), **more})
    return int(response.status_code)


async def close(api: Any, event_id: str) -> int:
    return int((await api.http.post(f"/gradio_api/stream/{event_id}/close")).status_code)


async def until(api: Any, stream: Any, reader: Any, wanted: str) -> dict[str, Any]:
    """The next message of this kind, all before it judged."""
    while True:
        event = await asyncio.wait_for(reader.next(), 10)
        assert event is not None, f"the stream ended before {wanted}"
        observed = api.monitor.message(stream, event.data)
        assert not observed.violations, observed.violations
        message = dict(observed.message or {})
        if message["msg"] == wanted:
            return message


async def test_each_chunk_is_a_call(client: Client, live: Any) -> None:
    api = client(make(echo))
    event_id = await api.join("echo", "first")
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        message = await until(api, stream, reader, "process_streaming")
        assert message["output"]["data"] == ["first"]
        assert message["output"]["is_generating"] is True
        assert message["time_limit"] is None
        for text in ("second", "third"):
            assert await send(api, event_id, text) == 200
            message = await until(api, stream, reader, "process_streaming")
            assert message["output"]["data"] == [text]  # in full, no edit
        assert await close(api, event_id) == 200
        message = await until(api, stream, reader, "process_completed")
        assert (message["success"], message["output"]["data"]) == (True, ["third"])
        assert message["output"]["is_generating"] is False
        await until(api, stream, reader, "close_stream")
    assert await send(api, event_id, "late") == 404
    assert await close(api, event_id) == 404


async def test_a_chunk_that_fails_ends_the_event(client: Client, live: Any) -> None:
    api = client(make(echo))
    event_id = await api.join("echo", "first")
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        await until(api, stream, reader, "process_streaming")
        assert await send(api, event_id, "fail") == 200
        message = await until(api, stream, reader, "process_completed")
        assert (message["success"], message["title"]) == (False, "Error")
    assert await send(api, event_id, "late") == 404


async def test_a_chunk_that_is_too_short_is_explained(client: Client, live: Any) -> None:
    api = client(make(echo))
    event_id = await api.join("echo", "first")
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        await until(api, stream, reader, "process_streaming")
        assert await send(api, event_id) == 200
        message = await until(api, stream, reader, "process_completed")
        assert "missing value for parameter 'text'" in message["output"]["error"]


@pytest.mark.parametrize("body", [{}, {"data": "no"}, [], {"data": None}])
async def test_a_chunk_without_data_is_refused(client: Client, body: Any) -> None:
    api = client(make(echo))
    response = await api.post("/stream/unknown", body)
    assert response.status_code == 422


async def test_unknown_events_take_no_chunks(client: Client) -> None:
    api = client(make(echo))
    assert await send(api, "unknown", "x") == 404
    assert await close(api, "unknown") == 404


async def test_other_events_take_no_chunks(client: Client, live: Any) -> None:
    app = Server(__name__)
    gate = asyncio.Event()

    @app.api
    async def steps() -> Any:
        yield 1
        await gate.wait()
        yield 2

    api = client(app)
    event_id = await api.join("steps")
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        await until(api, stream, reader, "process_generating")
        assert await send(api, event_id, "x") == 404
        assert await close(api, event_id) == 404
        gate.set()
        await until(api, stream, reader, "process_generating")
        await until(api, stream, reader, "process_completed")


async def test_state_is_that_of_the_join_whatever_a_chunk_says(client: Client, live: Any) -> None:
    api = client(make(add))
    event_id = await api.join("add", 1, None)
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        message = await until(api, stream, reader, "process_streaming")
        for more in ({}, {"session_hash": "other"}, {"session_hash": None}):
            assert await send(api, event_id, 1, 99, **more) == 200
            message = await until(api, stream, reader, "process_streaming")
        assert message["output"]["data"] == [4, None]
        await close(api, event_id)
        await until(api, stream, reader, "process_completed")
    for session, expected in (("s", 5), ("other", 1)):
        body = {"data": [1, None], "session_hash": session}
        assert (await api.answer("/run/add", body))["data"][0] == expected


async def test_a_chunk_that_comes_before_the_start_follows_the_join(
    client: Client, live: Any
) -> None:
    api = client(make(echo))
    first = await api.join("echo", "first", session="a")
    second = await api.join("echo", "second", session="b")
    assert await send(api, second, "lost") == 200
    assert await send(api, second, "third") == 200  # the last one counts
    assert await close(api, first) == 200
    assert [m["msg"] for m in await api.read("a")][-2:] == ["process_completed", "close_stream"]
    async with api.open("b") as connection:
        reader, stream = await live(connection), api.monitor.opened("b")
        seen = [await until(api, stream, reader, "process_streaming") for _ in range(2)]
        assert [message["output"]["data"] for message in seen] == [["second"], ["third"]]
        await close(api, second)
        await until(api, stream, reader, "process_completed")


@pytest.mark.parametrize("kind", ["function", "coroutine"])
async def test_cancel_and_departure_end_the_wait(client: Client, live: Any, kind: str) -> None:
    async def slow(text: str) -> str:
        return text

    function = echo if kind == "function" else slow
    api = client(make(function))
    event_id = await api.join(function.__name__, "x")
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        await until(api, stream, reader, "process_streaming")
        await api.cancel(function.__name__, event_id)
        assert (await until(api, stream, reader, "process_completed"))["output"] == {}
    assert await send(api, event_id, "late") == 404
    left = await api.join(function.__name__, "x", session="b")  # the place is free again
    async with api.open("b") as connection:
        reader, stream = await live(connection), api.monitor.opened("b")
        await until(api, stream, reader, "process_streaming")
        await connection.disconnect()
    again = await api.join(function.__name__, "x", session="c")
    assert await send(api, left, "late") == 404
    await close(api, again)
    assert (await api.read("c"))[-2]["msg"] == "process_completed"


async def test_the_time_limit_is_an_ordinary_end(client: Client) -> None:
    api = client(make(echo, time_limit=0.05, stream_every=0.1))
    messages = await api.run_through("echo", "x")
    assert [message["msg"] for message in messages[2:]] == [
        "process_streaming",
        "process_completed",
        "close_stream",
    ]
    assert messages[-2]["success"]
    assert 0 < messages[2]["time_limit"] < 0.05


async def test_a_simple_call_shows_what_came_of_chunks(client: Client, live: Any) -> None:
    api = client(make(echo))
    event_id = (await api.answer("/call/echo", {"data": ["a"]}))["event_id"]
    async with api.open_call(event_id) as connection:
        reader = await live(connection)
        assert (await reader.next()).data == '["a"]'
        assert await send(api, event_id, "b") == 200
        event = await reader.next()
        assert (event.event, event.data) == ("generating", '["b"]')
        await close(api, event_id)
        event = await reader.next()
        assert (event.event, event.data) == ("complete", '["b"]')
    answer = await api.answer("/run/echo", {"data": ["c"]})
    assert answer["data"] == ["c"]


async def test_the_end_of_the_heartbeat_closes_the_input(client: Client, live: Any) -> None:
    api = client(make(echo))
    event_id = await api.join("echo", "x")
    async with api.http.request("/gradio_api/heartbeat/s") as heart:
        await live(heart)
        async with api.open() as connection:
            reader, stream = await live(connection), api.monitor.opened("s")
            await until(api, stream, reader, "process_streaming")
            await heart.disconnect()
            message = await until(api, stream, reader, "process_completed")
    assert message["output"]["data"] == ["x"]
    assert await send(api, event_id, "late") == 404


async def test_only_the_user_who_joined_sends_chunks(client: Client) -> None:
    app = make(echo)

    def user(request: Request) -> str | None:
        return request.headers.get("x-user")

    app.configure(auth_dependency=user)
    api = client(app)

    async def post(path: str, who: str | None, body: Any = None) -> tuple[int, Any]:
        headers = {} if who is None else {"x-user": who}
        answer = await api.http.post("/gradio_api" + path, json=body or {}, headers=headers)
        return answer.status_code, await answer.get_json()

    joined = {"data": ["x"], "fn_index": 0, "session_hash": "s"}
    event_id = (await post("/queue/join", "ann", joined))[1]["event_id"]
    for who, status in ((None, 401), ("bob", 404)):
        assert (await post(f"/stream/{event_id}", who, {"data": ["y"]}))[0] == status
        assert (await post(f"/stream/{event_id}/close", who))[0] == status
    assert (await post(f"/stream/{event_id}", "ann", {"data": ["y"]}))[0] == 200
    assert (await post(f"/stream/{event_id}/close", "ann"))[0] == 200


async def test_what_config_says(client: Client) -> None:
    app = make(echo, time_limit=5, stream_every=0.2)
    config = await (await client(app).http.get("/config")).get_json()
    dependency = config["dependencies"][0]
    assert dependency["connection"] == "stream"
    assert (dependency["time_limit"], dependency["stream_every"]) == (5, 0.2)
    assert dependency["targets"] == [[dependency["inputs"][0], "stream"]]
    assert config["connect_heartbeat"] is True


def steps(text: str) -> Any:
    yield text


@cache
def cached(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (steps, {}, "a generator is none"),
        (cached, {}, "@cache"),
        (echo, {"batch": True}, "batch=True"),
        (echo, {"stream_every": 0}, "stream_every"),
        (echo, {"connection": "ws"}, "connection must be one of"),
    ],
)
def test_bad_options_are_named(function: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Server(__name__).api(function, **{"connection": "stream", **options})


def test_the_time_of_a_feed() -> None:
    feed = Feed(limit=2.0)
    assert feed.patience == 2.0
    feed.ran(0.5)
    assert (feed.finished, feed.left, feed.patience) == (False, 1.5, 1.5)
    feed.ran(1.4)
    assert not feed.finished
    feed.ran(0.1)
    assert (feed.finished, feed.left, feed.patience) == (True, 1.5, 0.0)
    endless = Feed()
    endless.ran(100.0)
    assert (endless.finished, endless.left, endless.patience) == (False, None, 30.0)
    endless.closed = True
    assert endless.finished


def test_what_is_expected_of_a_streaming_function_is_its_first_output() -> None:
    scheduler = Scheduler([Function(0, "g", streams=True)])
    event = scheduler.join(0, "s", "e")
    job = scheduler.next_runnable(0.0)
    assert job is not None
    scheduler.started(job)
    assert event.feed is not None
    event.feed.ran(0.5)
    scheduler.completed(job, [["x"]], 100.0)
    assert scheduler.durations.mean(0) == 0.5
