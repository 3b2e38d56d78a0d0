"""Labels, folding and marks of a trace; sums over clauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Finding
from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.reporting.tally import never_exercised
from gradio_conformance.reporting.tally import tally
from gradio_conformance.reporting.trace import BRIEF
from gradio_conformance.reporting.trace import Fold
from gradio_conformance.reporting.trace import Gap
from gradio_conformance.reporting.trace import event_labels
from gradio_conformance.reporting.trace import fold
from gradio_conformance.reporting.trace import marked
from gradio_conformance.reporting.trace import steps

from . import sample
from . import sample_traces

entries = st.lists(
    st.builds(
        TraceEntry,
        at_ms=st.just(0.0),
        direction=st.sampled_from("→←·"),
        lane=st.sampled_from(["http", "s-1", "call echo"]),
        summary=st.sampled_from(["x", "x", "heartbeat"]),
        event_id=st.sampled_from([None, "a", "b"]),
        state=st.sampled_from([None, "waiting", "running"]),
        violation=st.sampled_from([None] * 30 + ["EVT-003"]),
    ),
    max_size=120,
)
folds = st.builds(
    Fold,
    whole=st.integers(0, 20),
    head=st.integers(0, 9),
    around=st.integers(0, 4),
    tail=st.integers(0, 9),
)


@given(entries, folds)
def test_folding_loses_no_mark_and_no_count(trace: list[TraceEntry], how: Fold) -> None:
    rows = steps(trace, event_labels(trace))
    folded = fold(rows, how)
    kept = [row for row in folded if not isinstance(row, Gap)]
    gaps = [row.count for row in folded if isinstance(row, Gap)]
    assert len(kept) + sum(gaps) == len(trace)
    assert kept == [row for row in rows if row in kept and any(row is k for k in kept)]
    assert [r for r in rows if r.entry.violation] == [r for r in kept if r.entry.violation]
    assert all(count > 1 for count in gaps)
    assert len(folded) <= len(rows)


@given(entries, folds)
def test_without_heartbeats_both_ends_stay(trace: list[TraceEntry], how: Fold) -> None:
    trace = [entry for entry in trace if entry.summary != "heartbeat"]
    rows = steps(trace, event_labels(trace))
    folded = fold(rows, how)
    assert len(trace) > how.whole or folded == rows
    assert rows[: how.head] == folded[: how.head]
    assert how.tail == 0 or rows[-how.tail :] == folded[-how.tail :]


def test_heartbeats_in_a_row_are_one_row() -> None:
    summaries = ["join", *["heartbeat"] * 9, "done", "heartbeat"]
    rows = steps([TraceEntry(0, "←", "s", text) for text in summaries], {})
    folded = fold(rows, BRIEF)
    shown = [row.count if isinstance(row, Gap) else row.entry.summary for row in folded]
    assert shown == ["join", 9, "done", "heartbeat"]


def _changes(*states: tuple[str, str | None, str | None]) -> list[str | None]:
    trace = [TraceEntry(0, "←", lane, "x", event, state) for lane, event, state in states]
    return [step.change for step in steps(trace, event_labels(trace))]


def test_a_state_is_told_where_it_changes() -> None:
    changes = _changes(
        ("s", "a", "waiting"), ("s", "b", "waiting"), ("s", "a", "running"), ("s", "a", "running")
    )
    assert changes == ["waiting", "waiting", "waiting → running", None]


def test_a_new_stream_of_a_session_starts_anew() -> None:
    trace = [
        TraceEntry(0, "←", "s", "close_stream", None, "closed"),
        TraceEntry(1, "→", "s", "GET"),
        TraceEntry(2, "←", "s", "close_stream", None, "closed"),
    ]
    assert [step.change for step in steps(trace, {})] == ["closed", None, "closed"]


def _result(*findings: Finding, trace: tuple[TraceEntry, ...]) -> CheckResult:
    return CheckResult(
        "a.b", "", ("EVT-003",), "queue", Status.FAIL, 0.1, findings=findings, trace=trace
    )


def test_a_finding_that_no_entry_shows_becomes_a_note() -> None:
    trace = sample_traces.headers()
    finding = Finding("SSE-027", "headers", "none", at_ms=15.0)
    noted = marked(_result(finding, trace=trace))
    note = next(entry for entry in noted if entry.violation)
    assert noted.index(note) == sum(entry.at_ms <= 15.0 for entry in trace)
    assert note.summary == "expected headers"
    assert len(noted) == len(trace) + 1


def test_a_finding_that_an_entry_shows_is_not_repeated() -> None:
    trace = sample_traces.second_end()
    assert marked(_result(Finding("EVT-003", "one", "two"), trace=trace)) == trace
    assert marked(_result(Finding("EVT-003", "one", "two"), trace=())) == ()


def test_brief_fold_of_the_long_sample_shows_the_broken_place() -> None:
    trace = sample_traces.nested_shrink()
    rows = fold(steps(trace, event_labels(trace)), BRIEF)
    assert len(rows) < 20
    assert any(not isinstance(row, Gap) and row.entry.violation == "DIFF-003" for row in rows)


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_sums_agree_with_the_verdict(name: str) -> None:
    finished = sample.SCENARIOS[name]().events[-1]
    assert isinstance(finished, RunFinished)
    whole = tally(finished.clauses)
    must, should = whole.levels["MUST"], whole.levels["SHOULD"]
    assert (must.kept, must.applicable) == finished.must
    assert (should.kept, should.applicable) == finished.should
    parts = [tally(finished.clauses, profile) for profile in sample.PROFILES]
    assert sum(part.levels["MUST"].kept for part in parts) == must.kept
    assert sum(part.clauses for part in parts) == whole.clauses
    unjudged = sum(len(group) for group in never_exercised(finished.clauses).values())
    judged = (Status.PASS, Status.FAIL, Status.KNOWN)
    assert whole.clauses - unjudged == sum(whole.statuses[status] for status in judged)
