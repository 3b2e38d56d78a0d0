"""All servers of the testbed in one process."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from types import FrameType
from typing import Protocol
from typing import cast

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.testbed.kit import HEARTBEAT_INTERVAL
from gradio_conformance.testbed.kit import TESTBED
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.kit import settings_of
from gradio_spec.testbed import other_servers

LIBRARIES = {
    "reference": "gradio_conformance.testbed.on_reference",
    "gradio": "gradio_conformance.testbed.on_gradio",
}
WITHOUT_SERVER_MODE = "gradio_conformance.testbed.on_blocks"  # gradio before it had that
# What is judged is what `pip install gradio` brings: with the parser and the loop that uvicorn
# takes where they are installed, the wire is another.
WITHOUT = {"gradio": ("httptools", "uvloop")}
MCP_INSTALLED = find_spec("mcp") is not None  # an extra, for either library
ENVIRONMENT = {
    "GRADIO_HEARTBEAT_INTERVAL": f"{HEARTBEAT_INTERVAL:g}",
    "GRADIO_ANALYTICS_ENABLED": "False",
}


@dataclass(frozen=True, slots=True)
class Running:
    """Base URLs of the servers that answer: of `main`, and of the `others` by name."""

    main: str
    others: Mapping[str, str]


class Library(Protocol):
    """What serves a server of the testbed on a port; a call returns what stops it."""

    def launch(self, settings: Settings, port: int) -> Callable[[], None]: ...


@contextmanager
def running(
    library: str | Library, port: int = 0, second_port: int | None = 0
) -> Iterator[Running]:
    """Serve the testbed on `library`; port 0 is any free one, `second_port` None is `main` only."""
    os.environ.update(ENVIRONMENT)  # before the import: libraries may read it only then
    server = _library(library) if isinstance(library, str) else library
    with ExitStack() as stack:
        ports = {"second": second_port}
        others = {}
        for name in () if second_port is None else other_servers(TESTBED):
            settings = settings_of(name)
            if not _offered(server, settings):
                continue
            number = ports.get(name) or free_port()
            stack.callback(server.launch(settings, number))
            others[name] = url(number)
        port = port or free_port()
        stack.callback(server.launch(settings_of("main", others), port))
        yield Running(url(port), others)


def _library(name: str) -> Library:
    if name not in LIBRARIES:
        raise ValueError(f"library: must be one of {', '.join(LIBRARIES)}, not {name!r}")
    for module in WITHOUT.get(name, ()):
        sys.modules.setdefault(module, None)  # type: ignore[arg-type]
    return cast(Library, importlib.import_module(_module(name)))


def _module(name: str) -> str:
    if name == "gradio" and not hasattr(importlib.import_module(name), "Server"):
        return WITHOUT_SERVER_MODE
    return LIBRARIES[name]


def _offered(library: Library, settings: Settings) -> bool:
    if settings.mcp_server and not MCP_INSTALLED:
        return False
    offers = getattr(library, "offers", None)  # of a library whose releases differ
    return offers is None or bool(offers(settings))


def serve(library: str | Library, port: int = 0, second_port: int | None = 0) -> None:
    """Serve until SIGTERM or SIGINT; print one line with the URLs as soon as they answer."""
    serve_until_signal(running(library, port, second_port), f"testbed on {library}")


def serve_until_signal(serving: AbstractContextManager[Running], what: str) -> None:
    """Let these servers run until SIGTERM or SIGINT, under a line with their URLs."""
    stop = threading.Event()
    with _stopped_by_signal(stop.set), serving as servers:
        urls = [servers.main, *(f"{name} {url}" for name, url in servers.others.items())]
        print(f"{what}: {', '.join(urls)}", flush=True)
        stop.wait()


@contextmanager
def _stopped_by_signal(stop: Callable[[], None]) -> Iterator[None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def url(port: int) -> str:
    return f"http://{HOST}:{port}"
