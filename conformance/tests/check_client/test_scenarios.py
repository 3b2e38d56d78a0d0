"""The scenarios as data, what their servers say, and a client that keeps every clause."""

from __future__ import annotations

import asyncio
import json

import pytest

from gradio_conformance.events import Status
from gradio_conformance.scenarios import app
from gradio_conformance.scenarios.course import FILES
from gradio_conformance.scenarios.course import Course
from gradio_conformance.scenarios.course import Patience
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.model import load_scenarios
from gradio_conformance.scenarios.reports import BadReport
from gradio_conformance.scenarios.reports import faults_of_task
from gradio_conformance.scenarios.reports import read_report
from gradio_conformance.scenarios.reports import task
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import Observation
from gradio_spec.loader import load_spec

from .conftest import Judged
from .conftest import sample

SCENARIOS = load_scenarios()
LEGAL = [s for s in SCENARIOS.values() if s.beyond is None]


def by_slug(scenario: Scenario) -> str:
    return scenario.slug


def test_every_client_clause_has_a_scenario() -> None:
    seen = {clause for scenario in SCENARIOS.values() for clause in scenario.clauses}
    assert seen == set(load_spec().client)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=by_slug)
def test_tasks_keep_the_contract(scenario: Scenario) -> None:
    assert faults_of_task(task(scenario, {name: name for name in FILES})) == []
    asked = {step["call"] for step in scenario.task if step["step"] == "call"}
    said = {row[key] for row in scenario.script for key in ("accept", "refuse") if key in row}
    wanted = {e.call for e in scenario.expect if e.call}
    assert said | wanted <= asked


@pytest.mark.parametrize("scenario", LEGAL, ids=by_slug)
def test_documents_are_legal(scenario: Scenario) -> None:
    schemas = load_spec().schemas
    config = app.config(scenario.slug, scenario.app, "http://127.0.0.1:7860")
    assert not schemas.check("config#/$defs/Config", config)
    assert not schemas.check("info#/$defs/Info", app.info(scenario.app))


def test_functions_have_other_numbers_in_other_scenarios() -> None:
    numbers = [tuple(app.numbers(s.slug, s.app).values()) for s in SCENARIOS.values()]
    assert all(place not in some for some in numbers for place in range(len(some)))
    assert len(set(numbers)) > len(numbers) * 0.9


def test_the_correct_client_passes_everything(judged: Judged) -> None:
    results = judged(None, *sample("correct"))
    wrong = {r.check: (r.findings, r.reason) for r in results.values() if r.status != Status.PASS}
    assert wrong == {}
    assert results.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("scenario", LEGAL, ids=by_slug)
def test_what_a_legal_server_says_is_legal(
    scenario: Scenario, judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the judge of traffic, which knows the schemas and the order of messages."""

    async def seen() -> list[Observation]:
        async with Course(scenario, Patience(60, 10)) as course:
            return (await course.meet(sample("correct"))).seen

    judge = Judge(load_spec(), sides=("server",), whole=True)
    offences = [offence for one in asyncio.run(seen()) for offence in judge.feed(one)]
    assert [(o.clause, o.expected, o.actual) for o in [*offences, *judge.finish()]] == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"Loaded as API", "no JSON"),
        (b'{"report": "done", "call": "a"}', "report: 'done' is not one of"),
        (b'{"report": "result", "call": "a"}', "'data' is a required property"),
        (b'{"report": "data", "call": "a", "data": "so"}', "data: 'so' is not of type 'array'"),
        (b'{"report": "failed"}', "'call' is a required property"),
        (b'{"report": "endpoints"}', "'endpoints' is a required property"),
    ],
)
def test_lines_that_are_no_reports_are_refused(line: bytes, why: str) -> None:
    with pytest.raises(BadReport, match=why):
        read_report(line, 0.0)


def test_reports_may_have_more_members() -> None:
    line = json.dumps({"report": "failed", "call": "a", "message": None, "seen": 1}).encode()
    assert read_report(line, 1.0).kind == "failed"
