"""The catalogue of mutants, as typed data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gradio_conformance.mutants.rules import Rule
from gradio_conformance.mutants.rules import parse_rule

FOLDER = Path(__file__).parent
PARTS = ("mutants", "legal", "vacuous", "without_mutant")


class CatalogueError(ValueError):
    """The catalogue is not what its schema says; the message names the entry and the reason."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One misbehaviour: the clause it breaks, and how. ``checks``: those that must see it (none:
    any bound one); ``twin``: the legal variant that is one edit away.
    """

    id: str
    clause: str
    breaks: str
    checks: tuple[str, ...] = ()
    core: str | None = None
    wire: tuple[Rule, ...] = ()
    twin: str | None = None
    equivalent: str | None = None


@dataclass(frozen=True, slots=True)
class Legal:
    """A change that breaks nothing: the checks of these patterns must not mind it."""

    id: str
    changes: str
    run: tuple[str, ...]
    core: str | None = None
    wire: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Vacuous:
    """A server that knows nothing of the protocol. ``keeps``: clause → why it may be kept all the
    same.
    """

    id: str
    does: str
    keeps: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    mutants: Mapping[str, Mutant]
    legal: Mapping[str, Legal]
    vacuous: Mapping[str, Vacuous]
    without_mutant: Mapping[str, str]  # clause → reason

    def changed(self, name: str) -> Mutant | Legal:
        """The mutant or legal variant of this id; ``CatalogueError`` for an unknown one."""
        found = self.mutants.get(name) or self.legal.get(name)
        if found is None:
            raise CatalogueError(
                f"there is no mutant {name!r}; `gradio-protocol selftest --list` shows them"
            )
        return found

    def named(self, name: str) -> Mutant | Legal | Vacuous:
        """The server of this id, of whatever kind; ``CatalogueError`` for an unknown one."""
        return self.vacuous.get(name) or self.changed(name)

    def on_the_wire(self, name: str) -> tuple[Rule, ...]:
        """The rules of this mutant or legal variant; ``CatalogueError`` if it has none, because
        nothing but rules can be put between a client and a server.
        """
        found = self.named(name)
        if isinstance(found, Vacuous):
            raise CatalogueError(f"{name!r} is a vacuous server: it has no use for an upstream")
        if not found.wire:
            raise CatalogueError(
                f"{name!r} is a fault inside the reference server ({found.core}): "
                "no proxy can put it into another one"
            )
        return found.wire


@cache
def load_catalogue() -> Catalogue:
    """The shipped catalogue. Raises ``CatalogueError``."""
    return parse_catalogue(read_catalogue())


def read_catalogue() -> dict[str, list[Any]]:
    """The rows of all files of ``catalogue/``, put together. Raises ``CatalogueError``."""
    rows: dict[str, list[Any]] = {part: [] for part in PARTS}
    for path in sorted((FOLDER / "catalogue").glob("*.yaml")):
        try:
            data = yaml.safe_load(path.read_text("utf-8"))
        except yaml.YAMLError as error:
            raise CatalogueError(f"{path.name}: not YAML: {error}") from error
        if not isinstance(data, dict) or not all(isinstance(d, list) for d in data.values()):
            raise CatalogueError(f"{path.name}: must be lists by the name of their part")
        unknown = sorted(data.keys() - rows.keys())
        if unknown:
            raise CatalogueError(f"{path.name}: no part is called {', '.join(unknown)}")
        for part, found in data.items():
            rows[part] += found
    return rows


def parse_catalogue(data: Any) -> Catalogue:
    """Check the data of a catalogue and give it types. Raises ``CatalogueError``."""
    schema = yaml.safe_load((FOLDER / "catalogue.schema.json").read_text("utf-8"))
    for error in Draft202012Validator(schema).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise CatalogueError(f"catalogue: {where}: {error.message}")
    names = [row["id"] for part in PARTS[:3] for row in data[part]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CatalogueError(f"catalogue: used twice as an id: {', '.join(twice)}")
    return Catalogue(
        _by_id(Mutant(**_typed(row)) for row in data["mutants"]),
        _by_id(Legal(**_typed(row)) for row in data["legal"]),
        _by_id(Vacuous(**row) for row in data["vacuous"]),
        MappingProxyType({row["clause"]: row["reason"] for row in data["without_mutant"]}),
    )


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: tuple(row[name]) for name in ("checks", "run") if name in row}
    return {**row, **lists, "wire": tuple(map(parse_rule, row.get("wire", ())))}


def _by_id(items: Any) -> Mapping[str, Any]:
    return MappingProxyType({item.id: item for item in items})


def chosen(names: Any, patterns: tuple[str, ...]) -> list[str]:
    """The names that match any of the shell globs; all of them without a glob."""
    return [n for n in names if not patterns or any(fnmatchcase(n, p) for p in patterns)]
