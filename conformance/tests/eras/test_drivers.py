"""The drivers tell what a client does, also when it does not end."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from gradio_conformance.eras.driving import DRIVERS
from gradio_conformance.eras.driving import MODULES
from gradio_conformance.eras.driving import Deadlines
from gradio_conformance.eras.driving import Installed
from gradio_conformance.eras.driving import drive
from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Client
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import matrix

NOWHERE = "http://127.0.0.1:9"
SOON = Deadlines(task_s=0.4, connect_s=30.0)
# A library that answers by itself what the tasks ask of a server.
PYTHON = '''
from concurrent.futures import CancelledError

class Job:
    def __init__(self, values, error=None, ends=True, reacts=True):
        self.values, self.error, self.ends, self.reacts = values, error, ends, reacts
    def done(self): return self.ends
    def outputs(self): return self.values
    def result(self, timeout):
        if self.error: raise self.error
        return self.values[-1] if self.values else None
    def cancel(self):
        self.ends, self.error = self.reacts, CancelledError()

class Client:
    def __init__(self, url, verbose):
        print("Loaded as API:", url)
    def submit(self, *arguments, api_name):
        return getattr(self, api_name[1:])(*arguments)
    def echo_text(self, text): return Job([text])
    def tokens(self, text): return Job(["one", "one two", "one two three"])
    def fail_user(self, message, *more): return Job([], ValueError(message))
    def file_echo(self, path): return Job([path])
    def hold_generator(self, key, steps): return Job([0], ends=False)
'''  # fmt: skip
JAVASCRIPT = """
class Submission {
  constructor(events, { ends = true, cancels = true } = {}) {
    Object.assign(this, { events, ends, cancels });
    this.isOver = new Promise((resolve) => (this.end = resolve));
  }
  cancel() { if (this.cancels) this.end(); return Promise.resolve(); }
  async *[Symbol.asyncIterator]() {
    for (const event of this.events) yield event;
    if (this.ends) return;
    await this.isOver;
  }
}
const data = (value) => ({ type: "data", data: [value] });
const complete = { type: "status", stage: "complete" };
export class Client {
  config = { root: "http://127.0.0.1:9" };
  static async connect() { console.log("noise"); return new Client(); }
  submit(endpoint, args) { return this[endpoint.slice(1)](...args); }
  echo_text(text) { return new Submission([data(text), complete]); }
  tokens() { return new Submission([...["one", "one two", "one two three"].map(data), complete]); }
  fail_user(message) { return new Submission([{ type: "status", stage: "error", message }]); }
  file_echo() {
    return new Submission([data({ path: "p", url: "data:,hello%0Afile%0A" }), complete]);
  }
  hold_generator() { return new Submission([data(0)], { ends: false }); }
}
"""
node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
CLIENTS = ["python", pytest.param("javascript", marks=node)]


def installed(kind: str, folder: Path, change: tuple[str, str] = ("", "")) -> Installed:
    """That library, with something in it exchanged, and its driver."""
    if kind == "python":
        (folder / "gradio_client.py").write_text(PYTHON.replace(*change), "utf-8")
        command = [sys.executable, str(DRIVERS / "driver.py")]
        return Installed(
            Client("py-1.0", "gradio_client==1.0"), command, {"PYTHONPATH": str(folder)}
        )
    package = folder / "node_modules" / "@gradio" / "client"
    package.mkdir(parents=True)
    exports = {".": {"import": "./i.js"}, "./package.json": "./package.json"}
    manifest = {"type": "module", "exports": exports}
    (package / "package.json").write_text(json.dumps(manifest), "utf-8")
    (package / "i.js").write_text(JAVASCRIPT.replace(*change), "utf-8")
    command = ["node", str(DRIVERS / "driver.mjs")]
    return Installed(Client("js-1.0", "@gradio/client@1.0"), command, {MODULES: str(folder)})


def driven(client: Installed, *names: str, deadlines: Deadlines = SOON) -> dict[str, Outcome]:
    tasks = [task for task in matrix().tasks if not names or task.id in names]
    return drive(client, NOWHERE, NOWHERE, tasks, deadlines)


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_client_that_does_all_as_it_must(kind: str, tmp_path: Path) -> None:
    patient = Deadlines(task_s=20.0, connect_s=30.0)
    found = driven(installed(kind, tmp_path), deadlines=patient)
    assert found == dict.fromkeys(
        [CONNECT, *(task.id for task in matrix().tasks)], Outcome(Status.OK)
    )


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("python", ("return Job([text])", "return Job([], ends=False)")),
        pytest.param(
            "javascript", ("[data(text), complete]", "[], { ends: false }"), marks=node
        ),
    ],
)  # fmt: skip
def test_a_task_that_hangs_does_not_keep_the_next_from_being_done(
    kind: str, change: tuple[str, str], tmp_path: Path
) -> None:
    found = driven(installed(kind, tmp_path, change), "echo", "error")
    assert found["echo"] == Outcome(Status.HANG)
    assert found["error"] == Outcome(Status.OK)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("python", ("ends=False)", "ends=False, reacts=False)")),
        pytest.param(
            "javascript", ("{ ends: false }", "{ ends: false, cancels: false }"), marks=node
        ),
    ],
)  # fmt: skip
def test_a_cancel_that_does_nothing_hangs(
    kind: str, change: tuple[str, str], tmp_path: Path
) -> None:
    found = driven(installed(kind, tmp_path, change), "cancel")
    assert found["cancel"].status is Status.HANG


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("python", ('print("Loaded as API:", url)', 'raise ValueError("no info")'),
         "ValueError: no info"),
        pytest.param(
            "javascript", ('console.log("noise")', 'throw new Error("no info")'), "Error: no info",
            marks=node,
        ),
    ],
)  # fmt: skip
def test_a_client_that_does_not_connect(
    kind: str, change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    found = driven(installed(kind, tmp_path, change), "echo")
    assert found[CONNECT].status is Status.FAILED
    assert (found[CONNECT].message or "").startswith(message)
    assert found["echo"] == Outcome(Status.SKIPPED)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("python", ("return Job([text])", "import os; os._exit(3)"), "ended with 3"),
        pytest.param(
            "javascript", ("return new Submission([data(text), complete])", "process.exit(3)"),
            "ended with 3", marks=node,
        ),
    ],
)  # fmt: skip
def test_a_client_that_takes_its_process_along(
    kind: str, change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    found = driven(installed(kind, tmp_path, change), "echo")
    assert found["echo"].status is Status.FAILED
    assert message in (found["echo"].message or "")


def test_a_driver_that_does_not_end_is_ended(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(textwrap.dedent("import time; time.sleep(600)"), "utf-8")
    stuck = Installed(
        Client("py-1.0", "gradio_client==1.0"), [sys.executable, str(tmp_path / "stuck.py")], {}
    )
    found = driven(stuck, "echo", deadlines=Deadlines(task_s=-1.5, connect_s=0.2))
    assert found[CONNECT] == Outcome(Status.FAILED, "the driver did not end within 0.9 s")
