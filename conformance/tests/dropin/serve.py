"""Serves app files on one library: ``python -m dropin.serve gradio hints outputs``.

Each app file imports its names from ``server_library``, which is here either library. One line of
JSON tells where the apps are: a URL for each, or null for one that the library refuses to serve.
They run until standard input ends.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port

APPS = Path(__file__).parent / "apps"
LIBRARIES = {"gradio": "gradio", "reference": "gradio_reference"}


def load(name: str) -> ModuleType:
    """Run an app file; its ``app`` is the Server, its ``LAUNCH`` what launch() is told."""
    spec = importlib.util.spec_from_file_location(f"dropin_app_{name}", APPS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(APPS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # classes of the app look up their hints there
    spec.loader.exec_module(module)
    return module


def launch(name: str) -> str | None:
    """The URL of an app, or None where the library refuses it."""
    options: dict[str, Any] = {"server_name": HOST, "server_port": free_port(), "quiet": True}
    try:
        module = load(name)
        options |= getattr(module, "LAUNCH", {})
        module.app.launch(prevent_thread_lock=True, **options)
    except Exception:
        traceback.print_exc()
        return None
    return f"http://{HOST}:{options['server_port']}"


def main(library: str, *names: str) -> None:
    sys.modules["server_library"] = importlib.import_module(LIBRARIES[library])
    print(json.dumps({name: launch(name) for name in names}), flush=True)
    sys.stdin.read()
    sys.stderr.flush()
    os._exit(0)  # neither library's threads are waited for


if __name__ == "__main__":
    main(*sys.argv[1:])
