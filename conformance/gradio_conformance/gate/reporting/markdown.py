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


def as_markdown(outcome: Outcome) -> str:
    """A heading, the verdict, and a table for each change."""
    told = [f"## Protocol diff: {verdict(outcome)}", ""]
    for pair in outcome.pairs:
        if pair.findings or pair.groups or pair.bump:
            told.extend(_pair(pair))
    told.extend(f"- stale: {_cell(fault)}" for fault in outcome.stale)
    return "\n".join(told).rstrip() + "\n"


def _pair(pair: Pair) -> Iterator[str]:
    yield f"### {_cell(pair.title)}"
    yield ""
    if pair.versions:
        yield f"Version {pair.versions[0]} → {pair.versions[1]}."
        yield ""
    if pair.bump:
        yield f"**{_cell(pair.bump)}**"
        yield ""
    names = (pair.old.name, pair.new.name)
    for group in pair.groups:
        yield from _group(group, names, plain=pair.versions is not None)


def _group(group: Named, names: tuple[str, str], *, plain: bool) -> Iterator[str]:
    if group.change is not None or not plain:
        yield f"#### {_cell(heading(group))}"
        yield ""
    reason = unseen(group)
    if reason:
        yield f"_{_cell(reason)}_"
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
    told = f"{_cell(difference.title)}<br>{_code(str(difference.place))}"
    for word, reason in (("ignored", finding.ignored), ("counted", finding.reclassified)):
        told += f"<br>{word}: {_cell(reason)}" if reason else ""
    if finding.witness is not None:
        told += f"<br>witness {_code(one_line(finding.witness))}"
        told += f"<br>{_cell(judged(finding.witness, names))}"
    clauses = ", ".join(difference.clauses[:3])
    cells = (mark, told, finding.client, finding.server, difference.rule, clauses)
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Text that is no Markdown and no HTML, and stays in its cell."""
    for character in "\\`*_[]":
        text = text.replace(character, f"\\{character}")
    return text.replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    """Code in a cell: the fence is longer than any in it."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text.replace('|', chr(92) + '|')}{fence}"
