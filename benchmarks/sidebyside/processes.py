"""The server as a process: pinned to its core, watched from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.process import stop
from sidebyside.declared import Peer
from sidebyside.faults import Broken

READY_S = 120.0
POLL_S = 0.002
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the server has, and which the load; the same one twice if there is only one."""

    server: int
    load: int

    @property
    def apart(self) -> bool:
        return self.server != self.load


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `startup_s` is the time from its start to its first answer."""

    pid: int
    port: int
    startup_s: float

    def rss_kib(self) -> int:
        """Resident memory of the process, in KiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise Broken("the server has gone")

    def cpu_s(self) -> float:
        """Seconds of processor that the process has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def choose_cores() -> Cores:
    """The first and the last core that this process may use. Raises ``RuntimeError`` where cores
    cannot be chosen.
    """
    if not hasattr(os, "sched_getaffinity") or not Path("/proc/self/status").exists():
        raise RuntimeError("the benchmarks pin processes and read /proc: they need Linux")
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[-1])


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """This process, and what it starts inside the block, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def serving(peer: Peer, cores: Cores) -> Iterator[Server]:
    """Start a peer on the server's core, and stop it at the end of the block.

    Raises ``Broken`` with what it printed if it does not answer.
    """
    port = free_port()
    command = [sys.executable, "-m", peer.module, "--port", str(port), *peer.arguments]
    if peer.without:
        command += ["--without", ",".join(peer.without)]
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    with tempfile.TemporaryFile() as printed:
        started = time.perf_counter()
        with pinned(cores.server):  # a child has the core of its parent from its first moment
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
                env=environment,
            )
        try:
            if not _answers(child, port, peer.ready):
                printed.seek(0)
                told = printed.read().decode(errors="replace")[-2000:]
                raise Broken(f"{peer.name} did not start: {told}")
            yield Server(child.pid, port, time.perf_counter() - started)
        finally:
            stop(child, 3.0)


def import_s(module: str, without: Sequence[str], core: int) -> float:
    """Seconds that a fresh interpreter takes to import a module."""
    hidden = "".join(f"sys.modules[{name!r}] = None; " for name in without)
    code = (
        f"import sys, time; {hidden}start = time.perf_counter(); import {module}; "
        "print(time.perf_counter() - start)"
    )
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    with pinned(core):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    if done.returncode:
        raise Broken(f"import {module}: {done.stderr[-2000:]}")
    return float(done.stdout.split()[-1])


def _answers(child: subprocess.Popen[bytes], port: int, path: str) -> bool:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with socket.create_connection((HOST, port), timeout=READY_S) as connection:
                connection.sendall(f"GET {path} HTTP/1.0\r\nhost: {HOST}\r\n\r\n".encode())
                if b" 200" in connection.recv(64):
                    return True
        except OSError:
            pass
        time.sleep(POLL_S)
    return False


def raise_file_limit() -> None:
    """Let this process, and the servers that it starts, open as many files as the system allows:
    a stream is a file on both sides.
    """
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
