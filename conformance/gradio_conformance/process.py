"""Starts a server under test as a child process and stops it again, with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import IO

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.target import Unreachable
from gradio_conformance.target import wait_until_listening

STOP_S = 10.0
TOLD_LINES = 20  # of what a command printed before it failed to start


@contextmanager
def running(command: Sequence[str], *, wait_s: float, quiet: bool = True) -> Iterator[str]:
    """Run ``command`` (``{port}``, ``{host}`` are filled in) until the block ends; yields its URL.

    Raises ``Unreachable`` if it does not listen within ``wait_s`` seconds. With ``quiet`` what the
    command prints is kept from the console, and its end told only when it did not start.
    """
    port = free_port()
    filled = [part.replace("{port}", str(port)).replace("{host}", HOST) for part in command]
    with tempfile.TemporaryFile() as printed:
        sink = printed if quiet else None
        try:
            # Its own process group, so that a wrapper such as `npm run` takes its children along.
            child = subprocess.Popen(filled, stdout=sink, stderr=sink, start_new_session=True)
        except OSError as error:
            raise Unreachable(f"cannot start {filled[0]!r}: {error.strerror}") from error
        try:
            url = f"http://{HOST}:{port}"
            wait_until_listening(url, wait_s, alive=lambda: child.poll() is None)
            yield url
        except Unreachable as error:
            raise Unreachable("\n".join([str(error), *_last_lines(printed)])) from error
        finally:
            stop(child)


def _last_lines(printed: IO[bytes]) -> list[str]:
    printed.seek(0)
    return printed.read().decode(errors="replace").splitlines()[-TOLD_LINES:]


def stop(child: subprocess.Popen[bytes]) -> None:
    """Ask the child's process group to end; insist after ``STOP_S``."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, signal_number)
        except ProcessLookupError:
            break
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            continue
        break
    child.wait()
