"""``Request``: what an endpoint function may know about the HTTP request that called it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any


class Headers(Mapping[str, str]):
    """Header fields by name, in any case; of a repeated field the last value."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = {name.lower(): value for name, value in fields}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True, slots=True)
class Client:
    """Address of the caller."""

    host: str | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Request:
    """A snapshot of the join, call or run request.

    Annotate a parameter with ``Request`` (or ``Request | None``) to receive it.
    ``username`` is who has logged in (AUTH-008), None on a server without a login. ``session_hash``
    is the caller's, or the event id for a simple call without one.
    """

    headers: Headers = field(default_factory=Headers)
    query_params: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    path_params: Mapping[str, Any] = field(default_factory=dict)
    client: Client = Client(None, None)
    url: str = ""
    method: str = "POST"
    session_hash: str | None = None
    username: str | None = None

    @property
    def session_key(self) -> str | None:
        """What the server knows the session by. Each user has sessions of their own, whatever hash
        others use (AUTH-009).
        """
        if self.username is None or not self.session_hash:
            return self.session_hash
        return f"{len(self.username)}:{self.username}:{self.session_hash}"
