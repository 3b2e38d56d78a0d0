"""Runs that do not end in a verdict on the server: gone, stopped, interrupted, our own fault."""

from __future__ import annotations

import os
import re
import signal
import sys

import pytest

from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import Verdict
from gradio_conformance.reporting import read_report

from .shell import LONG_S
from .shell import PROTOCOL
from .shell import AnyApp
from .shell import Serve
from .shell import Shell
from .shell import closed_port
from .shell import listed


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


# -- late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("holds", "code", "solo", "told"),
    [
        (1, 0, [False, False], "late in 0 of 2 solo runs"),
        (2, 0, [True, False, False], "late in 1 of 3 solo runs"),
        (1000, 1, [True, True], "late in 2 of 2 solo runs"),
    ],
)
def test_who_was_late_is_run_again_alone(
    shell: Shell, raw_server: Serve, holds: int, code: int, solo: list[bool], told: str
) -> None:
    app = AnyApp()
    app.hold, app.holds = "/app_id", holds
    runs = ["--run", "disc.app-id-is-*", "--run", PROTOCOL, "--patience", "0.5"]
    done = shell.type("check", raw_server(app).url, *runs, "--report", "jsonl")
    assert done.code == code, done
    first, last = shell.lines()[1:-1]
    assert first["check"] == PROTOCOL, "alone is after all others"
    assert [run["late"] for run in last["solo_runs"]] == solo
    assert last["reason"].startswith(told)
    assert last.get("late", False) is bool(code)
    assert last["noise"]["max_ms"] >= 0
    assert told in done.out
    assert ("LATE AT FIRST" in done.out) is not code
    assert ("the machine was up to" in done.out) is bool(code)


def test_what_a_server_may_not_recover_from_comes_after_the_runs_alone(
    shell: Shell, raw_server: Serve
) -> None:
    app = AnyApp()
    app.hold, app.holds = "/app_id", 1
    straining = next(slug for slug, i in all_checks().items() if i.strain and i.needs)
    runs = ["--run", "disc.app-id-is-*", "--run", PROTOCOL, "--run", straining]
    shell.type("check", raw_server(app).url, *runs, "--patience", "0.5", "--report", "jsonl")
    first, late, last = shell.lines()[1:-1]
    assert (first["check"], last["check"]) == (PROTOCOL, straining)
    assert [run["late"] for run in late["solo_runs"]] == [False, False]


def test_who_is_known_to_be_late_is_not_run_again(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp()
    app.hold = "/app_id"
    slug = next(c for c in all_checks() if c.startswith("disc.app-id-is-"))
    known = listed(shell, slug, "DISC-022")
    runs = ["--run", slug, "--patience", "0.5", "--known-failing", known, "--report", "jsonl"]
    assert shell.type("check", raw_server(app).url, *runs).code == 0
    (result,) = shell.lines()[1:-1]
    assert (result["status"], result["late"]) == ("known", True)
    assert "solo_runs" not in result


def test_a_run_that_ends_early_runs_nobody_again(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp()
    app.hold = "/app_id"
    runs = ["--run", "disc.app-id-is-*", "--run", "disc.openapi-*", "--patience", "0.5", "-x", "1"]
    done = shell.type("check", raw_server(app).url, *runs, "--report", "jsonl")
    assert done.code == 1
    broken, late = shell.lines()[1:-1]
    assert broken["check"].startswith("disc.openapi-")
    assert late["reason"] == "late; not run again alone, for the run ended"
    assert late["status"] == "fail"


def test_replay_runs_alone_too(shell: Shell, raw_server: Serve) -> None:
    app = AnyApp()
    app.hold = "/app_id"
    runs = ["--run", "disc.app-id-is-*", "--patience", "0.5"]
    shell.type("check", raw_server(app).url, *runs, "--report", "jsonl")
    again = shell.type("replay")
    assert again.code == 1
    assert "late in 2 of 2 solo runs; the machine was up to" in again.out
    app.holds = 1
    fixed = shell.type("replay")
    assert fixed.code == 0
    assert "late in 0 of 2 solo runs" in fixed.out


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


INTERRUPTED = """
import gradio_conformance.runner.engine as engine
from gradio_conformance.__main__ import main
def discover(*arguments):
    exec("raise KeyboardInterrupt")
engine.discover = discover
main()
"""


def test_an_interruption_has_its_exit_code_wherever_it_comes(
    shell: Shell, raw_server: Serve
) -> None:
    (shell.folder / "interrupted.py").write_text(INTERRUPTED, "utf-8")
    program = [sys.executable, "-m", "interrupted"]
    assert shell.run("check", raw_server(AnyApp()).url, program=program).code == 130
