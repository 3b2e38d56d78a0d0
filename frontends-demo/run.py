"""Serve Desk with one of its front ends, which is built first if it has to be.

python frontends-demo/run.py [NAME] [options of Desk, such as --library gradio]
"""

from __future__ import annotations

import argparse
import runpy
import subprocess
import sys

from desk.__main__ import main as serve_desk
from desk.frontends import FRONTENDS
from desk.frontends import CannotBuildError
from desk.frontends import Frontend
from desk.frontends import build


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join(FRONTENDS)
    parser.add_argument("name", nargs="?", default="html", metavar="NAME", help=f"of {names}")
    parser.add_argument("--only-build", nargs="+", metavar="NAME", help="serve nothing")
    options, others = parser.parse_known_args()
    chosen = [_frontend(parser, name) for name in options.only_build or [options.name]]
    try:
        for frontend in chosen:
            build(frontend)
    except CannotBuildError as error:
        parser.exit(2, f"run.py: {error}\n")
    except subprocess.CalledProcessError as error:
        parser.exit(error.returncode, f"run.py: {' '.join(error.cmd[1:])} failed\n")
    if not options.only_build:
        _serve(chosen[0], others)


def _frontend(parser: argparse.ArgumentParser, name: str) -> Frontend:
    frontend = FRONTENDS.get(name)
    if frontend is None or not frontend.folder.is_dir():
        parser.error(f"there is no front end {name!r}, only {', '.join(FRONTENDS)}")
    return frontend


def _serve(frontend: Frontend, options: list[str]) -> None:
    if frontend.program is not None:
        sys.argv = [str(frontend.program), *options]
        runpy.run_path(str(frontend.program), run_name="__main__")
    else:
        serve_desk(["--pages", str(frontend.pages), *options])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:  # the way to stop it
        sys.exit(130)
