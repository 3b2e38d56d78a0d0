"""Mistakes of the user: one line that names the option and the reason, exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from .shell import Shell
from .shell import here
from .shell import listed

# -- wrong usage --------------------------------------------------------------------------------

SOMEWHERE = "http://127.0.0.1:1"
MISTAKES = [
    (["check"], "Missing argument"),
    (["check", "127.0.0.1:1"], "do you mean http://127.0.0.1:1?"),
    (["check", "./server"], "'./server' is neither a URL nor a command with {port} in it"),
    (["check", "ftp://x"], "'ftp://x' does not begin with http:// or https://"),
    (["check", "http://me:secret@h/?a"], "'http://me:***@h/?a' has a query"),
    (["check", SOMEWHERE, "http://other"], "one URL, not also 'http://other'"),
    (["check", SOMEWHERE, "--profile", "call,resume"], "--profile: resume; there are discover"),
    (["check", SOMEWHERE, "--run", "nothing.*"], "--run: 'nothing.*' is no check and no clause"),
    (["check", SOMEWHERE, "--skip", "X-1"], "--skip: 'X-1' is no check and no clause"),
    (["check", SOMEWHERE, "--fail-on", "may"], "'--fail-on': 'may' is not one of"),
    (["check", SOMEWHERE, "--report", "pdf"], "--report: pdf; there are jsonl, junit, html"),
    (["check", SOMEWHERE, "--seed", "x"], "'--seed': 'x' is not a valid integer"),
    (["check", SOMEWHERE, "--patience", "0"], "'--patience': 0.0 is not in the range"),
    (["check", SOMEWHERE, "--max-examples", "0"], "'--max-examples': 0 is not in the range"),
    (["check", SOMEWHERE, "-x", "0"], "'--max-failures': 0 is not in the range"),
    (["check", SOMEWHERE, "--known-failing", "no.yaml"], "--known-failing: no.yaml: no such file"),
    (["check", SOMEWHERE, "--spec-version", "v9"], "--spec-version: unknown protocol version 'v9'"),
    (["check", SOMEWHERE, "--spec-version", "ws"], "the suite judges sessions, which there are"),
    (["check", SOMEWHERE, "--spec-version", "gradio-3.2"], "there is no specification of it"),
    (["check", SOMEWHERE, "--nonsense"], "No such option"),
    (["serve", "--as", "gradio-3.5"], "which is described from gradio-3.6 on"),
    (["serve", "--as", "v3-9.9"], "unknown protocol version 'v3-9.9'"),
    (["serve", "--as", "v3-5.0", "--misbehave", "twice-completed"], "--as is not for --misbehave"),
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
