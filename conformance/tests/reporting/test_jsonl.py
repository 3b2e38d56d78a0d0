"""report.jsonl: its public form, and the readers' refusal of half a report."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckStarted
from gradio_conformance.events import Newer
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.events import Verdict
from gradio_conformance.reporting import ReportError
from gradio_conformance.reporting import jsonl
from gradio_conformance.reporting import read_report

from . import sample

Lines = list[dict[str, Any]]


def written(run: sample.Sample, folder: Path) -> Path:
    path = folder / "report.jsonl"
    report = jsonl.JsonlReport(path)
    for event in run.events:
        report(event)
    report.close()
    return path


def lines_of(path: Path) -> Lines:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_every_line_keeps_the_schema(name: str, tmp_path: Path) -> None:
    schema = jsonl.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = lines_of(written(sample.SCENARIOS[name](), tmp_path))
    assert [line["kind"] for line in (lines[0], lines[-1])] == ["header", "footer"]
    for line in lines:
        validator.validate(line)
        assert not _undeclared(line, schema["$defs"][line["kind"]], schema["$defs"])


def _undeclared(value: Any, schema: dict[str, Any], defs: dict[str, Any]) -> list[str]:
    """The members, at any depth, that are written without standing in the schema."""
    schema = defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(value, list) and "items" in schema:
        return [name for item in value for name in _undeclared(item, schema["items"], defs)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [name for name in value if name not in schema["properties"]]
    for name in value.keys() - set(found):
        found += _undeclared(value[name], schema["properties"][name], defs)
    return found


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_a_report_is_the_run_again(name: str, tmp_path: Path) -> None:
    run = sample.SCENARIOS[name]()
    report = read_report(written(run, tmp_path))
    expected = [event for event in run.events if not isinstance(event, CheckStarted)]
    assert list(report.events()) == expected
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    assert report.verdict is finished.verdict


def test_each_line_is_there_as_soon_as_its_event(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    report = jsonl.JsonlReport(path)
    expected = 0
    for event in sample.failures().events:
        report(event)
        expected += not isinstance(event, CheckStarted)
        assert path.read_bytes().count(b"\n") == expected
    report.close()


def test_traces_are_kept_unless_the_check_passed(tmp_path: Path) -> None:
    run = sample.failures()
    entry = TraceEntry(0.1, "→", "http", "GET /config")
    events = tuple(
        CheckFinished(replace(e.result, trace=e.result.trace or (entry,)))
        if isinstance(e, CheckFinished)
        else e
        for e in run.events
    )
    lines = lines_of(written(replace(run, events=events), tmp_path))[1:-1]
    traced = {line["status"] for line in lines if "trace" in line}
    assert traced == {"fail", "known", "could-not-run"}
    assert any(line["status"] == "pass" for line in lines)


def test_what_json_cannot_carry_is_spelled_out(tmp_path: Path) -> None:
    run = sample.failures()
    payload = {"a": math.nan, "b": [math.inf, b"\xff"], "c": "\ud800\x00", 5: True}
    trace = (TraceEntry(1, "←", "x", "\ud800", payload=payload),)
    events = tuple(
        CheckFinished(replace(e.result, trace=trace))
        if isinstance(e, CheckFinished) and e.result.status is Status.FAIL
        else e
        for e in run.events
    )
    report = read_report(written(replace(run, events=events), tmp_path))
    shown = next(r for r in report.results if r["status"] == "fail")["trace"][0]
    assert shown["payload"] == {
        "a": "nan",
        "b": ["inf", "b'\\xff'"],
        "c": "\\ud800\x00",
        "5": True,
    }


# -- reports that prove nothing ---------------------------------------------------------------


def _without(kind: str) -> Callable[[Lines], Lines]:
    return lambda lines: [line for line in lines if line["kind"] != kind]


def _changed(number: int, **members: Any) -> Callable[[Lines], Lines]:
    return lambda lines: [
        {**line, **members} if place == number else line for place, line in enumerate(lines)
    ]


def _claims_conformance(lines: Lines) -> Lines:
    counts = dict.fromkeys(lines[-1]["counts"], 0)
    return [lines[0], {**lines[-1], "verdict": "conformant", "exit_code": 0, "counts": counts}]


BROKEN: list[tuple[str, Callable[[Lines], Lines], type[ReportError], str]] = [
    ("no lines", lambda _: [], jsonl.EmptyReport, "no lines"),
    ("no results", _claims_conformance, jsonl.EmptyReport, "without a single result"),
    ("no header", _without("header"), jsonl.MissingHeader, "line 1 is a result"),
    ("no footer", _without("footer"), jsonl.MissingFooter, "the run was cut off"),
    ("two headers", lambda ls: [ls[0], *ls], jsonl.MissingHeader, "line 2 is a second"),
    ("two footers", lambda ls: [*ls, ls[-1]], jsonl.MissingFooter, "line 47 is a footer"),
    ("twice", lambda ls: [ls[0], ls[1], *ls[1:]], jsonl.DuplicateResult, "discover.config-is"),
    ("unknown kind", _changed(3, kind="metric"), jsonl.UnknownKind, "line 4: kind 'metric'"),
    ("wrong status", _changed(2, status="ok"), jsonl.MalformedLine, "line 3, status: 'ok'"),
    ("lost line", lambda ls: [ls[0], *ls[2:]], jsonl.WrongCounts, "37 pass, the results 36"),
    ("no seed", lambda ls: [{"kind": "header"}, *ls[1:]], jsonl.MalformedLine, "line 1, header"),
    ("findings", _changed(1, status="fail"), jsonl.MalformedLine, "line 2, result: 'findings'"),
    ("exit code", _changed(-1 + 47, exit_code=3), jsonl.MalformedLine, "line 47, exit_code"),
]


@pytest.mark.parametrize(
    ("change", "error", "message"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_a_broken_report_is_refused(
    change: Callable[[Lines], Lines], error: type[ReportError], message: str, tmp_path: Path
) -> None:
    path = written(sample.failures(), tmp_path)
    lines = change(lines_of(path))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    with pytest.raises(error, match=message):
        read_report(path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-40], "line 47 is not JSON"),
        (lambda data: data.replace(b'"seed": 4711', b'"seed": NaN'), "NaN is not JSON"),
        (lambda data: b"\xff" + data, "not UTF-8"),
    ],
)
def test_a_damaged_file_is_refused(
    damage: Callable[[bytes], bytes], message: str, tmp_path: Path
) -> None:
    path = written(sample.failures(), tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(jsonl.MalformedLine, match=message):
        read_report(path)


def test_a_killed_run_leaves_no_verdict(tmp_path: Path) -> None:
    run = sample.all_pass()
    path = written(replace(run, events=run.events[:20]), tmp_path)
    with pytest.raises(jsonl.MissingFooter):
        read_report(path)


def test_an_unreachable_server_is_a_whole_report(tmp_path: Path) -> None:
    report = read_report(written(sample.unreachable(), tmp_path))
    assert report.verdict is Verdict.UNREACHABLE
    assert report.results == []


def test_coverage_comes_back_as_it_was(tmp_path: Path) -> None:
    run = sample.failures()
    told, again = run.events[-1], list(read_report(written(run, tmp_path)).events())[-1]
    assert isinstance(told, RunFinished)
    assert isinstance(again, RunFinished)
    assert again.coverage == told.coverage is not None


def test_a_message_that_is_nested_too_deeply_ends_no_report(tmp_path: Path) -> None:
    deep: Any = "bottom"
    for _ in range(700):
        deep = [deep]
    run = sample.failures()
    events = list(run.events)
    for place, event in enumerate(events):
        if isinstance(event, CheckFinished) and event.result.trace:
            entry = replace(event.result.trace[0], payload=deep)
            events[place] = CheckFinished(replace(event.result, trace=(entry,)))
    text = written(replace(run, events=tuple(events)), tmp_path).read_text("utf-8")
    assert "nested too deeply" in text
    assert "bottom" not in text


def test_what_is_newer_comes_back(tmp_path: Path) -> None:
    run = sample.all_pass()
    first, *rest, last = run.events
    assert isinstance(first, RunStarted)
    assert isinstance(last, RunFinished)
    newer = (Newer("config#/$defs/Config/properties/page", "5.15.0"),)
    events = (replace(first, release="gradio-4.44.1"), *rest, replace(last, newer=newer))
    report = read_report(written(replace(run, events=events), tmp_path))
    again = list(report.events())
    assert isinstance(again[0], RunStarted)
    assert isinstance(again[-1], RunFinished)
    assert (again[0].release, again[-1].newer) == ("gradio-4.44.1", newer)
