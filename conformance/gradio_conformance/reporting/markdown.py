"""``report.md``: a run as GitHub's Markdown, for a step's summary, a comment or an issue.

No text of a server becomes markup, a tag, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Status
from gradio_conformance.reporting.base import AtTheEnd
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.base import fresh
from gradio_conformance.reporting.lines import trace_lines
from gradio_conformance.reporting.markup import code
from gradio_conformance.reporting.markup import fenced
from gradio_conformance.reporting.markup import plain
from gradio_conformance.reporting.tally import by_status
from gradio_conformance.reporting.tally import tally
from gradio_conformance.reporting.words import SIGNS
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import headline
from gradio_conformance.reporting.words import is_advice
from gradio_conformance.reporting.words import level_of
from gradio_conformance.reporting.words import meaning
from gradio_conformance.reporting.words import profiles_of
from gradio_conformance.reporting.words import replay_line
from gradio_conformance.reporting.words import scripts_told
from gradio_conformance.reporting.words import seconds
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.words import timing_of
from gradio_conformance.reporting.words import totals

# GitHub refuses an issue or a comment of more than 65,536 characters.
LARGEST = 60_000
LISTED = 100  # of those that are only named
CUT = "The rest is left out; `report.jsonl` has all of it."


class MarkdownReport(AtTheEnd):
    """Writes ``report.md``; ``report`` is where this run's ``report.jsonl`` is, if there is one."""

    def __init__(self, path: Path, clauses: Clauses, report: Path | None = None) -> None:
        super().__init__()
        self._path = fresh(path)
        self._clauses = clauses
        self._report = report

    def write(self, run: Run) -> None:
        text = document(run, self._clauses, self._report)
        self._path.write_text(text, "utf-8", newline="\n")


def document(run: Run, clauses: Clauses, report: Path | None = None) -> str:
    """The whole run, at most ``LARGEST`` characters: the last failures are left out whole."""
    ending = "".join(_ending(run))
    text = "".join(_beginning(run))
    failed = by_status(run.results, Status.FAIL)
    if failed:
        text += f"### Failed: {len(failed)}\n\n"
    for number, result in enumerate(failed):
        told = "".join(_failure(result, run, clauses, report))
        if len(text) + len(told) + len(ending) + len(CUT) > LARGEST:
            text += f"{len(failed) - number} more failed. {CUT}\n\n"
            break
        text += told
    return text + ending


def _beginning(run: Run) -> Iterator[str]:
    finished = run.finished
    yield f"## gradio-protocol: {headline(run)}\n\n"
    yield f"{meaning(run)}\n\n"
    if finished.reason:
        yield f"{fenced(finished.reason)}\n\n"
    yield f"MUST {_share(finished.must)} · SHOULD {_share(finished.should)}"
    yield f" · {totals(finished.counts)} · {seconds(finished.duration_s)}"
    yield f" · exit {finished.exit_code}\n\n"
    yield from _table(run)
    for entry in finished.stale:
        yield f"- ✗ {code(entry.clause)} of {code(entry.check)} no longer fails: remove it from "
        yield f"{code(entry.source)}\n"
    if finished.stale:
        yield "\n"


def _share(share: tuple[int, int]) -> str:
    return f"{share[0]}/{share[1]}"


def _table(run: Run) -> Iterator[str]:
    shown = (Status.PASS, Status.FAIL, Status.KNOWN, Status.COULD_NOT_RUN)
    rows = []
    for profile in profiles_of(run):
        own = [result for result in run.results if result.profile == profile]
        levels = tally(run.finished.clauses, profile).levels
        counts = [str(len(by_status(own, status)) or "") for status in shown]
        if own:
            cells = [plain(profile), str(levels["MUST"]), str(levels["SHOULD"]), *counts]
            rows.append(f"| {' | '.join(cells)} |\n")
    if rows:
        yield "| profile | MUST | SHOULD | passed | failed | known | could not run |\n"
        yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        yield from rows
        yield "\n"


def _failure(result: CheckResult, run: Run, clauses: Clauses, report: Path | None) -> Iterator[str]:
    aside = ", which does not decide the verdict" if is_advice(result, run, clauses) else ""
    yield f"#### {SIGNS[Status.FAIL]} {plain(result.title)}\n\n{code(result.check)}{aside}\n\n"
    for finding in result.findings:
        level = level_of(finding.clause, clauses)
        yield f"- **{finding.clause}** {level}: {plain(text_of(finding.clause, clauses))}\n"
        yield f"  - expected {code(finding.expected)}\n"
        yield f"  - actual {code(finding.actual)}\n"
        if finding.bugs:
            yield f"  - looks like {plain(', '.join(finding.bugs))}\n"
    for told in (None if result.late else result.reason, timing_of(result)):
        if told:
            yield f"- {plain(told)}\n"
    yield "\n"
    for text in (result.falsified, *scripts_told(result)):
        if text:
            yield f"{fenced(text)}\n\n"
    lines = trace_lines(result)
    if lines:
        yield f"<details><summary>On the wire: {counted(len(lines), 'line')}</summary>\n\n"
        yield f"{fenced(chr(10).join(lines))}\n\n</details>\n\n"
    again = [replay_line(result.check, run.started, report), result.curl]
    yield f"{fenced(chr(10).join(line for line in again if line), 'sh')}\n\n"


def _ending(run: Run) -> Iterator[str]:
    known = by_status(run.results, Status.KNOWN)
    if known:
        source = f" ({code(run.started.known_source)})" if run.started.known_source else ""
        yield f"<details><summary>Known deviations: {len(known)}</summary>\n\n"
        yield f"Listed, and still there{source}:\n\n"
        yield from _named(known)
        yield "\n</details>\n\n"
    stopped = by_status(run.results, Status.COULD_NOT_RUN)
    if stopped:
        yield f"### Could not run: {len(stopped)}\n\n"
        yield from _named(stopped)
        yield "\n"
    started = run.started
    told = [
        f"{code(started.target)} ({plain(started.server)})",
        f"scope {started.scope}",
        f"protocol {started.spec_version}, dialect {started.release or started.dialect}",
        f"digest {started.spec_digest}",
        f"seed {started.seed}",
        f"suite {started.suite_version}",
    ]
    yield f"{' · '.join(told)}\n"


def _named(results: Sequence[CheckResult]) -> Iterator[str]:
    for result in results[:LISTED]:
        clauses = ", ".join(dict.fromkeys(f.clause for f in result.findings)) or result.reason
        yield f"- {code(result.check)}: {plain(clauses or '')}\n"
    if len(results) > LISTED:
        yield f"- … {len(results) - LISTED} more\n"
