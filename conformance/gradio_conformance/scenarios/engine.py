"""One run of ``check-client``: each scenario with a client of its own, some at a time; listeners
are told; one verdict.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from gradio_conformance import __version__
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import CheckStarted
from gradio_conformance.events import Finding
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.scenarios.course import Course
from gradio_conformance.scenarios.course import Outcome
from gradio_conformance.scenarios.course import Patience
from gradio_conformance.scenarios.judging import Told
from gradio_conformance.scenarios.judging import findings
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.reports import NOT_SUPPORTED
from gradio_conformance.scenarios.trace import trace
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import judge as judge_run
from gradio_conformance.verdict import mark_known
from gradio_spec.model import Known
from gradio_spec.model import Level
from gradio_spec.model import Spec

SCOPE = "client"
SHARED = "CLIENT-003"
# Some of what is amiss shows only when time has passed in which it was not mended.
AFTERWARDS_S = 60.0
Listener = Callable[[RunEvent], None]


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """The choices of one run."""

    spec: Spec
    command: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    patience: Patience
    levels: frozenset[Level] = frozenset(Level)
    jobs: int = 2
    known: Known | None = None
    fail_on: str = "should"


class NoClient(Exception):
    """The command cannot be started; says why."""


def run_client(options: ClientOptions, listeners: Sequence[Listener]) -> RunFinished:
    """Judge the client that ``command`` starts. Never raises for what the client does, nor for
    Ctrl-C; the verdict says it.
    """
    started = time.monotonic()

    def emit(event: RunEvent) -> None:
        for listener in listeners:
            listener(event)

    emit(_started(options))
    results: list[CheckResult] = []
    interrupted, unreachable = False, ""
    try:
        asyncio.run(_all(options, emit, results))
    except KeyboardInterrupt:
        interrupted = True
    except NoClient as error:
        unreachable = str(error)
    ending = Ending(
        round(time.monotonic() - started, 2),
        interrupted=interrupted,
        unreachable=unreachable or None,
    )
    finished = _judged(options, results, ending)
    emit(finished)
    return finished


async def _all(
    options: ClientOptions, emit: Callable[[RunEvent], None], results: list[CheckResult]
) -> None:
    room = asyncio.Semaphore(options.jobs)

    async def one(scenario: Scenario) -> None:
        async with room:
            emit(CheckStarted(scenario.slug, scenario.title, scenario.clauses, scenario.area))
            result = mark_known(await run_scenario(scenario, options), options.known)
            results.append(result)
            emit(CheckFinished(result))

    tasks = [asyncio.ensure_future(one(scenario)) for scenario in options.scenarios]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run_scenario(scenario: Scenario, options: ClientOptions) -> CheckResult:
    """One scenario with its clients; ``NoClient`` if the command cannot be started."""
    started = time.monotonic()
    outcomes: list[Outcome] = []
    try:
        async with Course(scenario, options.patience) as course:
            for number in range(1, scenario.runs + 1):
                outcomes.append(await course.meet(options.command, number))
                if outcomes[-1].code == NOT_SUPPORTED:
                    break
    except OSError as error:
        raise NoClient(f"cannot start {options.command[0]!r}: {error.strerror}") from error
    result = result_of(scenario, outcomes, options.spec)
    return replace(result, duration_s=round(time.monotonic() - started, 3))


def result_of(scenario: Scenario, outcomes: Sequence[Outcome], spec: Spec) -> CheckResult:
    """What the outcomes of a scenario say of the client."""
    last = outcomes[-1]
    blank = CheckResult(
        scenario.slug, scenario.title, scenario.clauses, scenario.area, Status.PASS, 0.0
    )
    if last.code == NOT_SUPPORTED:
        reason = "the client does not support it (exit code 127)"
        return replace(blank, status=Status.NOT_APPLICABLE, reason=reason)
    seen = [observation for outcome in outcomes for observation in outcome.seen]
    told = [report for outcome in outcomes for report in outcome.reports]
    result = replace(blank, trace=tuple(trace(seen, told)))
    found = list(_once([*sent_wrongly(seen, spec), *_broken(scenario, outcomes, spec)]))
    unfinished = _unfinished(outcomes)
    if found:
        return replace(
            result,
            status=Status.FAIL,
            findings=tuple(found),
            completed=not any(outcome.stuck or outcome.bad for outcome in outcomes),
        )
    if unfinished:
        return replace(result, status=Status.COULD_NOT_RUN, reason=unfinished, completed=False)
    return result


def sent_wrongly(seen: Sequence[Observation], spec: Spec) -> Iterator[Finding]:
    """What the client's requests alone show (``seen_in: traffic``)."""
    judge = Judge(spec, sides=("client",), whole=True)
    first = min((one.at for one in seen), default=0.0)
    latest = max((one.at for one in seen), default=0.0)
    for one in (*seen, ExchangeOver(0, latest + AFTERWARDS_S, "eof")):
        for offence in judge.feed(one):
            at_ms = (min(offence.at, latest) - first) * 1000
            yield Finding(offence.clause, offence.expected, offence.actual, at_ms, offence.bugs)
    # Addresses may change hands; here it is known who is who (CLIENT-003).
    for session in judge.clients.sessions.values():
        if len(session.clients) > 1:
            expected = "a session hash of its own for each client"
            actual = f"{session.hash!r} of {' and of '.join(session.clients)}"
            yield Finding(SHARED, expected, actual, bugs=spec.client[SHARED].bugs)


def _broken(scenario: Scenario, outcomes: Iterable[Outcome], spec: Spec) -> Iterator[Finding]:
    """What the script waited for in vain, or else what the reports lack. Of a client that did not
    even ask for something nothing is known.
    """
    for outcome in outcomes:
        if outcome.bad or not outcome.paths:
            continue
        if outcome.stuck is None:
            told = Told(outcome.reports, outcome.paths, outcome.ending)
            yield from findings(scenario, told)
        elif outcome.stuck.clause:
            actual = f"it did not come; {outcome.ending}"
            bugs = spec.client[outcome.stuck.clause].bugs
            yield Finding(outcome.stuck.clause, outcome.stuck.waited_for, actual, bugs=bugs)


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """The first finding of each clause; a second run of the same says nothing new."""
    seen: set[str] = set()
    for finding in found:
        if finding.clause not in seen:
            seen.add(finding.clause)
            yield finding


def _unfinished(outcomes: Iterable[Outcome]) -> str | None:
    """Why nothing can be concluded from a scenario in which nothing was broken."""
    for outcome in outcomes:
        stderr = f"; it said: {outcome.stderr}" if outcome.stderr else ""
        if outcome.bad:
            return outcome.bad
        if outcome.stuck is not None:
            where = f"line {outcome.line} of the script waited in vain for"
            return f"{where} {outcome.stuck.waited_for}; {outcome.ending}{stderr}"
        if outcome.code != 0:
            return f"{outcome.ending}{stderr}"
    return None


def _judged(options: ClientOptions, results: Sequence[CheckResult], ending: Ending) -> RunFinished:
    blamed = {finding.clause for result in results for finding in result.findings}
    asked = {c for scenario in options.scenarios for c in scenario.clauses}
    clauses = [
        c
        for c in options.spec.client.values()
        if c.id in asked | blamed and c.level in options.levels
    ]
    bindings = {c.id: [s.slug for s in options.scenarios if c.id in s.clauses] for c in clauses}
    return judge_run(
        clauses, bindings, results, ending, known=options.known, fail_on=options.fail_on
    )


def _started(options: ClientOptions) -> RunStarted:
    return RunStarted(
        suite_version=__version__,
        spec_version=options.spec.version,
        spec_digest=options.spec.digest,
        dialect=options.spec.dialect,
        target=shlex.join(options.command),
        server="a client of scripted servers",
        scope=SCOPE,
        profiles=tuple(dict.fromkeys(scenario.area for scenario in options.scenarios)),
        seed=0,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        checks=len(options.scenarios),
        patience_s=options.patience.quiet_s,
        known_source=options.known.source if options.known else None,
        cpus=os.cpu_count(),
    )
