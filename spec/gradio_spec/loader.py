"""Loads the specification's data files into the frozen model; bad data is refused with the file
and the field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gradio_spec.actions import parse_action
from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.data import validated
from gradio_spec.documents import documents_of
from gradio_spec.documents import schemas_among
from gradio_spec.machine import parse_machine
from gradio_spec.model import Clause
from gradio_spec.model import ClientClause
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Level
from gradio_spec.model import Lifecycle
from gradio_spec.model import Profile
from gradio_spec.model import Rule
from gradio_spec.model import Scope
from gradio_spec.model import Sign
from gradio_spec.model import Spec
from gradio_spec.releases import Release
from gradio_spec.releases import resolve
from gradio_spec.releases import table
from gradio_spec.routes import Routes
from gradio_spec.rules import FIELDS_OF
from gradio_spec.rules import KINDS
from gradio_spec.schemas import Schemas

__all__ = [
    "PACKAGE",
    "SpecError",
    "known_lists",
    "load_known",
    "load_lifecycle",
    "load_spec",
    "read_spec",
    "read_yaml",
    "validated",
]

DATA_SUFFIXES = frozenset({".yaml", ".json", ".md"})


def load_spec(version: str = "sse_v3") -> Spec:
    """One version of the protocol, complete and cross-checked: a family (``sse_v3``, ``sse_v1``),
    a dialect (``v3-4.39``) or a release (``gradio-4.44.1``). The same release is the same object.
    ``SpecError`` for an unknown version, or if any part is wrong.
    """
    return _load(resolve(version))


@cache
def _load(asked: Release) -> Spec:
    return read_spec(PACKAGE / "versions" / asked.family, asked)


def read_spec(root: Path, asked: Release | None = None) -> Spec:
    """The protocol version whose data files are in ``root``, read anew, as of a release (its
    newest if none is named); ``SpecError`` as above.
    """
    asked = asked or resolve(root.name)
    documents = documents_of(root, asked)
    spec = Spec(
        version=asked.family,
        dialect=asked.dialect or asked.family,
        release=asked,
        dialects=tuple(row["id"] for row in table()["dialects"]),
        digest=_digest(root, asked),
        root=root,
        clauses=MappingProxyType(_clauses(documents)),
        profiles=MappingProxyType(_profiles(documents)),
        lifecycle=parse_lifecycle("lifecycle.yaml", documents["lifecycle"]),
        schemas=Schemas(schemas_among(documents)),
        routes=Routes(documents["openapi"]),
        testbed=MappingProxyType(documents["testbed"]),
        client=MappingProxyType(_client_clauses(documents)),
        bugs=MappingProxyType(_bugs(documents)),
    )
    for fault in _dangling(spec):
        raise SpecError(fault)
    return spec


def load_lifecycle(path: Path) -> Lifecycle:
    """The machines, ordering rules and client actions of one file."""
    return parse_lifecycle(path.name, validated(path, "lifecycle"))


def parse_lifecycle(name: str, data: Mapping[str, Any]) -> Lifecycle:
    try:
        machines = {
            key: parse_machine(key, spec, data.get("guards", {}))
            for key, spec in data["machines"].items()
        }
        event_states = data["machines"].get("event", {}).get("states", {})
        actions = {
            key: parse_action(key, spec, event_states) for key, spec in data["actions"].items()
        }
    except ValueError as error:
        raise SpecError(f"{name}: {error}") from error
    rules = {row["id"]: _rule(name, row) for row in data["rules"]}
    if len(rules) < len(data["rules"]):
        raise SpecError(f"{name}: rules: an id is used twice")
    return Lifecycle(MappingProxyType(machines), tuple(rules.values()), MappingProxyType(actions))


def known_lists() -> dict[str, Path]:
    """The bundled lists of known deviations, of servers and of clients, by name."""
    folder = PACKAGE / "known"
    return {p.stem: p for p in (*folder.glob("*.yaml"), *folder.glob("clients/*.yaml"))}


def load_known(name_or_path: str | Path) -> Known:
    """Known deviations of a server or a client: the name of a bundled list (``gradio-6.31.0``) or
    a YAML file of one's own.
    """
    bundled = known_lists()
    path = bundled.get(str(name_or_path), Path(name_or_path))
    if not path.is_file():
        there = sorted(bundled)
        raise SpecError(f"{name_or_path}: no such file, and no bundled list; there are {there}")
    data = validated(path, "known")
    spec = load_spec(data["spec"])
    for index, row in enumerate(data["entries"]):
        if row["clause"] not in spec.clauses and row["clause"] not in spec.client:
            raise SpecError(f"{path.name}: entries/{index}/clause: no clause {row['clause']}")
    fields = KnownEntry.__dataclass_fields__
    entries = tuple(
        KnownEntry(**{k: v for k, v in row.items() if k in fields}) for row in data["entries"]
    )
    return Known(path.stem, data["implementation"], str(data["release"]), entries)


def _rule(name: str, row: Mapping[str, Any]) -> Rule:
    if row["kind"] not in KINDS:
        raise SpecError(f"{name}: rule {row['id']}: unknown kind {row['kind']!r}")
    missing = [field for field in FIELDS_OF.get(row["kind"], ()) if field not in row]
    if missing:
        raise SpecError(f"{name}: rule {row['id']}: {row['kind']} needs {missing[0]!r}")
    named = {"id", "clause", "kind", "input", "note", "since", "until"}
    options = MappingProxyType({k: v for k, v in row.items() if k not in named})
    return Rule(row["id"], row["clause"], row["kind"], row["input"], options)


def _clauses(documents: Mapping[str, Any]) -> dict[str, Clause]:
    return {key: _clause(row) for key, row in sorted(documents["requirements"].items())}


def _clause(row: Mapping[str, Any]) -> Clause:
    lists = {key: tuple(row.get(key, ())) for key in ("testbed", "errata")}
    levels = {"level": Level(row["level"]), "scope": Scope(row["scope"])}
    rest = {k: v for k, v in row.items() if k in Clause.__dataclass_fields__}
    return Clause(**{**rest, **lists, **levels})


def _client_clauses(documents: Mapping[str, Any]) -> dict[str, ClientClause]:
    clauses: dict[str, ClientClause] = {}
    for row in documents["client"]["clauses"]:
        if row["id"] in clauses:
            raise SpecError(f"client.yaml: {row['id']}: this id is used twice")
        special = {"level": Level(row["level"]), "bugs": tuple(row.get("bugs", ()))}
        clauses[row["id"]] = ClientClause(**{**row, **special})
    return clauses


def _bugs(documents: Mapping[str, Any]) -> dict[str, str]:
    return {row["id"]: row["text"] for row in documents["client"]["bugs"]}


def _profiles(documents: Mapping[str, Any]) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for row in documents["profiles"]["profiles"]:
        if row["id"] in profiles:
            raise SpecError(f"profiles.yaml: {row['id']}: this id is used twice")
        profiles[row["id"]] = Profile(
            row["id"],
            row["title"],
            row["text"],
            row["status"],
            tuple(row.get("requires", ())),
            tuple(Sign(*item) for one in row.get("offered_by", ()) for item in one.items()),
        )
    return profiles


def _dangling(spec: Spec) -> Iterator[str]:
    """Names in one data file of things that another one should have, but has not."""
    endpoints = {endpoint["name"] for endpoint in spec.testbed["endpoints"]}
    yield from _unknown_servers(spec)
    for clause in spec.clauses.values():
        where = f"requirements of {clause.area}: {clause.id}"
        yield from _unknown(f"{where}: profile", {clause.profile}, spec.profiles)
        yield from _unknown(f"{where}: testbed", clause.testbed, endpoints)
    for owed in spec.client.values():
        where = f"client.yaml: {owed.id}"
        yield from _unknown(f"{where}: bugs", owed.bugs, spec.bugs)
    for profile in spec.profiles.values():
        where = f"profiles.yaml: {profile.id}: requires"
        yield from _unknown(where, profile.requires, spec.profiles)
    for rule in spec.lifecycle.rules:
        yield from _unknown(f"lifecycle.yaml: rule {rule.id}", {rule.clause}, spec.clauses)
    for machine in spec.lifecycle.machines.values():
        named = {refusal.clause for refusal in machine.refusals}
        yield from _unknown(f"lifecycle.yaml: machine {machine.name}", named, spec.clauses)
    for action in spec.lifecycle.actions.values():
        yield from _unknown(f"lifecycle.yaml: action {action.name}", action.clauses, spec.clauses)


def _unknown_servers(spec: Spec) -> Iterator[str]:
    """Servers of the testbed that are named and have no row."""
    servers = spec.testbed["servers"]
    for name, row in servers.items():
        same = {row.get("same_as", name)}
        yield from _unknown(f"testbed.yaml: servers/{name}: same_as", same, servers)
    for row in (*spec.testbed["states"], *spec.testbed["endpoints"]):
        yield from _unknown(f"testbed.yaml: {row['name']}: servers", row["servers"], servers)
    for clause in spec.clauses.values():
        where = f"requirements of {clause.area}: {clause.id}: server"
        yield from _unknown(where, {clause.server}, servers)
    for profile in spec.profiles.values():
        named = [sign.name for sign in profile.offered_by if sign.kind == "server"]
        yield from _unknown(f"profiles.yaml: {profile.id}: offered_by", named, servers)


def _unknown(where: str, names: Iterable[str], there: Container[str]) -> Iterator[str]:
    missing = sorted(name for name in names if name not in there)
    if missing:
        yield f"{where}: there is no {', '.join(missing)}"


def _digest(root: Path, asked: Release) -> str:
    """A short name for the exact content of the data: the first 12 hex digits of a SHA-256. That
    of an older version is one of all that it is made of.
    """
    newest = resolve("sse_v3")
    own = _digest_of(root)
    if asked == newest:
        return own
    parts = f"{own} {_digest_of(PACKAGE / 'versions' / newest.family)} {asked.id}"
    return hashlib.sha256(parts.encode()).hexdigest()[:12]


def _digest_of(root: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in DATA_SUFFIXES):
        content = path.read_bytes()
        # The length keeps apart what belongs to the name, to the content and to the next file.
        total.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:12]
