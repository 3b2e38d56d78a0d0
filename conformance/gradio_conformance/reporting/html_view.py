"""What the HTML report shows, ready for the template: no decision is left to the template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from gradio_conformance.events import CheckResult
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Finding
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.sequence import sequence_svg
from gradio_conformance.reporting.tally import Tally
from gradio_conformance.reporting.tally import tally
from gradio_conformance.reporting.trace import ROOMY
from gradio_conformance.reporting.trace import event_labels
from gradio_conformance.reporting.trace import marked
from gradio_conformance.reporting.trace import shown_labels
from gradio_conformance.reporting.words import LABELS
from gradio_conformance.reporting.words import SIGNS
from gradio_conformance.reporting.words import is_advice
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import profiles_of
from gradio_conformance.reporting.words import replay_line
from gradio_conformance.reporting.words import scripts_told
from gradio_conformance.reporting.words import strict_json
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.words import timing_of
from gradio_conformance.reporting.words import visible

# A page is for reading; report.jsonl has every message in full.
MAX_MESSAGES = 200
MAX_PAYLOAD = 4000


@dataclass(frozen=True, slots=True)
class Badge:
    """A status as sign, word and CSS class, so that colour is never the only sign."""

    sign: str
    word: str
    style: str


@dataclass(frozen=True, slots=True)
class Broken:
    """One finding with the sentence that it breaks."""

    clause: str
    level: str
    text: str
    expected: str
    actual: str
    bugs: str


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the raw trace."""

    time: str
    direction: str
    lane: str
    label: str | None
    summary: str
    payload: str | None
    curl: str | None
    violation: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed or known check, with everything needed to understand and repeat it."""

    check: str
    title: str
    badge: Badge
    tags: Sequence[tuple[str, str]]
    broken: Sequence[Broken]
    reason: str | None
    timing: str | None
    falsified: str | None
    scripts: Sequence[str]
    diagram: Markup | None
    events: Mapping[str, str]
    messages: Sequence[Message]
    unshown: int
    curl: str | None
    again: str


@dataclass(frozen=True, slots=True)
class Card:
    """One profile: its clauses kept, and what is wrong with it."""

    profile: str
    tally: Tally
    percent: int
    tone: str
    chips: Sequence[tuple[Badge, int]]


@dataclass(frozen=True, slots=True)
class ClauseRow:
    """One clause of the list; ``checks`` are slugs with their badges (none if it did not run)."""

    id: str
    level: str
    profile: str
    text: str
    badge: Badge
    status: str
    checks: Sequence[tuple[str, Badge | None]]


def badge(status: Status, *, advice: bool = False) -> Badge:
    if advice:
        return Badge("○", "not kept", "advice")
    return Badge(SIGNS[status], LABELS[status], status.value)


def failures(run: Run, clauses: Clauses, status: Status, report: Path | None) -> list[Failure]:
    """The checks that ended with ``status``, explained."""
    chosen = [result for result in run.results if result.status is status]
    return [
        _failure(result, run, clauses, report, f"{status.value}-{number}")
        for number, result in enumerate(chosen, 1)
    ]


def _failure(
    result: CheckResult, run: Run, clauses: Clauses, report: Path | None, ident: str
) -> Failure:
    trace = marked(result)
    labels = event_labels(trace)
    svg = sequence_svg(trace, ident=ident, title=f"Messages of {result.check}") if trace else None
    started = run.started
    named = dict.fromkeys(f.clause for f in result.findings) or result.clauses
    advice = result.status is Status.FAIL and is_advice(result, run, clauses)
    return Failure(
        check=result.check,
        title=result.title,
        badge=badge(result.status, advice=advice),
        tags=[(clause, level_of(clause, clauses)) for clause in named],
        broken=[_broken(finding, clauses) for finding in result.findings],
        reason=visible(result.reason) if result.reason and not result.late else None,
        timing=timing_of(result),
        falsified=visible(result.falsified) if result.falsified else None,
        scripts=scripts_told(result),
        # Safe: sequence_svg escapes every text that it is given.
        diagram=Markup(svg) if svg else None,  # noqa: S704
        events={label: one_line(e) for e, label in shown_labels(trace, ROOMY).items()},
        messages=[_message(entry, labels) for entry in result.trace[:MAX_MESSAGES]],
        unshown=max(0, len(result.trace) - MAX_MESSAGES),
        curl=visible(result.curl) if result.curl else None,
        again=replay_line(result.check, started, report),
    )


def _broken(finding: Finding, clauses: Clauses) -> Broken:
    return Broken(
        finding.clause,
        level_of(finding.clause, clauses),
        text_of(finding.clause, clauses),
        visible(finding.expected),
        visible(finding.actual),
        ", ".join(finding.bugs),
    )


def _message(entry: TraceEntry, labels: Mapping[str, str]) -> Message:
    return Message(
        milliseconds(entry.at_ms),
        entry.direction,
        one_line(entry.lane),
        labels.get(entry.event_id or ""),
        one_line(entry.summary),
        _payload(entry),
        visible(entry.curl) if entry.curl else None,
        entry.violation,
    )


def _payload(entry: TraceEntry) -> str | None:
    if entry.payload is None:
        return None
    text = visible(_pretty(entry.payload))
    more = len(text) - MAX_PAYLOAD
    return text if more <= 0 else f"{text[:MAX_PAYLOAD]}\n… {more} more characters"


def _pretty(payload: Any) -> str:
    """JSON with indents, also where the body is JSON text; any other text as it is."""
    try:
        parsed = json.loads(payload) if isinstance(payload, str) else payload
        return json.dumps(strict_json(parsed), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):  # the latter: text nested deeper than Python can follow
        return str(payload)


def cards(run: Run) -> list[Card]:
    """One card per profile that has clauses in this run."""
    found = []
    for profile in profiles_of(run):
        counted = tally(run.finished.clauses, profile)
        if counted.clauses:
            found.append(_card(profile, counted))
    return found


def _card(profile: str, counted: Tally) -> Card:
    must = counted.levels["MUST"]
    # Rounded down: 100 % stands for all of them and for nothing else.
    percent = 100 * must.kept // must.applicable if must.applicable else 0
    told = (Status.FAIL, Status.KNOWN, Status.COULD_NOT_RUN, Status.NOT_APPLICABLE, Status.SKIPPED)
    chips = [(badge(s), counted.statuses[s]) for s in told if counted.statuses[s]]
    whole = "full" if must.kept == must.applicable else "part"
    tone = "broken" if counted.statuses[Status.FAIL] else whole
    return Card(profile, counted, percent, tone, chips)


def clause_groups(run: Run, clauses: Clauses) -> list[tuple[str, list[ClauseRow]]]:
    """Every clause of the run: by profile, then in the order of the specification."""
    ran = {result.check: badge(result.status) for result in run.results}
    rows = [_clause_row(c, clauses, ran) for c in run.finished.clauses]
    groups = [(name, [row for row in rows if row.profile == name]) for name in profiles_of(run)]
    return [(name, group) for name, group in groups if group]


def _clause_row(clause: ClauseResult, clauses: Clauses, ran: Mapping[str, Badge]) -> ClauseRow:
    advice = clause.status is Status.FAIL and clause.level == "MAY"
    return ClauseRow(
        clause.clause,
        clause.level,
        clause.profile,
        text_of(clause.clause, clauses),
        badge(clause.status, advice=advice),
        clause.status.value,
        [(check, ran.get(check)) for check in clause.checks],
    )
