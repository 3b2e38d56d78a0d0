"""``replay``: what failed is run again, or told how to run by hand."""

from __future__ import annotations

import json
import re

import yaml

from .shell import APP_ID
from .shell import PROTOCOL
from .shell import AnyApp
from .shell import Serve
from .shell import Shell
from .shell import closed_port

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


# -- scripts ------------------------------------------------------------------------------------

SCRIPT = """script: "1"
server: SERVER
clause: CANCEL-008
steps:
  - join: {event: e1, session: A, endpoint: hold, data: ["$gate"]}
  - open: {session: A}
  - cancel: {event: e1, way: stranger}
"""


def test_a_script_is_played_step_by_step(shell: Shell, testbed: str) -> None:
    for server in ("main", "second"):
        (shell.folder / f"{server}.yaml").write_text(SCRIPT.replace("SERVER", server), "utf-8")
    done = shell.type("replay", "main.yaml", "second.yaml", "--url", testbed)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("FIXED\n") == 2
    assert '1. A joins hold with ["$gate"] as e1\n2. A opens its stream\n' in done.out


def test_a_script_needs_a_server_and_has_to_be_one(shell: Shell, testbed: str) -> None:
    path = shell.folder / "bad.yaml"
    path.write_text(SCRIPT, "utf-8")
    nowhere = shell.type("replay", "bad.yaml")
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "name one with --url" in nowhere.err
    wrong = shell.type("replay", "bad.yaml", "--url", testbed)
    assert wrong.code == 2
    assert "server: 'SERVER' is not one of ['main', 'second']" in wrong.err
    gone = shell.type("replay", "bad.yaml", "none.yaml", "--url", testbed)
    assert gone.code == 2


def test_failures_with_scripts_are_played_and_can_be_saved(shell: Shell, testbed: str) -> None:
    slug = "sequences.any-sequence-keeps-the-protocol"
    shell.type("check", testbed, "--run", APP_ID, "--report", "jsonl")
    path = shell.folder / "report" / "report.jsonl"
    head, result, foot = path.read_text("utf-8").splitlines()
    script = yaml.safe_load(SCRIPT.replace("SERVER", "main"))
    finding = {"clause": "CANCEL-008", "expected": "a result", "actual": "none"}
    facts = {"check": slug, "status": "fail", "findings": [finding], "scripts": [script]}
    failed = {**json.loads(result), **facts}
    end = json.loads(foot)
    end["counts"].update({"pass": 0, "fail": 1})
    lines = [head, json.dumps(failed), json.dumps(end), ""]
    path.write_text("\n".join(lines), "utf-8")

    played = shell.type("replay")
    assert played.code == 0
    assert played.out.startswith("CANCEL-008-1\n1. A joins hold")
    saved = shell.type("replay", "--save", "scripts")
    assert (saved.code, saved.out) == (0, "scripts/CANCEL-008-1.yaml\n")
    again = shell.type("replay", "scripts/CANCEL-008-1.yaml", "--url", testbed)
    assert (again.code, again.out.count("FIXED")) == (0, 1)
