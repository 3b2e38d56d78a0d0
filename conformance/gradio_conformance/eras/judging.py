"""What the lines of a driver say of the tasks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Task

LONGEST = 160  # characters of a message; the recording has it all
ENDLESS = "its iterator never ends"
RUNS_ON = "the function runs on"
# What is another one each time.
_VOLATILE = (
    (re.compile(r"\b(127\.0\.0\.1|localhost|\[::1\]):\d+"), "HOST"),
    (re.compile(r"/\S*/(?=[0-9a-f]{20,})"), "…/"),
    (re.compile(r"\b[0-9a-f]{20,}\b"), "…"),
)

Line = Mapping[str, Any]


def outcomes(tasks: Sequence[Task], lines: Sequence[Line], end: str | None) -> dict[str, Outcome]:
    """What came of connecting and of each task; ``end`` says how the driver ended if it did not
    end by itself.
    """
    connected = next((line for line in lines if line["report"] == CONNECT), None)
    found = {CONNECT: _connected(connected, end)}
    for task in tasks:
        line = next((one for one in lines if _is_of(one, task)), None)
        if line is not None:
            found[task.id] = judged(task, line)
        elif found[CONNECT].status is not Status.OK:
            found[task.id] = Outcome(Status.SKIPPED)
        else:
            found[task.id] = Outcome(Status.FAILED, worded(end or "the driver said nothing of it"))
    return found


def judged(task: Task, line: Line) -> Outcome:
    """One task by what was reported of it."""
    status, message = _cancelled(line) if task.cancel else _ended(task, line)
    notes = []
    if task.cancel and status is Status.OK and line["end"] == "failed":
        notes.append(f"ends as an error: {worded(line['message'])}")
    if any(isinstance(value, dict) and "url" in value for value in line["values"]):
        notes.append("the file's url is null")
    if line.get("iterator") == "open":
        notes.append(ENDLESS)
    if line.get("server") == "runs on":
        notes.append(RUNS_ON)
    return Outcome(status, message and worded(message), tuple(notes))


def worded(message: str) -> str:
    """A message's first line, short, without what is another one each time."""
    first = message.strip().partition("\n")[0]
    for pattern, instead in _VOLATILE:
        first = pattern.sub(instead, first)
    return first if len(first) <= LONGEST else first[: LONGEST - 1] + "…"


def _is_of(line: Line, task: Task) -> bool:
    return bool(line["report"] == "task" and line["task"] == task.id)


def _connected(line: Line | None, end: str | None) -> Outcome:
    if line is None:
        return Outcome(Status.FAILED, worded(end or "the driver said nothing"))
    if line["end"] == "result":
        return Outcome(Status.OK)
    if line["end"] == "hang":
        return Outcome(Status.HANG)
    return Outcome(Status.FAILED, worded(line["message"]))


def _ended(task: Task, line: Line) -> tuple[Status, str | None]:
    values = [_plain(value) for value in line["values"]]
    if line["end"] == "hang":
        came = f"after {len(values)} values" if values else None
        return Status.HANG, came
    if task.message is not None:
        if line["end"] != "failed":
            return Status.FAILED, f"it is told as {line['end']}"
        told = line["message"]
        return (Status.OK, None) if task.message in told else (Status.FAILED, told)
    if line["end"] != "result":
        return Status.FAILED, line.get("message") or f"it is told as {line['end']}"
    wanted = list(task.values or ())
    # The JavaScript client gives the last value of a generator again, as its result.
    if values in (wanted, [*wanted, wanted[-1]]):
        return Status.OK, None
    return Status.FAILED, f"gives {values}"


def _cancelled(line: Line) -> tuple[Status, str | None]:
    """However it ends for the user, and were it as a failure: after a value, and not by itself."""
    if line["end"] == "hang":
        return Status.HANG, None if line["values"] else "no value came"
    if not line["values"]:
        return Status.FAILED, line.get("message") or "no value came"
    return Status.OK, None


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "$content" in value:
        return {"$content": value["$content"]}
    return value
