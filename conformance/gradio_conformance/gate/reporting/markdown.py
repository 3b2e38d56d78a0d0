"""The outcome as Markdown, for the summary of a CI step or a comment."""

from __future__ import annotations

from collections.abc import Iterator

from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Named
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.reporting.words import heading
from gradio_conformance.gate.reporting.words import judged
from gradio_conformance.gate.reporting.words import one_line
from gradio_conformance.gate.reporting.words import unseen
from gradio_conformance.gate.reporting.words import verdict
from gradio_conformance.reporting.markup import code_cell
from gradio_conformance.reporting.markup import plain


def as_markdown(outcome: Outcome) -> str:
    """A heading, the verdict, and a table for each change."""
    told = [f"## Protocol diff: {verdict(outcome)}", ""]
    for pair in outcome.pairs:
        if pair.findings or pair.groups or pair.bump:
            told.extend(_pair(pair))
    told.extend(f"- stale: {plain(fault)}" for fault in outcome.stale)
    return "\n".join(told).rstrip() + "\n"


def _pair(pair: Pair) -> Iterator[str]:
    yield f"### {plain(pair.title)}"
    yield ""
    if pair.versions:
        yield f"Version {pair.versions[0]} → {pair.versions[1]}."
        yield ""
    if pair.bump:
        yield f"**{plain(pair.bump)}**"
        yield ""
    names = (pair.old.name, pair.new.name)
    for group in pair.groups:
        yield from _group(group, names, named=pair.versions is None)


def _group(group: Named, names: tuple[str, str], *, named: bool) -> Iterator[str]:
    if group.change is not None or named:
        yield f"#### {plain(heading(group))}"
        yield ""
    reason = unseen(group)
    if reason:
        yield f"_{plain(reason)}_"
        yield ""
    if not group.findings:
        return
    yield "| | difference | clients | servers | rule | clauses |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for finding in group.findings:
        yield _row(finding, names)
    yield ""


def _row(finding: Finding, names: tuple[str, str]) -> str:
    difference = finding.difference
    mark = "➖" if finding.ignored is not None else "❌" if finding.over else "✅"
    told = f"{plain(difference.title)}<br>{code_cell(str(difference.place))}"
    for word, reason in (("ignored", finding.ignored), ("counted", finding.reclassified)):
        told += f"<br>{word}: {plain(reason)}" if reason else ""
    if finding.witness is not None:
        told += f"<br>witness {code_cell(one_line(finding.witness))}"
        told += f"<br>{plain(judged(finding.witness, names))}"
    clauses = ", ".join(difference.clauses[:3])
    cells = (mark, told, finding.client, finding.server, difference.rule, clauses)
    return f"| {' | '.join(cells)} |"
