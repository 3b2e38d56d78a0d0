"""Starts the testbed on a library, and the two programs that use the official clients on it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
JS = HERE / "js"
JS_MODULES = "GRADIO_PROTOCOL_JS_MODULES"  # environment: a folder with node_modules
GRADIO_PYTHON = "GRADIO_PYTHON"  # environment: an interpreter with gradio and gradio_client

START = 60.0  # seconds until a testbed answers: importing gradio takes ten on a busy machine
RUN = 100.0  # seconds for all scenarios of a client; inside, every wait has its own deadline
READY = re.compile(r"^testbed on [^:]+: (http://\S+?),", re.MULTILINE)
FAST = "reference with uvicorn"
ARGUMENTS = {FAST: ("--library", "reference", "--server", "uvicorn")}


class CannotRunError(RuntimeError):
    """Something that the tests need is missing, or ended with an error."""


def interpreter(library: str) -> str:
    """The Python that has the library installed."""
    return os.environ.get(GRADIO_PYTHON, sys.executable) if library == "gradio" else sys.executable


@contextmanager
def testbed(library: str) -> Iterator[str]:
    """Serve the testbed on `library` ("reference", FAST or "gradio"); gives the URL of `main`."""
    arguments = ARGUMENTS.get(library, ("--library", library))
    command = [interpreter(library), "-m", "gradio_conformance.testbed", *arguments]
    with tempfile.TemporaryFile("w+b") as log:
        process = subprocess.Popen([*command, "--port", "0"], stdout=log, stderr=log)
        try:
            yield _ready(library, process, lambda: _text(log))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def python_report(url: str, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """The transcript of gradio_client: {"client", "scenarios", "seconds"}."""
    package = f"{HERE.name}.python_client"
    with tempfile.TemporaryDirectory() as downloads:
        environment = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": downloads}
        command = [interpreter("gradio"), "-m", package, url, *names]
        return _transcript(command, HERE.parent, environment)


def javascript_report(url: str, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """The transcript of @gradio/client."""
    return _transcript([node(), "scenario.mjs", url, *names], JS, {})


def node() -> str:
    """Node.js, with the client installed from the lock file where it is missing."""
    found = _tool("node")
    if JS_MODULES not in os.environ and not (JS / "node_modules/@gradio/client").is_dir():
        _output([_tool("npm"), "ci"], JS, {})
    return found


def _ready(library: str, process: subprocess.Popen[bytes], text: Callable[[], str]) -> str:
    late = time.monotonic() + START
    pause = threading.Event()
    while not (found := READY.search(text())):
        if process.poll() is not None:
            raise CannotRunError(f"the testbed on {library} ended:\n{text()[-3000:]}")
        if time.monotonic() > late:
            raise CannotRunError(f"no testbed on {library} within {START:g} s:\n{text()[-3000:]}")
        pause.wait(0.05)
    return found[1]


def _text(log: Any) -> str:
    return os.pread(log.fileno(), 1 << 20, 0).decode(errors="replace")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise CannotRunError(f"{name} is not on the PATH; the JavaScript client needs Node.js 20")
    return found


def _transcript(command: list[str], folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    transcript: dict[str, Any] = json.loads(_output(command, folder, environment))
    return transcript


def _output(command: list[str], folder: Path, environment: dict[str, str]) -> bytes:
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        timeout=RUN,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")[-3000:]
        raise CannotRunError(f"{' '.join(command)} ended with {done.returncode}:\n{said}")
    return done.stdout
