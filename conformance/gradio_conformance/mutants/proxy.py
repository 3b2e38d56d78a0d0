"""The mangling proxy: the wire rules of a mutant between a client and any server."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from gradio_conformance.mutants.rules import Rule
from gradio_conformance.mutants.wire import Wrapper
from gradio_conformance.ports import free_port
from gradio_conformance.target import discover
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.serving import Library
from gradio_conformance.testbed.serving import Running
from gradio_conformance.testbed.serving import url
from gradio_conformance.traffic.background import Background
from gradio_conformance.traffic.background import bound
from gradio_conformance.traffic.relay import Relay
from gradio_conformance.traffic.relay import origin
from gradio_conformance.traffic.renaming import Names
from gradio_spec.loader import load_spec
from gradio_spec.testbed import other_servers


def launch_proxy(
    upstream: str, port: int, rules: Sequence[Rule], names: Names
) -> Callable[[], None]:
    """Stand in front of the server at ``upstream`` on 127.0.0.1:``port``, in the background;
    returns what ends it. ``OSError`` if the port is taken.
    """
    base = urlsplit(upstream).path.rstrip("/")
    app = Wrapper(Relay(upstream, names), rules, base)
    background = Background(app, bound(port), "mangling proxy")
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
