"""``check``: verdicts by exit code, output and report; nothing around the user changes them."""

from __future__ import annotations

import os
import re
import socket
import sys
from typing import Any

import pytest

from gradio_conformance.events import Verdict
from gradio_conformance.reporting import read_report

from .shell import APP_ID
from .shell import PROTOCOL
from .shell import TESTBED
from .shell import AnyApp
from .shell import Serve
from .shell import Shell
from .shell import listed

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


def test_a_server_is_judged_by_an_older_version(shell: Shell, testbed: str) -> None:
    """What is newer is told, what is not in that version is not asked for."""
    asked = ["--run", "sse.messages-keep-their-order", "--run", "CALL-014", "--report", "jsonl"]
    done = shell.type("check", testbed, *asked, "--spec-version", "gradio-5.50.0")
    assert " · dialect v3-5.38 · as gradio-5.50.0\n" in done.out
    head, *results, foot = shell.lines()
    assert (head["release"], head["dialect"]) == ("gradio-5.50.0", "v3-5.38")
    assert [r["check"] for r in results] == ["sse.messages-keep-their-order"]
    newer = {row["place"]: row["since"] for row in foot["newer"]}
    assert newer["messages#/$defs/ProcessCompleted/properties/used_cache"] == "6.12.0"
    assert "NEWER  " in done.out
    assert "CALL-014" not in {clause["clause"] for clause in foot["clauses"]}


def test_a_server_is_judged_by_what_it_announces(shell: Shell, testbed: str) -> None:
    done = shell.type("check", testbed, "--run", EVERYBODYS, "--spec-version", "auto")
    assert (done.code, done.err) == (0, ""), done
    assert "NEWER" not in done.out


def test_an_announcement_that_nobody_can_judge_is_refused(shell: Shell, raw_server: Serve) -> None:
    for protocol, version, reason in (
        ("sse_v9", "4.16.0", "no release announces"),
        ("sse", "4.8.0", "the suite judges sessions"),
    ):
        url = raw_server(AnyApp(protocol=protocol, version=version)).url
        done = shell.type("check", url, "--run", EVERYBODYS, "--spec-version", "auto")
        assert done.code == 2, done
        assert reason in done.err


OPTIONAL, EVERYBODYS = "auth-access.user-tells-who-one-is", APP_ID


def test_an_optional_profile_counts_only_where_it_is_offered(
    shell: Shell, raw_server: Serve, testbed: str
) -> None:
    """Not applicable by default, inconclusive if asked for by name, judged where it is offered."""
    small = raw_server(AnyApp()).url
    both = ["--run", OPTIONAL, "--run", EVERYBODYS, "--report", "jsonl"]
    for url, named, code, status in (
        (small, [], 0, "not-applicable"),
        (small, ["--profile", "auth,discover"], 3, "could-not-run"),
        (testbed, [], 0, "pass"),
    ):
        done = shell.type("check", url, *named, *both)
        found = {
            line["check"]: line["status"] for line in shell.lines() if line["kind"] == "result"
        }
        assert (done.code, found) == (code, {OPTIONAL: status, EVERYBODYS: "pass"}), done


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


# -- known deviations ---------------------------------------------------------------------------


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
    run = ["--run", "any-app.generated-inputs-are-answered-directly", "--max-examples", "4"]
    done = shell.run("check", raw_server(app).url, *run, *options, environment=environment)
    assert done.code == 0, done
    made = []
    while not app.bodies.empty():
        made.append(app.bodies.get()["data"])
    assert len(made) > 3
    return made


def test_a_seed_makes_the_same_inputs_again(shell: Shell, raw_server: Serve) -> None:
    first = generated(shell, raw_server, "--seed", "4711")
    # Under CI, Hypothesis would choose its inputs by itself.
    assert generated(shell, raw_server, "--seed", "4711", CI="true") == first
    assert generated(shell, raw_server, "--seed", "4712") != first


def test_a_job_of_github_is_told(shell: Shell, raw_server: Serve) -> None:
    """Nothing has to be asked for: annotations on stdout, the run in the summary of the step."""
    url = raw_server(AnyApp(protocol="sse_v2")).url
    summary = shell.folder / "summary.md"
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = shell.run("check", url, "--run", PROTOCOL, environment=job)
    assert done.code == 1, done
    lines = done.out.splitlines()
    (error,) = (line for line in lines if line.startswith("::"))
    assert error.startswith(f"::error title=DISC-003 MUST {PROTOCOL}::DISC-003: ")
    assert lines[-1].startswith("Verdict  NONCONFORMANT")
    assert summary.read_text("utf-8").startswith("## gradio-protocol: nonconformant\n")
