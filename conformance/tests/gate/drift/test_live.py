"""Servers that run: the reference server, mutants of it, and releases of Gradio."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.process import running

from .test_compare import SHOWN

TESTBED = (sys.executable, "-m", "gradio_conformance.testbed", "--port", "{port}")
# A misbehaviour of each kind, and what is found of it.
MUTANTS = {
    "complete-is-called-done": "clause CALL-003",
    "failures-succeed": "clause EVT-008",
    "members-nobody-knows": "member config#/$defs/Config.x_extra",
    "reset-is-gone": "route POST /reset",
    "unknown-names-run-to-500": "step direct.nobody.status",
}


def compared(tmp_path: Path, *arguments: str, seconds: float = 120) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of the command."""
    command = [sys.executable, "-m", "gradio_conformance", "drift", *arguments]
    options = ["--report", "json", "--report-dir", str(tmp_path)]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads((tmp_path / "drift.json").read_text("utf-8"))


def unexplained(report: dict[str, Any], place: int = 0) -> list[str]:
    findings = report["comparisons"][place]["findings"]
    return [f["key"] for f in findings if f["status"] == "drift"]


@pytest.mark.mutants
def test_the_reference_server_has_none(tmp_path: Path) -> None:
    with running(TESTBED, wait_s=60) as url:
        code, report = compared(tmp_path, url)
    assert (code, report["comparisons"][0]["findings"]) == (0, [])
    assert report["comparisons"][0]["not_compared"] == {}


@pytest.mark.mutants
def test_an_app_that_is_no_testbed_is_compared_as_far_as_it_goes(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "from gradio_reference import Server\n"
        "server = Server()\n"
        "@server.api(name='greet')\n"
        "def greet(name: str) -> str:\n"
        "    return name\n",
        "utf-8",
    )
    command = (sys.executable, "-m", "gradio_reference", str(app), "--port", "{port}")
    with running(command, wait_s=60) as url:
        code, report = compared(tmp_path, url)
    assert (code, unexplained(report)) == (0, [])
    assert any("does not host the testbed" in remark for remark in report["remarks"])
    assert "echo" in report["comparisons"][0]["not_compared"]


@pytest.mark.mutants
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_has_drifted(tmp_path: Path, mutant: str) -> None:
    command = (sys.executable, "-m", "gradio_conformance.mutants", mutant, "--port", "{port}")
    with running(command, wait_s=60) as url:
        code, report = compared(tmp_path, url)
    assert code == 1
    assert MUTANTS[mutant] in unexplained(report)


@pytest.mark.gradio
def test_gradio_is_what_the_specification_says(tmp_path: Path) -> None:
    code, report = compared(tmp_path, "gradio==6.31.0")
    assert (code, unexplained(report)) == (0, [])


# Each release of Gradio that is compared is one of a pair; what differs between others of them is
# compared over stored observations.
@pytest.mark.eras
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("older", "newer"), [("4.16.0", "4.20.1"), ("4.21.0", "4.44.1"), ("5.50.0", "6.31.0")]
)
def test_what_changed_between_two_releases_is_explained(
    tmp_path: Path, older: str, newer: str
) -> None:
    code, report = compared(tmp_path, f"gradio=={older}", "--against", newer, seconds=1100)
    assert (code, unexplained(report), unexplained(report, 1)) == (0, [], [])
    rows = report["comparisons"][1]["changes"]
    assert [row["text"] for row in rows if row["missed"]] == []
    shown = [f"{row['release']}: {row['text']}" for row in rows if row["shown_by"]]
    wanted = SHOWN[f"gradio-{older}", f"gradio-{newer}"]
    assert [begin for begin in wanted if not any(s.startswith(begin) for s in shown)] == []
