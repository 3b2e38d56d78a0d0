"""What can be looked up: lists, explanations, schemas, help; and serving an app."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from gradio_conformance.target import status_of

from .shell import LONG_S
from .shell import PROTOCOL
from .shell import Shell
from .shell import closed_port
from .shell import here

# -- reading --------------------------------------------------------------------------------------


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        done = here(list(arguments), tmp_path, monkeypatch)
        assert (done.code, done.err) == (0, ""), done
        assert list(tmp_path.iterdir()) == [], "something was written into the user's folder"
        return done.out

    return run


Read = Callable[..., str]


@pytest.mark.parametrize(
    ("what", "members", "id_member", "some"),
    [
        ("clauses", {"id", "level", "profile", "text"}, "id", "SSE-001"),
        ("checks", {"check", "clauses", "needs", "title"}, "check", PROTOCOL),
        ("profiles", {"profile", "status", "clauses"}, "profile", "queue"),
        ("known", {"list", "clause", "check", "summary"}, "list", "gradio-6.31.0"),
    ],
)
def test_everything_can_be_listed(
    read: Read, what: str, members: set[str], id_member: str, some: str
) -> None:
    rows = json.loads(read("list", what, "--json"))
    assert all(members <= row.keys() for row in rows)
    assert some in {row[id_member] for row in rows}
    table = read("list", what)
    assert table.startswith(f"{len(rows)} {what}")


def test_clauses_are_what_is_listed_by_default(read: Read) -> None:
    assert "DISC-001" in read("list")


def test_a_clause_is_explained(read: Read) -> None:
    told = read("explain", "evt-004")
    assert told.startswith("EVT-004  MUST  profile queue\n")
    for part in ("seen", "since      v3-", "lifecycle  rule rank-inside-the-queue", "messages#/"):
        assert part in told, part
    assert "again      gradio-protocol check URL --run EVT-004" in told
    assert re.search(r"known +gradio-6.31.0 \(E-\d+\)", read("explain", "CANCEL-007"))


def test_a_check_is_explained(read: Read) -> None:
    told = read("explain", "join.session-hash-is-opaque")
    assert "JOIN-013   MUST" in told
    assert "needs      any app" in told
    assert "server     main" in told


def test_every_schema_can_be_read(read: Read) -> None:
    names = read("schema").split()
    assert {"report", "known", "requirements", "lifecycle", "testbed"} <= set(names)
    for name in names:
        jsonschema.Draft202012Validator.check_schema(json.loads(read("schema", name)))


def test_help_and_version(read: Read) -> None:
    assert re.fullmatch(r"gradio-protocol, version \d+\.\d+\.\d+\n", read("--version"))
    for command in ("check", "explain", "list", "replay", "schema", "serve"):
        assert command in read("-h")
        assert "Usage: gradio-protocol" in read(command, "-h")


def test_a_reader_who_has_seen_enough_is_no_fault(shell: Shell) -> None:
    line = f"{sys.executable} -m gradio_conformance list | head -1; exit ${{PIPESTATUS[0]}}"
    done = shell.run("-c", line, program=["bash"])
    assert "Traceback" not in done.err
    assert "please report" not in done.err


# -- serving ------------------------------------------------------------------------------------

APP = """
from gradio_reference import Server

app = Server()


@app.api(name="greet")
def greet(name: str) -> str:
    return f"Hello {name}"
"""


@pytest.mark.parametrize("server", [None, "uvicorn"])
@pytest.mark.parametrize(
    ("what", "number"), [("app.py", signal.SIGINT), ("testbed", signal.SIGTERM)]
)
def test_a_server_says_where_it_is_and_stops(
    shell: Shell, what: str, number: signal.Signals, server: str | None
) -> None:
    (shell.folder / "app.py").write_text(APP, "utf-8")
    port = closed_port()
    arguments = ["app.py"] if what == "app.py" else []
    arguments += ["--server", server] if server else []
    child = shell.start("serve", *arguments, "--port", str(port))
    assert child.stdout is not None
    lines: list[str] = []
    wanted = "/greet" if what == "app.py" else "testbed on reference"
    for line in child.stdout:
        lines.append(line)
        if wanted in line:
            break
    assert f"http://127.0.0.1:{port}" in "".join(lines), lines
    assert status_of(f"http://127.0.0.1:{port}") == 200
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/config", timeout=LONG_S) as answer:
        assert answer.headers["server"].startswith(server or "hypercorn")
    child.send_signal(number)
    _, err = child.communicate(timeout=LONG_S)
    assert "Traceback" not in err
    assert child.returncode in (0, 130, -number), (child.returncode, err)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x = 1\n", "no Server found"), ("1/0\n", "line 1: ZeroDivisionError")],
)
def test_a_file_that_holds_no_server_is_told(shell: Shell, text: str, reason: str) -> None:
    (shell.folder / "app.py").write_text(text, "utf-8")
    done = shell.type("serve", "app.py")
    assert done.code == 2
    assert reason in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["serve", "--server", "x"], "--server: must be one of hypercorn, uvicorn, not 'x'"),
        (["serve", "--server", "uvicorn", "--misbehave", "lifo-queue"], "not for --misbehave"),
        (["serve", "app.py", "--server", "x"], "invalid choice: 'x'"),
    ],
)
def test_a_web_server_that_is_none_is_told(shell: Shell, options: list[str], reason: str) -> None:
    (shell.folder / "app.py").write_text(APP, "utf-8")
    done = shell.type(*options)
    assert done.code == 2
    assert reason in done.err


@pytest.mark.parametrize(("command", "extra"), [("serve", "server"), ("check", "suite")])
def test_a_command_without_its_extra_is_told(
    command: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = here([command, "-h"], tmp_path, monkeypatch)
    assert (done.code, done.out) == (2, "")
    install = f"pip install 'gradio-protocol[{extra}]'"
    assert done.err == f"Error: {command} needs an extra: {install}\n"


@pytest.mark.parametrize(
    ("program", "hidden", "end"),
    [
        ("gradio_conformance", "click", "[suite]', or [server] to serve\n"),
        ("gradio_reference", "quart", "gradio-protocol[server]')\n"),
    ],
)
def test_a_plain_install_tells_what_to_add(
    shell: Shell, program: str, hidden: str, end: str
) -> None:
    run = f"import runpy, sys; sys.modules[{hidden!r}] = None; runpy.run_module({program!r}, "
    text = run + "run_name='__main__', alter_sys=True)"
    done = shell.run(program=[sys.executable, "-c", text])
    assert done.code != 0
    assert done.err.splitlines(keepends=True)[-1].endswith(end)
