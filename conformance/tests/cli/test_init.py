"""``init``: what it writes is read, checked and used by what it is for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradio_conformance.cli import COMMANDS
from gradio_conformance.cli.init import MODES
from gradio_conformance.cli.schema import schemas
from gradio_conformance.gate.policy import read_ignored
from gradio_conformance.starting.files import Start
from gradio_conformance.starting.files import configuration
from gradio_conformance.starting.files import known
from gradio_conformance.starting.files import workflow
from gradio_conformance.starting.projects import project_of
from gradio_spec.loader import load_known

from .shell import PROTOCOL
from .shell import AnyApp
from .shell import Done
from .shell import Serve
from .shell import Shell
from .shell import here

ROOT = Path(__file__).resolve().parents[3]
WORKFLOW = ".github/workflows/gradio-protocol.yml"
WRITTEN = {WORKFLOW, "gradio-protocol.toml", "known-failing.yaml"}
Patch = pytest.MonkeyPatch


def init(folder: Path, monkeypatch: Patch, *arguments: str) -> Done:
    return here(["init", *arguments], folder, monkeypatch)


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def job(folder: Path) -> list[dict[str, Any]]:
    """The steps of the workflow, after all that GitHub would refuse in it is ruled out."""
    loaded = yaml.safe_load((folder / WORKFLOW).read_text("utf-8"))
    assert loaded["permissions"] == {"contents": "read"}
    assert loaded[True]  # YAML 1.1 reads the key `on` as true
    steps: list[dict[str, Any]] = loaded["jobs"]["conformance"]["steps"]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"]
    assert set(steps[-1]["with"]) <= set(inputs)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+@v[\w.]+", steps[-1]["uses"])
    used = set(re.findall(r"uses: (\S+)", (ROOT / ".github/workflows/ci.yml").read_text("utf-8")))
    assert {step["uses"] for step in steps[:-1] if "uses" in step} <= used
    return steps


def test_a_running_server(shell: Shell, raw_server: Serve, monkeypatch: Patch) -> None:
    """All that is written is in use at once: `check` without a word."""
    url = raw_server(AnyApp(protocol="sse_v2")).url
    done = init(shell.folder, monkeypatch, "--url", f"{url}/")
    assert done.code == 0, done
    assert [line.split()[0] for line in done.out.splitlines()] == [*["wrote"] * 3, "Next:"]
    assert done.out.endswith("Next: gradio-protocol check\n")
    assert files(shell.folder) == WRITTEN
    assert [s.get("uses", "").partition("@")[0] for s in job(shell.folder)] == [
        "actions/checkout",
        "gradio-protocol/gradio-protocol",
    ]
    assert load_known(shell.folder / "known-failing.yaml").entries == ()
    ran = shell.type("check", "--run", PROTOCOL, "--report", "jsonl")
    assert ran.code == 1, ran
    head, *_ = shell.lines()
    assert (head["target"], head["known_source"]) == (url, "known-failing")


def test_an_example_of_the_list_is_an_entry(tmp_path: Path, monkeypatch: Patch) -> None:
    """The comments of the list, taken away, are a list that is read."""
    for mode, command in (("server", "x {port}"), ("client", "x")):
        folder = tmp_path / mode
        folder.mkdir()
        assert init(folder, monkeypatch, "--mode", mode, "--command", command).code == 0
        path = folder / "known-failing.yaml"
        text = path.read_text("utf-8").replace("entries: []", "entries:")
        path.write_text(re.sub(r"^#  ", "  ", text, flags=re.MULTILINE), "utf-8")
        (entry,) = load_known(path).entries
        assert entry.summary


def test_a_client(tmp_path: Path, monkeypatch: Patch) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "adapter.mjs").touch()
    (tmp_path / "package.json").write_text('{"name": "mine"}', "utf-8")
    done = init(tmp_path, monkeypatch, "--mode", "client")
    assert done.out.endswith("Next: gradio-protocol check-client\n")
    found = tomllib.loads((tmp_path / "gradio-protocol.toml").read_text("utf-8"))
    assert found["check-client"]["command"] == ["node", "conformance/adapter.mjs"]
    steps = job(tmp_path)
    assert [s["run"] for s in steps if "run" in s] == ["npm install"]
    assert steps[-1]["with"] == {"mode": "check-client"}
    assert load_known(tmp_path / "known-failing.yaml").implementation == "mine"


def test_into_a_project_of_python(tmp_path: Path, monkeypatch: Patch) -> None:
    before = "[project]\nname = 'mine'\n\n[tool.ruff]\nline-length = 100\n"
    (tmp_path / "pyproject.toml").write_text(before, "utf-8")
    (tmp_path / "app.py").write_text("import gradio as gr\n", "utf-8")
    done = init(tmp_path, monkeypatch)
    assert done.code == 0, done
    text = (tmp_path / "pyproject.toml").read_text("utf-8")
    assert text.startswith(before)
    section = tomllib.loads(text)["tool"]["gradio-protocol"]["check"]
    assert section["command"] == ["env", "GRADIO_SERVER_PORT={port}", "python", "app.py"]
    assert not (tmp_path / "gradio-protocol.toml").exists()
    assert [s["run"] for s in job(tmp_path) if "run" in s] == ["python -m pip install ."]
    # A second time it is the user's.
    again = init(tmp_path, monkeypatch)
    assert (again.code, "there is a table tool.gradio-protocol already" in again.err) == (2, True)
    assert init(tmp_path, monkeypatch, "--force").code == 0
    assert (tmp_path / "pyproject.toml").read_text("utf-8") == text


def test_a_specification(tmp_path: Path, monkeypatch: Patch) -> None:
    (tmp_path / "spec" / "versions").mkdir(parents=True)
    done = init(tmp_path, monkeypatch, "--mode", "spec")
    assert done.out.endswith("Next: gradio-protocol diff main:spec/ spec/\n")
    first, *_, last = job(tmp_path)
    assert first["with"] == {"fetch-depth": 0}
    assert last["with"] == {
        "mode": "diff",
        "old": "origin/${{ github.base_ref }}:spec/",
        "new": "spec/",
    }
    path = tmp_path / "ignored.yaml"
    assert read_ignored(path) == ()
    text = path.read_text("utf-8").replace("ignore: []", "ignore:")
    path.write_text(re.sub(r"^#  ", "  ", text, flags=re.MULTILINE), "utf-8")
    (entry,) = read_ignored(path)
    assert entry.until == "2027-01-31"
    # The file of options names the list, which `diff` then reads.
    path.write_text("ignore: [{}]", "utf-8")
    done = here(["diff", "sse_v3", "sse_v3"], tmp_path, monkeypatch)
    assert (done.code, "ignored.yaml" in done.err) == (2, True)


@pytest.mark.parametrize("mode", MODES)
def test_what_the_files_speak_of_is_there(mode: str) -> None:
    start = Start(mode, project_of(Path()), {"folder": "spec/", "command": ["x"]})
    texts = (workflow(start), configuration(start), known(start))
    for name in re.findall(r"`gradio-protocol schema ([\w-]+)`", "".join(texts)):
        assert name in (*schemas(), "config")
    for name in re.findall(r"`gradio-protocol ([\w-]+)`", "".join(texts)):
        assert name in COMMANDS


def test_nothing_is_replaced_unless_it_is_forced(tmp_path: Path, monkeypatch: Patch) -> None:
    (tmp_path / "known-failing.yaml").write_text("mine", "utf-8")
    done = init(tmp_path, monkeypatch, "--command", "x {port}")
    assert done.code == 2
    assert "known-failing.yaml: there already; --force" in done.err
    assert files(tmp_path) == {"known-failing.yaml"}
    assert (tmp_path / "known-failing.yaml").read_text("utf-8") == "mine"
    assert init(tmp_path, monkeypatch, "--command", "x {port}", "--force").code == 0
    assert files(tmp_path) == WRITTEN
    assert load_known(tmp_path / "known-failing.yaml").entries == ()


def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path, monkeypatch: Patch) -> None:
    done = init(tmp_path, monkeypatch, "--command", "x {port}", "--dry-run")
    assert done.code == 0
    assert files(tmp_path) == set()
    assert re.findall(r"^--- (.*)$", done.out, re.MULTILINE) == sorted(
        WRITTEN, key=[WORKFLOW, "known-failing.yaml", "gradio-protocol.toml"].index
    )


def test_another_folder(tmp_path: Path, monkeypatch: Patch) -> None:
    (tmp_path / "my app").mkdir()
    done = init(tmp_path, monkeypatch, "my app", "--command", "x {port}")
    assert done.out.endswith("Next: cd 'my app' && gradio-protocol check\n")
    assert files(tmp_path / "my app") == WRITTEN


def test_a_command_of_any_words_stays_what_it_is(tmp_path: Path, monkeypatch: Patch) -> None:
    words = ["a 'b\" \\ \n", "$(x) ${{ github.token }}", "{port}", "ü☃"]
    quoted = " ".join("'" + word.replace("'", "'\"'\"'") + "'" for word in words)
    assert init(tmp_path, monkeypatch, "--command", quoted).code == 0
    found = tomllib.loads((tmp_path / "gradio-protocol.toml").read_text("utf-8"))
    assert found["check"]["command"] == words
    assert "github.token" not in (tmp_path / WORKFLOW).read_text("utf-8")
    job(tmp_path)


MISTAKES = [
    ([], "found no app of a server; say --command"),
    (["--mode", "client"], "found no conformance/adapter.py or .mjs; say --command"),
    (["--command", "x"], "--command: there is no {port} in it"),
    (["--command", "x '"], "--command: No closing quotation"),
    (["--command", " "], "--command: it is empty"),
    (["--url", "x"], "--url: 'x' does not begin with http"),
    (["--url", "http://x", "--command", "y {port}"], "--url and --command: one of the two"),
    (["--mode", "client", "--url", "http://x"], "--mode client judges a command: no --url"),
    (["--mode", "spec"], "--mode spec: spec holds no folder versions/"),
    (["--mode", "spec", "--url", "http://x"], "neither --command nor --url"),
    (["nowhere"], "nowhere: no such folder"),
]


@pytest.mark.parametrize(("arguments", "reason"), MISTAKES, ids=[m[1] for m in MISTAKES])
def test_a_mistake_is_told(
    arguments: list[str], reason: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    done = init(tmp_path, monkeypatch, *arguments)
    assert done.code == 2
    assert reason in done.err
    assert files(tmp_path) == set()


LIKELY = [
    ({"app.py": "from gradio_reference import Server"}, "python -m gradio_reference app.py"),
    ({"main.py": "api: FastAPI = FastAPI()"}, "python -m uvicorn main:api --port {port}"),
    ({"package.json": '{"scripts": {"dev": "vite"}}'}, "env PORT={port} npm run dev"),
    ({"app.py": "print()"}, None),
    ({"package.json": "[" * 100_000}, None),
    ({"pyproject.toml": "[[[", "app.py": "\ufffe"}, None),
]


@pytest.mark.parametrize(("texts", "command"), LIKELY, ids=[str(row[1]) for row in LIKELY])
def test_a_likely_command(texts: dict[str, str], command: str | None, tmp_path: Path) -> None:
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    found = project_of(tmp_path).server
    assert " ".join(found or ("None",)).startswith(str(command))
