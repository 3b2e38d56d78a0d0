"""What is measured, as typed values: `data/peers.yaml` and `data/workloads.yaml`."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import Literal

import yaml
from jsonschema import Draft202012Validator

DATA = Path(__file__).parent / "data"

Parameters = Mapping[str, float]


class DeclarationError(ValueError):
    """The declarations, or what the command line changes in them, are wrong; says where."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server to measure; the fields are those of `declared.schema.json`."""

    name: str
    title: str
    module: str
    arguments: tuple[str, ...]
    dialect: str
    ready: str
    imports: str
    installs: tuple[str, ...]
    offers: frozenset[str]
    without: tuple[str, ...] = ()
    known: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that a workload yields. Without ``ratio`` it is only shown, not compared."""

    name: str
    title: str
    better: Literal["higher", "lower"]
    ratio: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A workload of one size; `judged` are the parameters of the pass with the monitor."""

    workload: str
    title: str
    kind: str
    needs: frozenset[str]
    parameters: Parameters
    judged: Parameters | None
    deadline_s: float
    once: bool
    size: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        return self.workload if self.size is None else f"{self.workload}[{self.size[1]}]"


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one run measures."""

    baseline: str
    floor: str
    peers: tuple[Peer, ...]
    cases: tuple[Case, ...]
    metrics: Mapping[str, Metric]


def load(*, quick: bool = False, changes: Sequence[str] = ()) -> Plan:
    """The declared plan. `changes` are texts such as ``deep-queue.waiting=100,1000`` or
    ``history.seconds=2``. Raises ``DeclarationError``.
    """
    data = _read()
    rows = {row["name"]: row for row in data["workloads"]}
    if quick:
        for row in rows.values():
            _change(row, row["quick"])
    for change in changes:
        name, wanted = _parsed(change)
        if name not in rows:
            raise DeclarationError(f"--set {change}: no workload {name!r}; {', '.join(rows)}")
        _change(rows[name], wanted, f"--set {change}: ")
        _check(data, f"--set {change}: ")
    return Plan(
        data["baseline"],
        data["floor"],
        tuple(_peer(row) for row in data["peers"]),
        tuple(case for row in rows.values() for case in _cases(row)),
        {name: Metric(name, **row) for name, row in data["metrics"].items()},
    )


def chosen(
    plan: Plan, *, peers: Sequence[str] = (), cases: Sequence[str] = (), servers: Sequence[str] = ()
) -> Plan:
    """The part of a plan that the command line asks for: peers by name, cases by pattern of
    workload or case, and peers that stand on the extra `servers`. Raises ``DeclarationError``.
    """
    names = [peer.name for peer in plan.peers]
    for name in peers:
        if name not in names:
            raise DeclarationError(f"--peer {name}: there are {', '.join(names)}")
    extra = sorted({peer.server for peer in plan.peers if peer.server})
    for server in servers:
        if server not in extra:
            raise DeclarationError(f"--server {server}: there are {', '.join(extra)}")
    kept = tuple(
        peer
        for peer in plan.peers
        if (peer.name in peers if peers else peer.server is None or peer.server in servers)
    )
    wanted = tuple(case for case in plan.cases if not cases or _matches(case, cases))
    if not wanted:
        raise DeclarationError(f"--workload {' '.join(cases)}: names no workload")
    return replace(plan, peers=kept, cases=wanted)


def _matches(case: Case, patterns: Sequence[str]) -> bool:
    return any(
        case.name == pattern or fnmatch.fnmatchcase(case.workload, pattern) for pattern in patterns
    )


def _read() -> Any:
    data = {
        key: value
        for file in ("peers.yaml", "workloads.yaml")
        for key, value in yaml.safe_load((DATA / file).read_text("utf-8")).items()
    }
    _check(data)
    return data


def _check(data: Any, where: str = "") -> None:
    schema = json.loads((DATA / "declared.schema.json").read_text("utf-8"))
    for fault in Draft202012Validator(schema).iter_errors(data):
        raise DeclarationError(f"{where}{fault.json_path}: {fault.message}")


def _peer(row: Mapping[str, Any]) -> Peer:
    lists = {name: tuple(row.get(name, ())) for name in ("arguments", "without", "installs")}
    return Peer(**{**row, **lists, "offers": frozenset(row["offers"])})


def _cases(row: Mapping[str, Any]) -> Iterator[Case]:
    sizes: list[tuple[str, int] | None] = [
        (name, value) for name, values in row.get("sizes", {}).items() for value in values
    ]
    for size in sizes or [None]:
        parameters = {**row["with"], **({size[0]: size[1]} if size else {})}
        yield Case(
            row["name"],
            row["title"],
            row["kind"],
            frozenset(row["needs"]),
            parameters,
            {**parameters, **_smaller(row["judged"], parameters)} if "judged" in row else None,
            row["deadline_s"],
            row.get("once", False),
            size,
        )


def _smaller(judged: Parameters, parameters: Parameters) -> dict[str, float]:
    """The pass with the monitor is never longer than what is measured."""
    return {name: min(value, parameters[name]) for name, value in judged.items()}


def _change(row: dict[str, Any], wanted: Mapping[str, Any], where: str = "") -> None:
    for name, value in wanted.items():
        if name == "deadline_s":
            row["deadline_s"] = value
        elif name in row.get("sizes", {}):
            row["sizes"] = {name: value if isinstance(value, list) else [value]}
        elif name in row["with"] and not isinstance(value, list):
            row["with"] = {**row["with"], name: value}
        else:
            known = [*row.get("sizes", {}), *row["with"], "deadline_s"]
            raise DeclarationError(f"{where}{row['name']} has {', '.join(known)}, not {name}")


def _parsed(change: str) -> tuple[str, dict[str, Any]]:
    target, equals, text = change.partition("=")
    workload, dot, name = target.partition(".")
    try:
        values = [int(part) if part.isdecimal() else float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not (equals and dot and values) or min(values) <= 0:
        raise DeclarationError(f"--set {change}: must be WORKLOAD.PARAMETER=NUMBER[,NUMBER…]")
    return workload, {name: values if len(values) > 1 else values[0]}
