"""``Request``: what an endpoint function may know about the HTTP request that called it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from sys import intern
from typing import Any
from typing import NamedTuple

from gradio_reference.urls import URL
from gradio_reference.urls import Named
from gradio_reference.urls import QueryParams


class Headers(Mapping[str, str]):
    """Header fields by name, in any case; of a repeated field the first value, or all with
    ``getlist``.
    """

    __slots__ = ("_all",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        # No mapping beside it: every waiting event has its headers, and few functions look.
        self._all = tuple((intern(name.lower()), value) for name, value in fields)

    def __getitem__(self, name: str) -> str:
        wanted = name.lower()
        for key, value in self._all:
            if key == wanted:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._all))

    def __len__(self) -> int:
        return len(dict(self._all))

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._all if key == name.lower()]

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """All fields as they are sent, the names in lower case."""
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self._all]


class Client(NamedTuple):
    """Address of the caller."""

    host: str | None
    port: int | None


NOBODY = Client(None, None)
NOWHERE = URL()


@dataclass(frozen=True, slots=True)
class Request:
    """A snapshot of the join, call or run request.

    Annotate a parameter with ``Request`` (or ``Request | None``) to receive it.
    ``username`` is who has logged in (AUTH-008), None on a server without a login. ``session_hash``
    is the caller's, or the event id for a simple call without one. Apps of Gradio find what they
    know of its requests, but for what belongs to Starlette's: ``app``, ``scope``, ``state``.
    """

    headers: Headers = field(default_factory=Headers)
    query_params: QueryParams = field(default_factory=QueryParams)
    cookies: Named = field(default_factory=Named)
    path_params: Named = field(default_factory=Named)
    client: Client = NOBODY
    url: URL = NOWHERE
    method: str = "POST"
    session_hash: str | None = None
    username: str | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def base_url(self) -> URL:
        """The root of the URL."""
        return self.url.replace(path="/", query="", fragment="")

    @property
    def session_key(self) -> str | None:
        """What the server knows the session by. Each user has sessions of their own, whatever hash
        others use (AUTH-009, AUTH-019, AUTH-020).
        """
        return session_key(self.username, self.session_hash)


def session_key(username: str | None, session_hash: str | None) -> str | None:
    """The session of a user; of a server without a log-in they all have one name, None."""
    if username is None or not session_hash:
        return session_hash
    return f"{len(username)}:{username}:{session_hash}"
