# Options that are refused are wrong to mypy as well.
# mypy: disable-error-code="call-overload, untyped-decorator"
"""Cached functions, as clients meet them."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Error
from gradio_reference import FileData
from gradio_reference import Info
from gradio_reference import Progress
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
held = State(0)


def counted(**options: Any) -> tuple[Server, list[Any]]:
    app, calls = Server(__name__), []

    @app.api(name="fn")
    @cache(**options)
    def fn(value: Any, times: int = 2) -> list[Any]:
        calls.append(value)
        Info("ran")
        return [value] * times

    return app, calls


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["msg"] for message in messages]


async def test_a_remembered_call_neither_waits_nor_runs(client: Client) -> None:
    """EVT-029, and that equal means equal as JSON, defaults filled in."""
    app, calls = counted()
    api = client(app)
    first = (await api.run_through("fn", "a"))[-2]
    assert [first[name] for name in ("used_cache", "cache_duration", "avg_time")] == [None] * 3
    again = await api.run_through("fn", "a", 2, "surplus")
    assert kinds(again) == ["process_completed", "close_stream"]
    [end, _] = again
    assert end["output"]["data"] == first["output"]["data"] == [["a", "a"]]
    assert (end["used_cache"], end["success"], end["title"]) == ("full", True, None)
    assert end["cache_duration"] == end["output"]["duration"] >= 0
    assert end["avg_time"] == end["output"]["average_duration"] == first["output"]["duration"]
    assert calls == ["a"]
    for value in (1, True, 1.0, "1", [1], None):
        await api.outcome("fn", value)
    assert len(calls) == 7


async def test_the_three_ways_share_it(client: Client) -> None:
    app, calls = counted()
    api = client(app)
    fresh = await api.answer("/run/fn", {"data": ["a"]})
    again = await api.answer("/run/fn", {"data": ["a"]})
    assert (fresh["used_cache"], again["used_cache"]) == (None, "partial")
    assert again["data"] == fresh["data"] == [["a", "a"]]
    assert await api.call("fn", "a") == [("complete", '[["a", "a"]]'.replace(", ", ","))]
    assert (await api.outcome("fn", "a"))["used_cache"] == "full"
    assert calls == ["a"]


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_a_generator_is_played_again(client: Client, asynchronous: bool) -> None:
    app, calls = Server(__name__), []

    @cache
    def fn(values: list[Any]) -> Any:
        calls.append(values)
        yield from values

    @cache
    async def afn(values: list[Any]) -> Any:
        calls.append(values)
        for value in values:
            yield value

    app.api(name="fn")(afn if asynchronous else fn)
    api = client(app)
    assert (await api.answer("/run/fn", {"data": [["a", "ab"]]}))["data"] == ["a"]
    assert len(calls) == 1  # which stopped at the first yield, so it is not known
    fresh = await api.run_through("fn", ["a", "ab"])
    again = await api.run_through("fn", ["a", "ab"])
    assert kinds(again) == ["process_generating"] * 2 + ["process_completed", "close_stream"]
    outputs = [[m["output"]["data"] for m in each if "output" in m] for each in (fresh, again)]
    assert outputs[0] == outputs[1] == [["a"], [[["append", [], "b"]]], ["ab"]]
    simple = await api.run_through("fn", ["a", "ab"], simple_format=True)
    assert [m["output"]["data"] for m in simple if "output" in m] == [["a"], ["ab"], ["ab"]]
    assert await api.call("fn", ["a", "ab"]) == [
        ("generating", '["a"]'),
        ("generating", '["ab"]'),
        ("complete", '["ab"]'),
    ]
    direct = await api.answer("/run/fn", {"data": [["a", "ab"]]})
    assert (direct["data"], direct["is_generating"]) == (["a"], True)
    assert len(calls) == 2
    assert kinds(await api.run_through("fn", []))[1] == "process_starts"
    assert (await api.outcome("fn", []))["output"]["data"] == [None]  # EVT-011


async def test_a_hit_is_answered_while_the_function_is_busy(client: Client) -> None:
    app, gate = Server(__name__), asyncio.Event()

    @app.api(name="fn")
    @cache
    async def fn(text: str) -> str:
        if text == "slow":
            await gate.wait()
        return text

    app.configure(max_size=1)
    api = client(app)
    await api.outcome("fn", "a")
    await api.join("fn", "slow", session="other")
    await api.join("fn", "slow", session="other")  # waits: the queue is full
    assert (await api.outcome("fn", "a"))["used_cache"] == "full"
    gate.set()
    await api.read("other")


async def test_failures_are_not_remembered(client: Client) -> None:
    app, calls = Server(__name__), []

    @app.api(name="fn")
    @cache
    def fn(text: str) -> str:
        calls.append(text)
        raise Error("no")

    @app.api(name="steps")
    @cache
    def steps(text: str) -> Any:
        calls.append(text)
        yield text
        raise Error("no")

    api = client(app)
    for name in ("fn", "steps"):
        for _ in "ab":
            assert (await api.outcome(name, "x"))["success"] is False
    assert len(calls) == 4


async def test_the_oldest_goes(client: Client) -> None:
    app, calls = counted(max_size=2)
    api = client(app)
    for value in "abacab":
        await api.outcome("fn", value)
    assert calls == ["a", "b", "c", "b"]


async def test_memory_is_bounded(client: Client) -> None:
    app, calls = counted(max_memory="1kb")
    api = client(app)
    for value in ("x" * 300, "y" * 300, "x" * 300, "z" * 600, "z" * 600, "y" * 300):
        await api.outcome("fn", value)
    assert [value[0] for value in calls] == ["x", "y", "x", "z", "z", "y"]
    app, calls = counted(max_memory=2000)
    api = client(app)
    for value in ("x" * 300, "y" * 300, "x" * 300, "z" * 300, "z" * 300):
        await api.outcome("fn", value)
    assert [value[0] for value in calls] == ["x", "y", "z"]


async def test_a_stream_that_outgrows_the_memory_is_let_go(client: Client) -> None:
    app, calls = Server(__name__), []

    @app.api(name="fn")
    @cache(max_memory=100)
    def fn(n: int) -> Any:
        calls.append(n)
        for i in range(n):
            yield "x" * i

    api = client(app)
    for n in (5, 5, 50, 50):
        await api.outcome("fn", n)
    assert calls == [5, 50, 50]


async def test_per_session_and_key(client: Client) -> None:
    app, calls = counted(per_session=True)
    api = client(app)
    for session in "abab":
        await api.outcome("fn", "x", session=session)
    for _ in "ab":
        await api.call("fn", "x")  # each a session of its own
    assert len(calls) == 4
    app, calls = counted(key=lambda inputs: inputs["value"].lower())
    api = client(app)
    for value in ("x", "X", 5, 5):
        await api.outcome("fn", value)  # 5 has no lower(): it is not remembered
    assert calls == ["x", 5, 5]


async def test_files_are_fetched_where_the_caller_is(client: Client, tmp_path: Path) -> None:
    made = tmp_path / "made.txt"
    made.write_text("text")
    app, calls = Server(__name__), []

    @app.api(name="fn")
    @cache
    def fn(name: str) -> FileData:
        calls.append(name)
        return FileData(path=str(made))

    app.configure(allowed_paths=[str(tmp_path)])
    api = client(app)
    await api.outcome("fn", "a")
    made.unlink()
    body = {"data": ["a"]}
    response = await api.http.post(
        "/gradio_api/run/fn", json=body, headers={"X-Forwarded-Host": "other.example"}
    )
    answer = await response.get_json()
    [file] = answer["data"]
    assert (answer["used_cache"], calls) == ("partial", ["a"])
    assert file["url"].startswith("http://other.example/gradio_api/file=")
    assert await (await api.http.get(file["url"].partition("example")[2])).get_data() == b"text"
    await asyncio.to_thread(Path(file["path"]).unlink)
    assert (await api.outcome("fn", "a"))["success"] is False  # gone, so it ran again
    assert calls == ["a", "a"]


async def test_other_code_runs_the_function() -> None:
    calls = []

    @cache
    def fn(text: str, progress: Progress = Progress()) -> str:  # noqa: B008
        calls.append(text)
        return text

    assert [fn("a"), fn("a")] == calls == ["a", "a"]
    Server(__name__).api(fn)


def takes_state(n: Annotated[int, held]) -> int:
    return n


def takes_request(request: Request, n: int) -> int:
    return n


@pytest.mark.parametrize(
    ("register", "problem"),
    [
        (lambda app: app.api(cache(takes_state)), "takes_state: a cached function cannot take or"),
        (lambda app: app.api(cache(takes_request)), "takes_request: a cached function cannot take"),
        (lambda app: app.api(batch=True)(cache(lambda: None)), "batch=True does not work with"),
        (lambda app: cache(max_size=0), "cache: max_size: 0 is not a positive number"),
        (lambda app: cache(max_memory="much"), "cache: max_memory: 'much' is no size"),
        (lambda app: cache(max_memory=True), "cache: max_memory"),
        (lambda app: cache(key="text"), "cache: key must be a function"),
        (lambda app: cache([].append), "cannot be marked"),
    ],
)
def test_what_cannot_be_cached_is_refused(register: Any, problem: str) -> None:
    with pytest.raises((TypeError, ValueError), match=problem):
        register(Server(__name__))


def test_a_partial_can_be_cached() -> None:
    def fn(a: str, b: str) -> str:
        return a + b

    Server(__name__).api(name="fn")(cache(functools.partial(fn, "a")))
