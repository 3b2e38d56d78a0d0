"""A whole run against the reference testbed sees everything that the protocol's data describes, but
for what ``data/never_seen.yaml`` lists with its reasons: coverage cannot fall unnoticed.

``COVERAGE_REPORT`` names the report.jsonl of such a run; without it the run is made here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradio_conformance.events import RunCoverage
from gradio_conformance.events import RunFinished
from gradio_conformance.reporting import read_report
from gradio_spec.coverage import Universe
from gradio_spec.loader import load_spec

ROWS = yaml.safe_load((Path(__file__).parent / "data" / "never_seen.yaml").read_text("utf-8"))
COMMAND = ["-m", "gradio_conformance.testbed", "--library", "reference", "--port", "{port}"]
UNIVERSE = Universe(load_spec())
PATTERNS = [(row, pattern) for row in ROWS for pattern in row["branches"]]


def matching(names: Iterable[str], pattern: str) -> set[str]:
    return {name for name in names if fnmatchcase(name, pattern)}


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> RunCoverage:
    path = os.environ.get("COVERAGE_REPORT")
    if path is None:
        folder = tmp_path_factory.mktemp("report")
        arguments = [
            "check",
            "--report",
            "jsonl",
            "--report-dir",
            str(folder),
            "--fail-on",
            "never",
            "--budget",
            "1",  # what the search sees is chance, so that no branch may need it
        ]
        command = [sys.executable, "-m", "gradio_conformance", *arguments, "--"]
        subprocess.run([*command, sys.executable, *COMMAND], check=True, stdout=subprocess.DEVNULL)
        path = str(folder / "report.jsonl")
    finished = list(read_report(Path(path)).events())[-1]
    assert isinstance(finished, RunFinished)
    assert finished.coverage is not None
    assert not finished.coverage.partial
    return finished.coverage


@pytest.mark.parametrize(("row", "pattern"), PATTERNS, ids=[pattern for _, pattern in PATTERNS])
def test_every_entry_is_of_the_data(row: dict[str, Any], pattern: str) -> None:
    assert row.keys() - {"sometimes"} == {"reason", "branches"}
    assert matching(UNIVERSE.branches, pattern), "no such branch"


@pytest.mark.slow
def test_nothing_else_was_never_seen(coverage: RunCoverage) -> None:
    never = {unseen.branch for unseen in coverage.never}
    explained = {name for _, pattern in PATTERNS for name in matching(never, pattern)}
    assert sorted(never - explained) == []


@pytest.mark.slow
def test_nothing_is_listed_that_is_seen(coverage: RunCoverage) -> None:
    never = {unseen.branch for unseen in coverage.never}
    steady = [pattern for row, pattern in PATTERNS if not row.get("sometimes")]
    assert [pattern for pattern in steady if not matching(never, pattern)] == []
