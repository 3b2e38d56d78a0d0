"""Runs a client of some release through tasks, in a process of its own with deadlines."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import Any

from gradio_conformance.eras.gates import Gate
from gradio_conformance.eras.judging import outcomes
from gradio_conformance.eras.model import Client
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Task
from gradio_conformance.process import stop

DRIVERS = Path(__file__).parent / "drivers"
VARIABLE = "GRADIO_PROTOCOL_ERAS"
MODULES = "GRADIO_PROTOCOL_JS_MODULES"
# Nobody's own settings, accounts or proxies count, and nobody is called home.
ENVIRONMENT = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
WITHOUT = ("PYTHONPATH", "HF_TOKEN", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
GRACE_S = 2.0  # what may come after the end
TOLD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Installed:
    """A client that can be run: its ``command`` with what the driver's environment needs."""

    client: Client
    command: Sequence[str]
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds for connecting and for each task; more on a machine that is busy."""

    task_s: float = 12.0
    connect_s: float = 30.0

    def by(self, factor: float) -> Deadlines:
        return Deadlines(self.task_s * factor, self.connect_s * factor)

    def all_of(self, tasks: int) -> float:
        """By when the whole process must be over: its start and Node's or Python's imports too."""
        return 2 * self.connect_s + tasks * (self.task_s + GRACE_S)


def python_client(client: Client, python: Path) -> Installed:
    return Installed(client, [str(python), "-I", "-X", "utf8", str(DRIVERS / "driver.py")], {})


def javascript_client(client: Client, folder: Path) -> Installed:
    command = ["node", str(DRIVERS / "driver.mjs")]
    return Installed(client, command, {MODULES: str(folder)})


def drive(
    installed: Installed, url: str, gates_url: str, tasks: Sequence[Task], deadlines: Deadlines
) -> dict[str, Outcome]:
    """What came of the tasks with the server at ``url``, one after the other on one client.

    ``gates_url`` is the same server, not to be recorded.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as gate:
        key = uuid.uuid4().hex
        plan = {
            "url": url,
            "deadline_s": deadlines.task_s,
            "connect_s": deadlines.connect_s,
            "grace_s": GRACE_S,
            "tasks": [_as_plan(task, key, Path(folder)) for task in tasks],
        }
        lines: list[dict[str, Any]] = []
        with _Child(installed, plan, deadlines.all_of(len(tasks))) as child:
            held = Gate(gates_url, key)
            cancels = {task.id for task in tasks if task.cancel}
            for line in child.lines():
                if line["report"] == "begin":
                    if line["task"] in cancels:
                        gate.enter_context(held)
                    continue
                if line.get("task") in cancels and line["values"] and held.is_still_used():
                    line["server"] = "runs on"
                lines.append(line)
        return outcomes(tasks, lines, child.end)


def _as_plan(task: Task, key: str, folder: Path) -> dict[str, Any]:
    arguments = [_argument(value, key, folder) for value in task.arguments]
    plan = {"id": task.id, "endpoint": task.endpoint, "arguments": arguments}
    return {**plan, "cancel": task.cancel}


def _argument(value: Any, key: str, folder: Path) -> Any:
    if value == "$key":
        return key
    if isinstance(value, dict) and "$file" in value:
        path = folder / "small.txt"
        path.write_text(value["$file"], "utf-8", newline="\n")
        return {"$file": str(path)}
    return value


class _Child:
    """A driver's process; ``end`` says how it ended, where it did not end by itself."""

    def __init__(self, installed: Installed, plan: Mapping[str, Any], seconds: float) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in WITHOUT}
        self.end: str | None = None
        self._seconds = seconds
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
        self._process = subprocess.Popen(
            installed.command,
            env={**kept, **ENVIRONMENT, **installed.variables, VARIABLE: json.dumps(plan)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        stop(self._process)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Its reports, as they come."""
        late = threading.Event()

        def insist() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(self._seconds, insist)
        timer.start()
        try:
            assert self._process.stdout is not None
            for line in self._process.stdout:
                yield json.loads(line)
        finally:
            timer.cancel()
        code = self._process.wait()
        if late.is_set():
            self.end = f"the driver did not end within {self._seconds:g} s"
        elif code:
            self.end = f"the driver ended with {code}: {self._last_words()}"

    def _last_words(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - TOLD_BYTES))
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"
