"""Options from a file and from the environment: their order, and what is refused."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from .shell import PROTOCOL
from .shell import AnyApp
from .shell import Serve
from .shell import Shell
from .shell import here

OWN = "gradio-protocol.toml"
GONE = "http://127.0.0.1:1"


def refused(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = OWN) -> str:
    (folder / name).write_text(text, "utf-8")
    done = here(["list", "profiles"], folder, monkeypatch)
    assert (done.code, done.out) == (2, "")
    return done.err.strip().splitlines()[-1]


MISTAKES = [
    (
        "[check]\nfail-onn = 'must'",
        "check.fail-onn: check has no such option; do you mean fail-on?",
    ),
    ("[check]\nfail_on = 'must'", "check.fail_on: check has no such option; do you mean fail-on?"),
    ("[chek]\nseed = 1", "chek: no command is called so"),
    ("check = 1", "check: not a table"),
    ("[check]\nfail-on = 'may'", "check.fail-on: 'may' is not one of 'must', 'should', 'never'."),
    ("[check]\nseed = '1'", 'check.seed: "1" is not a whole number'),
    ("[check]\nseed = true", "check.seed: true is not a whole number"),
    ("[check]\nbudget = 0", "check.budget: 0.0 is not in the range x>=1."),
    ("[check]\nbudget = 'x'", 'check.budget: "x" is not a number'),
    ("[check]\nverbose = 1", "check.verbose: 1 is not true or false"),
    ("[check]\nreport = [1]", "check.report: no text, no list of texts"),
    ("[check]\nreport-dir = 1", "check.report-dir: 1 is not a text"),
    ("[check]\nhelp = true", "check.help: check has no such option"),
    ("[check]\nurl = 'http://a'\ncommand = 'b'", "check.command: there is url, too"),
    ("[check]\nurl = ['http://a']", "check.url: no text"),
    ("[check]\ncommand = []", "check.command: no text, no list of texts"),
    ('[check]\ncommand = "a \'"', "check.command: No closing quotation"),
    ("[serve]\ncommand = 'x'", "serve.command: serve has no such option"),
    ("[check", "Expected ']' at the end of a table declaration"),
]


@pytest.mark.parametrize(("text", "reason"), MISTAKES, ids=[reason for _, reason in MISTAKES])
def test_a_mistake_names_the_file_and_the_key(
    text: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = refused(text, tmp_path, monkeypatch)
    assert line.startswith(f"Error: {OWN}: ")
    assert reason in line


def test_the_table_of_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = refused("[tool.gradio-protocol.check]\nsed = 1", tmp_path, monkeypatch, "pyproject.toml")
    assert line == "Error: pyproject.toml: check.sed: check has no such option; do you mean seed?"
    # One's own file comes first.
    (tmp_path / OWN).write_text("[check]\nseed = 1", "utf-8")
    assert here(["list", "profiles"], tmp_path, monkeypatch).code == 0


def test_other_projects_have_nothing_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\nx = 1", "utf-8")
    assert here(["list", "profiles"], tmp_path, monkeypatch).code == 0


def test_a_file_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text("[check]\nsed = 1", "utf-8")
    for arguments in (["--config", "mine.toml"], []):
        if not arguments:
            monkeypatch.setenv("GRADIO_PROTOCOL_CONFIG", "mine.toml")
        done = here([*arguments, "list", "profiles"], tmp_path, monkeypatch)
        assert done.code == 2
        assert "mine.toml: check.sed: " in done.err
    gone = here(["--config", "no.toml", "list", "profiles"], tmp_path, monkeypatch)
    assert (gone.code, "'no.toml' does not exist" in gone.err) == (2, True)


def test_a_flag_then_the_environment_then_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would be refused, so that the one in force tells."""
    (tmp_path / OWN).write_text(f"[check]\nurl = '{GONE}'\nprofile = ['file', 'f2']", "utf-8")

    def told(*flags: str) -> str:
        done = here(["check", *flags], tmp_path, monkeypatch)
        assert done.code == 2
        return done.err.strip().splitlines()[-1]

    assert told().startswith("Error: Invalid value for --profile: f2, file; ")
    monkeypatch.setenv("GRADIO_PROTOCOL_CHECK_PROFILE", "environment")
    assert told().startswith("Error: Invalid value for --profile: environment; ")
    assert told("--profile", "flag").startswith("Error: Invalid value for --profile: flag; ")


def test_what_is_judged_has_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / OWN).write_text("[check]\ncommand = 'file'", "utf-8")

    def told(*words: str) -> str:
        return here(["check", *words], tmp_path, monkeypatch).err.strip().splitlines()[-1]

    assert "'file' is neither a URL nor a command with {port}" in told()
    monkeypatch.setenv("GRADIO_PROTOCOL_CHECK_URL", "ftp://environment")
    assert "'ftp://environment' does not begin with http" in told()
    assert "'ftp://word' does not begin with http" in told("ftp://word")


def test_a_run_has_what_the_file_says(shell: Shell, raw_server: Serve) -> None:
    lines = [
        *("[check]", f"url = '{raw_server(AnyApp(protocol='sse_v2')).url}'"),
        *(f"run = ['{PROTOCOL}']", "report = ['jsonl', 'md']", "report-dir = 'out'"),
        *("seed = 7", "fail-on = 'never'"),
    ]
    (shell.folder / OWN).write_text("\n".join(lines), "utf-8")
    done = shell.type("check")
    assert done.code == 0, done
    head, result, foot = shell.lines("out")
    assert (head["seed"], result["check"], result["status"]) == (7, PROTOCOL, "fail")
    assert (foot["verdict"], foot["exit_code"]) == ("nonconformant", 0)
    assert {path.name for path in (shell.folder / "out").iterdir()} == {"report.jsonl", "report.md"}
    # A flag still wins.
    assert shell.type("check", "--fail-on", "must", "--report-dir", "other").code == 1


def test_the_schema_is_that_of_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = here(["schema", "config"], tmp_path, monkeypatch)
    assert done.code == 0, done
    schema = json.loads(done.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = "[check]\ncommand = ['a', '{port}']\nfail-on = 'must'\nbudget = 1.5\nprofile = 'call'"
    assert list(validator.iter_errors(tomllib.loads(good))) == []
    wrong = [text for text, _ in MISTAKES if "[check]" in text and "command" not in text]
    accepted = [t for t in wrong if not list(validator.iter_errors(tomllib.loads(t)))]
    assert accepted == ["[check]\nbudget = 0"]  # ranges are the command's business
    listed = here(["schema"], tmp_path, monkeypatch).out.splitlines()
    assert "config" in listed
    assert listed == sorted(listed)
