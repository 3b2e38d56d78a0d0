"""The operations of ``openapi.yaml``: which of them a request is, and what it takes and gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
KEPT = 512
_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; ``responses`` by status (``"200"``, ``"4XX"``), references resolved.

    ``clauses`` are those that are observed on it; ``below_prefix`` is false for ``/config``.
    """

    method: str
    path: str
    clauses: tuple[str, ...]
    request: Any
    responses: Mapping[str, Any]
    below_prefix: bool
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def example(self) -> str:
        """The path, with something for each parameter."""
        return _PARAMETER.sub("x", self.path)

    def response(self, status: int) -> tuple[str, Any] | None:
        """The documented case of a status: by itself, or by its class."""
        for key in (str(status), f"{status // 100}XX"):
            if key in self.responses:
                return key, self.responses[key]
        return None


class Routes:
    """All operations of one document, asked by method and path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        found = sorted(self._operations(), key=_special)
        self.operations: tuple[Operation, ...] = tuple(found)
        # A client asks the same few paths over and over.
        self._find = lru_cache(KEPT)(self._look_up)

    def find(
        self, method: str, path: str, prefix: str
    ) -> tuple[Operation | None, Sequence[Operation]]:
        """The operation of a request, if there is one, and every operation of its path.

        ``path`` may have a query and a slash at its end; ``prefix`` is the API prefix of the
        server.
        """
        return self._find(method.upper(), path.partition("?")[0], prefix)

    def _look_up(
        self, method: str, bare: str, prefix: str
    ) -> tuple[Operation | None, Sequence[Operation]]:
        below = bare.startswith(f"{prefix}/") if prefix else True
        inner = (bare.removeprefix(prefix) if below else bare).rstrip("/") or "/"
        here = [
            o
            for o in self.operations
            if (below if o.below_prefix else not below or not prefix) and o.pattern.fullmatch(inner)
        ]
        asked = next((o for o in here if o.method == method), None)
        return asked, here

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        operation = item[method]
        body = self._resolved(operation.get("requestBody", {}))
        responses = operation.get("responses", {}).items()
        return Operation(
            method=method.upper(),
            path=path,
            clauses=tuple(operation.get("x-clauses", ())),
            request=body,
            responses={str(status): self._resolved(answer) for status, answer in responses},
            below_prefix="servers" not in item,
            pattern=_pattern(path),
        )

    def _resolved(self, part: Mapping[str, Any]) -> Any:
        if "$ref" not in part:
            return part
        found: Any = self.document
        for key in part["$ref"].split("/")[1:]:
            found = found[key]
        return found


def _special(operation: Operation) -> int:
    """What is written out comes before what a parameter stands for."""
    return len(_PARAMETER.findall(operation.path))


def _pattern(path: str) -> re.Pattern[str]:
    segments = []
    for segment in (path.rstrip("/") or path).split("/"):  # as requests are looked up
        # What stands for a path itself may have slashes in it.
        value = ".+" if "{path}" in segment else "[^/]+"
        segments.append(value.join(map(re.escape, _PARAMETER.split(segment))))
    return re.compile("/".join(segments))
