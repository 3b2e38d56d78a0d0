"""`python -m clients.python_client URL`: run every scenario, print the transcript as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from importlib.metadata import version

from . import calls
from . import cancels
from . import errors
from . import files
from . import messages
from . import sessions
from . import states
from . import streams
from .bench import SCENARIOS
from .bench import Bench

THEMES = (calls, streams, messages, errors, sessions, states, cancels, files)


def main(url: str, names: list[str]) -> None:
    """Print {"client", "scenarios": {name: report}, "seconds": {name: float}}."""
    bench = Bench(url)
    seconds = {}
    scenarios = {}
    for name, scenario in SCENARIOS.items():
        if not names or name in names:
            started = time.monotonic()
            try:
                scenarios[name] = scenario(bench)
            except Exception:
                print(f"in scenario {name}:", traceback.format_exc(), file=sys.stderr, flush=True)
                os._exit(1)  # see below
            seconds[name] = round(time.monotonic() - started, 2)
    client = f"gradio_client {version('gradio_client')}"
    json.dump({"client": client, "scenarios": scenarios, "seconds": seconds}, sys.stdout)
    sys.stdout.flush()
    os._exit(0)  # an erratum may leave a job that never ends, and the client a thread that waits


main(sys.argv[1], sys.argv[2:])
