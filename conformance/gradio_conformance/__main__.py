"""The command ``gradio-protocol``; ``python -m gradio_conformance`` where none is on the PATH."""

from __future__ import annotations

import importlib.util
import sys

_NOTHING_TO_RUN = """\
Error: gradio-protocol needs an extra: pip install 'gradio-protocol[suite]', or [server] to serve
"""


def main() -> None:
    # A plain install is the specification alone: without Click, there is no command.
    if importlib.util.find_spec("click") is None:
        sys.stderr.write(_NOTHING_TO_RUN)
        sys.exit(2)
    from gradio_conformance.cli import main as commands

    try:
        commands(prog_name="gradio-protocol")
    finally:
        # An interrupt that met text which exec runs, such as the methods of a dataclass, ends a
        # `python -m` by SIGINT whatever has become of it since; any other such text clears that.
        exec("")  # noqa: S102


if __name__ == "__main__":
    main()
