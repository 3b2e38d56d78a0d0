"""Probes of scripted servers."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

from gradio_conformance.probe import Probe
from gradio_conformance.target import Target
from gradio_spec.loader import load_spec

from .scripted import JOINED
from .scripted import LONG_S
from .scripted import NAMES
from .scripted import Serve
from .scripted import Server

SPEC = load_spec()


@pytest.fixture
def probe_of(raw_server: Serve) -> Iterator[Callable[..., Probe]]:
    """``probe_of(route=answer, …)``: a probe of a server with these routes."""
    made: list[Probe] = []

    def make(patience_s: float = LONG_S, **routes: Any) -> Probe:
        server = raw_server(Server(**{"queue_join": JOINED, **routes}))
        dependencies = [{"id": i, "api_name": name} for i, name in enumerate(NAMES)]
        target = Target(server.url, "", {"dependencies": dependencies}, {}, None)
        made.append(Probe(target, SPEC, patience_s=patience_s))
        return made[-1]

    yield make
    for probe in made:
        for session in probe.sessions:
            session.drop()
        probe.wire.close()
