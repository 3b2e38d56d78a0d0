"""The reference server, for scripts to be played on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradio_conformance.target import Target
from gradio_conformance.target import discover
from gradio_conformance.testbed.serving import running
from gradio_spec.loader import load_spec


@pytest.fixture(scope="session")
def reference() -> Iterator[Target]:
    with running("reference") as servers:
        yield discover(servers.main, load_spec())
