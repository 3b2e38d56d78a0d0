"""One era: what a release did, read off the specification of its version and the rows of
``behaviours.yaml`` and ``members.yaml``. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.documents import documents_of
from gradio_spec.releases import Release
from gradio_spec.releases import number
from gradio_spec.releases import resolve
from gradio_spec.routes import Routes
from gradio_spec.views import Documents
from gradio_spec.views import Moment

FOLDER = Path(__file__).parent
# The first release whose documents tell of routes, /config and /info; what was before is told by
# what has not changed since, and by the rows.
OLDEST_DESCRIBED = "4.9.0"
PREFIX = "/gradio_api"
_PER_EVENT = frozenset({"ws", "sse"})
_ABSENT: Any = object()


@dataclass(frozen=True)
class Era:
    """``messages`` are those of the release's own version; ``documents`` the rest of it."""

    release: Release
    messages: Mapping[str, Any]
    documents: Documents
    routes: Routes = field(repr=False)
    _moment: Moment = field(repr=False)
    _named: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def announced(self) -> str | None:
        return self.release.announced

    @property
    def prefix(self) -> str:
        """The path below which the routes lie."""
        config = self.documents["config"]["$defs"]["Config"]["properties"]
        return PREFIX if "api_prefix" in config else ""

    @property
    def per_event(self) -> bool:
        """Whether each event had a connection of its own."""
        return self.release.family in _PER_EVENT

    @property
    def says(self) -> frozenset[str]:
        """Every ``msg`` that there was."""
        union = self.messages["$defs"]["ServerMessage"]
        return frozenset(union["discriminator"]["mapping"])

    def does(self, behaviour: str) -> bool:
        """Whether a row of ``behaviours.yaml`` was in force; ``KeyError`` if there is none."""
        return self._moment.has(_behaviours()[behaviour], prefix="")

    def names(self, document: str, definition: str) -> frozenset[str]:
        """The members that a definition of one of the documents has; empty if it was not there."""
        key = document, definition
        if key not in self._named:
            root = self.messages if document == "messages" else self.documents[document]
            node = root["$defs"].get(definition, {})
            self._named[key] = frozenset(_names(node, root))
        return self._named[key]

    def reshaped(self, value: Mapping[str, Any], document: str, definition: str, of: str) -> Any:
        """A value of the present server with the members that the era had: without those whose
        definition has none of them any more, with those that rows of ``members.yaml`` add.
        """
        had, known = self.names(document, definition), _known(document, definition)
        result = {k: v for k, v in value.items() if k in had or k not in known}
        for row in _members():
            if row["of"] != of:
                continue
            if not self._moment.has(row, prefix=""):
                result.pop(row["member"], None)
            elif (given := row.get("value", _ABSENT)) is not _ABSENT:
                result.setdefault(row["member"], given)
        return result


@cache
def era(name: str) -> Era:
    """The era of a release, a dialect or a family; ``SpecError`` for a name that is none, or
    for one without a specification.
    """
    found = resolve(name)
    own = documents_of(PACKAGE / "versions" / found.family, found)
    documents = own
    if "config" not in own:
        oldest = resolve(OLDEST_DESCRIBED)
        documents = documents_of(PACKAGE / "versions" / oldest.family, oldest)
    return Era(
        release=found,
        messages=own["messages"],
        documents=documents,
        routes=Routes(documents["openapi"]),
        _moment=Moment(number(found.number)),
    )


def _names(node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    """The members of an object, whichever of the parts of its schema names them."""
    yield from node.get("properties", ())
    if "$ref" in node:
        yield from _names(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in node.get(key, ()):
            yield from _names(part, root)


@cache
def _known(document: str, definition: str) -> frozenset[str]:
    """The members that the newest document has."""
    newest = resolve("sse_v3")
    root = documents_of(PACKAGE / "versions" / newest.family, newest)[document]
    return frozenset(_names(root["$defs"][definition], root))


@cache
def _behaviours() -> dict[str, Any]:
    return {row["id"]: row for row in _rows("behaviours")}


@cache
def _members() -> list[Any]:
    return _rows("members")


def _rows(name: str) -> list[Any]:
    data = read_yaml(FOLDER / f"{name}.yaml")
    rules = json.loads((FOLDER / "rows.schema.json").read_text(encoding="utf-8"))
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path)
        raise SpecError(f"{name}.yaml: {where}: {error.message}")
    rows: list[Any] = data[name]
    return rows
