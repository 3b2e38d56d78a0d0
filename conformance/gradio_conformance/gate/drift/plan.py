"""The steps that a recorder plays, and what is told of them: ``plan.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gradio_spec.data import SpecError
from gradio_spec.releases import Release
from gradio_spec.releases import begin
from gradio_spec.releases import end
from gradio_spec.releases import number
from gradio_spec.schemas import Schemas

HERE = Path(__file__).parent
NOBODY = "no_such_endpoint"  # of the calls that must be refused
_DIRECT = re.compile(r"/(?:run|api)/(\w+)")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a fact must be from one release on, or up to one."""

    match: re.Pattern[str]
    since: str | None = None
    until: str | None = None

    def holds_for(self, release: Release) -> bool:
        at = number(release.number)
        begun = self.since is None or begin(self.since) <= at
        return begun and (self.until is None or at <= end(self.until))


@dataclass(frozen=True, slots=True)
class Telling:
    """One fact of a step: ``what`` (its word, its status …) of the exchange or event ``of``."""

    of: str
    what: str
    clauses: tuple[str, ...]
    places: tuple[str, ...]
    expect: tuple[Expected, ...] = ()
    needs: str | None = None  # an endpoint without which it tells nothing

    def expected(self, release: Release) -> Expected | None:
        """What it must be in a release, if anything is said of that."""
        return next((e for e in self.expect if e.holds_for(release)), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Some acts on one server of the testbed, and what they show."""

    id: str
    area: str
    server: str
    acts: tuple[Mapping[str, Any], ...]
    facts: tuple[Telling, ...]

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Those of the testbed that it cannot do without."""
        return tuple(dict.fromkeys(_endpoints(self.acts)))


def _endpoints(acts: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    for act in acts:
        ((verb, rest),) = act.items()
        if verb in ("run", "join"):
            yield rest["endpoint"]
        elif verb == "call" and not rest.get("unknown"):
            yield rest["name"]
        elif verb == "release":
            yield "release"
        elif verb == "journal":
            yield "journal"
        elif verb == "request" and (found := _DIRECT.match(rest["path"])):
            yield from {found[1]} - {NOBODY}


@cache
def plan() -> tuple[Step, ...]:
    """All steps, in the order in which they are played."""
    found = data_of("plan")
    steps = tuple(_step(row) for row in found["steps"])
    if len({step.id for step in steps}) < len(steps):
        raise SpecError("plan.yaml: steps: an id is used twice")
    return steps


def data_of(name: str) -> Any:
    """One of the data files of this folder, as its schema says; ``SpecError`` with the field."""
    path = HERE / f"{name}.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    schema = yaml.safe_load((HERE / f"{name}.schema.json").read_text(encoding="utf-8"))
    for wrong in Schemas({name: schema}).check(name, data):
        raise SpecError(f"{path.name}: {wrong.path.removeprefix('/')}: {wrong.message}")
    return data


def _step(row: Mapping[str, Any]) -> Step:
    return Step(
        id=row["id"],
        area=row["area"],
        server=row.get("server", "main"),
        acts=tuple(row["acts"]),
        facts=tuple(_telling(fact) for fact in row.get("facts", ())),
    )


def _telling(row: Mapping[str, Any]) -> Telling:
    return Telling(
        of=row["of"],
        what=row["what"],
        clauses=tuple(row.get("clauses", ())),
        places=tuple(row.get("places", ())),
        needs=row.get("needs"),
        expect=tuple(
            Expected(re.compile(str(e["match"])), e.get("since"), e.get("until"))
            for e in row.get("expect", ())
        ),
    )
