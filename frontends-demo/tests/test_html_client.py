"""session.js of the front end without a library, against everything that a legal server may do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from desk.frontends import FRONTENDS

CLIENT = FRONTENDS["html"].folder / "node" / "client.mjs"


@pytest.mark.clients
@pytest.mark.slow
def test_session_js_keeps_every_clause_of_a_client(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "session.js needs Node.js 20.19 or newer"
    check = [sys.executable, "-m", "gradio_conformance", "check-client", "--report-dir"]
    command = [*check, str(tmp_path), "--", node, str(CLIENT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
