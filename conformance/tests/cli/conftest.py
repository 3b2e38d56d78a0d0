"""A folder to type in, and a server with the testbed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradio_conformance.process import running

from .shell import FORKING
from .shell import LONG_S
from .shell import TESTBED
from .shell import Shell


@pytest.fixture(scope="session")
def forking() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-X", "utf8", "-c", FORKING]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, encoding="utf-8", **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.stdin.close()


@pytest.fixture
def shell(tmp_path: Path, forking: subprocess.Popen[str]) -> Shell:
    folder = tmp_path / "project"
    folder.mkdir()
    return Shell(folder, forking)


@pytest.fixture(scope="session")
def testbed() -> Iterator[str]:
    with running(TESTBED, wait_s=LONG_S) as url:
        yield url
