"""``python -m desk``, or ``python frontends-demo/desk``: serve Desk until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if not __package__:  # the folder was given to Python, not the package
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from desk.libraries import LIBRARIES
from desk.libraries import Settings


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    settings = Settings(options.port, options.pages, options.login, options.web_server)
    LIBRARIES[options.library](settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m desk", description="Serve Desk.")
    parser.add_argument("--library", choices=sorted(LIBRARIES), default="reference")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860")
    parser.add_argument("--pages", type=_pages, metavar="DIR", help="a built front end")
    parser.add_argument("--login", type=_login, metavar="NAME:PASSWORD", help="who may use it")
    parser.add_argument("--web-server", metavar="NAME", help="below --library reference")
    return parser


def _pages(text: str) -> Path:
    path = Path(text).resolve()
    if not (path / "index.html").is_file():
        raise argparse.ArgumentTypeError(f"{text} has no index.html; has it been built?")
    return path


def _login(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not (name and colon and password):
        raise argparse.ArgumentTypeError("must be a name, a colon and a password")
    return name, password


if __name__ == "__main__":
    main()
