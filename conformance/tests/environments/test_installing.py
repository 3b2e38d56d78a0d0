"""What is run to make an environment, and what is said when it fails. No index is asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradio_conformance import environments
from gradio_conformance.environments import command_of
from gradio_conformance.environments import installing
from gradio_conformance.environments.installing import NotInstallable
from gradio_conformance.environments.installing import install_npm
from gradio_conformance.environments.installing import install_python
from gradio_conformance.environments.installing import interpreter
from gradio_conformance.environments.installing import python_in
from gradio_conformance.environments.pins import Plan


def _quiet(_text: str) -> None:
    pass


def test_a_release_that_does_not_exist_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    plan = Plan("nothing==9.9.9", ("nothing==9.9.9",))
    told: list[str] = []
    with pytest.raises(NotInstallable, match=r"nothing==9\.9\.9 .* has no such release"):
        install_python(plan, interpreter(plan), tmp_path, told.append)
    assert any("No matching distribution" in line for line in told)
    assert python_in(tmp_path).exists()


def test_what_it_needs_and_cannot_get_is_not_taken_for_its_own_fault() -> None:
    lines = ["ERROR: No matching distribution found for numpy<2"]
    text = installing._reason(Plan("gradio==4.0.0", ("gradio==4.0.0",)), lines)
    assert "numpy<2" in text
    assert "no such release" not in text


def test_a_python_that_is_too_new_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotInstallable, match=r"needs Python 3\.12 or 3\.11; this is 3\.99"):
        interpreter(Plan("gradio==4.44.1", (), last_python=(3, 12)))


def test_without_npm_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotInstallable, match="no npm"):
        install_npm(Plan("@gradio/client@1.19.1", ()), tmp_path, _quiet)


SEEN = """
import json, sys
from importlib.util import find_spec
names = ("gradio_spec", "gradio_conformance", "httpx", "intruder")
print(json.dumps({"arguments": sys.argv[1:], "seen": [name for name in names if find_spec(name)]}))
"""


def test_a_module_runs_there_with_this_project_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The other environment is this Python without its packages: what they are is not seen."""
    (tmp_path / "intruder.py").write_text("")
    (tmp_path / "looks.py").write_text(SEEN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(environments, "python_of", lambda *_, **__: Path(sys.executable))
    python, *options, folders = command_of("gradio==4.44.1", "looks", "--port", "1")[:-3]
    borrowed = json.dumps({**json.loads(folders), "looks": str(tmp_path)})
    command = [python, "-S", *options, borrowed, "looks", "--port", "1"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == {
        "arguments": ["--port", "1"],
        "seen": ["gradio_spec", "gradio_conformance"],
    }
