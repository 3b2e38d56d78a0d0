"""Starts a server under test as a child process and stops it again, with everything it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from typing import IO
from typing import Any

from gradio_conformance.limits import raise_file_limit
from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.target import POLL_S
from gradio_conformance.target import Unreachable
from gradio_conformance.target import wait_until_ready

STOP_S = 10.0
TOLD_LINES = 20  # of what a command printed before it failed to start
TOLD_BYTES = 16_384


@contextmanager
def running(command: Sequence[str], *, wait_s: float, quiet: bool = True) -> Iterator[str]:
    """Run ``command`` (``{port}``, ``{host}`` are filled in) until the block ends; yields its URL.

    Raises ``Unreachable`` if it does not answer within ``wait_s`` seconds. With ``quiet`` what the
    command prints is kept from the console, and its end told only when it did not start; otherwise
    it goes to stderr.
    """
    port = free_port()
    raise_file_limit()
    filled = [part.replace("{port}", str(port)).replace("{host}", HOST) for part in command]
    with tempfile.TemporaryFile() as printed:
        child = _start(filled, printed if quiet else sys.stderr)
        try:
            url = f"http://{HOST}:{port}"
            try:
                wait_until_ready(url, wait_s, lambda: child.poll() is None)
            except Unreachable as error:
                raise Unreachable("\n".join([str(error), *_last_lines(printed)])) from error
            yield url
        finally:
            stop(child)


def _start(command: Sequence[str], sink: IO[Any]) -> subprocess.Popen[bytes]:
    try:
        # Its own process group, so that a wrapper such as `npm run` takes its children along, and
        # Ctrl-C does not stop it before the suite has drawn its conclusions.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise Unreachable(f"cannot start {command[0]!r}: {reason}") from error


def _last_lines(printed: IO[bytes]) -> list[str]:
    size = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, size - TOLD_BYTES))
    return printed.read().decode(errors="replace").splitlines()[-TOLD_LINES:]


def stop(child: subprocess.Popen[bytes], seconds: float = STOP_S) -> None:
    """Ask the child and all that it started to end; insist after ``seconds``, or at Ctrl-C."""
    if os.name != "posix":
        child.terminate()
        child.wait()
        return
    deadline = time.monotonic() + seconds
    _signal(child, signal.SIGTERM)
    try:
        child.wait(seconds)
        # Its own children may need longer, or may not have heard; a group cannot be waited for.
        while time.monotonic() < deadline and _signal(child, 0):
            time.sleep(POLL_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal(child, signal.SIGKILL)
        child.wait()


def _signal(child: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the child's process group; false if nobody is left in it."""
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):  # the latter for a group of zombies on macOS
        return False
    return True
