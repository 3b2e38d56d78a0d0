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

import yaml
from jsonschema import Draft202012Validator

try:  # some ten times as fast, where PyYAML was built with it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

from gradio_spec.actions import parse_action
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
from gradio_spec.routes import Routes
from gradio_spec.rules import FIELDS_OF
from gradio_spec.rules import KINDS
from gradio_spec.schemas import Schemas

PACKAGE = Path(__file__).parent
DATA_SUFFIXES = frozenset({".yaml", ".json", ".md"})


_LONGEST_REASON = 300


class SpecError(ValueError):
    """A data file is missing, is not what its schema says, or names something that does not
    exist.
    """


class _Loader(SafeLoader):
    """Safe YAML in which a key may stand only once: a lost entry must not go unnoticed."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                problem = f"the key {key.value!r} stands there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """One YAML file, parsed safely; ``SpecError`` names the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise SpecError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path.name}: not UTF-8: {error}") from error
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
        reason = error.message
        if len(reason) > _LONGEST_REASON:  # the library repeats the whole value, which comes first
            reason = f"{reason[:80]} … {reason[-200:]}"
        raise SpecError(f"{path.name}: {where}: {reason}")
    return data


@cache
def load_spec(version: str = "sse_v3") -> Spec:
    """One protocol version, complete and cross-checked; ``SpecError`` if any part is wrong."""
    root = PACKAGE / "versions" / version
    if not root.is_dir():
        known = sorted(p.name for p in (PACKAGE / "versions").iterdir() if p.is_dir())
        raise SpecError(f"unknown protocol version {version!r}; there are {known}")
    return read_spec(root)


def read_spec(root: Path) -> Spec:
    """The protocol version whose data files are in ``root``, read anew; ``SpecError`` as above."""
    dialects = tuple(d["id"] for d in validated(PACKAGE / "dialects.yaml", "dialects")["dialects"])
    spec = Spec(
        version=root.name,
        dialect=dialects[-1],
        dialects=dialects,
        digest=_digest(root),
        root=root,
        clauses=MappingProxyType(_clauses(root)),
        profiles=MappingProxyType(_profiles(root)),
        lifecycle=load_lifecycle(root / "lifecycle.yaml"),
        schemas=Schemas(root),
        testbed=MappingProxyType(validated(root / "testbed.yaml", "testbed")),
        client=MappingProxyType(_client_clauses(root)),
        bugs=MappingProxyType(_bugs(root)),
    )
    for fault in _dangling(spec):
        raise SpecError(fault)
    return spec


def load_lifecycle(path: Path) -> Lifecycle:
    """The machines, ordering rules and client actions of one file."""
    data = validated(path, "lifecycle")
    try:
        machines = {
            name: parse_machine(name, spec, data.get("guards", {}))
            for name, spec in data["machines"].items()
        }
        event_states = data["machines"].get("event", {}).get("states", {})
        actions = {
            name: parse_action(name, spec, event_states) for name, spec in data["actions"].items()
        }
    except ValueError as error:
        raise SpecError(f"{path.name}: {error}") from error
    rules = {row["id"]: _rule(path, row) for row in data["rules"]}
    if len(rules) < len(data["rules"]):
        raise SpecError(f"{path.name}: rules: an id is used twice")
    return Lifecycle(MappingProxyType(machines), tuple(rules.values()), MappingProxyType(actions))


@cache
def load_routes(root: Path) -> Routes:
    """The operations of the version whose data files are in ``root``."""
    return Routes(read_yaml(root / "openapi.yaml"))


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


def _rule(path: Path, row: Mapping[str, Any]) -> Rule:
    if row["kind"] not in KINDS:
        raise SpecError(f"{path.name}: rule {row['id']}: unknown kind {row['kind']!r}")
    missing = [name for name in FIELDS_OF.get(row["kind"], ()) if name not in row]
    if missing:
        raise SpecError(f"{path.name}: rule {row['id']}: {row['kind']} needs {missing[0]!r}")
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


def _client_clauses(root: Path) -> dict[str, ClientClause]:
    clauses: dict[str, ClientClause] = {}
    for row in validated(root / "client.yaml", "client")["clauses"]:
        if row["id"] in clauses:
            raise SpecError(f"client.yaml: {row['id']}: this id is used twice")
        special = {"level": Level(row["level"]), "bugs": tuple(row.get("bugs", ()))}
        clauses[row["id"]] = ClientClause(**{**row, **special})
    return clauses


def _bugs(root: Path) -> dict[str, str]:
    return {row["id"]: row["text"] for row in validated(root / "client.yaml", "client")["bugs"]}


def _profiles(root: Path) -> dict[str, Profile]:
    profiles: dict[str, Profile] = {}
    for row in validated(root / "profiles.yaml", "profiles")["profiles"]:
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
        dialects = {clause.since, clause.until or clause.since}
        yield from _unknown(f"{where}: profile", {clause.profile}, spec.profiles)
        yield from _unknown(f"{where}: since/until", dialects, spec.dialects)
        yield from _unknown(f"{where}: testbed", clause.testbed, endpoints)
    for owed in spec.client.values():
        where = f"client.yaml: {owed.id}"
        yield from _unknown(
            f"{where}: since/until", {owed.since, owed.until or owed.since}, spec.dialects
        )
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
    for place, clause_id in spec.schemas.clauses():
        yield from _unknown(f"{place}: x-clause", {clause_id}, spec.clauses)


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


def _digest(root: Path) -> str:
    """A short name for the exact content of the data: the first 12 hex digits of a SHA-256."""
    total = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in DATA_SUFFIXES):
        content = path.read_bytes()
        # The length keeps apart what belongs to the name, to the content and to the next file.
        total.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()[:12]
