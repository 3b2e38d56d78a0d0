"""The command as a user types it: in a process of its own, by exit code, output and files."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gradio_conformance.events import Verdict
from gradio_conformance.process import running
from gradio_conformance.reporting import read_report
from gradio_conformance.target import status_of

Serve = Any  # the fixture of conftest.py
Peer = Any
LONG_S = 120.0
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
from gradio_conformance.cli import main
from gradio_spec.loader import load_spec

all_checks(), load_spec()
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


@pytest.fixture(scope="module")
def forking() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-X", "utf8", "-c", FORKING]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, encoding="utf-8", **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.stdin.close()


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
        plain = {k: v for k, v in os.environ.items() if k not in ("CI", "COLUMNS", "NO_COLOR")}
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
        text = (self.folder / name / "report.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def left(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def shell(tmp_path: Path, forking: subprocess.Popen[str]) -> Shell:
    folder = tmp_path / "project"
    folder.mkdir()
    return Shell(folder, forking)


@pytest.fixture(scope="module")
def testbed() -> Iterator[str]:
    with running(TESTBED, wait_s=LONG_S) as url:
        yield url


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


# -- judging a server ---------------------------------------------------------------------------


def test_a_command_is_started_judged_and_stopped(shell: Shell) -> None:
    """One run, all formats: the header, the verdict, the files, and nothing else left behind."""
    slugs = ["run.*", "disc.config-*", "sse.stream-is-*", "sse.messages-keep-their-order"]
    globs = [word for slug in slugs for word in ("--run", slug)]
    reports = ["--report", "jsonl,junit,html", "--report-dir", "out/put", "--seed", "11"]
    done = shell.run("check", *globs, *reports, "--", *TESTBED)
    assert (done.code, done.err.count("Traceback")) == (0, 0), done
    first, *_, last = done.out.strip().splitlines()
    assert re.match(r"gradio-protocol \S+ · protocol sse_v3 \(digest [0-9a-f]{12}\)", first)
    assert "scope testbed · seed 11" in done.out
    assert re.match(r"Verdict  CONFORMANT · MUST .* · exit 0", last)
    assert shell.left() == {"out"}
    files = {path.name for path in (shell.folder / "out" / "put").iterdir()}
    assert files == {"report.jsonl", "junit.xml", "report.html"}
    report = read_report(shell.folder / "out" / "put" / "report.jsonl")
    assert report.header["seed"] == 11
    assert report.header["max_examples"] == 25
    assert report.verdict is Verdict.CONFORMANT
    assert {r["status"] for r in report.results} == {"pass"}
    port = int(report.header["target"].rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_a_running_server_is_judged_by_profile(shell: Shell, testbed: str) -> None:
    profile = ["--profile", "discover", "--skip", "disc-info.*", "--skip", "DISC-024"]
    done = shell.type("check", f"{testbed}/", *profile, "--report", "jsonl")
    assert done.code == 0, done
    assert "Profiles discover\n" in done.out
    lines = shell.lines()
    ran = [line["check"] for line in lines if line["kind"] == "result"]
    assert "disc.config-is-a-json-object" in ran
    assert not any(name.startswith("disc-info.") for name in ran)
    assert "disc.openapi-lists-the-public-endpoints" not in ran
    assert all(line["profile"] == "discover" for line in lines[1:-1])
    statuses = {c["clause"]: c["status"] for c in lines[-1]["clauses"]}
    assert (statuses["DISC-001"], statuses["DISC-024"]) == ("pass", "skipped")
    assert {clause.split("-")[0] for clause in statuses} <= {"DISC", "NET"}


def test_a_server_that_breaks_a_clause_is_nonconformant(shell: Shell, raw_server: Serve) -> None:
    url = raw_server(AnyApp(protocol="sse_v2")).url
    done = shell.type("check", url, "--run", PROTOCOL, "--report", "jsonl")
    assert done.code == 1
    assert "✗" in done.out
    for part in ("DISC-003 MUST", "expected", "actual", "sse_v2", "curl -si", "Reason   broken: D"):
        assert part in done.out, part
    assert done.out.strip().splitlines()[-1].startswith("Verdict  NONCONFORMANT")
    assert done.out.strip().endswith("exit 1")
    result, footer = shell.lines()[1:]
    assert result["findings"][0]["clause"] == "DISC-003"
    assert result["trace"]
    assert (footer["verdict"], footer["exit_code"]) == ("nonconformant", 1)


@pytest.mark.parametrize(
    ("fail_on", "code", "word"),
    [("must", 0, "CONFORMANT"), ("should", 1, "NONCONFORMANT"), ("never", 0, "NONCONFORMANT")],
)
def test_what_makes_a_run_fail_can_be_chosen(
    shell: Shell, raw_server: Serve, fail_on: str, code: int, word: str
) -> None:
    url = raw_server(AnyApp(app_id=2**60)).url
    done = shell.type("check", url, "--run", APP_ID, "--fail-on", fail_on, "--report", "jsonl")
    assert done.code == code, done
    assert re.search(rf"^Verdict  {word} ", done.out, re.MULTILINE)
    assert read_report(shell.folder / "report" / "report.jsonl").footer["exit_code"] == code


def test_nothing_judged_is_inconclusive(shell: Shell, raw_server: Serve) -> None:
    url = raw_server(AnyApp()).url
    done = shell.type("check", url, "--run", "cancel.cancel-spares-the-twin")
    assert done.code == 3
    assert "Reason   no check ran" in done.out
    assert done.out.strip().endswith("exit 3")


def test_a_server_that_is_not_there_is_unreachable(shell: Shell) -> None:
    done = shell.type("check", f"http://127.0.0.1:{closed_port()}", "--report", "jsonl")
    assert done.code == 4
    assert "ConnectError" in done.out
    header, footer = shell.lines()
    assert (header["kind"], footer["verdict"]) == ("header", "unreachable")
    assert footer["counts"] == dict.fromkeys(footer["counts"], 0)


def test_a_command_that_does_not_start_is_unreachable(shell: Shell) -> None:
    code = "import sys; print('no licence'); sys.exit(3)"
    command = [sys.executable, "-c", code, "{port}"]
    done = shell.type("check", "--report", "jsonl", "--", *command)
    assert done.code == 4
    assert "the server's process ended before it answered" in done.out
    assert "no licence" in done.out
    assert shell.lines()[-1]["exit_code"] == 4


def test_a_server_that_dies_in_the_run_is_unreachable(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp(protocol="sse_v2")
    hang_up = lambda peer: None  # noqa: E731
    server = raw_server(app, app, hang_up)  # config, info, and then no more
    done = shell.type("check", server.url, "--profile", "discover", "--report", "jsonl")
    assert done.code == 4
    header, result, footer = shell.lines()
    assert header["checks"] > 1
    assert result["status"] == "fail"
    assert footer["reason"].startswith(f"the server did not survive {result['check']}: ")


def test_a_run_may_stop_after_some_failures(shell: Shell, raw_server: Serve) -> None:
    wrong = {"protocol": "x", "version": "x", "connect_heartbeat": "x", "max_file_size": "x"}
    url = raw_server(AnyApp(**wrong)).url
    done = shell.type("check", url, "--run", "disc.*", "-x", "2", "--report", "jsonl")
    assert done.code == 1
    statuses = [line["status"] for line in shell.lines()[1:-1]]
    assert statuses.count("fail") == 2
    assert statuses[-1] == "fail"
    advice = AnyApp(app_id=2**60)
    options = ["--run", "disc.app-id-*", "--fail-on", "must", "-x", "1"]
    done = shell.type("check", raw_server(advice).url, *options)
    assert (done.code, "stopped after 1 failure" in done.out) == (3, True)


PATCHED = """
import gradio_conformance.{module} as module
from gradio_conformance.faults import NonConformance
def broken(*arguments, **options):
    raise {error}
module.{name} = broken
from gradio_conformance.cli import main
main(prog_name="gradio-protocol")
"""


def patched(module: str, name: str, error: str) -> list[str]:
    """The command, with a function of the suite that only raises."""
    return [sys.executable, "-c", PATCHED.format(module=module, name=name, error=error)]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("RuntimeError('a bug of ours')", "RuntimeError('a bug of ours')"),
        ("NonConformance('DISC-999', 'x', 'y')", f"{PROTOCOL} blames DISC-999, which is no clause"),
    ],
)
def test_a_fault_of_a_check_says_so(
    shell: Shell, raw_server: Serve, error: str, reason: str
) -> None:
    program = patched("checks.check_disc", "read_config", error)
    url = raw_server(AnyApp()).url
    done = shell.run("check", url, "--run", PROTOCOL, program=program)
    assert done.code == 5, done
    assert reason in done.out
    assert "SUITE FAULT" in done.out
    assert done.out.strip().endswith("exit 5")


def test_a_fault_outside_of_the_checks_says_so(shell: Shell, raw_server: Serve) -> None:
    program = patched("runner.engine", "discover", "RuntimeError('a bug of ours')")
    done = shell.run("check", raw_server(AnyApp()).url, program=program)
    assert done.code == 5, done
    assert "RuntimeError: a bug of ours" in done.err
    assert "please report it" in done.err


def test_a_clause_that_nobody_asked_for_counts_when_it_is_broken(
    shell: Shell, raw_server: Serve
) -> None:
    program = patched("checks.check_disc", "read_config", "NonConformance('SSE-001', 'x', 'y')")
    runs = ["--profile", "discover", "--run", PROTOCOL]
    done = shell.run("check", raw_server(AnyApp()).url, *runs, program=program)
    assert done.code == 1, done
    assert "Reason   broken: SSE-001" in done.out


def test_who_was_late_once_gets_a_second_chance(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp()
    app.hold, app.holds = "/app_id", 1
    runs = ["--run", "disc.app-id-is-*", "--patience", "0.5", "--report", "jsonl"]
    done = shell.type("check", raw_server(app).url, *runs)
    assert done.code == 0, done
    (result,) = shell.lines()[1:-1]
    assert result["reason"].startswith("too late at first, in time when run again: DISC-022")
    app.holds = 2
    done = shell.type("check", raw_server(app).url, *runs)
    assert done.code == 1
    assert "ReadTimeout" in done.out


# -- interrupted --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_whole_report(
    shell: Shell, raw_server: Serve, number: signal.Signals
) -> None:
    app = AnyApp()
    app.hold = "/app_id"
    url = raw_server(app).url
    runs = ["--run", PROTOCOL, "--run", "disc.app-id-is-*", "-x", "9", "--patience", "600"]
    child = shell.start("check", url, *runs, "--report", "jsonl,junit,html")
    assert app.held.wait(LONG_S)
    child.send_signal(number)
    out, err = child.communicate(timeout=LONG_S)
    assert child.returncode == 130, (out, err)
    assert "Traceback" not in err
    assert re.search(r"^Verdict  INTERRUPTED .* exit 130$", out, re.MULTILINE)
    report = read_report(shell.folder / "report" / "report.jsonl")
    assert (report.verdict, report.footer["exit_code"]) == (Verdict.INTERRUPTED, 130)
    assert len(report.results) < 2
    assert {p.name for p in (shell.folder / "report").iterdir()} == {
        "report.jsonl",
        "junit.xml",
        "report.html",
    }


def test_an_interruption_while_discovering(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp()
    app.hold = "/info"
    child = shell.start("check", raw_server(app).url, "--report", "jsonl")
    assert app.held.wait(LONG_S)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=LONG_S)
    assert child.returncode == 130
    assert [line["kind"] for line in shell.lines()] == ["header", "footer"]
    assert shell.lines()[-1]["verdict"] == "interrupted"


def test_an_interruption_stops_the_server_that_was_started(shell: Shell) -> None:
    code = "import os, signal, sys; open('pid', 'w').write(f'{os.getpid()}.'); signal.pause()"
    child = shell.start("check", "--report", "jsonl", "--", sys.executable, "-c", code, "{port}")
    pid = shell.folder / "pid"
    while not (pid.exists() and pid.read_text().endswith(".")):
        assert child.poll() is None
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=LONG_S)
    assert child.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()[:-1]), 0)
    assert shell.lines()[-1]["verdict"] == "interrupted"


# -- known deviations ---------------------------------------------------------------------------


def listed(shell: Shell, check: str, clause: str, name: str = "mine.yaml") -> str:
    entry = {"clause": clause, "check": check, "summary": "It does not."}
    data = {"implementation": "x", "release": "1", "spec": "sse_v3", "entries": [entry]}
    (shell.folder / name).write_text(yaml.safe_dump(data), "utf-8")
    return name


def test_a_listed_deviation_is_known(shell: Shell, raw_server: Serve) -> None:
    url = raw_server(AnyApp(protocol="sse_v2")).url
    file = listed(shell, PROTOCOL, "DISC-003")
    done = shell.type("check", url, "--run", PROTOCOL, "--known-failing", file)
    assert done.code == 0, done
    assert "CONFORMANT EXCEPT 1 KNOWN DEVIATION" in done.out


def test_the_list_beside_the_project_is_used(shell: Shell, raw_server: Serve) -> None:
    url = raw_server(AnyApp(protocol="sse_v2")).url
    listed(shell, "disc.*", "DISC-003", "known-failing.yaml")
    assert shell.type("check", url, "--run", PROTOCOL).code == 0


def test_a_deviation_that_is_gone_is_stale(shell: Shell, raw_server: Serve) -> None:
    url = raw_server(AnyApp()).url
    file = listed(shell, PROTOCOL, "DISC-003")
    done = shell.type("check", url, "--run", PROTOCOL, "--known-failing", file)
    assert done.code == 1
    assert f"Reason   known, but no longer failing: DISC-003 in {PROTOCOL}" in done.out


def test_a_bundled_list_is_found_by_its_name(shell: Shell, testbed: str) -> None:
    """The reference keeps what Gradio breaks: on it, Gradio's list is stale."""
    run = ["--run", "join.unknown-function-is-refused", "--known-failing", "gradio-6.31.0"]
    done = shell.type("check", testbed, *run)
    assert done.code == 1
    assert "JOIN-011 in join.unknown-function-is-refused" in done.out


# -- wrong usage --------------------------------------------------------------------------------

SOMEWHERE = "http://127.0.0.1:1"
MISTAKES = [
    (["check"], "Missing argument"),
    (["check", "127.0.0.1:1"], "do you mean http://127.0.0.1:1?"),
    (["check", "./server"], "'./server' is neither a URL nor a command with {port} in it"),
    (["check", "ftp://x"], "'ftp://x' does not begin with http:// or https://"),
    (["check", "http://me:secret@h/?a"], "'http://me:***@h/?a' has a query"),
    (["check", SOMEWHERE, "http://other"], "one URL, not also 'http://other'"),
    (["check", SOMEWHERE, "--profile", "call,mcp"], "--profile: mcp; there are discover, call"),
    (["check", SOMEWHERE, "--run", "nothing.*"], "--run: 'nothing.*' is no check and no clause"),
    (["check", SOMEWHERE, "--skip", "X-1"], "--skip: 'X-1' is no check and no clause"),
    (["check", SOMEWHERE, "--fail-on", "may"], "'--fail-on': 'may' is not one of"),
    (["check", SOMEWHERE, "--report", "pdf"], "--report: pdf; there are jsonl, junit, html"),
    (["check", SOMEWHERE, "--seed", "x"], "'--seed': 'x' is not a valid integer"),
    (["check", SOMEWHERE, "--patience", "0"], "'--patience': 0.0 is not in the range"),
    (["check", SOMEWHERE, "--max-examples", "0"], "'--max-examples': 0 is not in the range"),
    (["check", SOMEWHERE, "-x", "0"], "'--max-failures': 0 is not in the range"),
    (["check", SOMEWHERE, "--known-failing", "no.yaml"], "--known-failing: no.yaml: no such file"),
    (["check", SOMEWHERE, "--nonsense"], "No such option"),
    (["explain", "QUEUE-02"], "'QUEUE-02'; do you mean QUEUE-02"),
    (["explain", "xyzzy"], "no clause and no check is called 'xyzzy'\n"),
    (["list", "everything"], "'everything' is not one of"),
    (["replay", "--from", "no.jsonl"], "--from: no.jsonl: "),
    (["schema", "nothing"], "'nothing'; there are "),
    (["serve", "no.py"], "'no.py' does not exist"),
    (["serve", "--name", "app"], "--name and --host are about an APP"),
    (["serve", "--port", "70000"], "'--port': 70000 is not in the range"),
    (["dance"], "No such command 'dance'"),
]


@pytest.mark.parametrize(("arguments", "reason"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_a_mistake_is_told_in_a_line(
    arguments: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = here(arguments, tmp_path, monkeypatch)
    assert done.code == 2
    assert done.out == ""
    line = done.err.strip().splitlines()[-1] + "\n"
    assert line.startswith("Error: ")
    assert reason in line


def here(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Done:
    """The command without a process of its own, for what judges no server."""
    from click.testing import CliRunner

    from gradio_conformance.cli import main

    monkeypatch.chdir(folder)
    # The suite's settings of Hypothesis are for its own process.
    monkeypatch.setattr(sys.modules["gradio_conformance.cli.check"], "configure", lambda _: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        result = CliRunner().invoke(main, arguments, prog_name="gradio-protocol")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def test_a_list_that_names_no_check_is_refused(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = listed(shell, "disc.no-such-check", "DISC-003")
    done = here(["check", SOMEWHERE, "--known-failing", file], shell.folder, monkeypatch)
    assert done.code == 2
    assert "mine.yaml: DISC-003: there is no check disc.no-such-check" in done.err


def test_a_folder_that_cannot_be_written_is_refused(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shell.folder / "file").touch()
    options = ["--report", "jsonl", "--report-dir", "file/below"]
    done = here(["check", SOMEWHERE, *options], shell.folder, monkeypatch)
    assert done.code == 2
    assert "--report-dir: file" in done.err


# -- the user's environment ---------------------------------------------------------------------


def test_nothing_around_the_user_changes_a_run(shell: Shell, raw_server: Serve) -> None:
    (shell.folder / "conftest.py").write_text("raise RuntimeError('not mine')", "utf-8")
    (shell.folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    (shell.folder / "check_mine.py").write_text("def check_x(): assert False\n", "utf-8")
    (shell.folder / "tox.ini").write_text("[pytest]\npython_files = *.py\n", "utf-8")
    before = shell.left()
    environment = {
        "PYTEST_ADDOPTS": "--no-such-option",
        "PYTEST_PLUGINS": "no_such_plugin",
        "PYTHONWARNINGS": "error",
        "PYTHONPATH": os.pathsep.join(filter(None, [*sys.path, "."])),
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "LC_ALL": "C",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "CI": "true",
    }
    server = raw_server(AnyApp(dependencies=[{"id": 0, "api_name": "echo"}]))
    runs = ["--run", PROTOCOL, "--run", "disc.app-id*"]
    done = shell.run("check", server.url, *runs, environment=environment)
    assert done.code == 0, done
    assert re.search(r"Verdict  CONFORMANT .* exit 0", done.out)
    assert shell.left() == before


PARAMETER = {"parameter_name": "x", "parameter_has_default": False, "type": {"type": "integer"}}
ECHO = {"parameters": [PARAMETER] * 4, "returns": [{"type": {"type": "integer"}}]}


def generated(shell: Shell, raw_server: Serve, *options: str, **environment: str) -> list[Any]:
    """The arguments that a run made up for an endpoint."""
    echo = {"id": 0, "api_name": "echo", "inputs": [1, 1, 1, 1]}
    app = AnyApp(dependencies=[echo], components=[{"id": 1}])
    app.info = {"named_endpoints": {"/echo": ECHO}, "unnamed_endpoints": {}}
    run = ["--run", "any-app.generated-inputs-are-answered-directly"]
    typed = partial(shell.run, environment=environment) if environment else shell.type
    done = typed("check", raw_server(app).url, *run, *options)
    assert done.code == 0, done
    made = []
    while not app.bodies.empty():
        made.append(app.bodies.get()["data"])
    assert len(made) > 10
    return made


def test_a_seed_makes_the_same_inputs_again(shell: Shell, raw_server: Serve) -> None:
    first = generated(shell, raw_server, "--seed", "4711")
    # Under CI, Hypothesis would choose its inputs by itself.
    assert generated(shell, raw_server, "--seed", "4711", CI="true") == first
    assert generated(shell, raw_server, "--seed", "4712") != first


# -- replay -------------------------------------------------------------------------------------


def test_failures_are_run_again(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp(protocol="sse_v2", app_id=2**60)
    url = raw_server(app).url
    runs = ["--run", PROTOCOL, "--run", APP_ID, "--run", "disc.config-is-*"]
    assert shell.type("check", url, *runs, "--report", "jsonl", "--seed", "5").code == 1

    again = shell.type("replay")
    assert again.code == 1
    told = re.findall(r"^(\S+) +(\S+)$", again.out, re.MULTILINE)
    assert sorted(told) == [("FAILED", APP_ID), ("FAILED", PROTOCOL)]
    assert re.search(r"DISC-003: expected .*; got .*sse_v2", again.out)

    app.config["protocol"] = "sse_v3"
    half = shell.type("replay", PROTOCOL)
    assert (half.code, half.out) == (0, f"FIXED   {PROTOCOL}\n")
    elsewhere = shell.type("replay", APP_ID, "--url", raw_server(AnyApp()).url)
    assert (elsewhere.code, elsewhere.out) == (0, f"FIXED   {APP_ID}\n")

    curl = shell.type("replay", "--curl", PROTOCOL)
    assert curl.code == 0
    assert f"# {PROTOCOL}\ncurl -si {url}/config\n" in curl.out

    unknown = shell.type("replay", "disc.config-is-a-json-object")
    assert unknown.code == 2
    assert "disc.config-is-a-json-object did not fail in" in unknown.err
    gone = shell.type("replay", "--url", f"http://127.0.0.1:{closed_port()}")
    assert (gone.code, gone.out) == (4, "")
    assert "ConnectError" in gone.err


def test_a_failure_that_cannot_be_run_again_is_an_error(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp(protocol="sse_v2")
    url = raw_server(app).url
    shell.type("check", url, "--run", PROTOCOL, "--report", "jsonl")
    path = shell.folder / "report" / "report.jsonl"
    path.write_text(path.read_text("utf-8").replace(PROTOCOL, "disc.of-another-release"), "utf-8")
    done = shell.type("replay")
    assert done.code == 3
    assert done.out.startswith("ERROR   disc.of-another-release\n")


def test_a_report_that_was_cut_off_is_no_report(shell: Shell) -> None:
    shell.type("check", f"http://127.0.0.1:{closed_port()}", "--report", "jsonl")
    path = shell.folder / "report" / "report.jsonl"
    nothing = shell.type("replay")
    assert (nothing.code, nothing.out) == (0, "# 0 recorded failures\n")
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    done = shell.type("replay")
    assert done.code == 2
    assert "the run was cut off" in done.err


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


@pytest.mark.parametrize(
    ("what", "number"), [("app.py", signal.SIGINT), ("testbed", signal.SIGTERM)]
)
def test_a_server_says_where_it_is_and_stops(
    shell: Shell, what: str, number: signal.Signals
) -> None:
    (shell.folder / "app.py").write_text(APP, "utf-8")
    port = closed_port()
    arguments = ["app.py"] if what == "app.py" else []
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


def test_serving_without_its_extra_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = here(["serve"], tmp_path, monkeypatch)
    assert done.code == 2
    assert "install gradio-protocol[server]" in done.err
