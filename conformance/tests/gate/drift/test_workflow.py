"""The nightly workflow: it can be read, its shell is shell, and it opens one issue."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
BASH = shutil.which("bash") or "bash"


def workflow() -> dict[Any, Any]:
    found = yaml.safe_load((ROOT / ".github" / "workflows" / "nightly.yml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def steps() -> list[dict[str, Any]]:
    (job,) = workflow()["jobs"].values()
    return list(job["steps"])


SHELL = [step["run"] for step in steps() if "run" in step]


@pytest.mark.parametrize("script", SHELL)
def test_the_steps_are_shell(script: str) -> None:
    done = subprocess.run([BASH, "-n"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SHELL)
def test_what_comes_from_outside_comes_by_the_environment(script: str) -> None:
    assert "${{" not in script


def test_it_may_write_issues_and_nothing_else() -> None:
    found = workflow()
    assert found["permissions"] == {"contents": "read", "issues": "write"}
    # YAML 1.1 reads the key `on` as true.
    assert {"schedule", "workflow_dispatch"} == set(found[True])


@pytest.mark.parametrize(
    ("there", "told"),
    [("", "issue create --title Drift --body-file"), ("7", "issue edit 7 --body-file")],
)
def test_there_is_one_issue(tmp_path: Path, there: str, told: str) -> None:
    """The last step, with a gh that writes down what it is asked for."""
    script = steps()[-1]["run"]
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "drift.md").write_text("## drift\n", "utf-8")
    gh = tmp_path / "gh"
    gh.write_text(
        f'#!{BASH}\necho "$*" >> "$CALLS"\nif [ "$2" = list ]; then echo "{there}"; fi\n', "utf-8"
    )
    gh.chmod(0o755)
    calls = tmp_path / "calls"
    added = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "TITLE": "Drift"}
    environment = {**os.environ, **added, "RUN": "https://forge.example/runs/1"}
    subprocess.run([BASH, "-e", "-c", script], cwd=tmp_path, env=environment, check=True)
    assert told in calls.read_text("utf-8").splitlines()[-1]
    assert "runs/1" in (tmp_path / "report" / "drift.md").read_text("utf-8")
