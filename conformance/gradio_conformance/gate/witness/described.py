"""Reading JSON Schemas: what a reference names, which members an object may have, which
definitions name another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_spec.documents import schemas_among
from gradio_spec.pointers import part_at
from gradio_spec.schemas import referred
from gradio_spec.views import Documents

UNIONS = ("allOf", "anyOf", "oneOf")
BRANCHES = ("if", "then", "else", "not")


def followed(documents: Documents, node: Any, document: str) -> tuple[Any, str]:
    """A schema without the ``$ref`` that it is, and the document where it stands."""
    while isinstance(node, Mapping) and "$ref" in node:
        document, pointer = referred(node["$ref"], document)
        there = part_at(documents.get(document), pointer)
        rest = {key: value for key, value in node.items() if key != "$ref"}
        node = {**there, **rest} if isinstance(there, Mapping) else there
    return node, document


def members(documents: Documents, document: str, name: str) -> frozenset[str]:
    """The members that a definition describes, whichever of its parts does so."""
    node = documents.get(document, {}).get("$defs", {}).get(name, {})
    return frozenset(_members(documents, node, document))


def _members(documents: Documents, node: Any, document: str) -> Iterator[str]:
    node, document = followed(documents, node, document)
    if not isinstance(node, Mapping):
        return
    yield from node.get("properties", ())
    parts = [part for union in UNIONS for part in node.get(union, ())]
    for part in (*parts, *(node[branch] for branch in BRANCHES if branch in node)):
        yield from _members(documents, part, document)


def kinds(documents: Documents, document: str, name: str) -> Iterator[str]:
    """The definitions that the discriminator of a union tells apart; none if it has none."""
    node = documents.get(document, {}).get("$defs", {}).get(name, {})
    for reference in node.get("discriminator", {}).get("mapping", {}).values():
        yield reference.rpartition("/")[2]


def users(documents: Documents, document: str, name: str) -> Iterator[tuple[str, str, str]]:
    """The definitions that have a member of the shape ``name``: document, definition, member."""
    asked = document, f"/$defs/{name}"
    for where, content in schemas_among(documents).items():
        for definition, node in content["$defs"].items():
            for member, part in node.get("properties", {}).items():
                if any(referred(ref, where) == asked for ref in _refs(part)):
                    yield where, definition, member


def _refs(node: Any) -> Iterator[str]:
    """The references of a schema for the value itself, not for its parts."""
    if not isinstance(node, Mapping):
        return
    if "$ref" in node:
        yield node["$ref"]
    for union in UNIONS:
        for part in node.get(union, ()):
            yield from _refs(part)
