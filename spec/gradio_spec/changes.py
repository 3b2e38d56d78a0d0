"""What changed on the wire, release by release: ``changes.yaml``, and how two versions differ in
parts that have names. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from gradio_spec.data import PACKAGE
from gradio_spec.data import validated
from gradio_spec.documents import schemas_among
from gradio_spec.pointers import escaped
from gradio_spec.releases import Release
from gradio_spec.releases import number
from gradio_spec.views import Documents

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the wire; ``client`` and ``server`` say what it is to either: ``breaking``,
    ``additive`` or ``behavioural``.

    ``at`` are the places of the document that changed with it: a clause (``EVT-021``) or the area
    of several (``STREAM``), a part of a document (``messages#/$defs/Log``), ``encoder:…`` or
    ``family:…``; it is empty where ``outside`` says why there are none. ``because``: why the
    effects are not the strongest of what differs at these places, each taken by itself.
    """

    release: str
    text: str
    client: str
    server: str
    at: tuple[str, ...]
    outside: str | None
    because: str | None = None


@cache
def all_changes() -> tuple[Change, ...]:
    """Every change from the first described release of ``ws`` on, oldest first."""
    rows = validated(PACKAGE / "changes.yaml", "changes")["changes"]
    return tuple(Change(**{"outside": None, **row, "at": tuple(row.get("at", ()))}) for row in rows)


def changes_between(old: Release, new: Release) -> tuple[Change, ...]:
    """The changes that a release has and an older one has not."""
    first, last = number(old.number), number(new.number)
    return tuple(c for c in all_changes() if first < number(c.release) <= last)


def parts(documents: Documents) -> dict[str, Any]:
    """The documents of one version as parts with names, as ``Change.at`` names them: each clause,
    definition, path, machine, action and profile, the servers and the rules.
    """
    found = dict(documents["requirements"])
    found.update((row["id"], row) for row in documents["client"]["clauses"])
    for name, document in schemas_among(documents).items():
        for key, schema in document["$defs"].items():
            found[f"{name}#/$defs/{key}"] = schema
    for key, item in documents["openapi"].get("paths", {}).items():
        found[f"openapi#/paths/{escaped(key)}"] = item
    for key in ("machines", "actions"):
        for name, row in documents["lifecycle"][key].items():
            found[f"lifecycle#/{key}/{name}"] = row
    for row in documents["profiles"]["profiles"]:
        found[f"profiles#/profiles/{row['id']}"] = row
    found["openapi#/servers"] = documents["openapi"].get("servers")
    found["lifecycle#/rules"] = documents["lifecycle"]["rules"]
    return found


def differing(old: Documents, new: Documents) -> tuple[str, ...]:
    """The names of the parts that are not the same in both, annotations aside."""
    before, after = parts(old), parts(new)
    names = dict.fromkeys((*before, *after))
    return tuple(
        name for name in names if bare(before.get(name, _ABSENT)) != bare(after.get(name, _ABSENT))
    )


def bare(node: Any) -> Any:
    """A part without what says since when it is so, and which clause says it."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {key: bare(value) for key, value in node.items() if key not in _NOTES}


def covers(place: str, name: str) -> bool:
    """Whether a place of a change lies in the part of this name, or is the area of that clause."""
    return place == name or place.startswith(f"{name}/") or name.startswith(f"{place}-")


def bounds(node: Any) -> Iterator[tuple[str, str]]:
    """Every ``since`` and ``until`` in a document, in whatever depth: its kind and its value."""
    if isinstance(node, list):
        for item in node:
            yield from bounds(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            kind = key.removeprefix("x-")
            if kind in ("since", "until") and isinstance(value, str):
                yield kind, value
            elif key in ("x-enum-since", "x-required-since"):
                yield from (("since", since) for since in value.values())
            else:
                yield from bounds(value)


_NOTES = frozenset(
    {
        *("since", "until", "older", "x-since", "x-until"),
        *("x-enum-since", "x-enum-until", "x-required-since", "x-older", "x-clause", "x-clauses"),
    }
)
