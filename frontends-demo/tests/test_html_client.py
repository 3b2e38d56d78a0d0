"""session.js of the front end without a library, against everything that a legal server may do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from desk.frontends import FRONTENDS
from gradio_conformance.reporting import read_report

CLIENT = FRONTENDS["html"].folder / "node" / "client.mjs"


@pytest.mark.clients
@pytest.mark.slow
def test_session_js_keeps_every_clause_of_a_client(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "session.js needs Node.js 20.19 or newer"
    check = [sys.executable, "-m", "gradio_conformance", "check-client", "--report", "jsonl"]
    command = [*check, "--report-dir", str(tmp_path), "--", node, str(CLIENT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ended = Counter(result["status"] for result in read_report(tmp_path / "report.jsonl").results)
    assert ended.keys() <= {"pass", "not-applicable"}, ended
    assert ended["pass"] >= 55
