"""Validators, as the three ways of calling meet them, and as they may be written."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Error
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import validate

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
ROUTES = ("/queue/join", "/call/fn", "/call/v2/fn", "/run/fn")
held = State(7)


def make(validator: Any, *, show_error: bool = False, **options: Any) -> tuple[Server, list[Any]]:
    app, calls = Server(__name__), []

    @app.api(name="fn", validator=validator, **options)
    def fn(word: str, times: int = 2) -> str:
        calls.append((word, times))
        return "done"

    app.configure(show_error=show_error)
    return app, calls


def body(route: str, *data: Any) -> dict[str, Any]:
    if "v2" in route:
        return dict(zip(("word", "times"), data, strict=False))
    return {"data": list(data), "session_hash": "s", "fn_index": 0}


async def ask(api: Any, route: str, *data: Any) -> tuple[int, Any]:
    response = await api.post(route, body(route, *data))
    return response.status_code, await response.get_json()


def verdicts(word: Any, times: Any) -> tuple[Any, ...]:
    return validate(len(word) < 4, "too long"), validate(times > 0, "not positive")


def short(word, times):  # type: ignore[no-untyped-def]
    return list(verdicts(word, times))


async def short_on_the_loop(word: str, times: int) -> Any:
    return verdicts(word, times)


@pytest.mark.parametrize("validator", [short, short_on_the_loop])
@pytest.mark.parametrize("route", ROUTES)
async def test_a_refusal_names_each_input_and_nothing_runs(
    client: Client, route: str, validator: Any
) -> None:
    """JOIN-015: verdicts in the order of the inputs, the good ones as well."""
    app, calls = make(validator)
    api = client(app)
    status, answer = await ask(api, route, "abcdef", 1)
    assert status == 422
    assert answer["detail"] == [
        validate(False, "too long") | {"parameter_name": "word"},
        validate(True, "not positive") | {"parameter_name": "times"},
    ]
    assert not calls
    assert (await ask(api, route, "abc"))[0] == 200  # the default is judged too
    assert await api.waiting() in (0, 1)


async def test_what_it_accepts_runs(client: Client) -> None:
    app, calls = make(short)
    api = client(app)
    assert (await api.outcome("fn", "abc", 3))["success"] is True
    assert await api.call("fn", "abc") == [("complete", '["done"]')]
    assert (await api.answer("/run/fn", {"data": ["abc"]}))["data"] == ["done"]
    assert calls == [("abc", 3), ("abc", 2), ("abc", 2)]


@pytest.mark.parametrize(
    "returned", [None, [None, None], (validate(True, "fine"), None), [None, validate(True, "")]]
)
async def test_none_is_consent(client: Client, returned: Any) -> None:
    app, calls = make(lambda word, times: returned)
    assert (await ask(client(app), "/run/fn", "abc"))[0] == 200
    assert calls


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        (False, "returned 1 verdicts"),
        (validate(False, "one for two"), "returned 1 verdicts"),
        ([None], "returned 1 verdicts"),
        ([None, None, None], "returned 3 verdicts"),
        ([False, None], "verdict on 'word' is False"),
        ([None, {"is_valid": False}], "verdict on 'times' is {'is_valid': False}"),
    ],
)
async def test_what_is_no_verdict_is_no_consent(client: Client, returned: Any, text: str) -> None:
    app, calls = make(lambda word, times: returned, show_error=True)
    status, answer = await ask(client(app), "/queue/join", "abc")
    assert (status, text in answer["detail"]) == (400, True)
    assert not calls


async def test_what_it_raises_is_told_like_all_failures(client: Client) -> None:
    """EVT-017 to EVT-019, without an event."""

    def fails(word: str, times: int) -> None:
        raise Error("for you") if word == "own" else KeyError("secret")

    for shown in (False, True):
        app, calls = make(fails, show_error=shown)
        api = client(app)
        for route in ROUTES:
            assert await ask(api, route, "own") == (400, {"detail": "for you"})
            status, answer = await ask(api, route, "x")
            assert (status, "secret" in answer["detail"]) == (400, shown)
        assert not calls


async def test_one_input_needs_no_list(client: Client) -> None:
    app = Server(__name__)

    @app.api(validator=lambda word: validate(word != "x", "is x"), name="fn", batch=True)
    def fn(words: list[str]) -> list[list[str]]:
        return [words]

    api = client(app)
    assert (await ask(api, "/queue/join", "x"))[0] == 422  # of a batch: the inputs of one event
    assert (await api.outcome("fn", "y"))["output"]["data"] == ["y"]


async def test_it_sees_state_and_request(client: Client) -> None:
    app, seen = Server(__name__), []

    def look(request: Request, word: str, number: int) -> None:
        seen.append((word, number, request.session_hash))

    @app.api(name="fn", validator=look)
    def fn(word: str, number: Annotated[int, held]) -> str:
        return word

    await client(app).outcome("fn", "a", None)
    assert seen == [("a", 7, "s")]


async def test_data_that_no_call_can_have_are_refused_as_ever(client: Client) -> None:
    """JOIN-019: the event fails; RUN-006: 422."""
    app, _ = make(short)
    api = client(app)
    assert "word" in (await api.outcome("fn"))["output"]["error"]
    assert (await ask(api, "/run/fn"))[0] == 422


async def test_a_full_queue_asks_no_validator(client: Client) -> None:
    asked: list[str] = []
    app = Server(__name__)

    @app.api(name="fn", concurrency_limit=1, validator=asked.append)
    async def fn(word: str) -> str:
        async with gate:
            return word

    gate = asyncio.Lock()
    app.configure(max_size=1)
    api = client(app)
    async with gate:
        for word in "ab":
            await api.join("fn", word)
        assert (await ask(api, "/queue/join", "c"))[0] == 503
    assert asked == ["a", "b"]
    await api.read()


def generates(word: str, times: int) -> Any:
    yield


@pytest.mark.parametrize(
    ("validator", "problem"),
    [
        ("text", "fn: validator must be a function, not 'text'"),
        (lambda word: None, "fn: validator takes 1 inputs, the function 2"),
        (generates, "fn: validator must not yield"),
    ],
)
def test_bad_validators_are_refused(validator: Any, problem: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(problem)):
        make(validator)
