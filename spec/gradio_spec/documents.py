"""The data files of one protocol version as plain values, as of one release.

``sse_v3`` is complete; ``sse_v1``, ``sse_v2`` and ``sse_v2.1`` are overlays on its oldest view;
``sse`` and ``ws`` are small documents of their own that share the contract of the testbed.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from functools import lru_cache
from pathlib import Path
from typing import Any

from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.data import validated
from gradio_spec.overlays import overlaid
from gradio_spec.releases import Release
from gradio_spec.releases import begin
from gradio_spec.releases import is_bound
from gradio_spec.releases import known
from gradio_spec.releases import number
from gradio_spec.releases import table
from gradio_spec.schemas import SUFFIX
from gradio_spec.views import Documents
from gradio_spec.views import Moment
from gradio_spec.views import clause_view
from gradio_spec.views import lifecycle_view
from gradio_spec.views import routes_view
from gradio_spec.views import rows_view
from gradio_spec.views import schema_view
from gradio_spec.views import without_clauses

COMPLETE = "sse_v3"
OVERLAY = "overlay.yaml"
_BOUNDS = frozenset({"since", "until", "x-since", "x-until"})
# What a family without a file of its own shares with the complete document.
_SHARED = ("profiles", "testbed", "client")


def documents_of(root: Path, asked: Release) -> Documents:
    """The documents of ``root`` as of a release; ``SpecError`` if the family is not described at
    that time, or if a file is wrong.
    """
    _described(asked)
    return _as_of(_raw(root, asked), Moment(number(asked.number)))


def schemas_among(documents: Documents) -> dict[str, Any]:
    """Those of the documents that are JSON Schemas, by name."""
    return {n: d for n, d in documents.items() if isinstance(d, Mapping) and "$defs" in d}


def _described(asked: Release) -> None:
    row = next(row for row in table()["families"] if row["id"] == asked.family)
    first = row.get("described")
    if first is None or number(asked.number) < number(first):
        since = f", which is described from gradio-{first} on" if first else ""
        raise SpecError(
            f"{asked.id} speaks {asked.family}{since}: there is no specification of it; {known()}"
        )


def _raw(root: Path, asked: Release) -> Documents:
    if not (root / OVERLAY).is_file():
        return _read(root)
    overlay = validated(root / OVERLAY, "overlay")
    below = root.parent / overlay["base"]
    if (below / OVERLAY).is_file():
        base = _raw(below, asked)
    else:
        first = next(row["first"] for row in table()["families"] if row["id"] == below.name)
        base = _as_of(_read(below), Moment(number(first)))
    _refuse_unknown(f"{root.name}/{OVERLAY}: ", overlay["changes"], base["requirements"])
    return overlaid(_inherited(base, root.name), overlay, Moment(number(asked.number)))


def _inherited(base: Documents, family: str) -> Documents:
    """The documents of a base for a family before it: what holds in the whole of the base holds in
    the whole of that family too, where its overlay does not say otherwise.
    """
    first = next(row["first"] for row in table()["families"] if row["id"] == family)
    begins = {row["first"] for row in table()["families"]}

    def early(row: Mapping[str, Any]) -> Mapping[str, Any]:
        is_whole = ".".join(map(str, begin(row["since"]))) in begins
        return {**row, "since": first} if is_whole else row

    return {
        **base,
        "requirements": {key: early(row) for key, row in base["requirements"].items()},
        "client": {**base["client"], "clauses": [early(r) for r in base["client"]["clauses"]]},
    }


def _as_of(documents: Documents, moment: Moment) -> Documents:
    rows = documents["requirements"].items()
    seen = {key: clause_view(row, moment) for key, row in rows}
    clauses = {key: row for key, row in seen.items() if row is not None}
    result: dict[str, Any] = {
        "requirements": clauses,
        "lifecycle": lifecycle_view(documents["lifecycle"], moment),
        "profiles": _profiles(documents["profiles"], moment),
        "client": rows_view(documents["client"], moment),
        "testbed": documents["testbed"],
    }
    for name in ("openapi", *schemas_among(documents)):
        made = routes_view if name == "openapi" else schema_view
        view = made(documents[name], moment)
        result[name] = without_clauses(view, clauses.keys())
    return result


def _profiles(document: Mapping[str, Any], moment: Moment) -> Any:
    view = rows_view(document, moment)
    there = {row["id"] for row in view["profiles"]}
    rows = [
        {**row, "requires": [name for name in row["requires"] if name in there]}
        for row in view["profiles"]
    ]
    return {**view, "profiles": rows}


def _read(root: Path) -> Documents:
    """The files of a folder, read anew if they have changed."""
    if root.parent == PACKAGE / "versions":
        return _bundled(root)
    # What a small family shares stands in the folder beside.
    folders = (root, root.parent / COMPLETE)
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    stamps = tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    return _unchanged(root, stamps)


@lru_cache(maxsize=8)
def _unchanged(root: Path, stamps: tuple[tuple[Path, int, int], ...]) -> Documents:
    return _read_anew(root)


@cache
def _bundled(root: Path) -> Documents:
    return _read_anew(root)


def _read_anew(root: Path) -> Documents:
    """The files of a folder; what a small family has not got is that of the complete document."""
    result: dict[str, Any] = {
        "requirements": _requirements(root),
        "lifecycle": validated(root / "lifecycle.yaml", "lifecycle"),
        "openapi": _routes(root),
    }
    for name in _SHARED:
        own = root / f"{name}.yaml"
        shared = root.parent / COMPLETE / f"{name}.yaml"
        complete = own.is_file() or root.name == COMPLETE
        result[name] = validated(own if complete else shared, name)
    for path in sorted(root.glob(f"*{SUFFIX}")):
        result[path.name.removesuffix(SUFFIX)] = read_yaml(path)
    _refuse_undated(result)
    for name in ("openapi", *schemas_among(result)):
        _refuse_unknown(f"{name}#", result[name], result["requirements"])
    return result


def _routes(root: Path) -> Any:
    """``openapi.yaml``; a small family has none, and its document says where its routes are."""
    path = root / "openapi.yaml"
    return read_yaml(path) if path.is_file() or root.name == COMPLETE else {"paths": {}}


def _requirements(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted((root / "requirements").glob("*.yaml")):
        for row in validated(path, "requirements")["clauses"]:
            if row["id"] in found:
                raise SpecError(f"{path.name}: {row['id']}: this id is used twice")
            found[row["id"]] = row
    return found


def _refuse_unknown(where: str, node: Any, clauses: Collection[str]) -> None:
    for place, clause in _named(where, node):
        if clause not in clauses:
            raise SpecError(f"{place}: x-clause: there is no {clause}")


def _refuse_undated(documents: Documents) -> None:
    """``SpecError`` for a bound that is neither a dialect nor a release."""
    for name, document in documents.items():
        if name == "requirements":
            for key, row in document.items():
                _check_bounds(f"requirements of {key.partition('-')[0]}: {key}", row)
        elif name != "testbed":
            _check_bounds(name, document)


def _check_bounds(place: str, node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _check_bounds(place, item)
    elif isinstance(node, Mapping):
        for key, item in node.items():
            if key in _BOUNDS and isinstance(item, str) and not is_bound(item):
                raise SpecError(f"{place}: since/until: there is no {item}")
            _check_bounds(place, item)


def _named(place: str, node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _named(f"{place}/{index}", item)
    elif isinstance(node, Mapping):
        if isinstance(node.get("x-clause"), str):
            yield place, node["x-clause"]
        for clause in node.get("x-clauses", ()):
            yield place, clause
        for key, item in node.items():
            yield from _named(f"{place}/{key}", item)
