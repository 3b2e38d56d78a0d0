"""The URL and the query of a request, with the parts and methods that apps know from Starlette."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

Pairs = Iterable[tuple[str, str]]
_PLACE = ("username", "password", "hostname", "port")


class URL(str):
    """Text that also has parts. A part that is not there is an empty text, or None for those of
    ``netloc``.
    """

    __slots__ = ()

    @property
    def components(self) -> SplitResult:
        return urlsplit(str(self))

    @property
    def scheme(self) -> str:
        return self.components.scheme

    @property
    def netloc(self) -> str:
        return self.components.netloc

    @property
    def path(self) -> str:
        return self.components.path

    @property
    def query(self) -> str:
        return self.components.query

    @property
    def fragment(self) -> str:
        return self.components.fragment

    @property
    def username(self) -> str | None:
        return self.components.username

    @property
    def password(self) -> str | None:
        return self.components.password

    @property
    def hostname(self) -> str | None:
        return self.components.hostname

    @property
    def port(self) -> int | None:
        return self.components.port

    @property
    def is_secure(self) -> bool:
        return self.scheme in ("https", "wss")

    def replace(self, *texts: Any, **parts: Any) -> URL:
        """With other parts, given by name; with other text, given like to ``str.replace``."""
        if texts:
            return URL(super().replace(*texts, **parts))
        place = {name: parts.pop(name) for name in _PLACE if name in parts}
        if place:
            parts["netloc"] = self._netloc(**place)
        return URL(self.components._replace(**parts).geturl())

    def _netloc(self, **place: Any) -> str:
        username, password, hostname, port = (
            place.get(name, getattr(self, name)) for name in _PLACE
        )
        host = str(hostname or "")
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        user = "" if username is None else f"{username}@"
        if username is not None and password is not None:
            user = f"{username}:{password}@"
        return f"{user}{host}" if port is None else f"{user}{host}:{port}"

    def include_query_params(self, **params: Any) -> URL:
        """With these parameters in the place of those of the same name, or added."""
        new = {str(name): str(value) for name, value in params.items()}
        return self.replace(query=urlencode([*self._query(new), *new.items()]))

    def replace_query_params(self, **params: Any) -> URL:
        """With these parameters only."""
        return self.replace(query=urlencode({name: str(value) for name, value in params.items()}))

    def remove_query_params(self, keys: str | Sequence[str]) -> URL:
        """Without the parameters of these names."""
        return self.replace(query=urlencode(self._query([keys] if isinstance(keys, str) else keys)))

    def _query(self, without: Iterable[str]) -> list[tuple[str, str]]:
        pairs = parse_qsl(self.query, keep_blank_values=True)
        return [(name, value) for name, value in pairs if name not in without]


class QueryParams(Mapping[str, str]):
    """Query parameters by name; of a repeated one the last value, or all with ``getlist``."""

    __slots__ = ("_all", "_last")

    def __init__(self, pairs: Pairs | Mapping[str, str] = ()) -> None:
        given = pairs.items() if isinstance(pairs, Mapping) else pairs
        self._all: list[tuple[str, str]] = list(given)
        self._last = dict(self._all)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._all if key == name]

    def multi_items(self) -> list[tuple[str, str]]:
        return list(self._all)

    def __str__(self) -> str:
        return urlencode(self._all)

    def __repr__(self) -> str:
        return f"QueryParams({str(self)!r})"


class Named(dict[str, Any]):
    """A dict whose items are attributes too."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None
