"""Desk on either library, as a user would start it, behind a proxy that watches and disturbs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO
from typing import Any

from desk import frontends
from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.process import stop
from gradio_conformance.target import Unreachable
from gradio_conformance.target import wait_until_ready
from gradio_conformance.traffic.proxy import Proxy

FRONTENDS = Path(__file__).resolve().parents[1]
KEEPING = ("html", "react", "vue", "mobile")  # the front ends that keep DeskPage's names
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
        """Start if it does not run, and wait until it answers. Raises ``Unreachable`` with what it
        printed.
        """
        if self._child is not None and self._child.poll() is None:
            return
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


@dataclass(frozen=True)
class Site:
    """A front end on a library: ``url`` is the proxy's, in front of ``server``. ``excused`` are
    clauses that Gradio breaks where a test makes it, beside those it is known for.
    """

    frontend: str
    library: str
    server: Desk
    proxy: Proxy
    excused: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return self.proxy.url


@contextmanager
def site(frontend: str, library: str, *options: str) -> Iterator[Site]:
    """A front end that has been built, as Desk serves it."""
    with (
        desk(library, "--pages", str(pages_of(frontend)), *options) as server,
        Proxy(server.url) as proxy,
    ):
        yield Site(frontend, library, server, proxy)


def pages_of(frontend: str) -> Path:
    """The folder with the front end's index.html; none if it has not been built."""
    return frontends.FRONTENDS[frontend].pages


def built() -> list[str]:
    """The front ends to test: those that FRONTENDS names, with commas; else what has been built."""
    named = os.environ.get("FRONTENDS")
    if named:
        return named.split(",")
    return [name for name in KEEPING if (pages_of(name) / "index.html").is_file()]
