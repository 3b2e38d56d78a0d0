"""Servers that are started for a run: told their port, watched while they start, stopped whole."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradio_conformance.process import running
from gradio_conformance.process import stop
from gradio_conformance.target import Unreachable
from gradio_conformance.target import status_of

LONG_S = 60.0
# A server in a file of its own: argv is port, folder, and what it shall do besides serving.
SERVER = """
import http.server, os, signal, subprocess, sys, pathlib
port, folder, *wishes = sys.argv[1:]
folder = pathlib.Path(folder)
print("starting", *wishes, flush=True)
if "deaf" in wishes:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "dies" in wishes:
    print("caf\\u00e9: cannot start".encode("latin-1"), flush=True)
    sys.stdout.buffer.write(b"\\xff is no text\\n")
    sys.exit(7)
if "reads" in wishes:
    print("read", repr(sys.stdin.read()), flush=True)
if "child" in wishes:
    code = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", code])
    (folder / "child").write_text(str(child.pid))
(folder / "pid").write_text(str(os.getpid()))
if "silent" in wishes:
    signal.pause()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""


@pytest.fixture
def server(tmp_path: Path) -> list[str]:
    """The command that starts the server; wishes are to be added."""
    file = tmp_path / "server.py"
    file.write_text(SERVER, "utf-8")
    return [sys.executable, str(file), "{port}", str(tmp_path)]


def is_alive(pid: int) -> bool:
    """Does the process run? (A zombie that nobody waits for does not.)"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or ") Z " not in status.read_text()


def pid_of(folder: Path, name: str) -> int:
    return int((folder / name).read_text())


def test_the_port_is_filled_in_and_the_server_stopped(server: list[str], tmp_path: Path) -> None:
    with running(server, wait_s=LONG_S) as url:
        assert status_of(url) == 200
        assert url.startswith("http://127.0.0.1:")
        pid = pid_of(tmp_path, "pid")
        assert is_alive(pid)
        assert pid != os.getpgid(0), "Ctrl-C would reach it"
    assert not is_alive(pid)
    with pytest.raises(Unreachable):
        status_of(url)


def test_the_host_may_be_filled_in_too(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    told = tmp_path / "told"
    command = [sys.executable, "-c", code, str(told), "--bind={host}:{port}", "{other}"]
    with pytest.raises(Unreachable), running(command, wait_s=LONG_S):
        pass
    bind, other = told.read_text().split()
    assert bind.startswith("--bind=127.0.0.1:")
    assert bind.rpartition(":")[2].isdigit()
    assert other == "{other}"


def test_a_command_that_is_not_there_is_named() -> None:
    for command in (["no-such-program", "{port}"], ["/", "{port}"], ["a\0b", "{port}"]):
        with pytest.raises(Unreachable, match="cannot start"), running(command, wait_s=LONG_S):
            pass


def test_who_dies_at_the_start_is_quoted(server: list[str]) -> None:
    with (
        pytest.raises(Unreachable, match="ended before it answered") as told,
        running([*server, "dies"], wait_s=LONG_S),
    ):
        pass
    assert "starting dies" in str(told.value)
    assert "cannot start" in str(told.value)
    assert "\ufffd is no text" in str(told.value)


def test_only_the_end_of_much_output_is_quoted() -> None:
    code = "print('\\n'.join(f'line {i}' for i in range(50_000)))"
    with (
        pytest.raises(Unreachable) as told,
        running([sys.executable, "-c", code, "{port}"], wait_s=LONG_S),
    ):
        pass
    lines = str(told.value).splitlines()
    assert lines[-1] == "line 49999"
    assert len(lines) == 21


def test_who_never_answers_is_not_waited_for(server: list[str], tmp_path: Path) -> None:
    with (
        pytest.raises(Unreachable, match=r"no server at .* after 1 s: ConnectError"),
        running([*server, "silent"], wait_s=1.0),
    ):
        pass
    left = tmp_path / "pid"
    assert not (left.exists() and is_alive(int(left.read_text())))


def test_a_server_that_reads_its_input_finds_none(server: list[str]) -> None:
    with running([*server, "reads"], wait_s=LONG_S) as url:
        assert status_of(url) == 200


def test_its_output_is_kept_from_the_result(
    server: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with running(server, wait_s=LONG_S):
        pass
    assert capfd.readouterr() == ("", "")


def test_its_output_is_shown_beside_the_result(server: list[str]) -> None:
    code = (
        "import sys\nfrom gradio_conformance.process import running\n"
        f"with running({server!r}, wait_s=60, quiet=False): print('result')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "result\n"
    assert "starting" in done.stderr


def test_a_failure_of_the_run_stops_the_server(server: list[str], tmp_path: Path) -> None:
    with pytest.raises(KeyError), running(server, wait_s=LONG_S):
        raise KeyError
    assert not is_alive(pid_of(tmp_path, "pid"))


def test_a_server_that_died_during_the_run_can_be_stopped(
    server: list[str], tmp_path: Path
) -> None:
    with running(server, wait_s=LONG_S):
        os.kill(pid_of(tmp_path, "pid"), signal.SIGKILL)


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def started(server: list[str]) -> Iterator[Start]:
    """``started(wish, …)`` starts the server and returns once it has said so."""
    children: list[subprocess.Popen[bytes]] = []

    def start(*wishes: str) -> subprocess.Popen[bytes]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        command = [part.replace("{port}", str(port)) for part in [*server, *wishes]]
        child = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline().startswith(b"starting")
        return child

    yield start
    for child in children:
        assert child.stdout is not None
        child.stdout.close()


def wait_for(path: Path, child: subprocess.Popen[bytes]) -> int:
    while not (path.exists() and path.read_text()):
        assert child.poll() is None
    return int(path.read_text())


def test_who_ignores_the_signal_is_killed(started: Start, tmp_path: Path) -> None:
    child = started("deaf", "silent")
    wait_for(tmp_path / "pid", child)
    stop(child, 0.2)
    assert child.returncode == -signal.SIGKILL


def test_its_children_go_with_it_though_they_ignore_the_signal(
    started: Start, tmp_path: Path
) -> None:
    child = started("child", "silent")
    wait_for(tmp_path / "pid", child)
    grandchild = wait_for(tmp_path / "child", child)
    assert is_alive(grandchild)
    stop(child, 0.5)
    assert child.returncode == -signal.SIGTERM
    while is_alive(grandchild):  # killed; the system takes its time to say so
        os.sched_yield()


def test_a_child_that_is_gone_can_be_stopped(started: Start) -> None:
    child = started("dies")
    child.wait()
    stop(child, 0.2)
    stop(child, 0.2)
    assert child.returncode == 7


def test_a_second_interruption_kills_at_once(
    started: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = started("deaf", "silent")
    wait_for(tmp_path / "pid", child)
    real = child.wait

    def interrupted(timeout: float | None = None) -> int:
        if timeout is not None:
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(child, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stop(child, LONG_S)
    assert child.returncode == -signal.SIGKILL
