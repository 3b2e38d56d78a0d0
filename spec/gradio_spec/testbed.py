"""Questions about the contract of the testbed (``testbed.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def endpoints_of(testbed: Mapping[str, Any], server: str) -> tuple[Mapping[str, Any], ...]:
    """The rows of the endpoints of one server; ``KeyError`` if it has none of its own."""
    named = testbed["servers"][server].get("same_as", server)
    return tuple(row for row in testbed["endpoints"] if named in row["servers"])


def other_servers(testbed: Mapping[str, Any]) -> tuple[str, ...]:
    """All servers but ``main``, in the order of the contract."""
    return tuple(name for name in testbed["servers"] if name != "main")
