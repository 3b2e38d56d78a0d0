"""Starts Desk on either library, as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from typing import Any

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.process import stop
from gradio_conformance.target import Unreachable
from gradio_conformance.target import wait_until_ready

FRONTENDS = Path(__file__).resolve().parents[1]
LIBRARIES = ("reference", "gradio")
START_S = 90.0  # importing gradio takes ten seconds on a busy machine, and there may be several


class Desk:
    """Desk on ``library`` as a process of its own, always on the same port."""

    def __init__(self, library: str, options: Sequence[str], log: IO[Any]) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        program = [sys.executable, str(FRONTENDS / "desk"), "--library", library]
        self._command = [*program, "--port", str(self.port), *options]
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers. Raises ``Unreachable`` with what it printed."""
        child = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"},
            start_new_session=True,
        )
        self._child = child
        try:
            wait_until_ready(self.url, START_S, lambda: child.poll() is None)
        except Unreachable as error:
            self._log.seek(0)
            error.add_note(self._log.read().decode(errors="replace"))
            raise

    def stop(self) -> None:
        """End it at once: whatever it runs is lost."""
        if self._child is not None:
            stop(self._child)
            self._child = None


@contextmanager
def desk(library: str, *options: str) -> Iterator[Desk]:
    """A running Desk with further options of its command line."""
    with tempfile.TemporaryFile() as log:
        server = Desk(library, options, log)
        try:
            server.start()
            yield server
        finally:
            server.stop()
