"""What a job of GitHub is told by the command itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradio_conformance.events import Status
from gradio_conformance.reporting.annotations import GithubReport
from gradio_conformance.reporting.annotations import summary_of_job

from . import sample


def told(run: sample.Sample, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    report = GithubReport(folder / "summary", run.clauses, folder / "report.jsonl")
    for event in run.events:
        report(event)
    report.close()
    return capsys.readouterr().out.splitlines()


def test_each_failure_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = sample.failures()
    lines = told(run, tmp_path, capsys)
    failed = [result for result in run.results if result.status is Status.FAIL]
    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == len(failed)
    assert any(
        line.startswith("::error title=EVT-003 MUST evt.one-terminal-message::EVT-003: Every ")
        for line in errors
    )
    (warning,) = (line for line in lines if line.startswith("::warning "))
    assert warning.startswith("::warning title=queue.batch-runs-together could not run::the test")
    assert (tmp_path / "summary").read_text("utf-8").startswith("## gradio-protocol: nonconform")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("all-pass", []),
        ("known-only", []),
        ("known-and-stale", ["error"]),
        ("only-may-fails", ["warning"]),
        ("unreachable", ["error"]),
        ("interrupted", ["error"]),
    ],
)
def test_other_endings(
    name: str, kinds: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = told(sample.SCENARIOS[name](), tmp_path, capsys)
    assert [line.split(" ")[0].strip(":") for line in lines] == kinds


def test_a_summary_is_added_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "summary").write_text("before\n", "utf-8")
    told(sample.all_pass(), tmp_path, capsys)
    text = (tmp_path / "summary").read_text("utf-8")
    assert text.startswith("before\n## gradio-protocol: conformant\n")


def test_only_a_job_of_github_has_one() -> None:
    there = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "/x"}
    assert summary_of_job(there) == Path("/x")
    assert summary_of_job({**there, "GITHUB_ACTIONS": "false"}) is None
    assert summary_of_job({"GITHUB_ACTIONS": "true"}) is None
    assert summary_of_job({}) is None
