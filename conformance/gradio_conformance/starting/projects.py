"""What kind of project a folder holds, and how its server or its client is likely started. Reads a
few files and runs nothing.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APPS = ("app.py", "main.py", "server.py")
# What an app's text says of how it takes its port. Gradio reads GRADIO_SERVER_PORT.
STARTS: Sequence[tuple[re.Pattern[str], tuple[str, ...]]] = (
    (
        re.compile(r"^\s*(?:from|import) gradio_reference\b", re.MULTILINE),
        ("python", "-m", "gradio_reference", "{app}", "--port", "{port}"),
    ),
    (
        re.compile(r"^\s*(?:from|import) gradio\b", re.MULTILINE),
        ("env", "GRADIO_SERVER_PORT={port}", "python", "{app}"),
    ),
    (
        re.compile(r"^(\w+)(?::[^=]+)? = (?:FastAPI|Starlette)\(", re.MULTILINE),
        ("python", "-m", "uvicorn", "{module}:{name}", "--port", "{port}"),
    ),
)
ADAPTERS = ("conformance/adapter.py", "adapter.py", "conformance/adapter.mjs", "adapter.mjs")
SCRIPTS = ("start", "serve", "dev")


@dataclass(frozen=True, slots=True)
class Project:
    """``install`` are the lines that a CI job needs before it starts anything; ``server`` and
    ``client`` are commands, if any is likely.
    """

    name: str
    python: bool
    node: bool
    install: tuple[str, ...]
    server: tuple[str, ...] | None
    client: tuple[str, ...] | None


def project_of(folder: Path) -> Project:
    """Look at a folder; what is not there, or not readable, is taken to say nothing."""
    package = _json(folder / "package.json")
    project = _toml(folder / "pyproject.toml").get("project", {})
    python = bool(project) or any((folder / n).is_file() for n in ("requirements.txt", *APPS))
    names = (project.get("name"), package.get("name"), folder.resolve().name)
    return Project(
        name=next((name for name in names if isinstance(name, str) and name), "project"),
        python=python,
        node=bool(package),
        install=tuple(_install(folder, package, project)),
        server=_python_server(folder) or _node_server(package),
        client=_client(folder),
    )


def _install(folder: Path, package: dict[str, Any], project: dict[str, Any]) -> list[str]:
    lines = []
    if (folder / "requirements.txt").is_file():
        lines.append("python -m pip install -r requirements.txt")
    elif project:
        lines.append("python -m pip install .")
    if package:
        lines.append("npm ci" if (folder / "package-lock.json").is_file() else "npm install")
    return lines


def _python_server(folder: Path) -> tuple[str, ...] | None:
    for app in APPS:
        text = _text(folder / app)
        for pattern, words in STARTS:
            found = pattern.search(text)
            if found:
                name = found[1] if found.re.groups else ""
                told = {"{app}": app, "{module}": app.removesuffix(".py"), "{name}": name}
                return tuple(_filled(word, told) for word in words)
    return None


def _filled(word: str, told: dict[str, str]) -> str:
    for sign, value in told.items():
        word = word.replace(sign, value)
    return word


def _node_server(package: dict[str, Any]) -> tuple[str, ...] | None:
    scripts = package.get("scripts")
    for name in SCRIPTS:
        if isinstance(scripts, dict) and name in scripts:
            return ("env", "PORT={port}", "npm", "run", name)
    return None


def _client(folder: Path) -> tuple[str, ...] | None:
    for name in ADAPTERS:
        if (folder / name).is_file():
            return ("python" if name.endswith(".py") else "node", name)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except ValueError:
        return {}
