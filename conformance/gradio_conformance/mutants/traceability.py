"""The traceability record: clause → checks → mutants → verdicts, as a run has found them.

It is written by a run and never by hand. Two records are compared fact by fact, so that a
difference reads like one sentence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.mutants.matrix import NOT_RUN
from gradio_conformance.mutants.matrix import Matrix
from gradio_conformance.mutants.matrix import Row
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.reporting import read_report
from gradio_spec.loader import load_known

SCHEMA = Path(__file__).with_name("traceability.schema.json")
TITLE = """\
# Which check proves which clause, which mutants it kills, and what servers were last found to do.
# Made by `gradio-protocol selftest --thorough --trace FILE`, never by hand: CONTRIBUTING.md.
"""
REFERENCE = "reference"

Record = dict[str, Any]


class TraceError(ValueError):
    """A file that is no traceability record; the message names the place and the reason."""


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One thing that a record says. ``measured`` by which part of a run: a mutant's id, a server's
    name, or the text of the specification and the suite (empty).
    """

    subject: str
    says: str
    measured: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.says}"


# -- making ----------------------------------------------------------------------------------------


def record(
    matrix: Matrix,
    catalogue: Catalogue,
    verdicts: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    older: Record | None = None,
) -> Record:
    """The record of a run. ``verdicts``: server → clause → status, from reports of other runs.

    What this run did not try is taken from ``older``; without one it is ``not-run``.
    """
    older = older or {}
    before = older.get("clauses", {})
    made: Record = {
        "clauses": {
            row.clause: _clause(row, verdicts, before.get(row.clause, {})) for row in matrix.rows
        },
        "legal": {twin.trial.id: str(twin.trial.outcome) for twin in matrix.twins},
        "vacuous": {
            one.trial.id: {"keeps": sorted(one.kept), "score": one.score} for one in matrix.empty
        },
    }
    for part, there in (("legal", catalogue.legal), ("vacuous", catalogue.vacuous)):
        found = {**older.get(part, {}), **made[part]}
        made[part] = {name: found[name] for name in sorted(there) if name in found}
    return {"score": _score(made["clauses"]), **made}


def _clause(row: Row, verdicts: Mapping[str, Mapping[str, str]], older: Record) -> Record:
    mutants = {
        cell.mutant: older.get("mutants", {}).get(cell.mutant, NOT_RUN)
        if cell.outcome == NOT_RUN
        else list(cell.killed_by)
        if cell.outcome == Outcome.KILLED
        else str(cell.outcome)
        for cell in row.cells
    }
    now = {name: found[row.clause] for name, found in verdicts.items() if row.clause in found}
    if row.reference is not None:
        now[REFERENCE] = row.reference
    made: Record = {
        "level": row.level,
        "profile": row.profile,
        "checks": list(row.checks),
        "mutants": mutants,
        "verdicts": dict(sorted({**older.get("verdicts", {}), **now}.items())),
    }
    return {**made, "without_mutant": row.reason} if row.reason else made


def _score(clauses: Mapping[str, Record]) -> Record:
    """Killed and killable mutants, by level."""
    score: Record = {}
    for level in dict.fromkeys(clause["level"] for clause in clauses.values()):
        found = [
            outcome
            for clause in clauses.values()
            if clause["level"] == level
            for outcome in clause["mutants"].values()
        ]
        killable = [o for o in found if o not in (Outcome.EQUIVALENT, NOT_RUN)]
        killed = sum(isinstance(outcome, list) for outcome in killable)
        score[level] = {"killed": killed, "killable": len(killable)}
    return dict(sorted(score.items()))


def verdicts_of(report: Path) -> tuple[str, dict[str, str]]:
    """The server that a ``report.jsonl`` is about (its list of known deviations, else its version),
    and what it was found to do with each clause.

    A deviation that is listed as intermittent counts also when it did not show. ``OSError``,
    ``ReportError`` or ``SpecError`` for what cannot be read.
    """
    read_in = read_report(report)
    source = read_in.header.get("known_source")
    unsteady = {e.clause for e in load_known(source).entries if e.intermittent} if source else set()
    (finished,) = (event for event in read_in.events() if isinstance(event, RunFinished))
    found = {
        c.clause: str(Status.KNOWN if c.clause in unsteady else c.status)
        for c in finished.clauses
        if c.status is not Status.SKIPPED
    }
    return source or read_in.header["server"], found


def fewest(made: Record, mutants: Iterable[str]) -> frozenset[str]:
    """As many of ``mutants`` as it takes to see each check fail for the sake of each of its
    clauses, as far as the record has seen that; and all of which it knows nothing.

    Greedy, so close to the smallest number and always the same for one record.
    """
    proves: dict[str, set[tuple[str, str]]] = {}
    for clause, entry in made["clauses"].items():
        for mutant, killers in entry["mutants"].items():
            if isinstance(killers, list):
                proves.setdefault(mutant, set()).update((clause, check) for check in killers)
    there = set(mutants)
    found = there - proves.keys()
    left = {pair for mutant in there & proves.keys() for pair in proves[mutant]}
    while left:
        best = max(sorted(there & proves.keys()), key=lambda mutant: len(proves[mutant] & left))
        found.add(best)
        left -= proves[best]
    return frozenset(found)


# -- comparing -------------------------------------------------------------------------------------


def facts(made: Record) -> Iterator[Fact]:
    """All that a record says."""
    for clause, entry in made["clauses"].items():
        yield from _facts_of_clause(clause, entry)
    for name, outcome in made["legal"].items():
        yield Fact(name, f"a legal variant, {outcome}", name)
    for name, entry in made["vacuous"].items():
        yield Fact(name, f"a vacuous server that scores {entry['score']}", name)
        for clause in entry["keeps"]:
            yield Fact(name, f"keeps {clause}", name)


def _facts_of_clause(clause: str, entry: Record) -> Iterator[Fact]:
    yield Fact(clause, f"{entry['level']} of {entry['profile']}")
    if "without_mutant" in entry:
        yield Fact(clause, f"no mutant: {entry['without_mutant']}")
    for check in entry["checks"]:
        yield Fact(clause, f"{check} is bound to it")
    for mutant, outcome in entry["mutants"].items():
        yield Fact(clause, f"{mutant} breaks it")
        killers = outcome if isinstance(outcome, list) else []
        yield Fact(clause, f"{mutant} is {'killed' if killers else outcome}", mutant)
        for check in killers:
            yield Fact(clause, f"{mutant} is killed by {check}", mutant)
    for server, status in entry["verdicts"].items():
        yield Fact(clause, f"{server} is judged: {status}", server)


@dataclass(frozen=True, slots=True)
class Difference:
    """What one record says and the other does not; ``fallen``: in words, whose score fell."""

    lost: tuple[Fact, ...]
    gained: tuple[Fact, ...]
    fallen: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lost or self.gained or self.fallen)

    @property
    def measured(self) -> frozenset[str]:
        """The mutants, variants and servers that another run may see otherwise."""
        return frozenset(fact.measured for fact in (*self.lost, *self.gained)) - {""}

    def lines(self) -> list[str]:
        """As in a patch: what was, what is."""
        both = [(fact, "-") for fact in self.lost] + [(fact, "+") for fact in self.gained]
        return [*self.fallen, *(f"{sign} {fact}" for fact, sign in sorted(both))]


def compare(old: Record, new: Record) -> Difference:
    """What has moved from one record to another."""
    before, now = set(facts(old)), set(facts(new))
    fallen = [
        f"the score of {level} fell from {_told(score)} to {_told(new['score'].get(level, {}))}"
        for level, score in old["score"].items()
        if _left(new["score"].get(level, {})) > _left(score)
    ]
    return Difference(tuple(sorted(before - now)), tuple(sorted(now - before)), tuple(fallen))


def _left(score: Mapping[str, int]) -> int:
    return score.get("killable", 0) - score.get("killed", 0)


def _told(score: Mapping[str, int]) -> str:
    return f"{score.get('killed', 0)}/{score.get('killable', 0)}"


# -- files -----------------------------------------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def read(path: Path) -> Record:
    """The record of a file. ``OSError``, or ``TraceError`` that says what is wrong with it."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TraceError(f"{path.name}: not YAML: {error}") from error
    for wrong in _validator().iter_errors(found):
        where = "/".join(str(part) for part in wrong.absolute_path) or "(top)"
        raise TraceError(f"{path.name}: {where}: {wrong.message[:300]}")
    record_found: Record = found
    return record_found


def text(made: Record) -> str:
    """The file's text: the same for the same record."""
    body = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000)
    return TITLE + body


def write(path: Path, made: Record) -> None:
    path.write_text(text(made), "utf-8", newline="\n")
