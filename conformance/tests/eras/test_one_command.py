"""One command makes the table, with clients and servers in environments of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Table
from gradio_conformance.traffic.recording import read_recording

ROOT = Path(__file__).resolve().parents[2]
ERAS = [sys.executable, "-m", "gradio_conformance", "eras"]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ERAS, *options], capture_output=True, text=True, check=False)


@pytest.mark.eras
@pytest.mark.timeout(1200)
def test_two_clients_and_a_server_live_and_not(tmp_path: Path) -> None:
    out, markdown = tmp_path / "eras.json", tmp_path / "ERAS.md"
    chosen = ["--servers", "4.44.1", "--clients", "py-2.7.2,py-0.8.1,js-2.7.0", "--live"]
    files = ["--out", str(out), "--markdown", str(markdown), "--report-dir", str(tmp_path)]
    done = run(*chosen, *files, "--patience", "2", "--check", str(ROOT / "eras.json"))
    assert done.returncode == 0, done.stdout + done.stderr
    table = Table.of_json(json.loads(out.read_text("utf-8")), "eras.json")
    assert [cell.place[::2] for cell in table.cells] == [
        (kind, client) for kind in Kind for client in ("py-2.7.2", "py-0.8.1", "js-2.7.0")
    ]
    assert "| 4.44.1 sse_v3 | ok" in markdown.read_text("utf-8")
    for cell in table.cells:
        assert cell.outcomes[CONNECT].status is Status.OK
        path = tmp_path / "recordings" / f"{cell.kind}-4.44.1" / f"{cell.client}.jsonl"
        assert read_recording(path).is_complete


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--servers", "4.44.2"], "there is no server '4.44.2'"),
        (["--clients", "py-3"], "there is no client 'py-3'"),
        (["--check", str(ROOT / "clients.yaml")], "clients.yaml"),
    ],
)
def test_what_there_is_not_is_a_wrong_use(options: list[str], reason: str) -> None:
    done = run(*options)
    assert done.returncode == 2
    assert reason in done.stderr
