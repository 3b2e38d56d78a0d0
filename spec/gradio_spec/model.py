"""The typed, frozen view of the specification's data files."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any

from gradio_spec.actions import Action
from gradio_spec.machine import Machine
from gradio_spec.releases import Release
from gradio_spec.routes import Routes
from gradio_spec.schemas import Schemas


class Level(StrEnum):
    """RFC 2119 level of a clause; a MAY never turns a verdict red."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Scope(StrEnum):
    """What a server must offer for a clause to be observed on it."""

    ANY_APP = "any-app"
    TESTBED = "testbed"


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered, testable sentence of the protocol; its id never changes meaning.

    ``since`` and ``until`` are dialects or releases; ``text`` is in the words of the version.
    ``server``: the one of the testbed's servers on which it is observed. ``timed``: it is seen to
    be broken by a clock only, so that a busy machine can look like it.
    """

    id: str
    level: Level
    profile: str
    since: str
    text: str
    observable: str
    scope: Scope
    until: str | None = None
    testbed: tuple[str, ...] = ()
    server: str = "main"
    errata: tuple[str, ...] = ()
    note: str | None = None
    excluded: str | None = None
    timed: bool = False

    @property
    def area(self) -> str:
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class ClientClause:
    """One numbered sentence about what a client owes.

    ``seen_in``: ``traffic`` where its requests alone show whether it is kept, ``report`` where what
    the client tells its user is needed as well. ``bugs`` are the classes of defects that break it.
    """

    id: str
    level: Level
    since: str
    text: str
    observable: str
    seen_in: str
    until: str | None = None
    note: str | None = None
    bugs: tuple[str, ...] = ()

    @property
    def profile(self) -> str:
        """Clauses of clients stand together in the reports."""
        return "client"


@dataclass(frozen=True, slots=True)
class Sign:
    """What shows that a server offers a profile: the testbed names a ``server``, an ``endpoint`` is
    there, or a member of the ``config`` is true. ``name`` says which.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A part of the protocol that a server can keep on its own.

    ``offered_by``: any of these shows that a server claims it; none means that every server is
    judged by it.
    """

    id: str
    title: str
    text: str
    status: str
    requires: tuple[str, ...] = ()
    offered_by: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An ordering rule of ``lifecycle.yaml``; ``options`` are the fields its kind reads."""

    id: str
    clause: str
    kind: str
    on: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The state machines, ordering rules and client actions of one protocol version."""

    machines: Mapping[str, Machine]
    rules: tuple[Rule, ...]
    actions: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """One listed deviation of an implementation: this check finds this clause broken.

    An ``intermittent`` one depends on the implementation's timing: it may show or not, and is
    never stale.
    """

    clause: str
    check: str
    summary: str
    erratum: str | None = None
    reproduce: str | None = None
    intermittent: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """The known deviations of one release of one implementation."""

    source: str
    implementation: str
    release: str
    entries: tuple[KnownEntry, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """One version of the protocol as it was at one release, loaded once and shared.

    ``version`` is the family; ``dialect`` that of the release, which outside of ``sse_v3`` is the
    family too.
    """

    version: str
    dialect: str
    release: Release
    dialects: tuple[str, ...]
    digest: str
    root: Path
    clauses: Mapping[str, Clause]
    profiles: Mapping[str, Profile]
    lifecycle: Lifecycle
    schemas: Schemas
    routes: Routes
    testbed: Mapping[str, Any]
    client: Mapping[str, ClientClause]
    bugs: Mapping[str, str]  # classes of clients' defects: id → what is wrong

    def clause(self, clause_id: str) -> Clause:
        """The clause with this id; ``KeyError`` names an id that does not exist."""
        return self.clauses[clause_id]

    def testable(self, profiles: tuple[str, ...] | None = None) -> Iterator[Clause]:
        """The clauses that a run can be asked for: not excluded, of these profiles (default:
        all).
        """
        for clause in self.clauses.values():
            if clause.excluded is None and (profiles is None or clause.profile in profiles):
                yield clause
