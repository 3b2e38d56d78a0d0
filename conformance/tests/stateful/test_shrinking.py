"""Shrinking is pure: whatever fails stays failing and only gets simpler."""

from __future__ import annotations

from collections.abc import Callable

from gradio_conformance.stateful.script import Call
from gradio_conformance.stateful.script import Cancel
from gradio_conformance.stateful.script import Join
from gradio_conformance.stateful.script import Open
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import Step
from gradio_conformance.stateful.shrinking import shrunk

LONG: tuple[Step, ...] = (
    Open("B", hurried=True),
    Join("e1", "B", "yields", [[1, 2]], hurried=True),
    Call("c2", "B", "tokens_async", ["a b"]),
    Open("C"),
    Join("e3", "C", "hold_two", ["$gate"]),
    Cancel("e3", "stranger", hurried=True),
    Open("B"),
)
PLENTY_S = 60.0


def when(condition: Callable[[Script], bool]) -> Callable[[Script], Script | None]:
    return lambda script: script if condition(script) else None


def labels(script: Script) -> list[str]:
    return [step.event for step in script.steps if isinstance(step, Join | Cancel)]


def test_what_is_not_needed_goes() -> None:
    small = shrunk(Script(LONG), when(lambda script: labels(script)[-2:] == ["e3", "e3"]), PLENTY_S)
    assert small.steps == (Join("e3", "A", "echo", [None]), Cancel("e3", "stranger"))


def test_what_is_needed_stays() -> None:
    def fails(script: Script) -> bool:
        kinds = [type(step) for step in script.steps]
        hurried = any(step.hurried for step in script.steps)
        return kinds.count(Open) >= 2 and hurried

    small = shrunk(Script(LONG), when(fails), PLENTY_S)
    assert [type(step) for step in small.steps] == [Open, Open]
    assert sum(step.hurried for step in small.steps) == 1


def test_nothing_is_tried_without_time() -> None:
    tried: list[Script] = []
    assert shrunk(Script(LONG), tried.append, 0.0) == Script(LONG)
    assert tried == []
