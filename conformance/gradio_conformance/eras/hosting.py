"""Where the servers and clients of the table come from: ``serve --as``, and environments of their
own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from gradio_conformance.environments import host_of
from gradio_conformance.environments import npm_of
from gradio_conformance.environments import python_of
from gradio_conformance.eras.driving import Installed
from gradio_conformance.eras.driving import javascript_client
from gradio_conformance.eras.driving import python_client
from gradio_conformance.eras.model import Client
from gradio_conformance.eras.model import Kind
from gradio_conformance.process import running

# Importing Gradio 3 or 4 takes half a minute, and more on a machine that is busy.
START_S = 240.0


def installed(client: Client, console: Console | None = None) -> Installed:
    """The client, ready to run; ``NotInstallable`` with the reason."""
    if client.is_python:
        return python_client(client, python_of(client.package, console=console))
    return javascript_client(client, npm_of(client.package, console=console))


def command(kind: Kind, release: str, console: Console | None = None) -> list[str]:
    """What serves the testbed as that release, or on it; ``NotInstallable`` with the reason."""
    port = ("--port", "{port}")
    if kind is Kind.LIVE:
        return host_of(f"gradio=={release}", *port, "--no-second", console=console)
    return [sys.executable, "-m", "gradio_conformance", "serve", "--as", f"gradio-{release}", *port]


@contextmanager
def serving(kind: Kind, release: str, console: Console | None = None) -> Iterator[str]:
    """The URL of a server of that release while the block lasts; ``Unreachable`` if it does not
    start.
    """
    with running(command(kind, release, console), wait_s=START_S) as url:
        yield url
