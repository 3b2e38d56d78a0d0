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


def as_annotations(outcome: Outcome) -> str:
    """``::error`` for what is over the threshold and for faults, ``::warning`` for what is
    breaking or behavioural below it, ``::notice`` for the rest and the verdict.
    """
    told = [line for pair in outcome.pairs for line in _pair(pair)]
    told += [f"::error title=gradio-protocol diff::{_text(fault)}" for fault in outcome.faults]
    told.append(f"::notice title=gradio-protocol diff::{_text(verdict(outcome))}")
    return "\n".join(told) + "\n"


def _pair(pair: Pair) -> Iterator[str]:
    for finding in pair.findings:
        if finding.ignored is None:
            yield _line(finding, pair)


def _line(finding: Finding, pair: Pair) -> str:
    difference = finding.difference
    strength = max(finding.client.strength, finding.server.strength)
    kind = "error" if finding.over else "warning" if strength > 1 else "notice"
    values = {"title": f"{difference.rule}: {effects(finding)}"}
    found = located(difference.place, pair.new)
    if found is not None:
        values = {"file": _relative(found.path), "line": str(found.line), **values}
    told = ",".join(f"{key}={_value(value)}" for key, value in values.items())
    return f"::{kind} {told}::{_text(difference.title)} ({difference.place})"


def _relative(path: Path) -> str:
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
