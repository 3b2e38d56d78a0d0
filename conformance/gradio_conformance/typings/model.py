"""The types that a JSON Schema can say and both languages can write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Basic(StrEnum):
    """A type without parts."""

    ANY = "any"
    NEVER = "never"
    NULL = "null"
    TEXT = "string"
    TRUTH = "boolean"
    WHOLE = "integer"
    NUMBER = "number"
    FILE = "file"
    """What a client uploads or downloads: a ``gradio.FileData`` on the wire (FILE-035)."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this text, number or truth value, as JSON: so 1 and true are not the same."""

    json: str


@dataclass(frozen=True, slots=True)
class Array:
    """Any number of items of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class Row:
    """A fixed number of items, each of its own type."""

    items: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An object whose keys nobody knows beforehand."""

    value: Type


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types, none of which is a union; in the order of the schema."""

    options: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A type that has its own declaration."""

    name: str


Type = Basic | Literal | Array | Row | Table | Union | Named


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object. ``name`` is its key on the wire, whatever characters it has."""

    name: str
    type: Type
    required: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known members; ``open`` if its schema allows others by name."""

    members: tuple[Member, ...]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """A named type: an object, or another name for some type."""

    name: str
    body: Record | Type
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an endpoint; ``default`` counts only where it is not ``required``.

    ``name`` is ``None`` where the server does not tell one (before dialect v3-4.39): such a
    parameter can only be given by its place.
    """

    name: str | None
    type: Type
    required: bool
    default: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One return value of an endpoint."""

    label: str
    type: Type
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A named endpoint; ``key`` has its slash."""

    key: str
    parameters: tuple[Parameter, ...]
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Api:
    """All that is written down: the endpoints, and the types that they name."""

    endpoints: tuple[Endpoint, ...]
    declarations: tuple[Declaration, ...]

    @property
    def names(self) -> Mapping[str, Declaration]:
        return {one.name: one for one in self.declarations}


def union(options: list[Type]) -> Type:
    """The union of the types, flat and without doubles; one that takes all swallows the rest."""
    flat: dict[Type, None] = {}
    for option in options:
        flat.update(dict.fromkeys(option.options if isinstance(option, Union) else (option,)))
    if Basic.ANY in flat:
        return Basic.ANY
    flat.pop(Basic.NEVER, None)
    if Basic.NUMBER in flat:
        flat.pop(Basic.WHOLE, None)
    if not flat:
        return Basic.NEVER
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))
