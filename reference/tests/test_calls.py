# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, no-untyped-def, empty-body"
"""What functions do, as the three ways of calling show it: queue, call and run."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gradio_reference import Error
from gradio_reference import Info
from gradio_reference import Progress
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import Success
from gradio_reference import Warning  # noqa: A004 - Gradio's name

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
BASE: contextvars.ContextVar[str] = contextvars.ContextVar("BASE", default="unset")


def make(fn: Any, **options: Any) -> Server:
    app = Server(__name__)
    app.api(name="fn", **options)(fn)
    return app


def outputs(messages: list[dict[str, Any]]) -> list[Any]:
    return [message["output"]["data"] for message in messages if "output" in message]


async def test_the_three_ways_agree(client: Client) -> None:
    """NET-007, NaN and defaults included."""

    def fn(value: Any, times: int = 2) -> tuple[Any, list[float]]:
        return [value] * times, [float("nan")]

    api = client(make(fn))
    expected = [["é", "é"], [None]]
    queued = await api.outcome("fn", "é")
    assert queued["output"]["data"] == expected
    [(event, data)] = await api.call("fn", "é", 2, "surplus")
    assert (event, json.loads(data)) == ("complete", expected)
    direct = await api.answer("/run/fn", {"data": ["é"]})
    assert direct["data"] == expected
    assert direct == await api.answer("/api/fn/", {"data": ["é"]}) | {
        name: direct[name] for name in ("duration", "average_duration")
    }
    assert direct["is_generating"] is False


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_generators(client: Client, asynchronous: bool) -> None:
    def fn(values: list[Any]) -> Any:
        yield from values

    async def afn(values: list[Any]) -> Any:
        for value in values:
            yield value

    api = client(make(afn if asynchronous else fn))
    messages = await api.run_through("fn", ["a", "ab", [1]])
    assert outputs(messages) == [["a"], [[["append", [], "b"]]], [[["replace", [], [1]]]], [[1]]]
    assert outputs(await api.run_through("fn", [])) == [[None]]  # EVT-011
    simple = await api.run_through("fn", ["a", "ab"], simple_format=True)
    assert outputs(simple) == [["a"], ["ab"], ["ab"]]  # JOIN-021
    assert await api.call("fn", ["a", "ab"]) == [
        ("generating", '["a"]'),
        ("generating", '["ab"]'),
        ("complete", '["ab"]'),
    ]
    for _ in "ab":  # RUN-005
        direct = await api.answer("/run/fn", {"data": [["a", "b"]]})
        assert (direct["data"], direct["is_generating"]) == (["a"], True)


async def test_a_mutated_value_is_sent_as_it_was_when_yielded(client: Client) -> None:
    def fn() -> list[int]:
        value: list[int] = []
        for number in range(3):
            value.append(number)
            yield value

    api = client(make(fn))
    await api.run_through("fn")  # the monitor applies the edits and compares with the result
    events = await api.call("fn")
    assert [json.loads(data) for _, data in events] == [[[0]], [[0, 1]], [[0, 1, 2]], [[0, 1, 2]]]


async def test_outputs_are_counted(client: Client) -> None:
    def fn(values: list[int]) -> tuple[int, int]:
        return tuple(values)  # type: ignore[return-value]

    api = client(make(fn))
    assert (await api.outcome("fn", [1, 2, 3]))["output"]["data"] == [1, 2]
    assert (await api.outcome("fn", [1]))["success"] is False


async def test_no_outputs(client: Client) -> None:
    def fn() -> None: ...

    api = client(make(fn))
    assert (await api.outcome("fn"))["output"]["data"] == []


@pytest.mark.parametrize(
    ("show_error", "expected"),
    [(False, {"error": None}), (True, {"error": "oh", "visible": True})],
)
async def test_ordinary_exceptions(client: Client, show_error: bool, expected: Any) -> None:
    def fn(exit_: bool) -> str:
        if exit_:
            raise SystemExit("oh")
        raise ValueError("oh")

    app = make(fn)
    app.configure(show_error=show_error)
    api = client(app)
    for exit_ in (False, True):  # NET-006
        failed = await api.outcome("fn", exit_)
        assert (failed["success"], failed["output"], failed["title"]) == (False, expected, "Error")
        assert await api.call("fn", exit_) == [
            ("error", json.dumps(expected, separators=(",", ":")))
        ]
        response = await api.post("/run/fn", {"data": [exit_]})
        assert (response.status_code, await response.get_json()) == (500, expected)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_async_functions_may_exit_too(client: Client, asynchronous: bool) -> None:
    async def fn() -> str:
        raise SystemExit

    async def generator() -> str:
        yield "a"
        raise KeyboardInterrupt

    api = client(make(generator if asynchronous else fn))
    assert (await api.outcome("fn"))["success"] is False
    assert (await api.outcome("fn"))["success"] is False


async def test_an_error_for_the_user(client: Client) -> None:
    def fn(steps: int) -> int:
        yield from range(steps)
        raise Error("no", duration=None, visible=False, title="Stop")

    api = client(make(fn))
    for steps in (0, 2):
        messages = await api.run_through("fn", steps)
        failed = messages[-2]
        assert failed["output"] == {
            "error": "no",
            "duration": None,
            "visible": False,
            "title": "Stop",
        }
        assert failed["title"] == "Stop"  # EVT-020, also after chunks
        chunks = [m for m in messages if m["msg"] == "process_generating"]
        assert len(chunks) == steps  # EVT-016


@pytest.mark.parametrize("value", [{1: "x"}, object(), "\ud800"], ids=["key", "object", "text"])
async def test_what_is_not_json_fails_only_its_own_event(client: Client, value: Any) -> None:
    def fn(bad: bool) -> Any:
        return value if bad else "good"

    api = client(make(fn))
    bad, good = await api.join("fn", True), await api.join("fn", False)
    ends = {m["event_id"]: m for m in await api.read() if m["msg"] == "process_completed"}
    assert (ends[bad]["success"], ends[good]["success"]) == (False, True)
    assert (await api.call("fn", True))[0][0] == "error"
    assert (await api.post("/run/fn", {"data": [True]})).status_code == 500


async def test_logs_come_in_order_and_in_time(client: Client) -> None:
    def fn() -> str:
        Info("1")
        yield "a"
        Warning("2", duration=None, visible=False, title="T")
        Success("3\ud800")
        yield "ab"

    messages = await client(make(fn)).run_through("fn")
    assert [m["msg"] for m in messages][2:7] == [
        "log",
        "process_generating",
        "log",
        "log",
        "process_generating",
    ]
    logs = [m for m in messages if m["msg"] == "log"]
    assert [(m["log"], m["level"], m["title"]) for m in logs] == [
        ("1", "info", "Info"),
        ("2", "warning", "T"),
        ("3?", "success", "Success"),
    ]
    assert [(m["duration"], m["visible"]) for m in logs] == [(10, True), (None, False), (10, True)]


def test_outside_an_event_logs_and_progress_do_nothing() -> None:
    Info("x")
    progress = Progress()
    progress(0.5)
    assert list(progress.tqdm([1, 2])) == [1, 2]
    Progress(track_tqdm=True)(0.5)


async def test_progress_shows_the_whole_stack(client: Client, live: Any) -> None:
    seen: asyncio.Queue[None] = asyncio.Queue()

    async def fn(progress=Progress()) -> None:  # noqa: B008
        progress((1, 4), desc="start", unit="files")
        await seen.get()
        for _ in progress.tqdm("ab", desc="outer"):
            for _ in progress.tqdm(range(2), desc="inner", unit="ch"):
                await seen.get()
        progress(float("nan"), total=3)
        await seen.get()

    api = client(make(fn))
    await api.join("fn")
    shown = []
    async with api.open() as connection:
        stream = await live(connection)
        while (event := await stream.next()) is not None:
            message = json.loads(event.data)
            if message["msg"] == "progress":
                shown.append([tuple(unit.values()) for unit in message["progress_data"]])
                seen.put_nowait(None)

    def nested(outer: int, inner: int) -> list[Any]:
        return [(outer, 2, "steps", None, "outer"), (inner, 2, "ch", None, "inner")]

    assert shown == [
        [(1, 4, "files", None, "start")],
        nested(1, 0),
        nested(1, 1),
        nested(2, 0),
        nested(2, 1),
        [(None, 3, "steps", None, None)],
    ]


async def test_the_request_is_injected(client: Client) -> None:
    def fn(request: Request, text: str, again: Request | None) -> dict[str, Any]:
        assert again is request
        return {
            "session": request.session_hash,
            "header": request.headers.get("x-Test"),
            "query": dict(request.query_params),
            "cookie": request.cookies.get("c"),
            "client": request.client.host,
            "user": request.username,
        }

    app = make(fn)
    expected = {
        "session": "s",
        "header": "h",
        "query": {"q": "2"},
        "cookie": "1",
        "client": None,
        "user": None,
    }
    response = await app.test_client().post(
        "/gradio_api/run/fn?q=1&q=2",
        json={"data": ["x"], "session_hash": "s"},
        headers={"X-Test": "h", "Cookie": "c=1"},
    )
    [seen] = (await response.get_json())["data"]
    assert seen | {"client": None} == expected
    api = client(app)
    event_id = (await api.answer("/call/v2/fn", {"text": "x"}))["event_id"]
    [(_, data)] = await api.result("fn", event_id)
    assert json.loads(data)[0]["session"] == event_id  # CALL-024


async def test_batches(client: Client, live: Any) -> None:
    gate = threading.Event()

    def fn(texts: tuple[str, ...], suffix: tuple[str, ...] = ("?",)) -> list[list[str]]:
        gate.wait(20)
        return [[f"{text}{len(texts)}" for text in texts]]

    fn.__annotations__["return"] = str
    api = client(make(fn, batch=True, max_batch_size=2))
    events = [await api.join("fn", text) for text in "abcd"]
    gate.set()
    ends = {m["event_id"]: m["output"] for m in await api.read() if "output" in m}
    assert [ends[event]["data"] for event in events] == [["a1"], ["b2"], ["c2"], ["d1"]]
    direct = await api.answer("/run/fn", {"data": ["x"]})
    assert direct["data"] == ["x1"]  # QUEUE-018


@pytest.mark.parametrize("returned", [None, [["a"]], [["a", "b"], "no"]])
async def test_a_wrong_batch_result_fails_every_member(client: Client, returned: Any) -> None:
    gate = threading.Event()

    def fn(texts: str) -> tuple[str, str]:
        gate.wait(20)
        return returned  # type: ignore[no-any-return]

    api = client(make(fn, batch=True))
    for text in "abc":
        await api.join("fn", text)
    gate.set()
    ends = [m["success"] for m in await api.read() if m["msg"] == "process_completed"]
    assert ends == [False] * 3


@pytest.mark.parametrize("kind", ["function", "generator", "async"])
async def test_the_time_limit_ends_an_event(client: Client, kind: str) -> None:
    gate = threading.Event()

    def function() -> str:
        gate.wait(20)
        return "late"

    def generator() -> str:
        yield "early"
        gate.wait(20)
        yield "late"

    async def coroutine() -> str:
        await asyncio.Event().wait()
        return "late"

    fn = {"function": function, "generator": generator, "async": coroutine}[kind]
    api = client(make(fn, time_limit=0.05))
    failed = await api.outcome("fn")
    gate.set()
    assert failed["success"] is False
    assert "0.05 s" in failed["output"]["error"]
    if kind != "generator":  # of which a direct call takes the first yield only
        gate.clear()
        response = await api.post("/run/fn", {"data": []})
        gate.set()
        assert response.status_code == 500


async def test_functions_see_the_context_the_server_was_made_in(client: Client) -> None:
    BASE.set("made")

    def fn() -> str:
        seen = BASE.get()
        BASE.set("changed inside")
        yield seen
        yield BASE.get()

    app = make(fn)
    BASE.set("changed later")
    for _ in "ab":
        assert outputs(await client(app).run_through("fn"))[-1] == ["changed inside"]
        assert outputs(await client(app).run_through("fn"))[0] == ["made"]


async def test_too_few_data(client: Client) -> None:
    def fn(a: int, b: int) -> int: ...

    api = client(make(fn))
    failed = await api.outcome("fn", 1)  # JOIN-019
    assert (failed["success"], "'b'" in failed["output"]["error"]) == (False, True)
    assert (await api.call("fn"))[0][0] == "error"
    response = await api.post("/run/fn", {"data": [1]})
    assert response.status_code == 422
    assert (await response.get_json())["detail"][0]["loc"] == ["body", "data", 1]


async def test_call_v2_takes_names(client: Client) -> None:
    def fn(a: int, b: int = 2) -> list[int]:
        return [a, b]

    api = client(make(fn))
    event_id = (await api.answer("/call/v2/fn/", {"a": 1}))["event_id"]
    response = await api.http.get(f"/gradio_api/call/v2/fn/{event_id}")
    assert b"[[1,2]]" in await response.get_data()
    for body, loc in [({}, "a"), ({"a": 1, "c": 3}, "c")]:  # CALL-015
        response = await api.post("/call/v2/fn", body)
        assert response.status_code == 422
        [detail] = (await response.get_json())["detail"]
        assert detail["loc"] == ["body", loc]
        assert f"'{loc}'" in detail["msg"]


async def test_a_result_is_delivered_once_and_then_answered_at_once(client: Client) -> None:
    def fn(a: int) -> int:
        return a

    api = client(make(fn))
    event_id = (await api.answer("/call/fn", {"data": [1], "session_hash": "s"}))["event_id"]
    other = (await api.answer("/call/fn", {"data": [2], "session_hash": "s"}))["event_id"]
    assert await api.result("fn", event_id) == [("complete", "[1]")]
    assert await api.result("fn", other) == [("complete", "[2]")]  # CALL-019
    for unknown in (event_id, "nope"):
        [(event, data)] = await api.result("fn", unknown)
        assert event == "error"
        assert json.loads(data)["error"] == "Session not found."


async def test_unqueued_functions_run_although_the_queue_is_stuck(client: Client) -> None:
    gate = threading.Event()

    def fn() -> None:
        gate.wait(20)

    app = make(fn, concurrency_limit=None)
    app.configure(max_threads=1)

    @app.api(queue=False)
    def quick() -> str:
        gate.set()
        return "now"

    api = client(app)
    await api.join("fn")
    assert (await api.answer("/run/quick", {"data": []}))["data"] == ["now"]
    assert (await api.outcome("quick", session="t"))["output"]["data"] == ["now"]  # JOIN-020


async def test_fn_index_selects_in_preference_to_the_name(client: Client) -> None:
    app = Server(__name__)

    @app.api
    def zero() -> int:
        return 0

    @app.api
    def one() -> int:
        return 1

    api = client(app)
    for name in ("zero", "predict"):
        direct = await api.answer(f"/run/{name}", {"data": [], "fn_index": 1})
        assert direct["data"] == [1]


@pytest.mark.parametrize("printed", [True, False])
async def test_an_error_is_logged_unless_its_author_does_not_want_it(
    client: Client, printed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def fn() -> None:
        raise Error("for you", title="Stop", print_exception=printed)

    failed = await client(make(fn)).outcome("fn")
    assert failed["title"] == failed["output"]["title"] == "Stop"
    assert ("for you" in caplog.text) is printed


async def test_a_time_limit_keeps_what_was_yielded(client: Client) -> None:
    """What came before the limit has been delivered, and the error says why no more comes."""

    async def fn() -> str:
        yield "early"
        await asyncio.Event().wait()
        yield "late"

    api = client(make(fn, time_limit=0.05))
    messages = await api.run_through("fn")
    assert [m["msg"] for m in messages if "output" in m] == [
        "process_generating",
        "process_completed",
    ]
    assert messages[-2]["output"]["title"] == messages[-2]["title"] == "Error"
