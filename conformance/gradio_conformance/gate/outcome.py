"""The outcome of a comparison: what was found, what of it counts, and what that means."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gradio_conformance.gate.compare import differences
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.naming import grouped
from gradio_conformance.gate.policy import Entry
from gradio_conformance.gate.policy import Policy
from gradio_conformance.gate.policy import missing_bump
from gradio_conformance.gate.policy import semver
from gradio_conformance.gate.policy import stale
from gradio_conformance.gate.versions import version_of
from gradio_spec.changes import Change

Compared = tuple[Side, Side, tuple[Difference, ...]]
Search = Callable[[Difference, Side, Side], Witness | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference as the policy sees it. ``client`` and ``server`` are its effects after the
    severity file, ``ignored`` why it does not count, ``over`` whether it reaches the threshold.
    """

    difference: Difference
    client: Effect
    server: Effect
    witness: Witness | None
    over: bool
    ignored: str | None = None
    reclassified: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What one change brought; ``change`` is ``None`` for what no change names."""

    change: Change | None
    findings: tuple[Finding, ...]
    backwards: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides compared. ``versions``: of the specification, where they are two versions of the
    same data; ``bump``: what is wrong with the newer.
    """

    old: Side
    new: Side
    findings: tuple[Finding, ...]
    groups: tuple[Named, ...]
    versions: tuple[str, str] | None
    bump: str | None

    @property
    def title(self) -> str:
        """``v3-5.0 → v3-5.5``, with the version where the names do not say it."""
        names = f"{self.old.name} → {self.new.name}"
        return names if self.versions is None else f"{names}: {self.new.spec.dialect}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was compared, under one policy."""

    policy: Policy
    pairs: tuple[Pair, ...]
    stale: tuple[str, ...]

    @property
    def findings(self) -> Iterator[Finding]:
        return (finding for pair in self.pairs for finding in pair.findings)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why it fails, beside the findings over the threshold."""
        bumps = tuple(dict.fromkeys(pair.bump for pair in self.pairs if pair.bump))
        return () if self.policy.fail_on == "never" else (*bumps, *self.stale)

    @property
    def failed(self) -> bool:
        return bool(self.faults) or any(finding.over for finding in self.findings)


def outcome_of(
    pairs: Iterable[tuple[Side, Side]], policy: Policy, search: Search | None, today: date
) -> Outcome:
    """Compares each pair and judges what is found; without a ``search`` nothing has a witness."""
    compared = list(_once((old, new, differences(old, new)) for old, new in pairs))
    done = tuple(_pair(old, new, found, policy, search, today) for old, new, found in compared)
    every = tuple(difference for _, _, found in compared for difference in found)
    numbers = [semver(pair.versions[1]) for pair in done if pair.versions]
    entries = (*policy.severities, *policy.ignored)
    return Outcome(policy, done, stale(entries, every, today, max(numbers, default=None)))


def _once(compared: Iterable[Compared]) -> Iterator[Compared]:
    """Each difference where it is first seen: an edit of the data shows in many versions."""
    seen: set[str] = set()
    for old, new, found in compared:
        yield old, new, tuple(one for one in found if one.fingerprint not in seen)
        seen.update(one.fingerprint for one in found)


def _pair(
    old: Side,
    new: Side,
    found: tuple[Difference, ...],
    policy: Policy,
    search: Search | None,
    today: date,
) -> Pair:
    same = old.release == new.release
    versions = (version_of(old), version_of(new)) if same else None
    number = semver(versions[1]) if versions else None
    live = [entry for entry in policy.ignored if not entry.expired(today, number)]
    findings = {d.fingerprint: _finding(d, old, new, policy, live, search, versions) for d in found}
    groups = tuple(
        Named(g.change, tuple(findings[d.fingerprint] for d in g.differences), g.backwards)
        for g in grouped(found, old, new)
    )
    counted = [f for f in findings.values() if f.ignored is None]
    effects = [effect for f in counted for effect in (f.client, f.server)]
    bump = missing_bump(*versions, effects) if versions else None
    return Pair(old, new, tuple(findings.values()), groups, versions, bump)


def _finding(
    difference: Difference,
    old: Side,
    new: Side,
    policy: Policy,
    live: list[Entry],
    search: Search | None,
    versions: tuple[str, str] | None,
) -> Finding:
    client, server, why = policy.effects(difference)
    ignored = next((entry.reason for entry in live if entry.matches(difference)), None)
    return Finding(
        difference,
        client,
        server,
        search and search(difference, old, new),
        over=ignored is None and policy.is_over(client, server, versions),
        ignored=ignored,
        reclassified=why.reason if why else None,
    )
