"""The outcome as annotations of GitHub: one line for each difference, at its place in the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.reporting.places import located
from gradio_conformance.gate.reporting.words import effects
from gradio_conformance.gate.reporting.words import verdict
from gradio_conformance.reporting.workflow import Annotation

TITLE = "gradio-protocol diff"


def as_annotations(outcome: Outcome) -> str:
    """``::error`` for what is over the threshold and for faults, ``::warning`` for what is
    breaking or behavioural below it, ``::notice`` for the rest and the verdict.
    """
    told = [line for pair in outcome.pairs for line in _pair(pair)]
    told += [Annotation("error", TITLE, fault) for fault in outcome.faults]
    told.append(Annotation("notice", TITLE, verdict(outcome)))
    return "\n".join(map(str, told)) + "\n"


def _pair(pair: Pair) -> Iterator[Annotation]:
    for finding in pair.findings:
        if finding.ignored is None:
            yield _about(finding, pair)


def _about(finding: Finding, pair: Pair) -> Annotation:
    difference = finding.difference
    strength = max(finding.client.strength, finding.server.strength)
    kind = "error" if finding.over else "warning" if strength > 1 else "notice"
    found = located(difference.place, pair.new)
    path = None if found is None else _below(Path.cwd(), found.path)
    return Annotation(
        kind,
        f"{difference.rule}: {effects(finding)}",
        f"{difference.title} ({difference.place})",
        None if path is None else path.as_posix(),
        None if path is None or found is None else found.line,
    )


def _below(here: Path, path: Path) -> Path | None:
    """The path from here; of what was installed there is no line in the repository."""
    return path.relative_to(here) if path.is_relative_to(here) else None
