"""How a command becomes the server that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import NoReturn


def become(arguments: Sequence[str]) -> NoReturn:
    """Go on as Python with these arguments.

    A process of its own: the suite never imports the server that it judges. Where a process can
    become another it does, so that whoever stops the command stops the server.
    """
    command = [sys.executable, *arguments]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606
    with subprocess.Popen(command) as child:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            sys.exit(child.wait() and 130)
