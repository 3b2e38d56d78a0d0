"""Ports for servers that are started for a while."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
# Below what systems hand out to outgoing connections and to bind(0): between the choice of a port
# and the moment its server listens, nobody else is given it by chance.
QUIET = range(20_000, 32_000)
TRIES = 200


def is_free(port: int) -> bool:
    """Nothing holds the port now."""
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(first: int = 0) -> int:
    """The first free port from ``first`` up; without ``first``, any free one of a quiet range.

    Raises ``OSError`` when none is found.
    """
    candidates = range(first, 65_536) if first else random.SystemRandom().sample(QUIET, TRIES)
    for port in candidates:
        if is_free(port):
            return port
    raise OSError(f"no free port {f'from {first} up' if first else f'in {QUIET}'}")
