"""What a driver's lines are taken to mean."""

from __future__ import annotations

from typing import Any

import pytest

from gradio_conformance.eras.judging import outcomes
from gradio_conformance.eras.judging import worded
from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import matrix

TASKS = {task.id: task for task in matrix().tasks}
CONNECTED = {"report": "connect", "end": "result"}
FILE = {"$content": "hello\nfile\n"}


def came_of(task: str, **line: Any) -> Outcome:
    said = {"report": "task", "task": task, "values": [], **line}
    return outcomes([TASKS[task]], [CONNECTED, said], None)[task]


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ("echo", {"values": ["hello"], "end": "result"}),
        ("generator", {"values": ["one", "one two", "one two three"], "end": "result"}),
        ("generator", {"values": ["one", "one two", *["one two three"] * 2], "end": "result"}),
        ("error", {"end": "failed", "message": "AppError: no way"}),
        ("file", {"values": [FILE], "end": "result"}),
        ("cancel", {"values": [0], "end": "cancelled"}),
        ("cancel", {"values": [0, 1], "end": "result"}),
    ],
)
def test_as_it_must(task: str, line: dict[str, Any]) -> None:
    assert came_of(task, **line) == Outcome(Status.OK)


@pytest.mark.parametrize(
    ("task", "line", "message"),
    [
        ("echo", {"values": ["hullo"], "end": "result"}, "gives ['hullo']"),
        ("echo", {"values": [], "end": "result"}, "gives []"),
        ("echo", {"end": "failed", "message": "ValueError: no"}, "ValueError: no"),
        ("echo", {"values": ["hello"], "end": "cancelled"}, "it is told as cancelled"),
        ("generator", {"values": ["one", "one two three"], "end": "result"},
         "gives ['one', 'one two three']"),
        ("error", {"end": "failed", "message": "None"}, "None"),
        ("error", {"values": ["no way"], "end": "result"}, "it is told as result"),
        ("file", {"values": [{"$content": "hello\r\nfile\r\n"}], "end": "result"},
         "gives [{'$content': 'hello\\r\\nfile\\r\\n'}]"),
        ("cancel", {"end": "failed", "message": "ValueError: no"}, "ValueError: no"),
        ("cancel", {"end": "cancelled"}, "no value came"),
    ],
)  # fmt: skip
def test_otherwise(task: str, line: dict[str, Any], message: str) -> None:
    assert came_of(task, **line) == Outcome(Status.FAILED, message)


@pytest.mark.parametrize("task", TASKS)
def test_what_does_not_end_hangs(task: str) -> None:
    assert came_of(task, end="hang").status is Status.HANG


def test_what_is_seen_beside_is_noted() -> None:
    file = came_of("file", values=[{**FILE, "url": None}], end="result", iterator="open")
    assert file == Outcome(Status.OK, None, ("the file's url is null", "its iterator never ends"))
    cancel = came_of("cancel", values=[0], end="failed", message="KeyError: 1", server="runs on")
    assert cancel.status is Status.OK
    assert cancel.notes == ("ends as an error: KeyError: 1", "the function runs on")


def test_a_client_that_does_not_connect_does_nothing_else() -> None:
    refused = {"report": "connect", "end": "failed", "message": "ValueError: no"}
    found = outcomes(list(TASKS.values()), [refused], None)
    assert found.pop(CONNECT) == Outcome(Status.FAILED, "ValueError: no")
    assert {outcome.status for outcome in found.values()} == {Status.SKIPPED}


def test_a_driver_that_dies_fails_what_it_has_not_said() -> None:
    tasks = [TASKS["echo"], TASKS["file"]]
    said = {"report": "task", "task": "echo", "values": ["hello"], "end": "result"}
    found = outcomes(tasks, [CONNECTED, said], "the driver ended with 1: Killed")
    assert found["echo"].status is Status.OK
    assert found["file"] == Outcome(Status.FAILED, "the driver ended with 1: Killed")
    assert outcomes(tasks, [], "it died")[CONNECT] == Outcome(Status.FAILED, "it died")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("GET http://127.0.0.1:28811/info: 404", "GET http://HOST/info: 404"),
        ("event dd3381f71f04433ea0229d8f86b66709 is gone", "event … is gone"),
        ("  one\ntwo", "one"),
        ("x" * 161, "x" * 159 + "…"),
        ("x" * 160, "x" * 160),
    ],
)
def test_messages_are_worded_the_same_each_time(message: str, words: str) -> None:
    assert worded(message) == words
