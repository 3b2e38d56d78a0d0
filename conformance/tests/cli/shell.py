"""Typing commands, and the servers that they are about."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

Serve = Any  # the fixture of the tests' conftest.py
Peer = Any
LONG_S = 120.0
# What changes how a command looks, or that it tells GitHub.
NOT_HERE = ("CI", "COLUMNS", "GITHUB_ACTIONS", "NO_COLOR")
COMMAND = [sys.executable, "-m", "gradio_conformance"]
TESTBED = [sys.executable, "-m", "gradio_conformance.testbed", "--port", "{port}"]
PROTOCOL, APP_ID = "disc.protocol-is-sse-v3", "disc.app-id-survives-every-json-reader"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


# One process that has everything imported and forks for each command: many are typed here.
FORKING = """
import json, os, sys
import httpcore
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import DEFAULT_EXAMPLES

configure(DEFAULT_EXAMPLES)  # before the checks are imported
from gradio_conformance.catalogue import all_checks
from gradio_conformance.cli import COMMANDS, main
from gradio_spec.loader import load_spec

all_checks(), load_spec()
for name in COMMANDS:
    assert main.get_command(None, name)
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        os.chdir(order["folder"])
        for number, name in enumerate(order["files"], 1):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        main(order["arguments"], prog_name="gradio-protocol")
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(slots=True)
class Shell:
    """Types commands in a folder of its own."""

    folder: Path
    forking: subprocess.Popen[str]

    def type(self, *arguments: str) -> Done:
        """The command in a process of its own, which need not import everything again."""
        files = [self.folder.with_name(f"{self.folder.name}.{name}") for name in ("out", "err")]
        order = {
            "folder": str(self.folder),
            "arguments": arguments,
            "files": [str(file) for file in files],
        }
        assert self.forking.stdin is not None
        assert self.forking.stdout is not None
        self.forking.stdin.write(json.dumps(order) + "\n")
        self.forking.stdin.flush()
        code = int(self.forking.stdout.readline())
        return Done(code, *(file.read_text("utf-8") for file in files))

    def environment(self, extra: dict[str, str]) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if k not in NOT_HERE}
        return {**plain, "PYTHONUTF8": "1", **extra}

    def run(
        self,
        *arguments: str,
        program: list[str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> Done:
        done = subprocess.run(
            [*(program or COMMAND), *arguments],
            cwd=self.folder,
            env=self.environment(environment or {}),
            capture_output=True,
            timeout=LONG_S,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def lines(self, name: str = "report") -> list[dict[str, Any]]:
        with (self.folder / name / "report.jsonl").open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]  # of which some have U+2028 inside

    def left(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


class AnyApp:
    """A server that tells of itself and has no endpoint; its mistakes are up to the test.

    ``hold`` is a path (below the prefix) that it takes for ever to answer; ``held`` tells when it
    was asked for it.
    """

    def __init__(self, **config: Any) -> None:
        self.config = {
            "version": "6.31.0",
            "mode": "server",
            "protocol": "sse_v3",
            "api_prefix": "/gradio_api",
            "app_id": 7,
            "dependencies": [],
            "components": [],
            **config,
        }
        self.info: Any = {"named_endpoints": {}, "unnamed_endpoints": {}}
        self.hold: str | None = None
        self.holds = 1000
        self.held = threading.Event()
        self.bodies: queue.Queue[Any] = queue.Queue()

    def __call__(self, peer: Peer) -> None:
        method, path = peer.line.split(" ")[:2]
        path = path.removeprefix("/gradio_api")
        if path == self.hold and self.holds:
            self.holds -= 1
            self.held.set()
            peer.wait_gone()
        elif method == "POST":
            self.bodies.put(json.loads(peer.body))
            peer.answer(b'{"error": "no"}', "500 No", "application/json")
        else:
            known = {"/config": self.config, "/info": self.info}
            known["/app_id"] = {"app_id": self.config["app_id"]}
            found = known.get(path.partition("?")[0])
            status = "404 Not Found" if found is None else "200 OK"
            peer.answer(json.dumps(found).encode(), status, "application/json")


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def here(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Done:
    """The command without a process of its own, for what judges no server."""
    from click.testing import CliRunner

    from gradio_conformance.cli import main

    monkeypatch.chdir(folder)
    # The suite's settings of Hypothesis are for its own process.
    monkeypatch.setattr("gradio_conformance.cli.check.configure", lambda _: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        result = CliRunner().invoke(main, arguments, prog_name="gradio-protocol")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def listed(shell: Shell, check: str, clause: str, name: str = "mine.yaml") -> str:
    entry = {"clause": clause, "check": check, "summary": "It does not."}
    data = {"implementation": "x", "release": "1", "spec": "sse_v3", "entries": [entry]}
    (shell.folder / name).write_text(yaml.safe_dump(data), "utf-8")
    return name
