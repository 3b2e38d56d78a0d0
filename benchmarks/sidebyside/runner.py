"""Runs a plan: first the pass with the monitor, then the repeats, peers one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError

import uvloop

from sidebyside import sizes
from sidebyside.declared import Case
from sidebyside.declared import Parameters
from sidebyside.declared import Peer
from sidebyside.declared import Plan
from sidebyside.dialects import DIALECTS
from sidebyside.faults import Broken
from sidebyside.figures import Curve
from sidebyside.figures import Sample
from sidebyside.processes import Cores
from sidebyside.processes import import_s
from sidebyside.processes import pinned
from sidebyside.processes import serving
from sidebyside.results import Result
from sidebyside.results import Tell
from sidebyside.workloads import KINDS
from sidebyside.workloads import Bench
from sidebyside.workloads import Figures

FAULTS = (Broken, OSError, ValueError, PackageNotFoundError, ExceptionGroup)


class Runner:
    """Fills `results`, by the names of case and peer."""

    def __init__(self, plan: Plan, cores: Cores, repeats: int) -> None:
        self._plan = plan
        self._cores = cores
        self._repeats = repeats
        self.interrupted = False
        self.results = {
            (case.name, peer.name): Result(case, peer) for case in plan.cases for peer in plan.peers
        }
        for result in self.results.values():
            missing = result.case.needs - result.peer.offers
            if missing:
                result.end("not-offered", f"has no {', '.join(sorted(missing))}")

    @property
    def steps(self) -> int:
        """How often `tell` will be called."""
        return len(list(self._to_judge())) + sum(
            1 if result.case.once else self._repeats for result in self.results.values()
        )

    def run(self, tell: Tell) -> None:
        """Everything; `tell` hears of each step before it. Faults of a server end up in its
        results, not as exceptions. After Ctrl-C the results are what there is so far.
        """
        try:
            self._run(tell)
        except KeyboardInterrupt:
            self.interrupted = True
            for result in self.results.values():
                if result.outcome == "measured" and not result.samples:
                    result.end("failed", "interrupted before it was measured")

    def _run(self, tell: Tell) -> None:
        with pinned(self._cores.load):
            for result in self._to_judge():
                tell(f"monitor · {result.case.name} · {result.peer.name}")
                self._attempt(result, self._judge)
            for repeat in range(self._repeats):
                # Peers take turns, so that what disturbs the machine meets all of them.
                for result in self.results.values():
                    if repeat == 0 or not result.case.once:
                        tell(f"repeat {repeat + 1} · {result.case.name} · {result.peer.name}")
                        self._attempt(result, self._measure)

    def _to_judge(self) -> Iterator[Result]:
        for result in self.results.values():
            if result.case.judged is not None and result.case.needs <= result.peer.offers:
                yield result

    def _attempt(self, result: Result, act: Callable[[Result], None]) -> None:
        if result.outcome != "measured":
            return
        smaller = self._given_up(result)
        if smaller is not None:
            result.end("over-deadline", f"not tried: {smaller.case.name} was not over in time")
            return
        try:
            act(result)
        except TimeoutError:
            result.end("over-deadline", f"not over after {result.case.deadline_s:g} s")
        except FAULTS as error:
            result.end("failed", _said(error))

    def _given_up(self, result: Result) -> Result | None:
        """A smaller size of the same workload that took too long; larger ones are not tried."""
        smaller = (
            other
            for other in self._siblings(result)
            if other.case.size and result.case.size and other.case.size < result.case.size
        )
        return next((other for other in smaller if other.outcome == "over-deadline"), None)

    def _siblings(self, result: Result) -> Iterator[Result]:
        """The same workload on the same peer, in all sizes."""
        for other in self.results.values():
            if other.peer is result.peer and other.case.workload == result.case.workload:
                yield other

    def _judge(self, result: Result) -> None:
        assert result.case.judged is not None
        for other in self._siblings(result):
            if other.verdict is not None and other.case.judged == result.case.judged:
                result.verdict = other.verdict  # sizes that are the same in this pass
                return
        _, bench = self._drive(result.case, result.peer, result.case.judged, judging=True)
        result.verdict = bench.dialect.verdict()

    def _measure(self, result: Result) -> None:
        case, peer = result.case, result.peer
        usage: Sample = {}
        curve: Curve = []
        if case.kind == "start":
            figures = self._start(peer)
        elif case.kind == "size":
            figures = sizes.installed(peer.installs)
        else:
            figures, bench = self._drive(case, peer, case.parameters, judging=False)
            usage, curve = bench.usage, bench.curve
        result.samples.append(figures)
        result.usages.append(usage)
        result.curves.append(curve)

    def _drive(
        self, case: Case, peer: Peer, parameters: Parameters, *, judging: bool
    ) -> tuple[Figures, Bench]:
        """One workload on a fresh server, so that no other's history weighs on it."""

        async def drive() -> Figures:
            async with asyncio.timeout(case.deadline_s):
                await bench.dialect.prepare(client)
                return await KINDS[case.kind](bench, parameters)

        with serving(peer, self._cores) as server:
            bench = Bench(server, DIALECTS[peer.dialect](peer, judging=judging))
            client = bench.client()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
                try:
                    figures = loop.run(drive())
                finally:
                    client.close()
        return figures, bench

    def _start(self, peer: Peer) -> Figures:
        imported = import_s(peer.imports, peer.without, self._cores.server)
        with serving(peer, self._cores) as server:
            rss = server.rss_kib() / 1024
        return {"import_s": imported, "startup_s": server.startup_s, "rss_mib": rss}


def _said(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
