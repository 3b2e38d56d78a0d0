"""What counts: severity and ignore files, the threshold, and the version that a change needs. Pure
but for reading the two files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import strongest
from gradio_conformance.gate.rules import HERE
from gradio_conformance.gate.rules import all_rules
from gradio_conformance.gate.rules import checked
from gradio_spec.data import SpecError

PARTIES = ("client", "server", "both")
# With bump the version decides; where there is none that could account for it, what is breaking.
THRESHOLDS: Mapping[str, int] = {"breaking": 3, "behavioural": 2, "any": 1, "bump": 3, "never": 4}
SEVERITY_SCHEMA = HERE / "severity.schema.json"
IGNORE_SCHEMA = HERE / "ignore.schema.json"
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)", re.ASCII)
Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a severity or ignore file: what it is about, and why.

    ``match``: a fingerprint, a rule, or ``rule@place`` with ``*`` in the place. ``effect`` and
    ``party`` are those of a severity; ``until`` of an ignored difference: an ISO date or a version
    of the specification, the last for which it is ignored.
    """

    source: str
    match: str
    reason: str
    effect: Effect | None = None
    party: str = "both"
    until: str | None = None

    def matches(self, difference: Difference) -> bool:
        """Whether the entry is about this difference."""
        if _FINGERPRINT.fullmatch(self.match):
            return difference.fingerprint == self.match
        rule, _, place = self.match.partition("@")
        # fnmatch reads [ as a class of characters; in a place it is none.
        pattern = place.replace("[", "[[]")
        return rule == difference.rule and (
            not place
            or fnmatchcase(str(difference.place), pattern)
            or fnmatchcase(difference.place.name, pattern)
        )

    def expired(self, today: date, version: Version | None) -> bool:
        """Whether its time is over."""
        if self.until is None:
            return False
        if _SEMVER.fullmatch(self.until):
            return version is not None and version > semver(self.until)
        return today > date.fromisoformat(self.until)


@dataclass(frozen=True, slots=True)
class Policy:
    """By what the outcome is judged; the files' entries in their order."""

    fail_on: str = "breaking"
    party: str = "both"
    severities: tuple[Entry, ...] = ()
    ignored: tuple[Entry, ...] = ()

    def effects(self, difference: Difference) -> tuple[Effect, Effect, Entry | None]:
        """What the difference is to clients and servers here: the last entry that matches wins."""
        client, server, why = difference.client, difference.server, None
        for entry in self.severities:
            if entry.effect is not None and entry.matches(difference):
                why = entry
                client = entry.effect if entry.party != "server" else client
                server = entry.effect if entry.party != "client" else server
        return client, server, why

    def is_over(
        self, client: Effect, server: Effect, versions: tuple[str, str] | None = None
    ) -> bool:
        """Whether these effects, on the party asked for, reach the threshold. ``versions``: of
        the specification, old and new, where they are two versions of the same data.
        """
        told = {"client": (client,), "server": (server,), "both": (client, server)}[self.party]
        worst = strongest(told)
        if self.fail_on == "bump" and versions is not None:
            return worst is not Effect.NONE and missing_bump(*versions, told) is not None
        return worst.strength >= THRESHOLDS[self.fail_on]


def read_severities(path: Path) -> tuple[Entry, ...]:
    """A severity file; ``SpecError`` names the entry that is wrong."""
    rows = checked(path, SEVERITY_SCHEMA)["severity"]
    return tuple(_entry(path, i, row, effect=Effect(row["effect"])) for i, row in enumerate(rows))


def read_ignored(path: Path) -> tuple[Entry, ...]:
    """An ignore file; ``SpecError`` names the entry that is wrong."""
    rows = checked(path, IGNORE_SCHEMA)["ignore"]
    return tuple(
        _entry(path, index, row, until=_until(path, index, row)) for index, row in enumerate(rows)
    )


def semver(text: str) -> Version:
    """A version of three numbers; ``SpecError`` for anything else."""
    found = _SEMVER.fullmatch(text)
    if found is None:
        raise SpecError(f"{text!r} is no version such as 1.4.0")
    major, minor, patch = (int(part) for part in found.groups())
    return major, minor, patch


def missing_bump(old: str | None, new: str | None, effects: Iterable[Effect]) -> str | None:
    """What is wrong with the new version number for differences with these effects; ``None`` if
    nothing is. Below 1.0.0 a minor bump is enough for everything.
    """
    if old is None or new is None:
        return None
    was, now = semver(old), semver(new)
    worst = strongest(effects)
    if now < was:
        return f"the version went back from {old} to {new}"
    if worst is Effect.NONE:
        return None
    if worst is Effect.BREAKING and was[0] > 0:
        enough, wanted = now[0] > was[0], f"{was[0] + 1}.0.0"
    else:
        enough, wanted = now[:2] > was[:2], f"{was[0]}.{was[1] + 1}.0"
    if enough:
        return None
    kind = "major" if wanted.endswith(".0.0") and was[0] > 0 else "minor"
    return f"a {worst} change needs a {kind} bump: {wanted} or higher, and the version is {new}"


def _entry(path: Path, index: int, row: Mapping[str, Any], **more: Any) -> Entry:
    match = row["match"]
    rule = match.partition("@")[0]
    if not _FINGERPRINT.fullmatch(match) and rule not in all_rules():
        raise SpecError(f"{path.name}: entry {index}: match: there is no rule {rule}")
    return Entry(path.name, match, row["reason"], party=row.get("for", "both"), **more)


def _until(path: Path, index: int, row: Mapping[str, Any]) -> str | None:
    until = row.get("until")
    if until is None:
        return None
    text = str(until)
    if not _SEMVER.fullmatch(text):
        try:
            date.fromisoformat(text)
        except ValueError:
            told = f"{path.name}: entry {index}: until: {text!r} is neither a date nor a version"
            raise SpecError(told) from None
    return text


def stale(
    entries: Sequence[Entry],
    differences: Sequence[Difference],
    today: date,
    version: Version | None,
) -> tuple[str, ...]:
    """The entries that are of no use any more, each with why."""
    found = []
    for entry in entries:
        if entry.expired(today, version):
            found.append(f"{entry.source}: {entry.match}: its time is over ({entry.until})")
        elif not any(entry.matches(difference) for difference in differences):
            found.append(f"{entry.source}: {entry.match}: there is no such difference")
    return tuple(found)
