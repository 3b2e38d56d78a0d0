"""The mangling proxy: the wire rules of a mutant between a client and any server."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from typing import cast
from urllib.parse import urlsplit

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import Framework

from gradio_conformance.mutants.relay import Relay
from gradio_conformance.mutants.relay import origin
from gradio_conformance.mutants.renaming import Names
from gradio_conformance.mutants.rules import Rule
from gradio_conformance.mutants.wire import App
from gradio_conformance.mutants.wire import Wrapper
from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.target import discover
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.serving import Library
from gradio_conformance.testbed.serving import Running
from gradio_conformance.testbed.serving import url
from gradio_spec.loader import load_spec
from gradio_spec.testbed import other_servers

BACKLOG = 2048
# Whoever stops the proxy does not wait for streams that nobody ends.
FAREWELL_S = 0.2


def launch_proxy(
    upstream: str, port: int, rules: Sequence[Rule], names: Names
) -> Callable[[], None]:
    """Stand in front of the server at ``upstream`` on 127.0.0.1:``port``, in the background;
    returns what ends it. ``OSError`` if the port is taken.
    """
    base = urlsplit(upstream).path.rstrip("/")
    background = _Background(Wrapper(Relay(upstream, names), rules, base), _listener(port))
    background.start()
    return background.end


@contextmanager
def proxied(
    upstream: str, rules: Sequence[Rule], port: int = 0, second_port: int = 0
) -> Iterator[Running]:
    """A proxy in front of ``upstream``, and one in front of each other server that the testbed
    has. Raises ``Unreachable``.
    """
    spec = load_spec()
    target = discover(upstream, spec)
    here = _under_own_address(upstream, port or free_port())
    fronts = {upstream: here}
    ports = {"second": second_port}
    urls = {name: target.server_url(name) for name in other_servers(spec.testbed)}
    others = {name: there for name, there in urls.items() if there is not None}
    for name, there in others.items():
        if there not in fronts:  # a server may play several parts
            fronts[there] = _under_own_address(there, ports.get(name) or free_port())
    names = Names({origin(there): origin(front) for there, front in fronts.items()})
    with ExitStack() as stack:
        for there, front in fronts.items():
            number = cast(int, urlsplit(front).port)
            stack.callback(launch_proxy(there, number, rules, names))
        yield Running(here, {name: fronts[there] for name, there in others.items()})


@dataclass(frozen=True, slots=True)
class ProxiedLibrary:
    """The servers of another library, each with a proxy in front of it."""

    library: Library
    rules: tuple[Rule, ...]

    def launch(self, settings: Settings, port: int) -> Callable[[], None]:
        hidden = free_port()
        stop = self.library.launch(settings, hidden)
        try:
            stop_proxy = launch_proxy(
                url(hidden), port, self.rules, Names({url(hidden): url(port)})
            )
        except OSError:
            stop()
            raise

        def stop_both() -> None:
            stop_proxy()
            stop()

        return stop_both


def _under_own_address(base: str, port: int) -> str:
    """Same path, other address: what a server says relative to its root stays true."""
    return url(port) + urlsplit(base).path.rstrip("/")


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


class _Background:
    """An ASGI application on Hypercorn, in a thread of its own."""

    def __init__(self, app: App, listener: socket.socket) -> None:
        self._app = app
        self._listener = listener
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mangling proxy", daemon=True)

    def start(self) -> None:
        # Whoever connects from now on waits in the listener's backlog.
        self._thread.start()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        config = Config()
        config.bind = [f"fd://{self._listener.detach()}"]
        config.backlog = BACKLOG
        config.graceful_timeout = FAREWELL_S
        config.keep_alive_max_requests = 1_000_000_000
        config.include_date_header = config.include_server_header = False  # the upstream's count
        config.accesslog = config.errorlog = None

        async def over() -> Any:
            await self._over.wait()

        await serve(cast(Framework, self._app), config, shutdown_trigger=over)
