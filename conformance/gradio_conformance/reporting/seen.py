"""What a run has never seen, grouped for people: by kind, then by the thing that has the branch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass

from gradio_conformance.events import RunCoverage
from gradio_conformance.events import Seen
from gradio_conformance.events import Unseen
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.console_blocks import Block
from gradio_conformance.reporting.words import counted

# The owner of a branch, and the side of it that was not seen.
_PARTS = (
    re.compile(r"(?P<owner>\w+#/(?:\$defs|components/schemas)/[^/=: ]+)/?(?P<side>.+)"),
    re.compile(r"(?P<owner>lifecycle#[^/]+)/(?P<side>.+)"),
    re.compile(r"(?P<owner>[A-Z]+ /\S*) → (?P<side>.+)"),
)
# So many are read at a glance; with more, the list is asked for.
SHORT = 12
WIDTH = 96

Owners = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class KindSeen:
    """One kind: its count, and the branches never seen, by owner."""

    count: Seen
    percent: int
    never: Owners

    @property
    def missing(self) -> int:
        return self.count.total - self.count.seen


def by_kind(coverage: RunCoverage) -> list[KindSeen]:
    """Each kind with what was never seen of it and could have been."""
    found = []
    for count in coverage.kinds:
        never = [n for n in coverage.never if n.kind == count.kind and n.claimed]
        percent = 100 * count.seen // count.total if count.total else 0
        found.append(KindSeen(count, percent, by_owner(never)))
    return found


def unclaimed(coverage: RunCoverage) -> list[Unseen]:
    """What nobody could have seen: no profile of the run leads to it."""
    return [n for n in coverage.never if not n.claimed]


def by_owner(never: Iterable[Unseen]) -> Owners:
    """The sides never seen, by what has them; the order is that of the data."""
    owners: dict[str, list[str]] = {}
    for unseen in never:
        match = next(filter(None, (part.fullmatch(unseen.branch) for part in _PARTS)), None)
        owner, side = (match["owner"], match["side"]) if match else (unseen.branch, "")
        owners.setdefault(owner, []).append(side)
    return owners


def profiles_of(never: Iterable[Unseen]) -> str:
    return ", ".join(sorted({profile for unseen in never for profile in unseen.profiles}))


def coverage_block(run: Run, *, wanted: bool) -> Block:
    """The console's part on coverage; the whole list where it is short or ``wanted``.

    A run of some checks only says nothing by what it has not seen: it is left out unless
    ``wanted``.
    """
    coverage = run.finished.coverage
    if coverage is None or not run.results or (coverage.partial and not wanted):
        return []
    kinds = by_kind(coverage)
    wide = max(len(kind.count.kind) for kind in kinds) + 2
    head = f"{'COVERAGE':<{wide}}{'seen':>9}{'never':>8}"
    block: Block = [((head, "bold"),)]
    for kind in kinds:
        seen = f"{kind.count.seen}/{kind.count.total}"
        block.append((f"{kind.count.kind:<{wide}}{seen:>9}{kind.missing or '–':>8}",))
    missing = sum(kind.missing for kind in kinds)
    listed = wanted or missing <= SHORT
    if missing and listed:
        block.append(("",))
        block += _list(kinds)
    elif missing:
        block.append((("--coverage lists what was never seen; so do the reports", "dim"),))
    outside = unclaimed(coverage)
    if outside:
        text = f"{counted(len(outside), 'branch', 'branches')} of profiles that were not claimed"
        block.append(((f"{text}: {profiles_of(outside)}", "dim"),))
    return block


def _list(kinds: Iterable[KindSeen]) -> Block:
    block: Block = [(("NEVER SEEN", "bold"),)]
    for kind in kinds:
        if kind.never:
            block.append((f"  {kind.count.kind}",))
        for owner, sides in kind.never.items():
            block += [(f"    {line}",) for line in _lines(owner, sides)]
    return block


def _lines(owner: str, sides: Iterable[str]) -> list[str]:
    """The owner and its sides, as many on a line as fit; none is broken in two."""
    lines = [f"{owner} "]
    for number, side in enumerate(filter(None, sides)):
        comma = "," if number else ""
        if len(lines[-1]) + len(comma) + 1 + len(side) <= WIDTH or lines[-1].endswith("  "):
            lines[-1] += f"{comma} {side}"
        else:
            lines[-1] += comma
            lines.append(f"    {side}")
    return [line.rstrip() for line in lines]
