"""What a run of the suite tells its listeners: frozen events, in this order.

``RunStarted``, then for each check ``CheckStarted`` and ``CheckFinished``, then ``RunFinished``.
A check that came too late starts twice: its end is told after it has been run again alone.
Every report format is a listener; none of them decides anything about the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The honest words of a result; what a clause or a check can end as."""

    PASS = "pass"
    FAIL = "fail"
    KNOWN = "known"
    NOT_APPLICABLE = "not-applicable"
    COULD_NOT_RUN = "could-not-run"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    CONFORMANT = "conformant"
    NONCONFORMANT = "nonconformant"
    INCONCLUSIVE = "inconclusive"
    UNREACHABLE = "unreachable"
    SUITE_FAULT = "suite-fault"
    INTERRUPTED = "interrupted"


EXIT_CODES: Mapping[Verdict, int] = {
    Verdict.CONFORMANT: 0,
    Verdict.NONCONFORMANT: 1,
    Verdict.INCONCLUSIVE: 3,
    Verdict.UNREACHABLE: 4,
    Verdict.SUITE_FAULT: 5,
    Verdict.INTERRUPTED: 130,
}
USAGE_EXIT_CODE = 2


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One thing seen on the wire; ``at_ms`` counts from the start of the check.

    ``direction`` is ``"→"`` (sent), ``"←"`` (received) or ``"·"`` (a note of the suite).
    ``lane`` names the session, call or plain request it belongs to (the diagram's life line).
    """

    at_ms: float
    direction: str
    lane: str
    summary: str
    event_id: str | None = None
    state: str | None = None
    payload: Any = None
    curl: str | None = None
    violation: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken clause: what the protocol says should be seen, and what was seen. ``bugs``: the
    classes of clients' defects that this looks like.
    """

    clause: str
    expected: str
    actual: str
    at_ms: float | None = None
    bugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noise:
    """How late this machine woke a thread that had asked for it, in milliseconds, over so many
    waits.
    """

    p50_ms: float
    p99_ms: float
    max_ms: float
    waits: int


@dataclass(frozen=True, slots=True)
class SoloRun:
    """A check that came too late, run once more after all others had ended, with nothing beside
    it.
    """

    late: bool
    duration_s: float
    noise: Noise | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; ``findings`` is empty unless something was broken.

    ``completed`` is false when the check stopped early: clauses that nothing blames are then
    unproven. ``late``: nothing is held against the server but that it was too late. ``noise`` was
    measured during the run that this result tells of; ``solo`` are the runs alone of a check that
    came too late in company.
    """

    check: str
    title: str
    clauses: tuple[str, ...]
    profile: str
    status: Status
    duration_s: float
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    trace: tuple[TraceEntry, ...] = ()
    curl: str | None = None
    falsified: str | None = None
    completed: bool = True
    late: bool = False
    noise: Noise | None = None
    solo: tuple[SoloRun, ...] = ()
    scripts: tuple[Mapping[str, Any], ...] = ()  # stateful/script.schema.json


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """The verdict on one clause, from all the checks bound to it."""

    clause: str
    level: str
    profile: str
    status: Status
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StaleKnown:
    """An entry of the known-failing file that no longer fails: the run fails until it is
    removed.
    """

    check: str
    clause: str
    source: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    suite_version: str
    spec_version: str
    spec_digest: str
    dialect: str
    target: str
    server: str
    scope: str  # "testbed", "any-app" or "client"
    profiles: tuple[str, ...]
    seed: int
    started_at: str  # ISO 8601, UTC
    checks: int
    max_examples: int | None = None  # what a replay must use again
    patience_s: float | None = None
    known_source: str | None = None
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    cpus: int | None = None
    load: float | None = None  # processes that want a processor, the last minute's mean
    # The shortest wait that this run takes for too late, in seconds.
    shortest_wait_s: float | None = None
    # The release by whose version the server is judged; None: the newest.
    release: str | None = None


@dataclass(frozen=True, slots=True)
class CheckStarted:
    check: str
    title: str
    clauses: tuple[str, ...]
    profile: str


@dataclass(frozen=True, slots=True)
class CheckFinished:
    result: CheckResult


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one kind of branch, how many a run has seen, and how many it might have seen."""

    kind: str
    seen: int
    total: int


@dataclass(frozen=True, slots=True)
class Unseen:
    """A branch of the protocol's data that a run has not seen.

    ``profiles`` are those through which it can be reached; where the run judged none of them,
    ``claimed`` is false, and nothing was to be expected.
    """

    branch: str
    kind: str
    profiles: tuple[str, ...]
    claimed: bool = True


@dataclass(frozen=True, slots=True)
class RunCoverage:
    """What a run has seen of everything that the protocol's data describes.

    ``kinds`` count what is claimed or was seen all the same; ``partial``: only a part of the checks
    was asked for, and the rest says nothing about the server.
    """

    kinds: tuple[Seen, ...]
    never: tuple[Unseen, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Newer:
    """Something that the server sends and that the version by which it is judged has not: its place
    in the newest document, and since when it is there.
    """

    place: str
    since: str


@dataclass(frozen=True, slots=True)
class RunFinished:
    verdict: Verdict
    exit_code: int
    duration_s: float
    counts: Mapping[str, int]  # checks by status
    must: tuple[int, int]  # MUST clauses: kept, applicable; a known deviation is not kept
    should: tuple[int, int]
    clauses: tuple[ClauseResult, ...]
    stale: tuple[StaleKnown, ...] = ()
    reason: str | None = None
    coverage: RunCoverage | None = None
    noise: Noise | None = None
    contention: float | None = None  # share of the run in which something waited for a processor
    newer: tuple[Newer, ...] = ()


RunEvent = RunStarted | CheckStarted | CheckFinished | RunFinished
