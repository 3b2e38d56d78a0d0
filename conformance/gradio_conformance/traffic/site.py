"""What is known of a server from its own documents, as they were seen in traffic or handed in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import unquote
from urllib.parse import urlsplit

from gradio_spec.routes import Operation
from gradio_spec.routes import Routes

# Where the prefix has not been seen yet, and what a stale client takes from an old example.
USUAL = "/gradio_api"
CONFIG = "/config"
EMBEDDED = re.compile(rb"window\.gradio_config\s*=\s*")
SCHEMES = ("http://", "https://")
_PARAMETER = re.compile(r"\\\{(\w+)\\\}")


@dataclass(frozen=True, slots=True)
class Place:
    """Which operation a request is about, if any. ``path`` is below the server's own base path;
    ``is_elsewhere``: it went to another origin.
    """

    operation: Operation | None
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    is_elsewhere: bool = False

    @property
    def name(self) -> str:
        """Method and path of the operation, as ``openapi.yaml`` writes them; empty for others."""
        return self.operation.name if self.operation is not None else ""


class Site:
    """One server: where its routes are, which functions it has.

    ``base`` is the path below which it is served, where that is known.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        config: Mapping[str, Any] | None = None,
        info: Mapping[str, Any] | None = None,
        base: str | None = None,
    ) -> None:
        self.routes = routes
        self.base = base
        self.config: Mapping[str, Any] | None = config
        self.info: Mapping[str, Any] | None = info
        self.was_asked = False  # for /config, or a page that holds it

    # -- learning -----------------------------------------------------------------------------

    def learn_config(self, path: str, body: bytes) -> None:
        """The answer to a GET of a path that ends in ``/config``; others are ignored."""
        found = _json_object(body)
        if found is not None and "dependencies" in found:
            self.base = path.rstrip("/").removesuffix(CONFIG)
            self.config = found
            self.was_asked = True

    def learn_info(self, body: bytes) -> None:
        found = _json_object(body)
        if found is not None and isinstance(found.get("named_endpoints"), Mapping):
            self.info = found

    def learn_page(self, path: str, body: bytes) -> bool:
        """An HTML page: Gradio's own has the configuration in it, and its client asks for no
        other. Returns whether this is one.
        """
        start = EMBEDDED.search(body)
        if start is None:
            return False
        try:
            text = body[start.end() :].decode(errors="replace")
            found, _ = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return False
        if not isinstance(found, dict) or "dependencies" not in found:
            return False
        self.base = path.rstrip("/")
        self.config = found
        self.was_asked = True
        return True

    # -- where things are ---------------------------------------------------------------------

    @property
    def prefix(self) -> str | None:
        """The API prefix that ``/config`` names; ``None`` while that is unknown."""
        if self.config is None:
            return None
        found = self.config.get("api_prefix", "")
        return found.rstrip("/") if isinstance(found, str) else None

    def place(self, method: str, target: str) -> Place:
        """What a request is about; ``target`` is as in the request line."""
        if target.startswith(SCHEMES):
            return Place(None, target, is_elsewhere=True)
        parts = urlsplit(f"//h{target}") if target.startswith("/") else urlsplit(target)
        path, prefix = parts.path, self.prefix
        if prefix is None:
            before, found, _ = path.partition(f"{USUAL}/")
            prefix, base = (USUAL, self.base or before) if found else ("", self.base or "")
        else:
            base = self.base or ""
        path = path.removeprefix(base)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        operation, _others = self.routes.find(method, path, prefix)
        if operation is None:
            return Place(None, path, query=query)
        inner = path.removeprefix(prefix) if operation.below_prefix else path
        return Place(operation, path, _parameters(operation.path, inner), query)

    def stale(self, method: str, path: str) -> Operation | None:
        """The operation that this path would be with another prefix than the server's, if it is
        none as it stands.
        """
        if self.prefix is None or self.routes.find(method, path, self.prefix)[1]:
            return None
        for prefix in ("", USUAL):
            if prefix != self.prefix and path.startswith(f"{prefix}/"):
                operation, _ = self.routes.find(method, path, prefix)
                if operation is not None and operation.below_prefix:
                    return operation
        return None

    # -- functions ----------------------------------------------------------------------------

    @property
    def dependencies(self) -> Sequence[Mapping[str, Any]]:
        """The functions that ``/config`` lists; before 4.39 their place was their id."""
        found = (self.config or {}).get("dependencies")
        listed = enumerate(found if isinstance(found, list) else [])
        return [{"id": place, **d} for place, d in listed if isinstance(d, Mapping)]

    @property
    def renders(self) -> bool:
        """Does the app make functions while it runs, which ``/config`` cannot list?"""
        marks = ("render_id", "rendered_in")
        return any(d.get(mark) is not None for d in self.dependencies for mark in marks)

    @property
    def ids(self) -> Mapping[str, int]:
        """The ``fn_index`` of each function, by its name, or by a text of its own without one."""
        return {
            str(d.get("api_name") or f"#{d.get('id')}"): d["id"]
            for d in self.dependencies
            if isinstance(d.get("id"), int)
        }

    def function(self, *, name: str | None = None, index: Any = None) -> Mapping[str, Any] | None:
        """The ``/config`` entry of a function, by its number if there is one, or by its name."""
        for dependency in self.dependencies:
            if index is not None and dependency.get("id") == index:
                return dependency
            if index is None and name is not None and dependency.get("api_name") == name:
                return dependency
        return None

    def parameters(self, name: Any) -> Sequence[Mapping[str, Any]] | None:
        """What ``/info`` says of an endpoint's parameters; ``None`` if it is not known."""
        endpoints = (self.info or {}).get("named_endpoints", {})
        endpoint = endpoints.get(f"/{name}") if isinstance(name, str) else None
        found = endpoint.get("parameters") if isinstance(endpoint, Mapping) else None
        good = isinstance(found, list) and all(isinstance(p, Mapping) for p in found)
        return found if good else None


@lru_cache(512)
def _named(template: str) -> re.Pattern[str]:
    greedy = ".+" if "{path}" in template else "[^/]+"
    return re.compile(_PARAMETER.sub(rf"(?P<\1>{greedy})", re.escape(template)))


def _parameters(template: str, inner: str) -> Mapping[str, str]:
    found = _named(template.rstrip("/") or template).fullmatch(inner.rstrip("/") or "/")
    return {} if found is None else {k: unquote(v) for k, v in found.groupdict().items()}


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
