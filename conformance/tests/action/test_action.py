"""The action as a runner of GitHub runs it: outcome, outputs, summary, annotations, artifact."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradio_conformance import __version__
from gradio_conformance.action.inputs import MODES
from gradio_conformance.action.inputs import PREFIX
from gradio_conformance.action.inputs import InputError
from gradio_conformance.action.inputs import order_of
from gradio_conformance.action.inputs import variable
from gradio_conformance.action.told import EFFECTS
from gradio_conformance.action.told import OUTPUTS
from gradio_conformance.ports import free_port
from gradio_conformance.reporting import read_report
from gradio_conformance.starting.files import ACTION

from .github import ROOT
from .github import Runner
from .github import action
from .github import unescaped
from .tables import DOCUMENT
from .tables import filled

TESTS = ROOT / "conformance" / "tests"
OBSERVED = TESTS / "gate" / "drift" / "observations" / "gradio-6.31.0.json.gz"
CHECK = "disc.protocol-is-sse-v3"
QUICK = f"--run {CHECK}"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "job")


def any_app(protocol: str) -> Callable[[Any], None]:
    """A server without endpoints that announces a protocol: a script for ``raw_server``."""
    config = {
        "version": "6.31.0",
        "mode": "server",
        "protocol": protocol,
        "app_id": 7,
        "api_prefix": "/gradio_api",
        "dependencies": [],
        "components": [],
    }
    documents = {"/config": config, "/info": {"named_endpoints": {}, "unnamed_endpoints": {}}}

    def answer(peer: Any) -> None:
        path = peer.line.split(" ")[1].removeprefix("/gradio_api").partition("?")[0]
        found = documents.get(path)
        status = "404 Not Found" if found is None else "200 OK"
        peer.answer(json.dumps(found).encode(), status, "application/json")

    return answer


def python(*words: str) -> str:
    return " ".join([f"'{sys.executable}'", *words])


def mutant(name: str) -> str:
    return python("-m gradio_conformance.mutants", name, "--port {port}")


# -- outcomes -----------------------------------------------------------------------------------


def test_a_conformant_server(runner: Runner) -> None:
    serve = python("-m gradio_conformance.testbed --port {port}")
    ended = runner.run(command=serve, args="--run disc.config-*", seed="11", budget="1")
    assert ended.code == 0, ended.log
    outputs = ended.outputs
    assert set(outputs) == set(OUTPUTS)
    assert (outputs["verdict"], outputs["exit-code"]) == ("conformant", "0")
    assert outputs["must-passed"] == outputs["must-total"] != "0"
    assert (outputs["failed"], outputs["known"], outputs["breaking"]) == ("0", "0", "")
    report = read_report(Path(outputs["report-path"]))
    assert report.header["seed"] == 11
    assert ended.summary.startswith("## gradio-protocol: conformant\n")
    assert ended.annotations == []
    upload = ended.step("Upload the reports")
    assert upload is not None
    assert upload.given["path"] == str(runner.workspace / "gradio-protocol-report")
    written = {path.name for path in Path(upload.given["path"]).iterdir()}
    assert written == {"report.jsonl", "report.md", "junit.xml", "report.html"}
    assert runner.installed[-1] == f"{ROOT}[suite]"


def test_a_nonconformant_server(runner: Runner) -> None:
    (runner.workspace / "app").mkdir()
    command = mutant("protocol-of-another-day")
    where = dict(working_directory="app", report_dir="out/here", upload="false")
    ended = runner.run(command=command, args=QUICK, **where)
    assert ended.code == 1, ended.log
    assert ended.outputs["verdict"] == "nonconformant"
    assert (ended.outputs["failed"], ended.outputs["known"]) == ("1", "0")
    assert ended.outputs["report-path"].endswith("app/out/here/report.jsonl")
    assert ended.step("Upload the reports") is None
    (kind, place, message), *more = ended.annotations
    assert (kind, more) == ("error", [])
    assert place == {"title": f"DISC-003 MUST {CHECK}"}
    clause, expected, actual, again = message.splitlines()
    assert clause.startswith("DISC-003: ")
    assert expected.startswith("expected ")
    assert "sse_v2" in actual
    assert again.startswith(f"gradio-protocol replay {CHECK} --from ")
    assert "### Failed: 1" in ended.summary
    assert "<details><summary>On the wire" in ended.summary


def test_a_known_deviation(runner: Runner, raw_server: Any) -> None:
    entry = {"clause": "DISC-003", "check": CHECK, "summary": "It is an older one."}
    data = {"implementation": "x", "release": "1", "spec": "sse_v3", "entries": [entry]}
    (runner.workspace / "mine.yaml").write_text(yaml.safe_dump(data), "utf-8")
    url = raw_server(any_app("sse_v2")).url
    ended = runner.run(url=url, args=QUICK, known_failing="mine.yaml")
    assert ended.code == 0, ended.log
    assert (ended.outputs["failed"], ended.outputs["known"]) == ("0", "1")
    assert ended.annotations == []
    assert "Known deviations: 1" in ended.summary


def test_a_known_deviation_that_is_none_any_more(runner: Runner, raw_server: Any) -> None:
    entry = {"clause": "DISC-003", "check": CHECK, "summary": "It is an older one."}
    data = {"implementation": "x", "release": "1", "spec": "sse_v3", "entries": [entry]}
    (runner.workspace / "known-failing.yaml").write_text(yaml.safe_dump(data), "utf-8")
    ended = runner.run(url=raw_server(any_app("sse_v3")).url, args=QUICK)
    assert ended.code == 1, ended.log
    ((kind, place, message),) = ended.annotations
    assert (kind, place["file"]) == ("error", "known-failing.yaml")
    assert message == f"DISC-003 of {CHECK} no longer fails: remove the entry"


def test_an_unreachable_server(runner: Runner) -> None:
    gone = runner.run(url=f"http://127.0.0.1:{free_port()}", args=QUICK)
    assert gone.code == 4, gone.log
    assert (gone.outputs["verdict"], gone.outputs["exit-code"]) == ("unreachable", "4")
    assert [(kind, place["title"]) for kind, place, _ in gone.annotations] == [
        ("error", "unreachable")
    ]
    assert gone.summary.startswith("## gradio-protocol: unreachable\n")
    assert gone.step("Upload the reports") is not None


def test_a_client_that_is_wrong(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS), prepend=":")
    ended = runner.run(
        mode="check-client",
        command=python("-m check_client.samples.defects StalePrefix"),
        level="MUST",
        args="--run discover.another-prefix --patience 3",
    )
    assert ended.code == 1, ended.log
    assert (ended.outputs["verdict"], ended.outputs["failed"]) == ("nonconformant", "1")
    (kind, place, message), *_ = ended.annotations
    assert kind == "error"
    assert place["title"].startswith("CLIENT-001 MUST discover.another-prefix")
    assert message.startswith("CLIENT-001: ")


def test_a_release_that_is_as_the_specification_says(runner: Runner) -> None:
    """An observation that was stored stands in for a release, which would have to be installed."""
    ended = runner.run(mode="drift", release=str(OBSERVED))
    assert ended.code == 0, ended.log
    assert (ended.outputs["verdict"], ended.outputs["failed"]) == ("no-drift", "0")
    assert ended.outputs["breaking"] == "0"
    assert ended.outputs["report-path"].endswith("/drift.json")
    assert ended.summary.startswith("## ")


def test_drift_is_annotated(runner: Runner) -> None:
    """An observation in which the server announces a message more than it did."""
    data = json.loads(gzip.decompress(OBSERVED.read_bytes()))
    seen = json.dumps(data).replace('"process_starts', '"process_begins')
    (runner.workspace / "seen.json").write_text(seen, "utf-8")
    ended = runner.run(mode="drift", release="seen.json")
    assert ended.code == 1, ended.log
    assert ended.outputs["verdict"] == "drift"
    failed = int(ended.outputs["failed"])
    assert failed > 0
    errors = [place["title"] for kind, place, _ in ended.annotations if kind == "error"]
    assert len(errors) == min(10, failed)


def test_a_difference_that_breaks_somebody(runner: Runner) -> None:
    ended = runner.run(mode="diff", old="gradio-5.4.0", new="gradio-5.5.0")
    assert ended.code == 1, ended.log
    outputs = ended.outputs
    assert outputs["verdict"] == "failed"
    report = json.loads(Path(outputs["report-path"]).read_text("utf-8"))
    found = [one for pair in report["pairs"] for one in pair["differences"]]
    assert sum(int(outputs[name]) for name in EFFECTS) == sum(
        {one["client"], one["server"]} != {"none"} for one in found
    )
    assert int(outputs["breaking"]) > 0
    assert int(outputs["failed"]) == sum(one["over"] for one in found)
    errors = [place["title"] for kind, place, _ in ended.annotations if kind == "error"]
    assert len(errors) == min(10, int(outputs["failed"]))
    assert ended.summary.startswith("## Protocol diff: failed")
    # What is compared is installed, and no file of the repository.
    assert not any("file" in place for _, place, _ in ended.annotations)


def test_a_change_of_ones_own_data(runner: Runner) -> None:
    """A pull request, as the workflow of `init` compares it: a revision with the working tree."""
    family = Path("spec", "versions", "sse_v3")
    shutil.copytree(
        ROOT / "spec" / "gradio_spec" / "versions" / "sse_v3", runner.workspace / family
    )
    for command in ("init -q", "add .", "-c user.name=x -c user.email=x commit -qm x"):
        subprocess.run(["git", *command.split()], cwd=runner.workspace, check=True)
    sides = {"old": f"HEAD:{family}", "new": str(family)}
    same = runner.run(mode="diff", **sides, fail_on="any")
    assert (same.code, same.outputs["verdict"]) == (0, "passed"), same.log
    assert [same.outputs[name] for name in ("failed", *EFFECTS)] == ["0"] * 4
    file = runner.workspace / family / "config.schema.json"
    text = file.read_text("utf-8")
    demanded = '{"required": ["protocol"], "x-clause": "DISC-003"},'
    assert demanded in text
    file.write_text(text.replace(demanded, ""), "utf-8")
    changed = Runner(runner.folder / "again")
    changed.workspace.rmdir()
    changed.workspace.symlink_to(runner.workspace)
    ended = changed.run(mode="diff", **sides)
    assert ended.code == 1, ended.log
    ((kind, place, message), *_) = ended.annotations
    assert kind == "error"
    assert place["file"] == f"{family}/config.schema.json"
    assert "protocol" in message


# -- wrong inputs -------------------------------------------------------------------------------

MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"mode": "chek"}, "input 'mode': 'chek'; there are check, check-client, "),
    ({"url": "http://x", "command": "y"}, "inputs 'url' and 'command': one of the two"),
    ({"command": "serve '--port {port}"}, "input 'command': No closing quotation"),
    ({"mode": "drift", "release": "6.31.0", "seed": "1"}, "input 'seed': mode drift has no use"),
    ({"level": "MUST", "url": "http://x"}, "input 'level': mode check has no use for it; check-cl"),
    ({"mode": "diff", "old": "sse_v3"}, "input 'new' is missing"),
    ({"mode": "drift"}, "inputs 'release' and 'url': mode drift needs one of the two"),
    ({"url": "http://x", "args": "-- rm"}, "input 'args': options only"),
]


@pytest.mark.parametrize(("given", "reason"), MISTAKES, ids=[reason for _, reason in MISTAKES])
def test_a_wrong_input_is_named(given: dict[str, str], reason: str) -> None:
    with pytest.raises(InputError, match=re.escape(reason)):
        order_of({variable(name): value for name, value in given.items()})


def test_a_wrong_input_is_told_everywhere(runner: Runner) -> None:
    ended = runner.run(mode="chek")
    assert ended.code == 2
    assert (ended.outputs["verdict"], ended.outputs["exit-code"]) == ("usage", "2")
    assert [message for _, _, message in ended.annotations] == [
        f"Error: input 'mode': 'chek'; there are {', '.join(MODES)}"
    ]
    assert "input 'mode': 'chek'" in ended.summary
    assert ended.outputs["report-path"] == ""


def test_what_the_command_refuses_is_told_everywhere(runner: Runner) -> None:
    """And a report of yesterday is not taken for today's."""
    folder = runner.workspace / "gradio-protocol-report"
    folder.mkdir()
    for name in ("report.jsonl", "report.md"):
        (folder / name).write_text("yesterday's", "utf-8")
    ended = runner.run(url="ftp://x")
    assert ended.code == 2
    assert ended.outputs["verdict"] == "usage"
    assert "'ftp://x' does not begin with http:// or https://" in ended.annotations[0][2]
    assert "yesterday" not in ended.summary


# -- inputs of somebody who means harm ----------------------------------------------------------

HOSTILE = (
    """$(touch harm) `touch harm` "; touch harm; ' \\\n::error::harm\n\u202e%0A::set-output::"""
)


def test_hostile_inputs_do_no_harm(runner: Runner) -> None:
    """In each input that is free text: no shell reads them, no workflow command comes of them."""
    for name in ("url", "profile", "spec_version", "known_failing", "report_dir", "seed"):
        given = {"url": "http://127.0.0.1:1", name: HOSTILE}
        own = Runner(runner.folder / name)
        ended = own.run(**given) if name == "known_failing" else None
        if ended is not None:
            assert ended.code == 2, ended.log
            kinds = [kind for kind, _, _ in ended.annotations]
            assert kinds == ["error"]
            assert ended.annotations[0][2] != "harm"
        told = order_of({variable(k.replace("_", "-")): v for k, v in given.items()}).arguments
        assert sum(HOSTILE.strip() in word for word in told) == 1, told
    assert not list(runner.folder.rglob("harm"))


def test_what_a_server_prints_is_no_workflow_command(runner: Runner) -> None:
    """A command that does not start is quoted in the log; the summary quotes it as text."""
    told = "print('::error::harm'); print('```'); print('<script>'); raise SystemExit(3)"
    ended = runner.run(command=f'"{sys.executable}" -c "{told}" {{port}}', args=QUICK)
    assert ended.code == 4, ended.log
    assert "::error::harm" in ended.log
    assert [place["title"] for _, place, _ in ended.annotations] == ["unreachable"]
    assert "````text\n" in ended.summary


# -- action.yml ---------------------------------------------------------------------------------


def _steps() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = action()["runs"]["steps"]
    return steps


def test_no_expression_is_shell_text() -> None:
    assert [step["run"] for step in _steps() if "${{" in step.get("run", "")] == []
    assert all(step["shell"] == "bash" for step in _steps() if "run" in step)


def test_actions_are_pinned_as_in_the_workflows() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    there = set(re.findall(r"uses: (\S+)", workflow))
    assert {step["uses"] for step in _steps() if "uses" in step} <= there


def test_each_input_reaches_the_step_and_each_output_leaves_it() -> None:
    (run,) = (step for step in _steps() if step.get("id") == "run")
    handed = {name for name in run["env"] if name.startswith(PREFIX)}
    known = {"mode", "report-dir", "args", *(n for mode in MODES.values() for n in mode.inputs)}
    assert handed >= {variable(name) for name in known}
    for name, value in run["env"].items():
        if name.startswith(PREFIX):
            (source,) = re.findall(r"^\$\{\{ inputs\.([a-z-]+) \}\}$", value)
            assert variable(source) == name
    every = (ROOT / "action.yml").read_text("utf-8")
    assert [name for name in action()["inputs"] if f"${{{{ inputs.{name} }}}}" not in every] == [
        "upload"
    ]
    assert tuple(action()["outputs"]) == OUTPUTS


def test_a_version_is_installed_by_its_number(runner: Runner) -> None:
    ended = runner.run(mode="chek", version=f"{__version__}; $(harm)")
    assert ended.code == 2
    assert runner.installed[-1] == f"gradio-protocol[suite]=={__version__}; $(harm)"


def test_the_unescaping_of_these_tests() -> None:
    assert unescaped("a%250Ab%3A%2C") == "a%0Ab:,"


# -- what is written about it -------------------------------------------------------------------


def test_the_document_has_the_tables_of_the_action() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert filled(text) == text, "python conformance/tests/action/tables.py"


@pytest.mark.parametrize("document", [DOCUMENT, ROOT / "README.md"], ids=lambda path: path.name)
def test_examples_use_inputs_that_there_are(document: Path) -> None:
    """Each example that uses the action gives it what it takes, at the version that this is."""
    found = 0
    for block in re.findall(
        r"^```yaml\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        loaded = yaml.safe_load(textwrap.dedent(block))
        steps = loaded if isinstance(loaded, list) else loaded["jobs"]["conformance"]["steps"]
        for step in steps:
            if step.get("uses", "").startswith("gradio-protocol/"):
                found += 1
                assert step["uses"] == ACTION
                assert set(step.get("with", {})) <= set(action()["inputs"])
    assert found
