"""The typed, frozen view of the scenarios in ``catalogue/*.yaml``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.diff import check_edit
from gradio_spec.loader import SpecError
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_yaml
from gradio_spec.model import ClientClause

HERE = Path(__file__).parent
CATALOGUE = HERE / "catalogue"
ENDPOINTS = "endpoints.yaml"
DEFAULT_PREFIX = "/gradio_api"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Framing:
    """How messages become pieces: ``piece`` bytes each, or a message a piece."""

    piece: int | None = None
    newline: str = "\n"
    comments: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """What /config and /info say; ``members`` are more of them (scenario.schema.json)."""

    prefix: str = DEFAULT_PREFIX
    connect_heartbeat: bool = False
    endpoints: tuple[Row, ...] = ()
    login: tuple[str, ...] = ()
    foreign_root: bool = False
    members: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the client has to report, and the clause it breaks if it does not."""

    clause: str
    call: str | None = None
    ends: tuple[str, ...] = ()
    data: list[Any] | None = None
    values: tuple[Any, ...] = ()
    only: tuple[str, ...] | None = None
    reaches: str | None = None
    offers: tuple[str, ...] | None = None
    bugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scripted server and its client's task; ``slug`` is area and name, unique.

    ``traffic`` are the clauses that requests can break here, ``beyond`` says why the server says
    what no server may say.
    """

    slug: str
    title: str
    surface: str
    needs: tuple[str, ...]
    traffic: tuple[str, ...]
    beyond: str | None
    app: App
    framing: Framing
    silence_s: float | None
    runs: int
    task: tuple[Row, ...]
    script: tuple[Row, ...]
    expect: tuple[Expectation, ...]

    @property
    def area(self) -> str:
        return self.slug.partition(".")[0]

    @property
    def clauses(self) -> tuple[str, ...]:
        """The client clauses that a client which passes has kept here."""
        owed = (row["owed"] for row in self.script if "owed" in row)
        named = {*(e.clause for e in self.expect), *owed, *self.traffic}
        return tuple(sorted(named))

    def arguments(self, call: str) -> list[Any]:
        """What the task has this call called with."""
        rows = (r for r in self.task if r["step"] == "call" and r["call"] == call)
        return list(next(rows)["arguments"])


@cache
def load_scenarios() -> Mapping[str, Scenario]:
    """Slug → scenario, in the order of the files; ``SpecError`` names file, field and reason."""
    found: dict[str, Scenario] = {}
    for path in sorted(CATALOGUE.glob("*.yaml")):
        if path.name == ENDPOINTS:
            continue
        for scenario in read_scenarios(path):
            if scenario.slug in found:
                raise SpecError(f"{path.name}: {scenario.slug}: this id is used twice")
            found[scenario.slug] = scenario
    return MappingProxyType(found)


def read_scenarios(path: Path) -> Iterator[Scenario]:
    """The scenarios of one file; its name is their area."""
    data = read_yaml(path)
    rules = json.loads((HERE / "scenario.schema.json").read_text("utf-8"))
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(map(str, error.absolute_path)) or "(top)"
        raise SpecError(f"{path.name}: {where}: {error.message[:300]}")
    spec = load_spec()
    for row in data["scenarios"]:
        scenario = _scenario(path.stem, row, spec.client)
        unknown = sorted(set(scenario.clauses) - set(spec.client))
        wrong = [b for e in scenario.expect for b in e.bugs if b not in spec.bugs]
        if unknown or wrong:
            raise SpecError(f"{path.name}: {row['id']}: there is no {', '.join(unknown + wrong)}")
        yield scenario


def matches(scenario: Scenario, patterns: Iterable[str]) -> bool:
    """Does one of the patterns (shell globs) name the scenario or one of its clauses?"""
    names = (scenario.slug, *scenario.clauses)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _scenario(area: str, row: Row, clauses: Mapping[str, ClientClause]) -> Scenario:
    app = dict(row.get("app", {}))
    app["endpoints"] = tuple(_endpoints(app.get("endpoints", ("echo", "count", "table"))))
    app["login"] = tuple(app.get("login", ()))
    return Scenario(
        slug=f"{area}.{row['id']}",
        title=row["title"],
        surface=row.get("surface", "queue"),
        needs=tuple(row.get("needs", ())),
        traffic=tuple(row.get("traffic", ())),
        beyond=row.get("beyond"),
        app=App(**app),
        framing=Framing(**row.get("framing", {})),
        silence_s=row.get("silence_s"),
        runs=row.get("runs", 1),
        task=tuple(row["task"]),
        script=tuple(row["script"]),
        expect=tuple(_expectation(e, clauses) for e in row.get("expect", ())),
    )


def _endpoints(names: Iterable[str | Row]) -> Iterator[Row]:
    there = {row["name"]: row for row in read_yaml(CATALOGUE / ENDPOINTS)}
    for name in names:
        if isinstance(name, str) and name not in there:
            raise SpecError(f"{ENDPOINTS}: there is no endpoint {name}")
        row = there[name] if isinstance(name, str) else name
        many = row["returns"] == "vectors"
        yield {**row, "returns": ["json"] * len(_vectors())} if many else row


def _expectation(row: Row, clauses: Mapping[str, ClientClause]) -> Expectation:
    clause = clauses.get(row["clause"])
    data = row.get("data")
    if "big" in row:
        data = ["x" * row["big"]]
    values = row.get("values", ())
    if "vectors" in row:
        data, values = vectors("new"), (vectors("old"), vectors("new"))
    return Expectation(
        clause=row["clause"],
        call=row.get("call"),
        ends=tuple(row.get("ends", ())),
        data=data,
        values=tuple(values),
        only=tuple(row["only"]) if "only" in row else None,
        reaches=row.get("reaches"),
        offers=tuple(row["offers"]) if "offers" in row else None,
        bugs=tuple(row.get("bugs", clause.bugs if clause else ())),
    )


@cache
def _vectors() -> tuple[Row, ...]:
    """The golden vectors that every decoder folds alike, of edits that a server may send."""
    rows = read_yaml(load_spec().root / "vectors" / "diff.json")["vectors"]
    fold = (r for r in rows if r["kind"] in ("encode", "apply") and not r.get("needs"))
    return tuple(r for r in fold if r["edits"] and not any(map(check_edit, r["edits"])))


def vectors(side: str) -> list[Any]:
    """One side of the golden vectors of edits: an output for each."""
    return [row[side] for row in _vectors()]
