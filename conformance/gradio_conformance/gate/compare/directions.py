"""Which way a shape goes: what a server sends, what a client sends, or both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.rules import ANSWER
from gradio_conformance.gate.rules import EITHER
from gradio_conformance.gate.rules import REQUEST
from gradio_spec.documents import schemas_among
from gradio_spec.pointers import part_at
from gradio_spec.schemas import referred
from gradio_spec.views import Documents

# Arguments may hold them anywhere, so that no body refers to them.
_SENT = frozenset({"files#/$defs/FileInput"})


class Directions:
    """Definition (``http#/$defs/PredictBody``) → the ways in which it goes."""

    def __init__(self, found: Mapping[str, frozenset[str]]) -> None:
        self._found = dict(found)

    def __or__(self, other: Directions) -> Directions:
        names = self._found.keys() | other._found.keys()
        return Directions({n: self.own(n) | other.own(n) for n in names})

    def own(self, name: str) -> frozenset[str]:
        return self._found.get(name, frozenset())

    def __getitem__(self, name: str) -> frozenset[str]:
        """What no request and no answer refers to is what servers send."""
        return self.own(name) or frozenset({ANSWER})


def directions_of(documents: Documents) -> Directions:
    """How the shapes of one version go, as its routes refer to them."""
    walk = _Walk(documents)
    for item in documents["openapi"].get("paths", {}).values():
        walk.see(item, "openapi", ANSWER)
    for name in _SENT:
        walk.enter(name, REQUEST)
    return Directions({name: frozenset(ways) for name, ways in walk.seen.items()})


def target_of(document: str, reference: str) -> str:
    """The name of what a ``$ref`` in a document leads to."""
    return "#".join(referred(reference, document))


def found_at(documents: Documents, name: str) -> Any:
    """The part of this name; ``None`` if there is none."""
    document, _, pointer = name.partition("#")
    return part_at(documents.get(document), pointer)


def referred_to(documents: Documents) -> frozenset[str]:
    """Every definition that another one or a route refers to."""
    sources = {"openapi": documents["openapi"], **schemas_among(documents)}
    return frozenset(
        target_of(name, reference)
        for name, document in sources.items()
        for reference in _references(document)
    )


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)


class _Walk:
    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.seen: defaultdict[str, set[str]] = defaultdict(set)

    def enter(self, name: str, way: str) -> None:
        if way not in self.seen[name]:
            self.seen[name].add(way)
            self.see(found_at(self.documents, name), name.partition("#")[0], way)

    def see(self, node: Any, document: str, way: str) -> None:
        if isinstance(node, list):
            for item in node:
                self.see(item, document, way)
        elif isinstance(node, Mapping):
            for key, value in node.items():
                if key == "$ref" and isinstance(value, str):
                    self.enter(target_of(document, value), way)
                else:
                    sent = document == "openapi" and key in ("requestBody", "parameters")
                    self.see(value, document, REQUEST if sent else way)


__all__ = ["EITHER", "Directions", "directions_of", "found_at", "referred_to", "target_of"]
