"""From samples to the ratio table, the document and the console."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from sidebyside import document
from sidebyside.console import show
from sidebyside.declared import Plan
from sidebyside.declared import chosen
from sidebyside.declared import load
from sidebyside.figures import Sample
from sidebyside.judging import Finding
from sidebyside.judging import Verdict
from sidebyside.processes import Cores
from sidebyside.results import Result
from sidebyside.results import rows

PEERS = ("gradio", "reference", "floor", "langserve")
CASES = ("round-trip[16]", "deep-queue[100]")


def circumstances(load_average: float = 0.5, load_core: int = 1) -> document.Circumstances:
    cores = Cores(server=0, load=load_core)
    return document.Circumstances(
        "2026-11-26T12:00:00+00:00", cores, 3, False, load_average, load_average
    )


@pytest.fixture
def plan() -> Plan:
    return chosen(load(), peers=PEERS, cases=CASES)


@pytest.fixture
def results(plan: Plan) -> dict[tuple[str, str], Result]:
    def rates(*values: float) -> list[Sample]:
        return [{"events_per_s": value, "p99_ms": 1600 / value} for value in values]

    samples = {"gradio": rates(90, 100, 110), "reference": rates(800, 900, 700)}
    samples |= {"floor": rates(1000, 1000, 1000), "langserve": rates(200, 200, 200)}
    made = {}
    for case in plan.cases:
        for peer in plan.peers:
            result = Result(case, peer, samples=list(samples[peer.name]))
            result.usages = [{"server_cpu": 1.0, "client_cpu": 0.4}] * 3
            result.verdict = Verdict("monitor", 100)
            made[case.name, peer.name] = result
    made["deep-queue[100]", "langserve"].end("not-offered", "has no queued")
    made["deep-queue[100]", "langserve"].verdict = None
    return made


def printed(plan: Plan, results: dict[tuple[str, str], Result], notes: Sequence[str] = ()) -> str:
    console = Console(file=io.StringIO(), width=120)
    show(console, plan, results, list(notes))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_rows_compare_every_peer_with_both(
    plan: Plan, results: dict[tuple[str, str], Result]
) -> None:
    table = rows(plan, results)
    assert [(row.case.name, row.metric) for row in table] == [
        (case, metric) for case in CASES for metric in ("events_per_s", "p99_ms")
    ]
    rate, late = table[0], table[1]
    assert rate.values == {"gradio": 100, "reference": 800, "floor": 1000, "langserve": 200}
    assert rate.against_baseline["reference"].of_medians == 8
    assert rate.against_baseline["reference"].low == 700 / 110
    assert rate.against_floor["reference"].of_medians == 0.8
    assert late.against_baseline["reference"].of_medians == pytest.approx(8)
    assert set(table[2].values) == {"gradio", "reference", "floor"}


def test_the_document_is_what_its_schema_says(
    plan: Plan, results: dict[tuple[str, str], Result]
) -> None:
    made = document.assemble(plan, results, circumstances())
    assert made["notes"] == []
    assert len(made["results"]) == len(PEERS) * len(CASES)
    document.check(made)
    made["results"][0]["outcome"] = "splendid"
    with pytest.raises(ValueError, match=r"results\[0\]"):
        document.check(made)


def test_curves_are_in_the_document_and_figures_around_zero_are_not_compared() -> None:
    plan = chosen(load(), peers=("gradio", "reference"), cases=("sessions",))
    made = {}
    for case in plan.cases:
        for peer in plan.peers:
            made[case.name, peer.name] = result = Result(case, peer)
            result.samples, result.usages = [{"kib_read": -0.5}], [{"client_cpu": 0.1}]
            result.curves = [[(0, 40_000), (500, 40_100)]]
    told = document.assemble(plan, made, circumstances())
    assert told["results"][0]["curves"] == [[[0, 40_000], [500, 40_100]]]
    (row,) = told["ratios"]
    assert (row["metric"], row["against_baseline"], row["against_floor"]) == ("kib_read", {}, {})
    made["sessions[10000]", "gradio"].end("failed", "why")
    assert not made["sessions[10000]", "gradio"].curves


def test_a_measurement_without_samples_is_no_document(
    plan: Plan, results: dict[tuple[str, str], Result]
) -> None:
    results["round-trip[16]", "floor"].samples.clear()
    with pytest.raises(ValueError, match=r"samples"):
        document.assemble(plan, results, circumstances())


def test_who_failed_once_has_no_figures(plan: Plan, results: dict[tuple[str, str], Result]) -> None:
    failed = results["round-trip[16]", "gradio"]
    failed.end("failed", "Broken: join: 500")
    assert not failed.sound
    made = document.assemble(plan, results, circumstances())
    assert made["notes"] == ["round-trip[16], gradio: failed: Broken: join: 500"]
    assert not rows(plan, results)[0].against_baseline


def test_circumstances_that_spoil_figures_are_told(
    plan: Plan, results: dict[tuple[str, str], Result]
) -> None:
    results["round-trip[16]", "floor"].usages = [{"client_cpu": 0.97}]
    told = document.notes(results, circumstances(load_average=6.0, load_core=0))
    assert [note.split(":")[0] for note in told] == [
        "server and load shared one core",
        "the machine had other work (load average 6.0 before, 6.0 after)",
        "round-trip[16], floor",
    ]


def test_the_console_shows_ratios_and_what_was_wrong(
    plan: Plan, results: dict[tuple[str, str], Result]
) -> None:
    known = Finding("SSE-029", 2, "expected one end", "E-6")
    results["round-trip[16]", "gradio"].verdict = Verdict("monitor", 50, (known,))
    new = Finding("EVT-003", 1, "expected an end; none", None)
    results["round-trip[16]", "floor"].verdict = Verdict("monitor", 50, (new,))
    text = printed(plan, results, ["it was loud"])
    assert "8× /0.8" in text
    assert (
        "gradio: 150 messages judged by the monitor; known deviations seen: SSE-029 (E-6)" in text
    )
    assert "round-trip: EVT-003: expected an end; none" in text
    assert "note: it was loud" in text
    assert results["round-trip[16]", "gradio"].sound
    assert not results["round-trip[16]", "floor"].sound
