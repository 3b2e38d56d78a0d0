"""The outcome for a terminal: grouped by change, with the witness of each difference."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import strongest
from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Named
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.reporting.words import effects
from gradio_conformance.gate.reporting.words import heading
from gradio_conformance.gate.reporting.words import judged
from gradio_conformance.gate.reporting.words import one_line
from gradio_conformance.gate.reporting.words import unseen
from gradio_conformance.gate.reporting.words import verdict

_MARKS = {
    Effect.BREAKING: ("✗", "red"),
    Effect.BEHAVIOURAL: ("~", "yellow"),
    Effect.ADDITIVE: ("+", "green"),
    Effect.NONE: ("·", "dim"),
}


def as_text(outcome: Outcome) -> str:
    """Plain text; :func:`lines` has the colours."""
    console = Console(file=io.StringIO(), width=10_000, color_system=None)
    for line in lines(outcome):
        console.print(line, soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def lines(outcome: Outcome) -> Iterator[Text]:
    """The report line by line."""
    for pair in outcome.pairs:
        if pair.findings or pair.groups or pair.bump:
            yield from _pair(pair)
    for fault in outcome.stale:
        yield Text(f"stale: {fault}", style="red")
    yield Text(verdict(outcome), style="bold red" if outcome.failed else "bold green")


def _pair(pair: Pair) -> Iterator[Text]:
    yield Text(pair.title, style="bold")
    names = (pair.old.name, pair.new.name)
    plain = len(pair.groups) == 1 and pair.groups[0].change is None and pair.versions is not None
    for group in pair.groups:
        if not plain:
            yield Text("")
            yield _heading(group)
        reason = unseen(group)
        if reason:
            yield Text(f"    {reason}", style="dim")
        for finding in group.findings:
            yield from _finding(finding, names)
    if pair.versions:
        yield Text("")
        yield Text(f"version {pair.versions[0]} → {pair.versions[1]}")
    if pair.bump:
        yield Text(pair.bump, style="red")
    yield Text("")


def _heading(group: Named) -> Text:
    return Text(heading(group), style="bold cyan" if group.change else "bold magenta")


def _finding(finding: Finding, names: tuple[str, str]) -> Iterator[Text]:
    difference = finding.difference
    mark, style = _MARKS[strongest((finding.client, finding.server))]
    if finding.ignored is not None:
        mark, style = "-", "dim"
    yield Text.assemble("  ", (f"{mark} {difference.title}", style))
    told = f"    {difference.rule}  {difference.place}  {effects(finding)}"
    clauses = f"  {', '.join(difference.clauses[:3])}" if difference.clauses else ""
    yield Text(f"{told}{clauses}  {difference.fingerprint}", style="dim")
    if finding.ignored is not None:
        yield Text(f"    ignored: {finding.ignored}", style="dim")
    if finding.reclassified is not None:
        yield Text(f"    counted otherwise: {finding.reclassified}", style="dim")
    if finding.witness is not None:
        yield Text(f"    witness  {one_line(finding.witness)}")
        yield Text(f"             {judged(finding.witness, names)}", style="dim")
