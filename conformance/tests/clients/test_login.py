"""Both official clients log in and get the same from the reference server and from real Gradio.

They differ only in a refused log-in: Gradio answers it 400, which neither client knows for what it
is (AUTH-011).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import servers

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent / "login"
USED = {"who": "ann", "result": "goes", "cancelled": True, "size": 7}
CHUNKS = {
    "python": ["so", "it", "goes"],
    "javascript": ["so", "it", "goes", "goes"],  # this client tells the last chunk as result too
}
NO_LOGIN = {
    "python": {
        "error": "AuthenticationError",
        "text": "Could not load URL/ as credentials were not provided. Please login.",
    },
    "javascript": {"error": "Error", "text": "Members only"},
}
REFUSED = {
    ("python", "reference"): {
        "error": "AuthenticationError",
        "text": "Could not login to URL/. Invalid credentials.",
    },
    ("python", "gradio"): {"error": "ValueError", "text": "Could not login to URL/."},
    ("javascript", "reference"): {
        "error": "Error",
        "text": "Invalid credentials. Could not login. ",
    },
    ("javascript", "gradio"): {"error": "Error", "text": "Space metadata could not be loaded. "},
}


@pytest.fixture(scope="module", params=["reference", "gradio"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A library and the URL of the app behind a login that it serves."""
    library: str = request.param
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [servers.interpreter(library), str(HERE / "app.py"), library, str(port)]
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("ready "):
                yield library, line.split()[1]
                break
        else:
            pytest.fail(f"the app on {library} ended with {process.wait()}")
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("client", ["python", "javascript"])
def test_login(client: str, served: tuple[str, str]) -> None:
    library, url = served
    report = python(url) if client == "python" else javascript(url)
    assert report == {
        "ann": USED | {"chunks": CHUNKS[client]},
        "bob": "bob",
        "wrong": REFUSED[client, library],
        "unknown": REFUSED[client, library],  # nobody learns which names there are
        "none": NO_LOGIN[client],
    }


def python(url: str) -> Any:
    return output([servers.interpreter("gradio"), str(HERE / "client.py"), url])


def javascript(url: str) -> Any:
    return output([servers.node(), str(HERE / "client.mjs"), url])


def output(command: list[str]) -> Any:
    done = subprocess.run(command, check=False, capture_output=True, timeout=100, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
