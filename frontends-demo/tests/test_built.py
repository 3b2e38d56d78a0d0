"""What of the front ends that are built needs no browser: their units, and the types they share
with Desk.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradio_conformance.cli.types import types

from . import servers

HERE = Path(__file__).resolve().parents[1]
BUILT = ("react", "vue")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("built")]


@pytest.fixture(scope="module", params=servers.LIBRARIES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with servers.desk(request.param) as server:
        yield server.url


@pytest.mark.parametrize("frontend", BUILT)
def test_the_types_are_those_of_the_endpoints(url: str, frontend: str) -> None:
    kept = HERE / frontend / "src" / "endpoints.ts"
    command = [url, "--lang", "ts", "--out", str(kept), "--check"]
    result = CliRunner().invoke(types, command)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("frontend", ["aggregator", *BUILT])
def test_units(frontend: str) -> None:
    npm = shutil.which("npm")
    if npm is None or not (HERE / "node_modules").is_dir():
        pytest.skip("nothing is installed: npm ci in frontends-demo")
    command = [npm, "test", "--workspace", frontend]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
