"""`python client.py URL`: what gradio_client reports of a server with a login, as JSON."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradio_client import Client
from gradio_client import handle_file


def refused(connect: Callable[[], Any]) -> dict[str, str]:
    try:
        connect()
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error).replace(url, "URL")}
    return {"error": "none"}


def used(client: Client) -> dict[str, Any]:
    job = client.submit("so it goes", api_name="/words")
    result = job.result(timeout=30)
    running = client.submit(api_name="/endless")
    next(iter(running))
    running.cancel()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file.txt"
        file.write_text("seven b")
        length = client.predict(handle_file(str(file)), api_name="/size")
    return {
        "who": client.predict(api_name="/who"),
        "result": result,
        "chunks": job.outputs(),
        "cancelled": client.predict(api_name="/was_cancelled"),
        "size": length,
    }


url = sys.argv[1]
report = {
    "ann": used(Client(url, auth=("ann", "secret "), verbose=False)),
    "bob": Client(url, auth=(" bob", "öß"), verbose=False).predict(api_name="/who"),
    "wrong": refused(lambda: Client(url, auth=("ann", "secret"), verbose=False)),
    "unknown": refused(lambda: Client(url, auth=("eve", "secret"), verbose=False)),
    "none": refused(lambda: Client(url, verbose=False)),
}
json.dump(report, sys.stdout)
sys.stdout.flush()
os._exit(0)  # the client leaves a thread with its heartbeat behind
