"""The pytest plugin that turns a pytest session over the checks into the suite's events."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from _pytest.runner import runtestprotocol

from gradio_conformance.binding import CheckInfo
from gradio_conformance.binding import info_of
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import CheckStarted
from gradio_conformance.events import RunEvent
from gradio_conformance.events import Status
from gradio_conformance.exploration import Exploration
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.noise import NoiseMeter
from gradio_conformance.probe import Probe
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.runner.outcome import Outcome
from gradio_conformance.runner.outcome import after_solo
from gradio_conformance.runner.outcome import of_version
from gradio_conformance.runner.outcome import settle
from gradio_conformance.target import Target
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.target import status_of
from gradio_conformance.verdict import is_listed
from gradio_conformance.verdict import is_open
from gradio_conformance.verdict import mark_known
from gradio_spec.coverage import Coverage
from gradio_spec.coverage import Universe
from gradio_spec.loader import load_spec
from gradio_spec.sightings import Sightings

PROBE = pytest.StashKey[Probe]()
ERRORS = pytest.StashKey[list[BaseException]]()


@dataclass(frozen=True, slots=True)
class Late:
    """A check that came too late, kept until all others have ended."""

    item: pytest.Item
    info: CheckInfo
    profile: str
    outcome: Outcome


class SuitePlugin:
    """Selects, runs and judges checks; ``emit`` gets an event for each."""

    def __init__(
        self,
        target: Target,
        options: RunOptions,
        emit: Callable[[RunEvent], None],
        meter: NoiseMeter,
    ) -> None:
        self.target = target
        self.claimed = options.claimed(target)
        self.meter = meter
        self._late: list[Late] = []
        self._timed = {clause.id for clause in options.spec.clauses.values() if clause.timed}
        newest = load_spec()
        is_older = options.spec is not newest
        self.sightings = Sightings(options.spec, newest) if is_older else None
        wanted = options.coverage or is_older
        self.coverage = Coverage(Universe(options.spec), self.sightings) if wanted else None
        self.options = options
        self.emit = emit
        self.results: list[CheckResult] = []
        self.unreachable: str | None = None
        self.suite_faults: list[str] = []
        self.interrupted = False
        self.stopped_after: int | None = None
        self._others: dict[str, Target] = {}

    # -- what runs --------------------------------------------------------------------------

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.suite_faults.append(f"{report.nodeid}: {report.longreprtext}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        # pytest's own subclass means that it stopped by itself (shouldstop, collection).
        self.interrupted = excinfo.type is KeyboardInterrupt

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = [(i, item) for item in items if (i := _info(item)) and self.options.wants(i)]
        wanted.sort(key=lambda pair: pair[0].strain)
        items[:] = [item for _, item in wanted]

    # -- one check --------------------------------------------------------------------------

    @pytest.fixture
    def probe(self, request: pytest.FixtureRequest) -> Iterator[Probe]:
        """A fresh client of the server that the check asks for."""
        info = _info(request.node)
        assert info is not None
        target = self._target_for(info)
        options = self.options
        probe = Probe(
            target,
            options.spec,
            patience_s=options.patience_s,
            coverage=self.coverage,
            profiles=self.claimed,
            seed=options.seed,
        )
        request.node.stash[PROBE] = probe
        yield probe
        probe.close()

    @pytest.fixture
    def exploration(self, request: pytest.FixtureRequest) -> Exploration:
        """How long and from which seed a check may search; what it need not look for."""
        info = _info(request.node)
        assert info is not None
        options = self.options
        return Exploration(
            seed=options.seed,
            budget_s=options.budget_s,
            shrink=options.shrink,
            hunted=options.hunted,
            listed=lambda clause: is_listed(info.slug, clause, options.known),
        )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        info = _info(item)
        assert info is not None
        if info.strain:
            self._look_again(item.session)
            if item.session.shouldstop:
                return True
        profile = self.options.profile_of(info).id
        self.emit(CheckStarted(info.slug, info.title, info.clauses, profile))
        outcome = self._run(item, nextitem, info, profile)
        listed = mark_known(outcome.result, self.options.known).status is Status.KNOWN
        if self.options.rerun_late and outcome.only_late and not listed:
            self._late.append(Late(item, info, profile, outcome))
            self._maybe_gone(item.session, outcome.result)
        else:
            self._settle(item.session, info, outcome)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """All checks, and those that came too late again, before and after what strains."""
        try:
            result = yield
            self._look_again(session)
            return result
        finally:
            for late in self._late:  # the run ended before their turn
                self._settle(session, late.info, after_solo(late.outcome, []))

    def _look_again(self, session: pytest.Session) -> None:
        """Run what came too late again, each alone."""
        while self._late and not session.shouldstop:
            self._solo(session, self._late[0])
            self._late.pop(0)

    def _solo(self, session: pytest.Session, late: Late) -> None:
        info = late.info
        self.emit(CheckStarted(info.slug, info.title, info.clauses, late.profile))
        runs: list[Outcome] = []
        # Whatever else than lateness a solo run shows, it is what counts.
        while is_open([o.only_late for o in runs]) and not _is_decided(runs):
            runs.append(self._run(late.item, None, info, late.profile, alone=True))
        self._settle(session, info, after_solo(late.outcome, runs))

    def _settle(self, session: pytest.Session, info: CheckInfo, outcome: Outcome) -> None:
        if outcome.suite_fault:
            self.suite_faults.append(outcome.suite_fault)
        for finding in outcome.result.findings:
            if finding.clause not in load_spec().clauses:
                self.suite_faults.append(f"{info.slug} blames {finding.clause}, which is no clause")
        result = mark_known(of_version(outcome.result, self.options.spec), self.options.known)
        self.results.append(result)
        self.emit(CheckFinished(result))
        self._maybe_stop(session, result)

    def _run(
        self,
        item: pytest.Item,
        nextitem: pytest.Item | None,
        info: CheckInfo,
        profile: str,
        *,
        alone: bool = False,
    ) -> Outcome:
        errors: list[BaseException] = []
        item.stash[ERRORS] = errors
        if PROBE in item.stash:
            del item.stash[PROBE]
        started, mark = time.monotonic(), self.meter.mark()
        runtestprotocol(item, log=False, nextitem=nextitem)
        probe = item.stash.get(PROBE, None)
        seconds = time.monotonic() - started
        if alone:  # it decides about lateness, so its noise is told however short it was
            self.meter.until_measured(mark)
        noise = self.meter.since(mark)
        return settle(info, profile, errors, probe, seconds, timed=self._timed, noise=noise)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None:
            error = call.excinfo.value
            if isinstance(error, NonConformance) and PROBE in item.stash:
                error.at_ms = item.stash[PROBE].timeline.now_ms()
            item.stash[ERRORS].append(error)
        return (yield)

    # -- parts ------------------------------------------------------------------------------

    def _target_for(self, info: CheckInfo) -> Target:
        profile = self.options.profile_of(info).id
        if profile not in self.claimed:
            raise NotApplicable(f"the server does not claim the profile {profile}")
        if info.needs and not self.target.is_testbed:
            # Who names an optional profile wants to know; that nobody could look is no answer.
            kind = CouldNotRun if self.options.spec.profiles[profile].offered_by else NotApplicable
            raise kind("needs the testbed, which this server does not host")
        target = self.target if info.server == "main" else self._other_server(info.server)
        missing = [name for name in info.needs if not target.offers(name)]
        if missing:
            raise CouldNotRun(f"the testbed lacks the endpoint {', '.join(missing)}")
        return target

    def _other_server(self, name: str) -> Target:
        url = self.target.server_url(name)
        if url is None:
            title = self.options.spec.testbed["servers"][name].get("title", "")
            raise CouldNotRun(f"the testbed has no server {name} ({title})")
        row = self.options.spec.testbed["servers"][name]
        if name in self._others:
            return self._others[name]
        try:
            user = next(iter(row.get("users", ())), None)
            found = discover(url, self.options.spec, user)
        except Unreachable as error:
            raise CouldNotRun(f"the testbed's server {name}: {error}") from error
        if user is None:  # a log-in belongs to one check, which may end it
            self._others[name] = found
        return found

    def _maybe_stop(self, session: pytest.Session, result: CheckResult) -> None:
        if result.status is not Status.FAIL:
            return
        self._maybe_gone(session, result)
        failed = sum(r.status is Status.FAIL for r in self.results)
        if self.options.max_failures and failed >= self.options.max_failures:
            self.stopped_after = failed
            session.shouldstop = f"{failed} failures"

    def _maybe_gone(self, session: pytest.Session, result: CheckResult) -> None:
        # A server that is gone or answers nobody any more would fail all other checks, too.
        try:
            status_of(self.target.base_url)
        except Unreachable as error:
            self.unreachable = f"the server did not survive {result.check}: {error}"
            session.shouldstop = self.unreachable


def _is_decided(runs: list[Outcome]) -> bool:
    """Did the last run end in another way than in time or late?"""
    return bool(runs) and not runs[-1].only_late and runs[-1].result.status is not Status.PASS


def _info(item: pytest.Item) -> CheckInfo | None:
    return info_of(getattr(item, "obj", None))
