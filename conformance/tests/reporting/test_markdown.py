"""report.md, as GitHub shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import Finding
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.markdown import LARGEST
from gradio_conformance.reporting.markdown import MarkdownReport
from gradio_conformance.reporting.markdown import document
from gradio_conformance.reporting.markup import code
from gradio_conformance.reporting.markup import code_cell
from gradio_conformance.reporting.markup import fenced
from gradio_conformance.reporting.markup import plain
from gradio_conformance.reporting.words import one_line

from . import sample

OURS = {"<details>", "</details>", "<summary>", "</summary>"}
TEXTS = st.text(st.sampled_from("`*_<>[]()!|~@#\\&\n -a:/") | st.characters(codec="utf-8"))


def written(run: sample.Sample, folder: Path) -> str:
    report = MarkdownReport(folder / "report.md", run.clauses, folder / "report.jsonl")
    for event in run.events:
        report(event)
    report.close()
    return (folder / "report.md").read_text("utf-8")


def tokens(text: str) -> Iterator[Token]:
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text):
        yield token
        yield from token.children or ()


def _run(source: sample.Sample) -> Run:
    started, finished = source.events[0], source.events[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(finished, RunFinished)
    return Run(started, tuple(source.results), finished)


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_every_ending_has_its_heading(name: str, tmp_path: Path) -> None:
    run = sample.SCENARIOS[name]()
    text = written(run, tmp_path)
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    first = text.splitlines()[0]
    assert first.startswith(f"## gradio-protocol: {finished.verdict.value}")
    assert f"exit {finished.exit_code}\n" in text
    failed = [result for result in run.results if result.status is Status.FAIL]
    assert (f"### Failed: {len(failed)}\n" in text) == bool(failed)
    assert all(f"`{result.check}`" in text for result in failed)


def test_a_failure_tells_the_clause_the_wire_and_how_to_repeat_it(tmp_path: Path) -> None:
    text = written(sample.failures(), tmp_path)
    sentence = sample.CLAUSES["EVT-003"].text.split(" exactly")[0]
    assert f"- **EVT-003** MUST: {sentence}" in text
    assert "  - expected `no message after process_completed`" in text
    assert "<details><summary>On the wire: " in text
    assert "gradio-protocol replay evt.one-terminal-message --from " in text
    assert "Known deviations: 2" in text
    assert "- `queue.batch-runs-together`: the testbed lacks" in text


def test_what_a_server_says_is_no_markup(tmp_path: Path) -> None:
    text = written(sample.failures(), tmp_path)
    assert "<script>" in text  # within code
    found = {t.content for t in tokens(text) if t.type in ("html_inline", "html_block")}
    tags = "".join(found).replace("\n", "")
    for ours in OURS:
        tags = tags.replace(ours, "")
    assert "<" not in tags
    assert not any(t.type in ("link_open", "image") for t in tokens(text))


@given(TEXTS)
@example("1. one")
@example("- one")
@example("+ one")
@example("> one")
@example("# one")
@example("---")
def test_a_text_stays_text(text: str) -> None:
    """In a sentence, and where it begins the item of a list."""
    for line, around in ((f"x {plain(text)}", 0), (f"- {plain(text)}", 4)):
        found = [t.type for t in tokens(line)]
        inline = [one for one in found if one not in ("inline", "paragraph_open")]
        lists = [one for one in inline if "list" in one]
        assert set(inline) - set(lists) <= {"text", "text_special", "paragraph_close"}
        assert len(lists) == around


@given(TEXTS, TEXTS)
@example("a|b", "a|b")
@example("a\\|b", "a\\|b")
@example("`", "``|`")
def test_a_cell_stays_a_cell(text: str, other: str) -> None:
    table = f"| a | b |\n| --- | --- |\n| {plain(text)} | {code_cell(other)} |\n"
    found = list(tokens(table))
    assert sum(t.type == "td_open" for t in found) == 2
    assert sum(t.type == "tr_open" for t in found) == 2
    *_, cell = (t.children or [] for t in found if t.type == "inline")
    shown = "".join(t.content for t in cell if t.type != "html_inline")
    assert shown.strip() == one_line(other).strip()


@given(TEXTS)
def test_code_stays_code(text: str) -> None:
    kinds = [t.type for t in tokens(f"x {code(text)}") if t.type == "code_inline"]
    assert len(kinds) == 1
    blocks = [t.type for t in tokens(f"{fenced(text)}\n\nafter")]
    assert blocks.count("fence") == 1
    assert blocks[:2] == ["fence", "paragraph_open"]


def test_it_fits_into_an_issue(tmp_path: Path) -> None:
    run = _run(sample.failures())
    (failed, *_) = (result for result in run.results if result.status is Status.FAIL)
    long = replace(failed, findings=(Finding("EVT-003", "x" * 5000, "`|" * 5000),))
    text = document(replace(run, results=(long,) * 200), sample.CLAUSES)
    assert len(text) <= LARGEST
    assert "more failed. The rest is left out" in text
    assert text.count("<details>") == text.count("</details>")
    assert text.endswith(f"suite {run.started.suite_version}\n")


def test_events_of_a_report_make_the_same(tmp_path: Path) -> None:
    run = sample.failures()
    assert sum(isinstance(event, CheckFinished) for event in run.events) == len(run.results)
    assert document(_run(run), run.clauses, tmp_path / "report.jsonl") == written(run, tmp_path)
