"""Starts three backends for the aggregator, and names its page.

    python frontends-demo/aggregator/backends.py [--port N] [--library NAME] [--login NAME:PASSWORD]

The first is the reference server, which serves the page as well; the second is Gradio where it is
installed, else the reference server again; the third, the reference server, may want a log-in.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
DESK = HERE.parent / "desk"
PAGES = HERE / "dist"
HOST = "127.0.0.1"
PORT = 7861
END_S = 10.0


@dataclass(frozen=True, slots=True)
class Backend:
    """``name`` as the page shows it, ``library`` and further ``options`` of ``desk``."""

    name: str
    library: str
    port: int
    options: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        program = [sys.executable, str(DESK), "--library", self.library]
        return [*program, "--port", str(self.port), *self.options]

    @property
    def named_url(self) -> str:
        return f"http://{HOST}:{self.port}#{self.name}"


def plan(port: int, pages: Path, *, gradio: bool, login: str | None = None) -> list[Backend]:
    """The three backends, on ``port`` and the next two; the first one serves ``pages``."""
    guard = () if login is None else ("--login", login)
    names = ("Reference", "Gradio", "Second reference")
    if not gradio:
        names = ("Reference", "Second reference", "Third reference")
    return [
        Backend(names[0], "reference", port, ("--pages", str(pages))),
        Backend(names[1], "gradio" if gradio else "reference", port + 1),
        Backend(names[2], "reference", port + 2, guard),
    ]


def page_url(backends: Sequence[Backend]) -> str:
    """The page, told of all of them."""
    named = ",".join(backend.named_url for backend in backends)
    return f"http://{HOST}:{backends[0].port}/?backends={quote(named, safe='')}"


def serve(backends: Sequence[Backend]) -> int:
    """Run them until SIGINT or SIGTERM, or until one ends by itself; returns an exit code."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    running: dict[int, tuple[Backend, subprocess.Popen[bytes]]] = {}
    try:
        for backend in backends:
            child = subprocess.Popen(backend.command, stdout=subprocess.DEVNULL, env=environment)
            running[child.pid] = backend, child
        ended, status = os.wait()
        backend, child = running.pop(ended)
        child.returncode = os.waitstatus_to_exitcode(status)
        sys.stderr.write(f"{backend.name} (port {backend.port}) has ended.\n")
    except KeyboardInterrupt:
        return 0
    finally:
        _end([child for _, child in running.values()])
    return 1


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    installed = importlib.util.find_spec("gradio") is not None
    if options.library == "gradio" and not installed:
        parser.error("--library gradio: Gradio is not installed (pip install gradio)")
    gradio = installed and options.library != "reference"
    backends = plan(options.port, options.pages, gradio=gradio, login=options.login)
    lines = [f"{backend.name}: http://{HOST}:{backend.port}" for backend in backends]
    if not installed:
        lines.insert(0, "Gradio is not installed (pip install gradio): three reference servers.")
    sys.stdout.write("\n".join([*lines, f"\nOpen {page_url(backends)}\n\n"]))
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _interrupt)
    return serve(backends)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backends.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=_port, default=PORT, help="of the first; the others follow")
    parser.add_argument(
        "--library",
        choices=("reference", "gradio"),
        help="of the second; default: gradio, if there",
    )
    parser.add_argument("--login", metavar="NAME:PASSWORD", help="who may use the third one")
    parser.add_argument("--pages", type=Path, default=PAGES, metavar="DIR", help="the built page")
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65534:
        raise argparse.ArgumentTypeError(f"must be from 1 to 65533: {text!r}")
    return port


if __name__ == "__main__":
    sys.exit(main())
