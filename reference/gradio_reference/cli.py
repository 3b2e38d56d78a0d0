"""Serve a user's file: load it, find its ``Server``, run it."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from gradio_reference import adapters
from gradio_reference import serving
from gradio_reference.eras import speak_as
from gradio_reference.server import Server
from gradio_reference.serving import Plan


class AppError(Exception):
    """The file cannot be served; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 served, 2 the file or an option is wrong, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m gradio_reference", description="Serve the Server of a Python file."
    )
    parser.add_argument(
        "file", type=Path, help="a Python file that makes a gradio_reference.Server"
    )
    parser.add_argument("--app", help="its variable, if the file has several")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860; 0: any")
    parser.add_argument(
        "--server", choices=adapters.NAMES, help=f"the web server (default {adapters.DEFAULT})"
    )
    parser.add_argument(
        "--as", dest="era", metavar="RELEASE", help="speak as it did, e.g. gradio-4.44.1"
    )
    options = parser.parse_args(arguments)
    try:
        server, plan = load(options.file, options.app)
        if options.era is not None:
            speak_as(server, options.era)
        given = {"host": options.host, "port": options.port, "web_server": options.server}
        wanted = {name: value for name, value in given.items() if value is not None}
        plan = dataclasses.replace(plan, **wanted, background=False)
        serving.launch(server, plan)
    except (AppError, OSError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:  # before the server listens to signals itself
        return 130
    return 0


def load(file: Path, name: str | None = None) -> tuple[Server, Plan]:
    """The Server of a file, and what its own ``launch`` call (not executed) asked for. Raises
    ``AppError``.
    """
    notes: list[tuple[Server, Plan]] = []
    token = serving.deferred.set(notes)
    try:
        module = _execute(file)
    finally:
        serving.deferred.reset(token)
    server = _pick(module, file, name, notes)
    for launched, plan in notes:
        if launched is server:
            return server, plan
    return server, Plan()


def _execute(file: Path) -> ModuleType:
    if not file.is_file():
        raise AppError(f"{file}: there is no such file")
    spec = importlib.util.spec_from_file_location(file.stem, file.resolve())
    if spec is None or spec.loader is None:
        raise AppError(f"{file}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    # Quart finds the app's static files through sys.modules, the app its neighbours through
    # sys.path.
    sys.modules[file.stem] = module
    sys.path.insert(0, str(file.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == str(file.resolve())]
        line = f", line {own[-1].lineno}" if own else ""
        raise AppError(f"{file}{line}: {type(error).__name__}: {error}") from error
    return module


def _pick(
    module: ModuleType, file: Path, name: str | None, notes: list[tuple[Server, Plan]]
) -> Server:
    found = {key: value for key, value in vars(module).items() if isinstance(value, Server)}
    if name is not None:
        if name not in found:
            raise AppError(f"{file}: {name!r} is not a Server; found: {', '.join(found) or 'none'}")
        return found[name]
    if notes:
        return notes[0][0]
    servers = list(dict.fromkeys(found.values()))
    if not servers:
        raise AppError(f"{file}: no Server found; the file needs e.g. app = Server()")
    if len(servers) > 1:
        raise AppError(f"{file}: several Servers ({', '.join(found)}); choose one with --app")
    return servers[0]
