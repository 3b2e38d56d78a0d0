"""Builds front ends that need it: those whose sources are newer than what was built of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
NO_SOURCES = {"node_modules", "dist", ".expo", ".node", ".android"}


class CannotBuildError(RuntimeError):
    """Says what is missing."""


@dataclass(frozen=True, slots=True)
class Frontend:
    """``packages`` is the folder whose lock file names what the build needs; None: no build."""

    name: str
    pages: Path
    packages: Path | None
    program: Path | None = None  # what serves it, if not Desk alone

    @property
    def folder(self) -> Path:
        return HERE / self.name


def _workspace(name: str, program: Path | None = None) -> Frontend:
    return Frontend(name, HERE / name / "dist", HERE, program)


FRONTENDS = {
    one.name: one
    for one in (
        Frontend("html", HERE / "html" / "static", None),
        _workspace("react"),
        _workspace("vue"),
        Frontend("mobile", HERE / "mobile" / "dist", HERE / "mobile"),
        _workspace("aggregator", HERE / "aggregator" / "backends.py"),
    )
}


def build(frontend: Frontend) -> None:
    """Build it if it has to be, and install first what that needs. Raises ``CannotBuildError``, or
    ``CalledProcessError`` when the build fails, which has told why.
    """
    if frontend.packages is None or _is_fresh(frontend):
        return
    npm = install(frontend)
    subprocess.run([npm, "run", "build"], cwd=frontend.folder, check=True)


def install(frontend: Frontend) -> str:
    """Install what its lock file names, unless that has been done; returns the path of npm. Raises
    as ``build`` does.
    """
    assert frontend.packages is not None
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise CannotBuildError(f"{frontend.name} needs Node.js 20.19 or newer, with npm")
    lock = frontend.packages / "package-lock.json"
    installed = frontend.packages / "node_modules" / ".package-lock.json"
    if _changed(lock) > _changed(installed):
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=frontend.packages, check=True)
    return npm


def _is_fresh(frontend: Frontend) -> bool:
    made = _changed(frontend.pages / "index.html")
    return made > 0 and all(_changed(path) <= made for path in _sources(frontend))


def _sources(frontend: Frontend) -> Iterator[Path]:
    assert frontend.packages is not None
    yield frontend.packages / "package-lock.json"
    # What a workspace shares with html/ is a source of it as well.
    for folder in (frontend.folder, HERE / "html" / "static"):
        for top, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if name not in NO_SOURCES]
            yield from (Path(top, name) for name in files)


def _changed(path: Path) -> float:
    """When it was, 0 if there is none."""
    return path.stat().st_mtime if path.exists() else 0.0
