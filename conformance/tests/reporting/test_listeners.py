"""Opening the reports of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradio_conformance.reporting import FILES
from gradio_conformance.reporting import FORMATS
from gradio_conformance.reporting import open_listeners
from gradio_conformance.reporting import read_report

from . import sample


def test_all_formats_of_one_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = sample.failures()
    listeners = open_listeners(FORMATS, tmp_path / "deep" / "er", clauses=run.clauses)
    for event in run.events:
        for listener in listeners:
            listener(event)
    for listener in listeners:
        listener.close()
    written = {path.name for path in (tmp_path / "deep" / "er").iterdir()}
    assert written == set(FILES.values())
    output = capsys.readouterr().out
    assert output.splitlines()[-1].endswith("exit 1")
    assert all(name in output for name in FILES.values())
    assert len(read_report(tmp_path / "deep" / "er" / "report.jsonl").results) == len(run.results)


def test_the_console_alone_needs_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    listeners = open_listeners([], folder, clauses=sample.CLAUSES)
    assert len(listeners) == 1
    assert not folder.exists()


def test_older_reports_are_gone_from_the_start(tmp_path: Path) -> None:
    for name in FILES.values():
        (tmp_path / name).write_text("yesterday's", "utf-8")
    for listener in open_listeners(FORMATS, tmp_path, clauses=sample.CLAUSES):
        listener.close()
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == [""]


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown report format pdf; there are jsonl, junit, html"):
        open_listeners(["html", "pdf"], tmp_path, clauses=sample.CLAUSES)
