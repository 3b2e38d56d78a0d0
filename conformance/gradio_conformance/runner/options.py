"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gradio_conformance.binding import CheckInfo
from gradio_conformance.target import Target
from gradio_spec.model import Known
from gradio_spec.model import Profile
from gradio_spec.model import Spec

DEFAULT_PATIENCE_S = 10.0
DEFAULT_EXAMPLES = 25
# Some hundred sequences on an idle machine, and a whole run that still ends in two minutes.
DEFAULT_BUDGET_S = 15.0


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The choices of one run; patterns are shell globs over check slugs and clause ids."""

    spec: Spec
    profiles: tuple[str, ...]
    seed: int
    named: bool = True  # the profiles; else optional ones count only where the server offers them
    run: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    known: Known | None = None
    fail_on: str = "should"
    patience_s: float = DEFAULT_PATIENCE_S
    max_examples: int = DEFAULT_EXAMPLES
    budget_s: float = DEFAULT_BUDGET_S  # for the search for failing sequences
    hunted: str | None = None  # a clause: without shrinking, a search ends when it is broken
    shrink: bool = True
    rerun_late: bool = False  # a check that only came too late is run again alone
    max_failures: int | None = None
    coverage: bool = False  # tell what of the protocol the run has seen

    def claimed(self, target: Target) -> tuple[str, ...]:
        """The profiles of the run that count on this server."""
        profiles = [self.spec.profiles[name] for name in self.profiles]
        return tuple(p.id for p in profiles if self.named or target.claims(p))

    def profile_of(self, info: CheckInfo) -> Profile:
        """The profile of a check: the first of its clauses that is in force decides."""
        return self.spec.profiles[self.spec.clause(self._in_force(info)[0]).profile]

    def wants(self, info: CheckInfo) -> bool:
        """Is this check part of the run? None is whose clauses are all of another version."""
        if not self._in_force(info) or self.profile_of(info).id not in self.profiles:
            return False
        if self.run and not matches(info, self.run):
            return False
        return not matches(info, self.skip)

    def _in_force(self, info: CheckInfo) -> list[str]:
        return [clause for clause in info.clauses if clause in self.spec.clauses]


def matches(info: CheckInfo, patterns: Iterable[str]) -> bool:
    """Does one of the patterns name the check or one of its clauses?"""
    names = (info.slug, *info.clauses)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
