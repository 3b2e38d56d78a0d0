"""The words, signs and plain text that all formats use alike. Colour is never the only sign."""

from __future__ import annotations

import math
import re
import shlex
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.stateful.script import from_data

# Where gradio-protocol replay looks unless it is told.
DEFAULT_REPORT = Path("report/report.jsonl")

# Far beyond any message that means something, far within what Python can follow.
DEEPEST = 100
TOO_DEEP = "(nested too deeply to be shown)"

SIGNS: Mapping[Status, str] = {
    Status.PASS: "✓",
    Status.FAIL: "✗",
    Status.KNOWN: "~",
    Status.NOT_APPLICABLE: "–",
    Status.COULD_NOT_RUN: "!",
    Status.SKIPPED: "·",
}
LABELS: Mapping[Status, str] = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.KNOWN: "known",
    Status.NOT_APPLICABLE: "not applicable",
    Status.COULD_NOT_RUN: "could not run",
    Status.SKIPPED: "skipped",
}
MEANINGS: Mapping[Verdict, str] = {
    Verdict.NONCONFORMANT: "The {judged} breaks the protocol.",
    Verdict.INCONCLUSIVE: "Nothing failed, but not everything could be judged.",
    Verdict.UNREACHABLE: "The {judged} could not be reached.",
    Verdict.SUITE_FAULT: "The suite itself went wrong; this says nothing about the {judged}.",
    Verdict.INTERRUPTED: "The run was stopped before its end.",
}

# What must not reach a terminal, an XML parser or a reader's eye as it is: control characters,
# lone surrogates, non-characters, and marks that turn the direction of the text around them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """The text with each unsafe character spelled out; newlines and tabs stay."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def one_line(text: str) -> str:
    """As :func:`visible`, on a single line."""
    return visible(text.replace("\r\n", "\n").replace("\n", " ⏎ ").replace("\t", " "))


def strict_json(value: Any, room: int = DEEPEST) -> Any:
    """The value with what strict JSON and UTF-8 cannot carry spelled out as text, and with a text
    for what is nested deeper than ``room``: writing it would need as many calls.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping | list | tuple) and room == 0:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {strict_json(str(k)): strict_json(item, room - 1) for k, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict_json(item, room - 1) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return repr(value)


def milliseconds(at_ms: float) -> str:
    return f"{at_ms:.0f} ms"


def timing_of(result: CheckResult) -> str | None:
    """Of a check that came too late: how often alone, and how late the machine was meanwhile."""
    if not result.late:
        return None
    parts = [one_line(result.reason)] if result.reason else []
    if result.noise is not None:
        parts.append(f"the machine was up to {milliseconds(result.noise.max_ms)} late during it")
    return "; ".join(parts) or None


def seconds(duration_s: float) -> str:
    """``0.42 s``, ``44.1 s``, ``2 min 05 s``."""
    if duration_s >= 120:
        return f"{int(duration_s // 60)} min {int(duration_s % 60):02d} s"
    return f"{duration_s:.1f} s" if duration_s >= 10 else f"{duration_s:.2f} s"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def totals(counts: Mapping[str, int], sep: str = " · ") -> str:
    """The non-zero counts in the order of the statuses: ``9 passed · 1 failed``."""
    shown = [f"{counts[s.value]} {LABELS[s]}" for s in Status if counts.get(s.value)]
    return sep.join(shown) or "none ran"


def headline(run: Run) -> str:
    """The verdict as a person would say it, with its exceptions."""
    finished = run.finished
    word = finished.verdict.value.replace("-", " ")
    deviations = sum(c.status is Status.KNOWN for c in finished.clauses)
    if finished.verdict is Verdict.CONFORMANT and deviations:
        return f"{word} except {counted(deviations, 'known deviation')}"
    return word


def meaning(run: Run) -> str:
    """The verdict in a sentence; for a good one, how much was judged to reach it."""
    finished = run.finished
    judged = "client" if is_of_client(run.started) else "server"
    counts = Counter(clause.status for clause in finished.clauses)
    if finished.stale and not counts[Status.FAIL]:
        return f"The {judged} does better than its list of known deviations says."
    if finished.verdict is not Verdict.CONFORMANT:
        return MEANINGS[finished.verdict].format(judged=judged)
    number = counts[Status.PASS] + counts[Status.KNOWN] + counts[Status.FAIL]
    text = f"{counts[Status.PASS]} of {counted(number, 'judged clause')} hold"
    others = len(finished.clauses) - number
    return f"{text}; {counted(others, 'clause')} not judged." if others else f"{text}."


def is_advice(result: CheckResult, run: Run, clauses: Clauses) -> bool:
    """Does this failure leave the verdict green? A MAY always does; others if the run says so."""
    levels = {level_of(finding.clause, clauses) for finding in result.findings}
    return levels == {"MAY"} or run.finished.verdict is Verdict.CONFORMANT


def level_of(clause: str, clauses: Clauses) -> str:
    return str(clauses[clause].level) if clause in clauses else ""


def text_of(clause: str, clauses: Clauses) -> str:
    return clauses[clause].text if clause in clauses else "(no such clause in this specification)"


def is_of_client(started: RunStarted) -> bool:
    """Was a client judged, by scripted servers?"""
    return started.scope == "client"


def replay_line(check: str, started: RunStarted, report: Path | None) -> str:
    """The command that runs a check again; it needs a report.jsonl, or else the same seed."""
    if is_of_client(started):
        return f"gradio-protocol check-client --run {check} -- {started.target}"
    if report is None:
        return f"gradio-protocol check {started.target} --run {check} --seed {started.seed}"
    where = "" if report == DEFAULT_REPORT else f" --from {shlex.quote(str(report))}"
    return f"gradio-protocol replay {check}{where}"


def profiles_of(run: Run) -> Iterable[str]:
    """The profiles of a run in its own order, then any that only results name."""
    named = [*run.started.profiles, *(r.profile for r in run.results)]
    return dict.fromkeys([*named, *(c.profile for c in run.finished.clauses)])


def scripts_told(result: CheckResult) -> list[str]:
    """The scripts of a result, their steps in words."""
    return [visible(from_data(script).told()) for script in result.scripts]
