"""The console, letter by letter."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import Finding
from gradio_conformance.events import RunFinished
from gradio_conformance.events import TraceEntry
from gradio_conformance.reporting.console import ConsoleReport
from gradio_conformance.reporting.console import stream

from . import sample

FILES = {
    "jsonl": Path("report/report.jsonl"),
    "junit": Path("report/junit.xml"),
    "html": Path("report/report.html"),
}


def plain(width: int = 100) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        color_system=None,
        force_terminal=False,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=True,
    )


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def told(run: sample.Sample, *, width: int = 100, files: dict[str, Path] | None = None) -> str:
    out, err = plain(width), plain(width)
    report = ConsoleReport(run.clauses, FILES if files is None else files, out=out, err=err)
    for event in run.events:
        report(event)
    report.close()
    assert text(err) == "", "nothing but progress goes to stderr, and only to a terminal"
    return text(out)


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_output_is_as_the_golden_file(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"console-{name}.txt", told(sample.SCENARIOS[name]()))


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_last_line_names_verdict_and_exit_code(name: str) -> None:
    run = sample.SCENARIOS[name]()
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    last = told(run).splitlines()[-1]
    assert finished.verdict.value.replace("-", " ").upper() in last
    assert last.endswith(f"exit {finished.exit_code}")


def test_lines_fit_save_those_to_copy() -> None:
    for line in told(sample.failures()).splitlines():
        copied = line.lstrip().startswith(("curl ", "again ", "Reports ", "Verdict "))
        assert copied or len(line) <= 100, line


def test_without_report_the_check_is_repeated_by_its_seed() -> None:
    output = told(sample.failures(), files={})
    assert f"check {sample.TARGET} --run evt.one-terminal-message --seed 4711" in output
    assert " replay " not in output


def test_another_report_directory_is_named() -> None:
    output = told(sample.failures(), files={"jsonl": Path("my reports/report.jsonl")})
    assert "replay evt.one-terminal-message --from 'my reports/report.jsonl'" in output


def test_the_server_cannot_write_to_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\r\u202e\x9b31m\ud800"
    run = sample.failures()
    events = list(run.events)
    for place, event in enumerate(events):
        if isinstance(event, CheckFinished) and event.result.findings:
            entry = TraceEntry(1.0, "←", hostile, hostile, event_id=hostile, state=hostile)
            changed = replace(
                event.result,
                findings=(Finding("EVT-003", hostile, hostile),),
                trace=(entry,),
                curl=hostile,
            )
            events[place] = CheckFinished(changed)
    output = told(replace(run, events=tuple(events)))
    assert not set(output) & set("\x1b\x07\r\u202e\x9b\ud800")
    assert "\\u001b[2J" in output


def test_header_stands_before_the_first_check_runs() -> None:
    run, out = sample.all_pass(), plain()
    report = ConsoleReport(run.clauses, out=out, err=plain())
    report(run.events[0])
    assert "seed 4711" in text(out)
    assert "c44d70b16380" in text(out)


def test_progress_is_shown_on_a_terminal_and_wiped_away() -> None:
    screen = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    run = sample.failures()
    report = ConsoleReport(run.clauses, out=plain(), err=screen)
    for event in run.events[:-1]:
        report(event)
    report.close()
    assert "sse.heartbeats-in-time" in text(screen) or "45/45" in text(screen)
    assert "ended before its last check" in text(screen)


def test_a_file_is_given_the_width_of_files() -> None:
    assert stream(io.StringIO()).width == 100


def test_an_encoding_without_arrows_does_not_end_the_run() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    run = sample.failures()
    report = ConsoleReport(run.clauses, out=stream(file), err=plain())
    for event in run.events:
        report(event)
    file.flush()
    assert b"exit 1" in raw.getvalue()


def test_may_is_never_a_red_cross() -> None:
    run = sample.only_may_fails()
    output = told(run)
    assert "○ CANCEL-016 MAY" in output
    assert "✗" not in output
    assert output.splitlines()[-1].startswith("Verdict  CONFORMANT")


def test_the_whole_list_of_what_was_never_seen_is_printed_when_asked_for() -> None:
    run, out = sample.failures(), plain()
    report = ConsoleReport(run.clauses, out=out, err=plain(), coverage=True)
    for event in run.events:
        report(event)
    output = text(out)
    assert "m19 absent" in output
    assert "--coverage" not in output
    assert "2 branches of profiles that were not claimed: stream" in output
    assert "append" not in output.partition("NEVER SEEN")[2]


def test_a_part_of_the_checks_says_nothing_by_what_it_has_not_seen() -> None:
    run = sample.partial()
    assert "COVERAGE" not in told(run)
    report = ConsoleReport(run.clauses, out=(out := plain()), err=plain(), coverage=True)
    for event in run.events:
        report(event)
    assert "COVERAGE" in text(out)
