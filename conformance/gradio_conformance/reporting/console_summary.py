"""The console's summary: clauses per profile, clauses nobody judged, entries that no longer
fail.
"""

from __future__ import annotations

import textwrap

from gradio_conformance.events import Status
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.console_blocks import Block
from gradio_conformance.reporting.tally import LEVELS
from gradio_conformance.reporting.tally import Tally
from gradio_conformance.reporting.tally import never_exercised
from gradio_conformance.reporting.tally import tally
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import profiles_of

COLUMNS = {
    "failed": Status.FAIL,
    "known": Status.KNOWN,
    "could not run": Status.COULD_NOT_RUN,
    "not applicable": Status.NOT_APPLICABLE,
    "skipped": Status.SKIPPED,
}
MAX_IDS = 24
LEVEL = 7
WIDTH = 96


def table(run: Run) -> Block:
    """Clauses kept of those that apply, per profile and level; the last row is the sum."""
    profiles = [p for p in profiles_of(run) if any(c.profile == p for c in run.finished.clauses)]
    if not profiles:
        return []
    rows = [(profile, tally(run.finished.clauses, profile)) for profile in profiles]
    rows.append(("all", tally(run.finished.clauses)))
    wide = max(len("CLAUSES"), *(len(name) for name, _ in rows)) + 2
    head = "".join(f"  {name:>{LEVEL}}" for name in LEVELS)
    head += "".join(f"  {name}" for name in COLUMNS)
    block: Block = [((f"{'CLAUSES':<{wide}}{head}", "bold"),)]
    block += [(f"{name:<{wide}}", *_cells(counted_row)) for name, counted_row in rows]
    return block


def _cells(row: Tally) -> list[str | tuple[str, str]]:
    cells: list[str | tuple[str, str]] = [f"  {row.levels[level]!s:>{LEVEL}}" for level in LEVELS]
    for name, status in COLUMNS.items():
        number = row.statuses[status]
        colour = "red" if number and status is Status.FAIL else ""
        cells.append((f"  {number or '–':>{len(name)}}", colour))
    return cells


def clause_totals(run: Run) -> str:
    """Kept per level and what is not kept, as the last line tells it."""
    finished = run.finished
    statuses = tally(finished.clauses).statuses
    parts = [f"MUST {_of(finished.must)}", f"SHOULD {_of(finished.should)}"]
    for name, status in COLUMNS.items():
        if statuses[status] or status is Status.COULD_NOT_RUN:
            parts.append(f"{name} {statuses[status]}")
    return " · ".join(parts)


def _of(kept: tuple[int, int]) -> str:
    return f"{kept[0]}/{kept[1]}"


def never(run: Run) -> Block:
    """The clauses that this run has not judged, by reason."""
    block: Block = []
    for reason, clauses in never_exercised(run.finished.clauses).items():
        ids = [clause.clause for clause in clauses]
        text = ", ".join(ids[:MAX_IDS]) + (
            f", … {len(ids) - MAX_IDS} more" if ids[MAX_IDS:] else ""
        )
        block.append((f"  {counted(len(ids), 'clause')}: {reason}",))
        block += [(f"    {line}",) for line in textwrap.wrap(text, WIDTH)]
    return [(("NEVER EXERCISED", "bold"),), *block] if block else []


def newer(run: Run) -> Block:
    """What the server sends that the version by which it is judged has not."""
    rows = run.finished.newer
    if not rows:
        return []
    head = f"{counted(len(rows), 'thing')} that {run.started.release} has not"
    block: Block = [(("NEWER  ", "bold yellow"), head)]
    return block + [(f"  {row.place}  since {row.since}",) for row in rows]


def stale(run: Run) -> Block:
    """Entries of the known-failing file that must go."""
    entries = run.finished.stale
    if not entries:
        return []
    head = f"{counted(len(entries), 'entry', 'entries')} no longer failing; remove from the list"
    block: Block = [(("STALE KNOWN  ", "bold red"), head)]
    block += [(f"  ✗ {e.clause}  {one_line(e.check)}  in {one_line(e.source)}",) for e in entries]
    return block
