"""The self-test: does the suite see every server that is wrong, and blame the right clause for
it?
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import as_completed
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from enum import StrEnum

from gradio_conformance.catalogue import all_checks
from gradio_conformance.catalogue import checks_of
from gradio_conformance.events import CheckResult
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.mutants.lab import LabError
from gradio_conformance.mutants.lab import Order
from gradio_conformance.mutants.lab import judged
from gradio_conformance.mutants.lab import served
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.model import Legal
from gradio_conformance.mutants.model import Mutant
from gradio_conformance.mutants.model import Vacuous

PATIENCE_S = 3.0
# Vacuous servers answer at once or never; what they owe is not worth a long wait in each of a
# hundred checks.
VACUOUS_PATIENCE_S = 0.1
SEED = 1
# What the search for failing sequences may take (it ends with what it finds): many times what it
# needs to find a mutant; and for a look at servers where it should find nothing.
HUNT_S, LOOK_S = 120.0, 5.0
# Most trials wait more than they compute.
JOBS = 4
CONTROL = "control"


class Outcome(StrEnum):
    KILLED = "killed"  # a bound check failed and named the clause
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"  # listed as invisible, and it was
    UNHARMED = "unharmed"  # control, legal variant: nothing was found
    BLAMED = "blamed"  # control, legal variant: something was found, so a check is wrong
    EXPOSED = "exposed"  # vacuous server: nonconformant, and keeps only what it may
    TRUSTED = "trusted"  # vacuous server: the suite believed something
    FAULT = "fault"  # the self-test itself went wrong


GOOD = frozenset({Outcome.KILLED, Outcome.EQUIVALENT, Outcome.UNHARMED, Outcome.EXPOSED})


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one server. ``by`` are the checks that saw it, ``seen`` what was found or
    kept, ``clauses`` the verdicts of a run of all checks; ``retried``: once more and alone.
    """

    id: str
    kind: str
    outcome: Outcome
    seconds: float
    clause: str | None = None
    by: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    clauses: tuple[ClauseResult, ...] = ()
    retried: bool = False

    @property
    def good(self) -> bool:
        return self.outcome in GOOD


Job = Callable[[], Trial]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try. ``thorough`` runs every bound check, also after one has seen the fault;
    ``through_proxy`` puts the rules of a mutant into a proxy before the reference server.
    """

    mutants: tuple[Mutant, ...] = ()
    legal: tuple[Legal, ...] = ()
    vacuous: tuple[Vacuous, ...] = ()
    control: tuple[str, ...] | None = field(default=None)
    jobs: int = JOBS
    thorough: bool = False
    through_proxy: bool = False

    @property
    def size(self) -> int:
        return len(self.mutants) + len(self.legal) + len(self.vacuous) + (self.control is not None)


def plan_for(
    catalogue: Catalogue,
    names: Sequence[str],
    *,
    jobs: int = JOBS,
    thorough: bool = False,
    through_proxy: bool = False,
) -> Plan:
    """The trials of these ids. The control runs the same checks on the reference as it is.

    With ``through_proxy`` those that no proxy can play are left out.
    """
    wanted = set(names)
    if through_proxy:
        changed: list[Mutant | Legal] = [*catalogue.mutants.values(), *catalogue.legal.values()]
        wanted &= {one.id for one in changed if one.wire}
    mutants = tuple(m for m in catalogue.mutants.values() if m.id in wanted)
    patterns = {pattern for mutant in mutants for pattern in checks_for(mutant)}
    return Plan(
        mutants=mutants,
        legal=tuple(v for v in catalogue.legal.values() if v.id in wanted),
        vacuous=tuple(v for v in catalogue.vacuous.values() if v.id in wanted),
        control=tuple(sorted(patterns)) if patterns else None,
        jobs=jobs,
        thorough=thorough,
        through_proxy=through_proxy,
    )


def share_of(catalogue: Catalogue, names: Sequence[str], number: int, count: int) -> list[str]:
    """The ``number``-th (from 1) of ``count`` shares of these ids. Each has its part of the
    mutants, of the legal variants and of the vacuous servers, spread over all areas.
    """
    kinds = (catalogue.mutants, catalogue.legal, catalogue.vacuous)
    return [name for kind in kinds for name in [n for n in names if n in kind][number - 1 :: count]]


def run_plan(plan: Plan) -> Iterator[Trial]:
    """Try everything, ``jobs`` at a time; trials come as they end. What was misjudged while others
    ran counts only when it is so again, alone.
    """
    again: list[Job] = []
    with ThreadPoolExecutor(plan.jobs) as pool:
        futures = {pool.submit(job): job for job in _jobs(plan)}
        try:
            for future in as_completed(futures):
                trial = future.result()
                if trial.good:
                    yield trial
                else:
                    again.append(futures[future])
        finally:
            for future in futures:
                future.cancel()
    for job in again:
        yield replace(job(), retried=True)


def _jobs(plan: Plan) -> list[Job]:
    """Those first that take longest."""
    jobs: list[Job] = []
    if plan.control is not None:
        jobs.append(_spared_trial(CONTROL, "", plan.control, plan))
    jobs += [_vacuous_trial(server) for server in plan.vacuous]
    jobs += [_spared_trial("legal", one.id, one.run, plan) for one in plan.legal]
    searching = {info.slug for info in all_checks().values() if info.searches}
    mutants = sorted(plan.mutants, key=lambda mutant: searching.isdisjoint(mutant.checks))
    return [*jobs, *(_mutant_trial(mutant, plan) for mutant in mutants)]


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one question."""

    outcome: Outcome
    by: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    clauses: tuple[ClauseResult, ...] = ()


def _timed(name: str, kind: str, ask: Callable[[], Found], clause: str | None = None) -> Trial:
    started = time.monotonic()
    try:
        found = ask()
    except LabError as error:
        found = Found(Outcome.FAULT, seen=(str(error),))
    seconds = round(time.monotonic() - started, 2)
    return Trial(name, kind, found.outcome, seconds, clause, found.by, found.seen, found.clauses)


def _mutant_trial(mutant: Mutant, plan: Plan) -> Job:
    return lambda: _timed(mutant.id, "mutant", lambda: _hunt(mutant, plan), clause=mutant.clause)


def _spared_trial(kind: str, name: str, run: tuple[str, ...], plan: Plan) -> Job:
    return lambda: _timed(name or kind, kind, lambda: _spared(name, run, plan))


def _vacuous_trial(server: Vacuous) -> Job:
    return lambda: _timed(server.id, "vacuous", lambda: _expose(server))


# -- the three questions ---------------------------------------------------------------------------


def checks_for(mutant: Mutant) -> tuple[str, ...]:
    """A search costs its whole budget where it finds nothing: it hunts only what names it."""
    return mutant.checks or tuple(i.slug for i in checks_of(mutant.clause) if not i.searches)


def _hunt(mutant: Mutant, plan: Plan) -> Found:
    """Does a check that is bound to the clause fail and name it?"""
    wanted = checks_for(mutant)
    if not wanted:
        return Found(Outcome.SURVIVED, seen=("no check is bound to the clause",))
    by: list[str] = []
    seen: list[str] = []
    with (
        served(mutant.id, through_proxy=plan.through_proxy) as url,
        judged(Order(url, wanted, PATIENCE_S, SEED, HUNT_S, mutant.clause)) as results,
    ):
        for result in results:
            if isinstance(result, RunFinished):
                _demand_sound(result)
                break
            blamed = {finding.clause for finding in result.findings}
            if (
                result.status is Status.FAIL
                and mutant.clause in blamed
                and _is_bound(result, mutant)
            ):
                by.append(result.check)
                if not plan.thorough:
                    break
            else:
                seen += _told(result)
    if mutant.equivalent is not None:
        good = Outcome.EQUIVALENT if not by else Outcome.SURVIVED
        return Found(good, tuple(by), ("listed as equivalent, but it was seen",) if by else ())
    return Found(Outcome.KILLED if by else Outcome.SURVIVED, tuple(by), tuple(seen))


def _is_bound(result: CheckResult, mutant: Mutant) -> bool:
    info = all_checks()[result.check]
    return mutant.clause in info.clauses and result.check in checks_for(mutant)


def _told(result: CheckResult) -> list[str]:
    """One line for each thing that a check had to say."""
    if result.findings:
        return [f"{result.check}: {f.clause}: {f.expected}; {f.actual}" for f in result.findings]
    reason = f" ({result.reason})" if result.reason else ""
    return [f"{result.check}: {result.status}{reason}"]


def _spared(name: str, run: tuple[str, ...], plan: Plan) -> Found:
    """Does every check pass?"""
    complaints: list[str] = []
    clauses: tuple[ClauseResult, ...] = ()
    passed = 0
    with (
        served(name, through_proxy=plan.through_proxy) as url,
        judged(Order(url, run, PATIENCE_S, SEED, LOOK_S)) as results,
    ):
        for result in results:
            if isinstance(result, RunFinished):
                _demand_sound(result)
                clauses = result.clauses
                break
            if result.status is Status.PASS:
                passed += 1
            else:
                complaints += _told(result)
    if not passed:
        complaints.append("no check passed")
    outcome = Outcome.BLAMED if complaints else Outcome.UNHARMED
    return Found(outcome, seen=tuple(complaints), clauses=clauses)


def _expose(server: Vacuous) -> Found:
    """Is it nonconformant, and does it keep only the MUSTs that it may?"""
    finished = None
    with (
        served(server.id) as url,
        judged(Order(url, (), VACUOUS_PATIENCE_S, SEED, LOOK_S)) as results,
    ):
        for result in results:
            if isinstance(result, RunFinished):
                finished = result
    if finished is None:
        raise LabError("a run without a verdict")
    _demand_sound(finished)
    kept = kept_musts(finished.clauses)
    unexpected = [f"keeps {clause}" for clause in kept if clause not in server.keeps]
    missing = [f"no longer keeps {clause}" for clause in server.keeps if clause not in kept]
    complaints = unexpected + missing
    if finished.verdict is not Verdict.NONCONFORMANT:
        complaints.insert(0, f"the verdict is {finished.verdict}")
    if complaints:
        return Found(Outcome.TRUSTED, seen=tuple(complaints), clauses=finished.clauses)
    broken = sum(clause.status is Status.FAIL for clause in finished.clauses)
    told = f"breaks {broken} clauses, keeps {len(kept)} MUSTs outside DISC"
    return Found(Outcome.EXPOSED, seen=(told,), clauses=finished.clauses)


def kept_musts(clauses: Sequence[ClauseResult]) -> list[str]:
    """The MUST clauses outside DISC that count as kept; DISC is what vacuous servers answer
    truly.
    """
    return [
        c.clause
        for c in clauses
        if c.status is Status.PASS and c.level == "MUST" and not c.clause.startswith("DISC-")
    ]


def _demand_sound(finished: RunFinished) -> None:
    """A run that ended by a fault of the suite, or never reached the server, proves nothing."""
    if finished.verdict in (Verdict.SUITE_FAULT, Verdict.UNREACHABLE):
        raise LabError(f"{finished.verdict}: {finished.reason}")
