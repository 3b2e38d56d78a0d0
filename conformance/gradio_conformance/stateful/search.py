"""Looks for ways to break a server within a budget of seconds, shrinks and confirms them.

Timing is treated with suspicion: while it searches, a wait is short, and what came too late is only
a suspicion. Each failure's smallest script is then run again, alone and with all patience; what
came too late counts if it does so again in :data:`CONFIRM_LATE` of :data:`RUNS` runs. A message
that should not have come needs no second witness, but is told how often it showed again.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import Verbosity
from hypothesis import reject
from hypothesis import seed as seeded
from hypothesis import settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from gradio_conformance.events import Finding
from gradio_conformance.exploration import Exploration
from gradio_conformance.probe import Probe
from gradio_conformance.stateful import requests
from gradio_conformance.stateful.judging import Broken
from gradio_conformance.stateful.machine import Repertoire
from gradio_conformance.stateful.machine import machine_for
from gradio_conformance.stateful.palette import offers
from gradio_conformance.stateful.script import PLAINLY
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import Step
from gradio_conformance.stateful.script import as_data
from gradio_conformance.stateful.shrinking import shrunk
from gradio_conformance.stateful.world import World
from gradio_conformance.target import Target
from gradio_conformance.timeline import Timeline
from gradio_spec.model import Lifecycle

RUNS = 3
CONFIRM_LATE = 2
# Long enough for an idle server, short enough for a search; a busy machine costs a suspicion more.
SUSPICION_S = 1.5
# What the shrinking of one failure may cost: a share of the budget, within bounds, for Hypothesis
# and again for what it leaves undone.
SHRINK_SHARE, SHRINK_LEAST_S, SHRINK_MOST_S = 0.1, 3.0, 30.0
STEPS = 20
# Of one run of Hypothesis, which begins each with small ones; the budget has room for many runs.
EXAMPLES = 100
Key = tuple[str, str]


class OutOfBudget(BaseException):
    """Leaves Hypothesis at once, which holds every ``Exception`` for a failure of the example."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One defect: its smallest script so far, and what the wire showed when it was last seen."""

    script: Script
    broken: Broken
    timeline: Timeline
    shown: int = 0  # how often it showed again when the script was run alone
    runs: int = 0

    @property
    def key(self) -> Key:
        return self.broken.key

    @property
    def counts(self) -> bool:
        """Whether it is held against the server."""
        return not self.broken.late or self.shown >= CONFIRM_LATE


@dataclass(slots=True)
class Search:
    """Searches the server of ``probe``, with fresh clients like it, until the budget is spent."""

    probe: Probe
    exploration: Exploration
    server: str = "main"
    examples: int = 0
    steps: int = 0
    spared: set[str] = field(default_factory=set)  # circumstances that were told
    known: dict[str, Failure] = field(default_factory=dict)  # the first failure of a listed clause
    _found: dict[Key, Failure] = field(default_factory=dict)  # the smallest of each kind
    _done: set[Key] = field(default_factory=set)
    _stuck: int = 0  # events that wait on the server whatever one does
    _deadline: float = 0.0

    def run(self) -> list[Failure]:
        """All defects found that are not listed, confirmed, the simplest first."""
        end = time.monotonic() + self.exploration.budget_s
        final: dict[Key, Failure] = {}
        turn = 0
        while time.monotonic() < end:
            self._deadline = end
            self._hypothesis(self.exploration.seed + turn)
            turn += 1
            if not self.exploration.shrink:
                self._confirm_as_found(final)
                if any(self._is_hunted(failure) for failure in final.values()):
                    break
                continue
            for key in sorted(self._found):
                if self._is_told(key):
                    continue
                failure = self._shrunk(self._found[key])
                self._done |= {key, failure.key}
                self.spared |= {key[1], failure.key[1]}
                known = final.get(failure.key)
                if known is None or failure.script.size < known.script.size:
                    final[failure.key] = failure
        if not self.exploration.shrink:
            return list(final.values())
        return self._all_confirmed(sorted(final.values(), key=lambda found: found.script.size))

    def _confirm_as_found(self, final: dict[Key, Failure]) -> None:
        """Without shrinking; a suspicion that does not hold hides nothing that comes later."""
        for key in sorted(self._found):
            final[key] = self._confirmed(self._found.pop(key))
            if final[key].counts:
                self._done.add(key)

    def _is_hunted(self, failure: Failure) -> bool:
        return failure.counts and self.exploration.hunted in (None, failure.broken.clause)

    def _all_confirmed(self, failures: Iterable[Failure]) -> list[Failure]:
        """Each failure with its second look, as long as there is time for it: again the budget.

        What came too late and finds no time is not held against the server.
        """
        until = time.monotonic() + max(self.exploration.budget_s, RUNS * self.probe.patience_s)
        return [
            self._confirmed(failure) if time.monotonic() < until else failure
            for failure in failures
        ]

    def _is_told(self, key: Key) -> bool:
        """What needs no disturbing action to break is not told again with one."""
        return key in self._done or (key[0], "") in self._done

    @property
    def _repertoire(self) -> Repertoire:
        return repertoire(self.probe.spec.lifecycle, self.probe.target)

    @property
    def _shrink_s(self) -> float:
        return min(max(SHRINK_SHARE * self.exploration.budget_s, SHRINK_LEAST_S), SHRINK_MOST_S)

    def _hypothesis(self, seed: int) -> None:
        machine = seeded(seed)(machine_for(self._repertoire, self.begin))
        chosen = settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=(Phase.generate, *([Phase.shrink] if self.exploration.shrink else [])),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            verbosity=Verbosity.quiet,
        )
        try:
            run_state_machine_as_test(machine, settings=chosen)
        except (Broken, OutOfBudget):
            pass
        except (HypothesisException, BaseExceptionGroup):
            # What fails now and then is recorded all the same; confirming says what it is worth.
            pass

    # -- one example ----------------------------------------------------------------------------

    def begin(self) -> Playing:
        if time.monotonic() > self._deadline:
            raise OutOfBudget
        self.examples += 1
        return Playing(self, self._suspicious())

    def _suspicious(self) -> Probe:
        """A client without much patience."""
        return self._another(min(SUSPICION_S, self.probe.patience_s))

    def _another(self, patience_s: float) -> Probe:
        """A new client, as soon as what the last one left behind does not wait any more."""
        probe = self.probe.another(patience_s=patience_s)
        self._stuck = requests.stuck(probe, self._stuck, SUSPICION_S)
        return probe

    def failed(self, broken: Broken, steps: Collection[Step], probe: Probe) -> bool:
        """Record a failure of an example; returns whether Hypothesis is to shrink it."""
        if self._is_told(broken.key):
            return False
        failure = Failure(self._script(broken, steps), broken, probe.timeline)
        if self.exploration.listed(broken.clause):
            self.known.setdefault(broken.clause, failure)
            self.spared.add(broken.circumstance)
            return False
        if broken.key not in self._found:
            # Every try of what comes too late costs a wait: only the few tries of `shrinking`.
            seconds = 0.0 if broken.late else self._shrink_s / 2
            self._deadline = min(self._deadline, time.monotonic() + seconds)
        before = self._found.get(broken.key)
        if before is None or failure.script.size < before.script.size:
            self._found[broken.key] = failure
        return True

    def _script(self, broken: Broken, steps: Collection[Step]) -> Script:
        told = (broken.expected, broken.actual)
        return Script(tuple(steps), self.server, *broken.key, *told)

    def _shrunk(self, failure: Failure) -> Failure:
        best = failure

        def fails(script: Script) -> Script | None:
            nonlocal best
            probe = self._suspicious()
            broken = play(script, probe)
            if broken is None or broken.clause not in failure.broken.suspects:
                return None
            if broken.key != failure.key and (
                broken.key in self._done or self.exploration.listed(broken.clause)
            ):
                return None
            best = Failure(self._script(broken, script.steps), broken, probe.timeline)
            return best.script

        offered = {offer.endpoint for offer in self._repertoire.offers}
        shrunk(failure.script, fails, self._shrink_s, offered)
        return best

    def _confirmed(self, failure: Failure) -> Failure:
        """Run the script again, alone and with all patience, until more runs change nothing."""
        shown = runs = 0
        while runs < RUNS and shown < CONFIRM_LATE and RUNS - runs >= CONFIRM_LATE - shown:
            runs += 1
            probe = self._another(self.probe.patience_s)
            broken = play(failure.script, probe)
            if broken is not None and broken.clause == failure.broken.clause:
                shown += 1
                script = self._script(broken, failure.script.steps)
                failure = Failure(script, broken, probe.timeline)
        return replace(failure, shown=shown, runs=runs)


class Playing:
    """One example of a search: a probe, a world, and the steps so far."""

    def __init__(self, search: Search, probe: Probe) -> None:
        self._search = search
        self._probe = probe
        self._world = World(probe, search.server)
        self._steps: list[Step] = []

    def do(self, step: Step) -> None:
        if self._world.circumstance_of(step) in self._search.spared:
            return  # known to go wrong by itself: what comes after it is worth more
        self._steps.append(step)
        self._search.steps += 1
        try:
            self._world.do(step)
        except Broken as broken:
            self._end_of(broken)

    def end(self) -> None:
        try:
            self._world.finish()
        except Broken as broken:
            self._end_of(broken)

    def close(self) -> None:
        self._probe.close()

    def _end_of(self, broken: Broken) -> None:
        if not self._search.failed(broken, self._steps, self._probe):
            reject()
        kind = _kinds.setdefault(broken.key, type("Broken", (Broken,), {}))
        raise kind(
            broken.clause, broken.expected, broken.actual, broken.circumstance, late=broken.late
        )


# Hypothesis takes two failures for one if their exceptions are of one class and place: a class for
# each defect keeps it from sliding from one to the other while it shrinks.
_kinds: dict[Key, type[Broken]] = {}


def play(script: Script, probe: Probe) -> Broken | None:
    """Play a script to its end and close the probe; returns what was broken, if anything was."""
    try:
        World(probe, script.server).play(script)
    except Broken as broken:
        return broken
    finally:
        probe.close()
    return None


def explore(probe: Probe, exploration: Exploration, server: str = "main") -> None:
    """Search, and give the probe of the check what was found: findings, scripts, a time line."""
    search = Search(probe, exploration, server)
    failures = search.run()
    counted = [failure for failure in failures if failure.counts]
    shown = [*counted, *search.known.values()]
    for failure in shown:
        broken = failure.broken
        probe.findings.append(Finding(broken.clause, broken.expected, broken.actual))
    probe.scripts += [as_data(failure.script) for failure in counted]
    if shown:
        probe.timeline = shown[0].timeline
    spared = [failure for failure in failures if not failure.counts]
    told = [f"{f.broken.clause} late in {f.shown} of {f.runs} runs" for f in spared]
    probe.remark = "; ".join([f"{search.examples} sequences of {search.steps} steps", *told])


def repertoire(lifecycle: Lifecycle, target: Target) -> Repertoire:
    """What may be drawn on this server: the ways that the actions tell apart."""
    actions = lifecycle.actions
    offered = {str(d.get("api_name")): d for d in target.dependencies}
    taken = [name for name in ("join", "call", "run") if name in actions]
    wrong = [(name, way) for name in taken for way in actions[name].ways]
    cancels = (PLAINLY, *actions["cancel"].ways) if "cancel" in actions else ()
    return Repertoire(offers(offered), frozenset(actions), cancels, wrong)
