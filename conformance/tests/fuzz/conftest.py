"""One testbed for all tests here, looked after by each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .judging import Judge
from .server import Server
from .server import running


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """The testbed, which must be as well after the test as before."""
    yield shared_server
    shared_server.require_unharmed()


@pytest.fixture(scope="session")
def judge(shared_server: Server) -> Judge:
    return Judge(shared_server)
