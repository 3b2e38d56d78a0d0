"""``Request``: what an endpoint function may know about the HTTP request that called it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any


@dataclass(frozen=True, slots=True)
class Client:
    """Address of the caller."""

    host: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """A snapshot of the join, call or run request.

    Annotate a parameter with ``Request`` (or ``Request | None``) to receive it. ``headers`` is
    case-insensitive; ``username`` is None as long as the server has no login. ``session_hash``
    is the caller's, or the event id for a simple call without one.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query_params: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    path_params: Mapping[str, Any] = field(default_factory=dict)
    client: Client = Client(None, None)
    url: str = ""
    method: str = "POST"
    session_hash: str | None = None
    username: str | None = None
