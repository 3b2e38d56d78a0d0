"""Loads the specification's data files into the frozen model; bad data is refused with the file
and the field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gradio_spec.machine import parse_machine
from gradio_spec.model import Clause
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Level
from gradio_spec.model import Lifecycle
from gradio_spec.model import Profile
from gradio_spec.model import Rule
from gradio_spec.model import Scope
from gradio_spec.model import Spec
from gradio_spec.rules import KINDS
from gradio_spec.schemas import Schemas

PACKAGE = Path(__file__).parent
DATA_SUFFIXES = frozenset({".yaml", ".json", ".md"})


class SpecError(ValueError):
    """A data file is missing, is not what its schema says, or names something that does not
    exist.
    """


def read_yaml(path: Path) -> Any:
    """One YAML file, parsed safely; ``SpecError`` names the file."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{path.name}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise SpecError(f"{path.name}: not YAML: {error}") from error


def validated(path: Path, schema: str) -> Any:
    """A YAML file that keeps ``meta/<schema>.schema.json``; ``SpecError`` names file, field and
    reason.
    """
    data = read_yaml(path)
    rules = read_yaml(PACKAGE / "meta" / f"{schema}.schema.json")
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise SpecError(f"{path.name}: {where}: {error.message}")
    return data


@cache
def load_spec(version: str = "sse_v3") -> Spec:
    """One protocol version, complete and cross-checked; ``SpecError`` if any part is wrong."""
    root = PACKAGE / "versions" / version
    if not root.is_dir():
        known = sorted(p.name for p in (PACKAGE / "versions").iterdir() if p.is_dir())
        raise SpecError(f"unknown protocol version {version!r}; there are {known}")
    dialects = tuple(d["id"] for d in validated(PACKAGE / "dialects.yaml", "dialects")["dialects"])
    clauses = _clauses(root)
    return Spec(
        version=version,
        dialect=dialects[-1],
        dialects=dialects,
        digest=_digest(root),
        root=root,
        clauses=MappingProxyType(clauses),
        profiles=MappingProxyType(_profiles(root)),
        lifecycle=load_lifecycle(root / "lifecycle.yaml"),
        schemas=Schemas(root),
        testbed=MappingProxyType(validated(root / "testbed.yaml", "testbed")),
    )


def load_lifecycle(path: Path) -> Lifecycle:
    """The machines and ordering rules of one file."""
    data = validated(path, "lifecycle")
    try:
        machines = {
            name: parse_machine(name, spec, data.get("guards", {}))
            for name, spec in data["machines"].items()
        }
    except ValueError as error:
        raise SpecError(f"{path.name}: {error}") from error
    return Lifecycle(MappingProxyType(machines), tuple(_rule(path, row) for row in data["rules"]))


def load_known(name_or_path: str | Path) -> Known:
    """Known deviations: the name of a bundled list (``gradio-6.31.0``) or a YAML file of one's
    own.
    """
    bundled = PACKAGE / "known" / f"{name_or_path}.yaml"
    path = bundled if bundled.is_file() else Path(name_or_path)
    if not path.is_file():
        there = sorted(p.stem for p in (PACKAGE / "known").glob("*.yaml"))
        raise SpecError(f"{name_or_path}: no such file, and no bundled list; there are {there}")
    data = validated(path, "known")
    fields = KnownEntry.__dataclass_fields__
    entries = tuple(
        KnownEntry(**{k: v for k, v in row.items() if k in fields}) for row in data["entries"]
    )
    return Known(path.stem, data["implementation"], str(data["release"]), entries)


def _rule(path: Path, row: Mapping[str, Any]) -> Rule:
    if row["kind"] not in KINDS:
        raise SpecError(f"{path.name}: rule {row['id']}: unknown kind {row['kind']!r}")
    named = {"id", "clause", "kind", "input", "note"}
    options = MappingProxyType({k: v for k, v in row.items() if k not in named})
    return Rule(row["id"], row["clause"], row["kind"], row["input"], options)


def _clauses(root: Path) -> dict[str, Clause]:
    clauses: dict[str, Clause] = {}
    for path in sorted((root / "requirements").glob("*.yaml")):
        for row in validated(path, "requirements")["clauses"]:
            if row["id"] in clauses:
                raise SpecError(f"{path.name}: {row['id']}: this id is used twice")
            clauses[row["id"]] = _clause(row)
    return dict(sorted(clauses.items()))


def _clause(row: Mapping[str, Any]) -> Clause:
    lists = {key: tuple(row.get(key, ())) for key in ("testbed", "errata")}
    levels = {"level": Level(row["level"]), "scope": Scope(row["scope"])}
    rest = {k: v for k, v in row.items() if k in Clause.__dataclass_fields__}
    return Clause(**{**rest, **lists, **levels})


def _profiles(root: Path) -> dict[str, Profile]:
    rows = validated(root / "profiles.yaml", "profiles")["profiles"]
    return {
        row["id"]: Profile(
            row["id"], row["title"], row["text"], row["status"], tuple(row.get("requires", ()))
        )
        for row in rows
    }


def _digest(root: Path) -> str:
    """A short name for the exact content of the data: the first 12 hex digits of a SHA-256."""
    total = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in DATA_SUFFIXES):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:12]
