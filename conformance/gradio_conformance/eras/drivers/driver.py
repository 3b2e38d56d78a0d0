"""Drives any release of ``gradio_client`` through the tasks of GRADIO_PROTOCOL_ERAS, one after the
other on one client, and says in JSON lines what it gave.

Runs in the environment of that release, where nothing else of this project is installed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

LOOK_S = 0.01  # between two looks at a job; the library has no other way to be told
REPORTS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # what the library prints is no report


def say(**line: Any) -> None:
    REPORTS.write(json.dumps(line, default=str) + "\n")
    REPORTS.flush()


def within(
    seconds: float, work: Callable[[], Any]
) -> tuple[Any, None] | tuple[None, BaseException] | None:
    """What ``work`` returns or raises, as a pair; ``None`` if it takes longer."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append((work(), None))
        except BaseException as error:  # CancelledError is no Exception
            found.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def main() -> None:
    plan = json.loads(os.environ["GRADIO_PROTOCOL_ERAS"])
    import gradio_client

    def connect() -> Any:
        return gradio_client.Client(plan["url"], verbose=False)

    connected = within(plan["connect_s"], connect)
    if connected is None:
        say(report="connect", end="hang")
    elif connected[1] is not None:
        say(report="connect", end="failed", message=worded(connected[1]))
    else:
        say(report="connect", end="result")
        for task in plan["tasks"]:
            say(report="begin", task=task["id"])
            found = performed(gradio_client, connected[0], task, plan["deadline_s"])
            say(report="task", task=task["id"], **found)
    sys.stdout.flush()
    os._exit(0)  # its threads may wait for ever


def performed(library: Any, client: Any, task: dict[str, Any], seconds: float) -> dict[str, Any]:
    """One task: the values that the job gave, and how it ended."""
    values: list[Any] = []

    def work() -> Any:
        arguments = [argument(library, item) for item in task["arguments"]]
        job = client.submit(*arguments, api_name=task["endpoint"])
        is_cancelled = False
        while True:
            done = job.done()
            values.extend(job.outputs()[len(values) :])
            if task["cancel"] and values and not is_cancelled:
                is_cancelled = True
                job.cancel()
            if done:
                return job.result(timeout=0)
            time.sleep(LOOK_S)

    ended = within(seconds, work)
    seen = {"values": [shown(value) for value in values]}
    if ended is None:
        return {**seen, "end": "hang"}
    result, error = ended
    if isinstance(error, CancelledError):
        return {**seen, "end": "cancelled"}
    if error is not None:
        return {**seen, "end": "failed", "message": worded(error)}
    return {**seen, "end": "result", "result": shown(result)}


def argument(library: Any, value: Any) -> Any:
    """``{"$file": path}`` is a file, as the release wants it said."""
    if not isinstance(value, dict) or "$file" not in value:
        return value
    named = getattr(library, "handle_file", None) or getattr(library, "file", None)
    return named(value["$file"]) if named else value["$file"]


def shown(value: Any) -> Any:
    """A file that was fetched, by its content."""
    if isinstance(value, str) and (path := Path(value)).is_absolute() and path.is_file():
        return {"$content": path.read_bytes().decode(errors="replace")}
    return value


def worded(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
