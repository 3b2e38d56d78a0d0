"""The suite finds nothing wrong with a server of an era, judged by the version that it announces,
but what its edit encoder and its calls did wrong in that release.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.eras, pytest.mark.slow]
# Edits that do not apply, or add up to something else (history of the encoders); and before 6.13 a
# cancelled call was told as one without a value.
ENCODER = {f"DIFF-{number:03}" for number in range(1, 17)}
CALLS = {"CALL-022"}
CHECKED = ["gradio-4.44.1", "gradio-5.50.0", "v3-6.0", "gradio-6.20.0"]


@pytest.mark.parametrize("release", CHECKED)
def test_a_server_of_an_era_breaks_but_what_that_release_broke(
    release: str, tmp_path: Path
) -> None:
    server = [sys.executable, "-m", "gradio_conformance.testbed", "--as", release]
    options = ["--spec-version", "auto", "--skip", "h*", "--budget", "2", "--max-examples", "5"]
    options += ["--profile", "discover,call,queue,stream,session,files"]
    options += ["--report", "jsonl", "--report-dir", str(tmp_path)]
    command = [sys.executable, "-m", "gradio_conformance", "check", *options, "--"]
    subprocess.run([*command, *server, "--port", "{port}"], check=False, timeout=900)
    results = [row for row in _rows(tmp_path / "report.jsonl") if row["kind"] == "result"]
    assert len(results) > 100
    broken = {f["clause"] for row in results if row["status"] == "fail" for f in row["findings"]}
    assert broken <= ENCODER | CALLS
    assert not [row["check"] for row in results if row["status"] == "could-not-run"]


def _rows(report: Path) -> list[Any]:
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()]
