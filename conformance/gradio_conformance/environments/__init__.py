"""Throw-away environments: a release of Gradio or of an official client with what it needs, made
when it is asked for and kept in a cache folder.

``python_of("gradio==4.44.1")`` is the Python of one, ``command_of`` runs a module of this project
there, ``npm_of("@gradio/client@1.19.1")`` is a folder with ``node_modules``. What is known of what
old releases need today is in ``pins.yaml``. Raise ``NotInstallable`` with the reason.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from gradio_conformance.environments.installing import NotInstallable
from gradio_conformance.environments.installing import install_npm
from gradio_conformance.environments.installing import install_python
from gradio_conformance.environments.installing import interpreter
from gradio_conformance.environments.installing import python_in
from gradio_conformance.environments.keeping import Key
from gradio_conformance.environments.keeping import cache_folder
from gradio_conformance.environments.keeping import kept
from gradio_conformance.environments.pins import npm_plan
from gradio_conformance.environments.pins import python_plan

__all__ = ["NotInstallable", "cache_folder", "command_of", "host_of", "npm_of", "python_of"]

_SHARED = ("gradio_spec", "gradio_conformance")
_BORROWED = Path(__file__).with_name("borrowed.py")


def python_of(requirement: str, *more: str, console: Console | None = None) -> Path:
    """The Python of an environment with this release, such as ``gradio==5.50.0``, its pins and
    ``more`` requirements. Progress is told on ``console``, stderr if omitted.
    """
    plan = python_plan(requirement, more)
    base = interpreter(plan)
    key = Key(plan.title, (base.version, *plan.requirements, "with", *plan.constraints))
    folder = kept(key, lambda here, told: install_python(plan, base, here, told), console)
    return python_in(folder)


def npm_of(requirement: str, *more: str, console: Console | None = None) -> Path:
    """A folder whose ``node_modules`` has this release, such as ``@gradio/client@1.19.1``."""
    plan = npm_plan(requirement, more)
    key = Key(plan.title, plan.requirements)
    return kept(key, lambda here, told: install_npm(plan, here, told), console)


def command_of(
    requirement: str, module: str, *arguments: str, console: Console | None = None
) -> list[str]:
    """The command that runs a module of this project, as of now, in the environment of a release.

    The module sees what is installed there, and of this Python's packages only this project's own.
    """
    folders = {name: _folder(name) for name in _SHARED}
    python = python_of(requirement, console=console)
    # Isolated: what PYTHONPATH and the user's own packages bring is for another Python.
    start = [str(python), "-I", "-X", "utf8", str(_BORROWED), json.dumps(folders)]
    return [*start, module, *arguments]


def host_of(requirement: str, *arguments: str, console: Console | None = None) -> list[str]:
    """The command that serves the testbed on a release of Gradio, with the testbed's options."""
    module = "gradio_conformance.testbed"
    return command_of(requirement, module, "--library", "gradio", *arguments, console=console)


def _folder(package: str) -> str:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).resolve().parents[1])
