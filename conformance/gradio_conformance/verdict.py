"""Verdict arithmetic: from the results of checks to clauses, and from clauses to one honest
word. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from fnmatch import fnmatchcase

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import CheckResult
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Noise
from gradio_conformance.events import RunFinished
from gradio_conformance.events import StaleKnown
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_spec.model import Clause
from gradio_spec.model import ClientClause
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Level

# Which broken clauses make a verdict nonconformant. ``never`` keeps the honest word and only spares
# the exit code.
RED_LEVELS: Mapping[str, frozenset[Level]] = {
    "must": frozenset({Level.MUST}),
    "should": frozenset({Level.MUST, Level.SHOULD}),
    "never": frozenset({Level.MUST, Level.SHOULD}),
}
NAMED = 6  # clause ids in a reason; the report has them all
Bindings = Mapping[str, Sequence[str]]  # clause id → slugs of its checks
RAN = frozenset({Status.PASS, Status.FAIL, Status.KNOWN})
# Strongest first: what several results of one clause add up to.
STRENGTH = (
    Status.FAIL,
    Status.KNOWN,
    Status.PASS,
    Status.COULD_NOT_RUN,
    Status.NOT_APPLICABLE,
    Status.SKIPPED,
)


# A check that came too late is run alone, up to SOLO_RUNS times, and its failure counts when
# LATE_RUNS of them come too late again. One late run in three is what a machine's hiccup looks
# like; the same hiccup twice in three, with nothing else running, is the server: where noise makes
# one run late with probability p, it makes a false failure with less than 3 p².
SOLO_RUNS = 3
LATE_RUNS = 2
# An exchange is about ten wakeups one after the other: the check's thread, the server's loop, its
# queue, its pool, back, and the reader. A machine that is late by a tenth of a wait, each time, can
# use it up alone.
NOISY_SHARE = 0.1


def is_open(late: Sequence[bool]) -> bool:
    """Must a check that came too late be run alone once more? Not when no further run could change
    the word. ``late`` tells of each solo run whether it came too late again.
    """
    in_time = len(late) - sum(late)
    return sum(late) < LATE_RUNS and in_time <= SOLO_RUNS - LATE_RUNS


def is_late(late: Sequence[bool]) -> bool:
    """Do these solo runs say that the server is too late?"""
    return sum(late) >= LATE_RUNS


def is_noisy(noise: Noise | None, wait_s: float | None) -> bool:
    """Was the machine late enough to make a wait of ``wait_s`` seconds run out by itself?

    A reason to look again and to say so, never one to forgive.
    """
    if noise is None or wait_s is None:
        return False
    return noise.max_ms >= NOISY_SHARE * wait_s * 1000


def covers(entry: KnownEntry, check: str, clause: str) -> bool:
    """Does this entry of a known-failing file speak of this finding?"""
    return entry.clause == clause and fnmatchcase(check, entry.check)


def is_listed(check: str, clause: str, known: Known | None) -> bool:
    """Is this finding one of the known deviations?"""
    return known is not None and any(covers(entry, check, clause) for entry in known.entries)


def mark_known(result: CheckResult, known: Known | None) -> CheckResult:
    """A failed check all of whose findings are listed becomes ``known``."""
    if result.status is not Status.FAIL or not result.findings:
        return result
    listed = all(is_listed(result.check, finding.clause, known) for finding in result.findings)
    return replace(result, status=Status.KNOWN) if listed else result


def stale_entries(
    results: Sequence[CheckResult], known: Known | None, bindings: Bindings
) -> tuple[StaleKnown, ...]:
    """The entries whose checks ran to an end without the finding that they list.

    An entry with a pattern is judged when every check of its clause that the pattern covers ran.
    A check that stopped early for another clause's sake says nothing about the entry.
    """
    ran = [result for result in results if result.status in RAN]
    whole = {result.check for result in ran if result.completed}
    stale = []
    for entry in known.entries if known else ():
        due = [slug for slug in bindings.get(entry.clause, ()) if fnmatchcase(slug, entry.check)]
        wanted = due if "*" in entry.check else [entry.check]
        found = any(covers(entry, r.check, f.clause) for r in ran for f in r.findings)
        if wanted and whole.issuperset(wanted) and not found and not entry.intermittent:
            stale.append(StaleKnown(entry.check, entry.clause, known.source if known else ""))
    return tuple(stale)


def clause_result(
    clause: Clause | ClientClause,
    bound: Iterable[str],
    results: Sequence[CheckResult],
    known: Known | None = None,
) -> ClauseResult:
    """One clause, from the checks bound to it and from every finding that names it.

    A bound check that stopped early for another clause's sake proves nothing about this one.
    """
    names = tuple(sorted(bound))
    votes = []
    for result in results:
        if any(f.clause == clause.id for f in result.findings):
            listed = is_listed(result.check, clause.id, known)
            votes.append(Status.KNOWN if listed else result.status)
        elif result.check in names:
            votes.append(_vote_of_a_bound_check(result))
    if not votes:
        votes.append(Status.SKIPPED if names else Status.COULD_NOT_RUN)
    status = min(votes, key=STRENGTH.index)
    return ClauseResult(clause.id, clause.level, clause.profile, status, names)


def _vote_of_a_bound_check(result: CheckResult) -> Status:
    """What a check says about a clause that none of its findings names."""
    if result.status not in (Status.FAIL, Status.KNOWN) or not result.findings:
        return result.status
    return Status.PASS if result.completed else Status.COULD_NOT_RUN


@dataclass(frozen=True, slots=True)
class Ending:
    """How the run itself ended, apart from what it found."""

    duration_s: float
    interrupted: bool = False
    stopped_after: int | None = None  # failures, by --max-failures
    unreachable: str | None = None
    suite_fault: str | None = None


def judge(
    clauses: Iterable[Clause | ClientClause],
    bindings: Bindings,
    results: Sequence[CheckResult],
    ending: Ending,
    *,
    known: Known | None = None,
    fail_on: str = "should",
) -> RunFinished:
    """The verdict of a run. ``bindings`` maps a clause id to the slugs of its checks."""
    judged = tuple(clause_result(c, bindings.get(c.id, ()), results, known) for c in clauses)
    stale = stale_entries(results, known, bindings)
    red = RED_LEVELS[fail_on]
    verdict, reason = _verdict(judged, results, stale, ending, red)
    counts = Counter(r.status.value for r in results)
    return RunFinished(
        verdict=verdict,
        exit_code=exit_code(verdict, fail_on),
        duration_s=ending.duration_s,
        counts={status.value: counts.get(status.value, 0) for status in Status},
        must=_kept(judged, Level.MUST),
        should=_kept(judged, Level.SHOULD),
        clauses=judged,
        stale=stale,
        reason=reason,
    )


def exit_code(verdict: Verdict, fail_on: str) -> int:
    """The exit code of a verdict; with ``never``, a nonconformant server costs nothing."""
    spared = fail_on == "never" and verdict is Verdict.NONCONFORMANT
    return 0 if spared else EXIT_CODES[verdict]


def _verdict(
    judged: Sequence[ClauseResult],
    results: Sequence[CheckResult],
    stale: Sequence[StaleKnown],
    ending: Ending,
    red: frozenset[Level],
) -> tuple[Verdict, str | None]:
    if ending.unreachable:
        return Verdict.UNREACHABLE, ending.unreachable
    if ending.suite_fault:
        return Verdict.SUITE_FAULT, ending.suite_fault
    broken = [c for c in judged if c.status is Status.FAIL and Level(c.level) in red]
    if ending.interrupted:
        return Verdict.INTERRUPTED, "interrupted; what was found so far is in the report"
    if broken:
        return Verdict.NONCONFORMANT, f"broken: {_some([c.clause for c in broken])}"
    if stale:
        return Verdict.NONCONFORMANT, f"known, but no longer failing: {_some(_names(stale))}"
    if ending.stopped_after is not None:
        return Verdict.INCONCLUSIVE, f"stopped after {ending.stopped_after} failures"
    if not any(r.status in RAN for r in results):
        return Verdict.INCONCLUSIVE, "no check ran"
    missing = [
        c.clause for c in judged if c.status is Status.COULD_NOT_RUN and Level(c.level) in red
    ]
    if missing:
        return Verdict.INCONCLUSIVE, f"could not run: {_some(missing)}"
    return Verdict.CONFORMANT, None


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
    return ", ".join([*names[:NAMED], *more])


def _names(stale: Sequence[StaleKnown]) -> list[str]:
    return [f"{entry.clause} in {entry.check}" for entry in stale]


def _kept(judged: Sequence[ClauseResult], level: Level) -> tuple[int, int]:
    """(kept, applicable) clauses of a level; a known deviation is applicable but not kept."""
    relevant = [
        c
        for c in judged
        if c.level == level and c.status not in (Status.NOT_APPLICABLE, Status.SKIPPED)
    ]
    return sum(c.status is Status.PASS for c in relevant), len(relevant)
