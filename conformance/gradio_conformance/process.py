"""Starts a server under test as a child process and stops it again, with everything it started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

from gradio_conformance.target import Unreachable
from gradio_conformance.target import wait_until_listening

HOST = "127.0.0.1"
STOP_S = 10.0


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])


@contextmanager
def running(command: Sequence[str], *, wait_s: float, quiet: bool = True) -> Iterator[str]:
    """Run ``command`` (``{port}`` and ``{host}`` are filled in) until the block ends; yields its
    URL.

    Raises ``Unreachable`` if it does not listen within ``wait_s`` seconds, with the end of what it
    printed on stderr.
    """
    port = free_port()
    filled = [part.replace("{port}", str(port)).replace("{host}", HOST) for part in command]
    sink = subprocess.DEVNULL if quiet else None
    try:
        # Its own process group, so that a wrapper such as `npm run` takes its children with it.
        child = subprocess.Popen(filled, stdout=sink, start_new_session=True)
    except OSError as error:
        raise Unreachable(f"cannot start {filled[0]!r}: {error.strerror}") from error
    try:
        url = f"http://{HOST}:{port}"
        wait_until_listening(url, wait_s, alive=lambda: child.poll() is None)
        yield url
    finally:
        stop(child)


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
