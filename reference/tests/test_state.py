# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, no-untyped-def, empty-body, valid-type, call-overload"
"""State of sessions, as clients of the server meet it.

No postponed annotations here: the server evaluates them, and some States are local.
"""

import asyncio
import contextvars
import json
import threading
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference.core.sessions import SessionStore
from gradio_reference.sessions import Sessions

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]

total = State(0)
words = State[list[str]](list)
Total = Annotated[int, total]
Words = Annotated[list[str], words]


def add(n: int, held: Total) -> tuple[int, Total]:
    return held + n, held + n


def read(held: Total) -> int:
    return held


def collect(word: str, so_far: Words, end: str = ".") -> tuple[list[str], Words, int]:
    found = [*so_far, word + end]
    return found, found, len(found)


def make(*functions: Any, **options: Any) -> Server:
    app = Server(__name__)
    for function in functions:
        app.api(function, **options)
    return app


async def value(api: Any, session: str | None, name: str = "read") -> Any:
    body = {"data": [None], "session_hash": session}
    return (await api.answer(f"/run/{name}", body))["data"][0]


async def test_every_way_of_calling_shares_the_state_of_a_session(client: Client) -> None:
    api = client(make(add, read))
    assert (await api.outcome("add", 1, 99))["output"]["data"] == [1, None]
    assert await api.answer("/run/add", {"data": [2, None], "session_hash": "s"}) | {
        "duration": 0,
        "average_duration": 0,
    } == {
        "data": [3, None],
        "is_generating": False,
        "duration": 0,
        "average_duration": 0,
        "render_config": None,
        "changed_state_ids": [],
        "used_cache": None,
    }
    event_id = (await api.answer("/call/add", {"data": [4], "session_hash": "s"}))["event_id"]
    assert await api.result("add", event_id) == [("complete", "[7,null]")]
    assert [await value(api, name) for name in ("s", "other", None, "")] == [7, 0, 0, 0]


async def test_calls_without_session_keep_nothing(client: Client) -> None:
    api = client(make(add, read))
    for _ in "ab":
        assert await api.call("add", 5) == [("complete", "[5,null]")]
        assert (await api.answer("/run/add", {"data": [5, None]}))["data"] == [5, None]
    event_id = (await api.answer("/call/v2/add", {"n": 3}))["event_id"]
    assert await api.result("add", event_id) == [("complete", "[3,null]")]
    assert await value(api, event_id) == 0


async def test_calls_may_leave_state_out(client: Client) -> None:
    """CALL-017: wherever it stands; what cannot be told apart is positional."""
    api = client(make(collect))
    for data in (["a", "!"], ["a", None, "!"], ["a", ["evil"], "!"], ["a", None, "!", "surplus"]):
        [(event, text)] = await api.call("collect", *data)
        assert (event, json.loads(text)) == ("complete", [["a!"], None, 1])
    event_id = (await api.answer("/call/v2/collect", {"word": "b"}))["event_id"]
    assert await api.result("collect", event_id) == [("complete", '[["b."],null,1]')]
    refused = await api.post("/call/v2/collect", {"word": "b", "so_far": []})
    assert refused.status_code == 422
    assert (await api.outcome("collect", "a"))["output"]["data"] == [["a."], None, 1]


async def test_first_values_are_each_sessions_own(client: Client) -> None:
    shared = State[list[int]]([])

    def grow(held: Annotated[list[int], shared]) -> int:
        held.append(1)
        return len(held)

    api = client(make(grow))
    assert [await value(api, session, "grow") for session in ("s", "s", "t")] == [1, 2, 1]
    assert shared.value == []


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_generators_store_at_each_step(client: Client, asynchronous: bool) -> None:
    app = make(read)

    @app.api(concurrency_limit=None)
    def steps(count: int, held: Total) -> Iterator[tuple[int, Total]]:
        for _ in range(count):
            held += 1
            yield held, held
        if count == 3:
            raise ValueError("after the third")

    @app.api(concurrency_limit=None)
    async def asteps(count: int, held: Total) -> AsyncIterator[tuple[int, Total]]:
        for step in steps(count, held):
            yield step

    api = client(app)
    name = "asteps" if asynchronous else "steps"
    messages = await api.run_through(name, 2, None)
    data = [message["output"]["data"] for message in messages if "output" in message]
    assert data == [[1, None], [[["replace", [], 2]], []], [2, None]]
    assert await value(api, "s") == 2
    assert not (await api.outcome(name, 3, None))["success"]
    assert await value(api, "s") == 5  # what was yielded before the failure stays
    direct = await api.answer(f"/run/{name}", {"data": [2, None], "session_hash": "s"})
    assert (direct["data"], direct["is_generating"]) == ([6, None], True)
    assert await value(api, "s") == 6
    outputs = next(e for e in app.endpoints if e.name == name).signature.outputs
    assert outputs == ({"type": "integer"}, total)


async def test_failures_and_cancels_store_nothing(client: Client) -> None:
    app = make(add, read)
    entered, leave = threading.Event(), threading.Event()

    @app.api()
    def fails(held: Total) -> tuple[int, Total]:
        raise ValueError("no")

    @app.api()
    def cannot_be_told(held: Total) -> tuple[object, Total]:
        return object(), held + 100

    @app.api()
    def stubborn(held: Total) -> tuple[int, Total]:
        entered.set()
        leave.wait(10)
        return 1, held + 100

    api = client(app)
    await api.outcome("add", 1, None)
    for name in ("fails", "cannot_be_told"):
        assert not (await api.outcome(name, None))["success"]
        response = await api.post(f"/run/{name}", {"data": [None], "session_hash": "s"})
        assert response.status_code == 500
    event_id = await api.join("stubborn", None)
    await asyncio.to_thread(entered.wait, 10)
    await api.cancel("stubborn", event_id)
    leave.set()
    await api.read()
    # Its slot is free only when it has ended (CANCEL-015): the next one starts after that.
    assert (await api.outcome("stubborn", None))["output"]["data"] == [1, None]
    assert await value(api, "s") == 101


async def test_a_batch_mixes_no_sessions(client: Client) -> None:
    """Each sample of a batch has the State of its own session."""
    app = make(add, read)
    gate, sizes = threading.Event(), []

    @app.api(batch=True, max_batch_size=4)
    def many(n: int, held: Total) -> tuple[int, Total]:
        gate.wait(10)
        sizes.append(len(n))  # type: ignore[arg-type]
        new = [a + b for a, b in zip(n, held, strict=True)]
        return new, new  # type: ignore[return-value]

    api = client(app)
    for session, n in (("a", 100), ("b", 200)):
        await api.outcome("add", n, None, session=session)
    for session in ("first", "a", "b"):
        await api.join("many", 1, None, session=session)
    gate.set()
    results = {}
    for session in ("first", "a", "b"):
        messages = await api.read(session)
        results[session] = messages[-2]["output"]["data"]
    assert results == {"first": [1, None], "a": [101, None], "b": [201, None]}
    assert sizes == [1, 2]
    assert [await value(api, session) for session in ("a", "b")] == [101, 201]
    direct = await api.answer("/run/many", {"data": [1, None], "session_hash": "a"})
    assert direct["data"] == [102, None]


async def test_listeners_are_told_and_not_called(client: Client) -> None:
    """changed_state_ids names a changed State that has a listener; clients start it."""
    app = Server(__name__)
    seen = State("")
    calls: list[str] = []

    @app.api()
    def see(
        text: str, now: Annotated[str, seen], held: Total
    ) -> tuple[Annotated[str, seen], Total]:
        return text, held + 1

    @app.api(on_change=seen)
    def noticed(now: Annotated[str, seen]) -> None:
        calls.append(now)

    api = client(app)
    config = await (await api.http.get("/config")).get_json()
    [state_id] = [target[0] for d in config["dependencies"] for target in d["targets"]]
    assert config["dependencies"][1]["targets"] == [[state_id, "change"]]
    changed = [(await api.outcome("see", text))["output"]["changed_state_ids"] for text in "xxy"]
    assert changed == [[state_id], [], [state_id]]
    direct = await api.answer("/run/see", {"data": ["z"], "session_hash": "s"})
    assert direct["changed_state_ids"] == [state_id]
    assert calls == []
    assert (await api.outcome("noticed"))["output"]["data"] == []
    assert calls == ["z"]


async def test_documents(client: Client) -> None:
    api = client(make(collect, add))
    config = await (await api.http.get("/config")).get_json()
    assert config["connect_heartbeat"] is True
    components = {item["id"]: item for item in config["components"]}
    first, second = config["dependencies"]
    kinds = [[components[i]["skip_api"] for i in first[side]] for side in ("inputs", "outputs")]
    assert kinds == [[False, True, False], [False, True, False]]
    assert second["inputs"][1] == second["outputs"][1] != first["inputs"][1]
    info = await (await api.http.get("/gradio_api/info")).get_json()
    endpoint = info["named_endpoints"]["/collect"]
    assert [p["parameter_name"] for p in endpoint["parameters"]] == ["word", "end"]
    assert [r["type"]["type"] for r in endpoint["returns"]] == ["array", "integer"]
    document = await (await api.http.get("/gradio_api/openapi.json")).get_json()
    body = document["paths"]["/gradio_api/call/v2/add"]["post"]["requestBody"]["content"]
    assert set(body["application/json"]["schema"]["properties"]) == {"n"}


async def test_an_app_without_state_wants_no_heartbeat(client: Client) -> None:
    def echo(text: str) -> str:
        return text

    api = client(make(echo))
    config = await (await api.http.get("/config")).get_json()
    assert config["connect_heartbeat"] is False
    assert {item["type"] for item in config["components"]} == {"api"}


async def test_a_first_value_that_cannot_be_made_fails_its_event(client: Client) -> None:
    def broken() -> int:
        raise ValueError("out of order")

    state = State(broken)

    def use(held: Annotated[int, state]) -> int:
        return held

    api = client(make(use))
    for _ in "ab":
        assert not (await api.outcome("use", None))["success"]
    assert (await api.post("/run/use", {"data": [None]})).status_code == 500


async def test_the_last_heartbeat_that_ends_runs_unload(client: Client) -> None:
    app = make(add, read)
    gone: asyncio.Queue[str | None] = asyncio.Queue()

    @app.unload
    async def bye(request: Request) -> None:
        await gone.put(request.session_hash)

    @app.unload
    def fails() -> None:
        raise ValueError("must not matter")

    api = client(app)
    await api.outcome("add", 1, None)

    async def alive(connection: Any) -> None:
        await connection.send_complete()
        assert await connection.receive() == b"data: ALIVE\n\n"

    async with api.http.request("/gradio_api/heartbeat/s") as one:
        await alive(one)
        async with api.http.request("/gradio_api/heartbeat/s") as other:
            await alive(other)
            await other.disconnect()
        async with api.http.request("/gradio_api/heartbeat/t") as third:
            await alive(third)
            await third.disconnect()
        assert await asyncio.wait_for(gone.get(), 10) == "t"
        assert gone.empty()
        await one.disconnect()
    assert await asyncio.wait_for(gone.get(), 10) == "s"
    assert await value(api, "s") == 1  # it lingers


async def test_an_expired_value_is_handed_to_its_callback(client: Client) -> None:
    loop, deleted = asyncio.get_running_loop(), asyncio.Queue[str]()

    def delete(value: str) -> None:
        loop.call_soon_threadsafe(deleted.put_nowait, value)

    note = State("", time_to_live=0.05, delete_callback=delete)

    def remember(text: str, held: Annotated[str, note]) -> tuple[str, Annotated[str, note]]:
        return held, text

    api = client(make(remember))
    assert (await api.outcome("remember", "kept"))["output"]["data"][1] is None
    while (found := await asyncio.wait_for(deleted.get(), 10)) != "kept":
        assert found == ""
    assert (await api.outcome("remember", "more"))["output"]["data"] == ["", None]


@pytest.mark.parametrize(
    ("make_state", "error", "message"),
    [
        (lambda: State(0, time_to_live=0), ValueError, "time_to_live"),
        (lambda: State(threading.Lock()), TypeError, "lock cannot be copied"),
    ],
)
async def test_a_wrong_state_is_refused(make_state: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make_state()


async def test_wrong_uses_are_refused() -> None:
    app = Server(__name__)

    def as_default(held: list[int] = total) -> None: ...  # type: ignore[assignment]

    def as_type(held: State) -> None: ...  # type: ignore[type-arg]

    for function in (as_default, as_type):
        with pytest.raises(ValueError, match=r"'held': write Annotated"):
            app.api(function)
    with pytest.raises(TypeError, match="on_change"):
        app.api(on_change=3)(read)
    with pytest.raises(ValueError, match="without inputs"):
        app.unload(read)
    with pytest.raises(ValueError, match="state_session_capacity"):
        app.configure(state_session_capacity=0)
    with pytest.raises(ValueError, match="state_linger"):
        app.configure(state_linger=0)
    app.prepare()
    with pytest.raises(RuntimeError, match="already runs"):
        app.unload(lambda: None)


async def test_a_session_that_has_gone_is_forgotten_after_the_linger() -> None:
    """With a clock of its own: an hour passes at once."""
    now, deleted = 1000.0, asyncio.Queue[int]()
    loop = asyncio.get_running_loop()
    held = State(
        0, delete_callback=lambda value: loop.call_soon_threadsafe(deleted.put_nowait, value)
    )
    store = SessionStore(capacity=10, linger=3600.0)
    base = contextvars.copy_context()
    sessions = Sessions(store, {held: 1}, [], base, clock=lambda: now)
    sessions.opened("s")
    assert sessions.keep({held: 7}, "s") == []
    sessions.closed(Request(session_hash="s"))
    now += 3599
    sessions.expire()
    assert (len(store), deleted.empty()) == (1, True)
    now += 1
    sessions.expire()
    assert await asyncio.wait_for(deleted.get(), 10) == 7
    assert len(store) == 0
    sessions.close()


async def test_more_sessions_than_the_capacity_forget_the_oldest(client: Client) -> None:
    app = make(add, read)
    app.configure(state_session_capacity=2)
    api = client(app)
    for session in "abac":
        await api.outcome("add", 1, None, session=session)
    assert [await value(api, session) for session in "ab"] == [2, 0]
