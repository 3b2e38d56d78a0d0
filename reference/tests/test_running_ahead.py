# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value"
"""Generators in threads run ahead of the loop: what comes of it is what it was without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Info
from gradio_reference import Progress
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import context
from gradio_reference.context import RunContext

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]
MANY = 300
COUNT: State[int] = State(0)


async def test_logs_progress_and_chunks_keep_their_order(client: Client) -> None:
    app = Server(__name__)

    @app.api
    def steps(progress: Progress = Progress()) -> int:  # noqa: B008
        for number in range(MANY):
            progress((number, MANY))
            Info(str(number))
            yield number

    api = client(app)
    await api.join("steps")
    told = [item for item in await api.read() if item["msg"] in ("log", "process_generating")]
    assert [item["msg"] for item in told] == ["log", "process_generating"] * MANY
    assert [item["log"] for item in told[::2]] == [str(number) for number in range(MANY)]


async def test_a_failure_comes_after_all_that_was_yielded(client: Client) -> None:
    app = Server(__name__)

    @app.api
    def steps() -> int:
        yield from range(MANY)
        raise RuntimeError("over")

    api = client(app)
    await api.join("steps")
    messages = await api.read()
    kinds = [item["msg"] for item in messages]
    assert kinds.count("process_generating") == MANY
    assert kinds[-2:] == ["process_completed", "close_stream"]
    assert messages[-2]["success"] is False


async def test_a_direct_call_takes_no_step_too_many(client: Client) -> None:
    app = Server(__name__)
    taken: list[int] = []

    @app.api
    def steps() -> int:
        for number in range(MANY):
            taken.append(number)
            yield number

    answer = await client(app).answer("/run/steps", {"data": []})
    assert answer["data"] == [0]  # RUN-005
    assert taken == [0]


async def test_a_step_that_changes_state_comes_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Server(__name__)

    @app.api
    def steps(before: Annotated[int, COUNT]) -> tuple[int, Annotated[int, COUNT]]:
        for number in range(20):
            yield number, before + number

    @app.api
    def now(value: Annotated[int, COUNT]) -> int:
        return value

    monkeypatch.setattr(RunContext, "hand", None)  # nobody is to use it here
    api = client(app)
    await api.join("steps", None)
    await api.read()
    await api.join("now", None)
    assert (await api.read())[-2]["output"]["data"] == [19]


async def test_what_is_large_or_has_parts_is_handed_over_alone() -> None:
    reports = RunContext(asyncio.get_running_loop(), lambda pending: None)
    assert reports.hand(["a", 1, None, 2.5])
    assert not reports.hand(["a" * context.SMALL])
    assert not reports.hand([["a"]])
    assert not reports.hand([{"a": 1}])
    assert not reports.hand([b"a"])
    reports.flush()
    assert sum(reports.hand([number]) for number in range(context.MOST_AHEAD)) == (
        context.MOST_AHEAD - 1
    )
    reports.flush()
    reports.pause()
    assert not reports.hand(["a"])
    reports.resume()
    assert reports.hand(["a"])
    reports.flush()
