"""Installs what a plan says into an empty folder, with pip or npm, and says why it failed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradio_conformance.environments.keeping import Told
from gradio_conformance.environments.pins import Plan

FIRST_PYTHON = (3, 11)  # of this project, which the testbed is a part of
_TOLD_LINES = 12  # of what pip or npm printed last
_LONGEST_LINE = 300  # pip lists every release there is
_MISSING = re.compile(r"No matching distribution found for (\S+)|code ETARGET|code E404")


class NotInstallable(RuntimeError):
    """An environment cannot be made here; the text says of what and why."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that makes environments; ``version`` is all of it that matters to them."""

    path: str
    version: str


def interpreter(plan: Plan) -> Interpreter:
    """This Python, if the release runs on it; else a fitting one of the PATH."""
    here, last = sys.version_info[:2], plan.last_python
    if last is None or here <= last:
        return Interpreter(sys.executable, "{}.{}".format(*here))
    names = [f"3.{minor}" for minor in range(last[1], FIRST_PYTHON[1] - 1, -1)]
    for name in names:
        path = shutil.which(f"python{name}")
        if path is not None and _is(path, name):
            return Interpreter(path, name)
    raise NotInstallable(
        f"{plan.title} needs Python {' or '.join(names)}; this is {here[0]}.{here[1]}, and the PATH"
        f" has no {' and no '.join(f'python{name}' for name in names)}"
    )


def _is(path: str, version: str) -> bool:
    """Whether it starts (the shim of a version manager may not) and is what its name says."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-I", "-c", code], capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == version


def python_in(folder: Path) -> Path:
    """The Python of the virtual environment in a folder."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install_python(plan: Plan, base: Interpreter, folder: Path, told: Told) -> None:
    """A virtual environment with what the plan says; ``NotInstallable`` if pip refuses."""
    told("creating a virtual environment")
    _run(plan, [base.path, "-I", "-m", "venv", str(folder)], folder, told)
    kept = folder / "constraints.txt"
    kept.write_text("".join(f"{line}\n" for line in plan.constraints), "utf-8")
    pip = [str(python_in(folder)), "-I", "-m", "pip", "install", "--disable-pip-version-check"]
    options = ["--no-input", "--progress-bar", "off", "--constraint", str(kept)]
    _run(plan, [*pip, *options, *plan.requirements], folder, told)


def install_npm(plan: Plan, folder: Path, told: Told) -> None:
    """``node_modules`` with what the plan says; ``NotInstallable`` if npm is missing or refuses."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstallable(f"{plan.title} needs Node.js with npm, and the PATH has no npm")
    (folder / "package.json").write_text('{"private": true}\n', "utf-8")
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "http"]
    _run(plan, [npm, "install", *options, *plan.requirements], folder, told)


def _run(plan: Plan, command: Sequence[str], folder: Path, told: Told) -> None:
    lines: deque[str] = deque(maxlen=_TOLD_LINES)
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            lines.append(line.strip()[:_LONGEST_LINE])
            told(lines[-1])
    if child.returncode:
        raise NotInstallable(_reason(plan, lines))


def _reason(plan: Plan, lines: Sequence[str]) -> str:
    text = "\n".join(line for line in lines if line)
    missing = _MISSING.search(text)
    if missing and (missing[1] is None or missing[1] == plan.requirements[0]):
        return f"{plan.title} cannot be installed: the package index has no such release\n{text}"
    return f"{plan.title} cannot be installed:\n{text}"
