"""Clients that are wrong on purpose: each is caught, at its clause and by its defect's name."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest

from gradio_conformance.events import Finding
from gradio_conformance.events import Status
from gradio_conformance.scenarios.model import load_scenarios
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_yaml

from .conftest import SAMPLES
from .conftest import Judged
from .conftest import sample

PATIENCE_S = 3.0  # seconds: what a client that hangs costs


@dataclass(frozen=True, slots=True)
class Defect:
    """A row of samples/defects.yaml."""

    name: str
    clause: str
    scenarios: tuple[str, ...]
    bug: str | None = None


DEFECTS = [
    Defect(row["name"], row["clause"], tuple(row["scenarios"]), row.get("bug"))
    for row in read_yaml(SAMPLES / "defects.yaml")
]
FIRST = {defect.bug: defect for defect in reversed(DEFECTS) if defect.bug}


def by_name(defect: Defect) -> str:
    return f"{defect.name}-{defect.clause}"


def test_each_clause_each_class_and_each_scenario_has_its_defect() -> None:
    spec = load_spec()
    assert {defect.clause for defect in DEFECTS} == set(spec.client)
    assert {defect.bug for defect in DEFECTS} - {None} == set(spec.bugs)
    proven = {slug for defect in DEFECTS for slug in defect.scenarios}
    assert set(load_scenarios()) - proven == set()


def test_the_classes_of_defects_are_those_of_the_clauses() -> None:
    clauses = load_spec().client
    assert [d for d in DEFECTS if d.bug and d.bug not in clauses[d.clause].bugs] == []


@pytest.mark.parametrize("defect", FIRST.values(), ids=lambda defect: defect.bug)
def test_each_class_of_defects_is_caught_by_name(defect: Defect, judged: Judged) -> None:
    slug = defect.scenarios[0]
    result = judged([slug], *sample(defect.name), quiet_s=PATIENCE_S)[slug]
    assert defect.bug in {bug for finding in result.findings for bug in finding.bugs}


@pytest.mark.mutants
@pytest.mark.parametrize("defect", DEFECTS, ids=by_name)
def test_each_scenario_notices(defect: Defect, judged: Judged) -> None:
    results = judged(list(defect.scenarios), *sample(defect.name), quiet_s=PATIENCE_S)
    for slug in defect.scenarios:
        found: list[Finding] = [f for f in results[slug].findings if f.clause == defect.clause]
        assert found, f"{slug}: {results[slug].status}, {results[slug].findings}"
        assert defect.bug is None or defect.bug in found[0].bugs


@pytest.mark.clients
def test_a_javascript_client_that_takes_pieces_for_lines(judged: Judged) -> None:
    command = [_node(), str(SAMPLES / "chunk_is_line.mjs")]
    results = judged(["queue.one-call", "framing.pieces-across-messages"], *command)
    assert results["queue.one-call"].status is Status.PASS
    finding = results["framing.pieces-across-messages"].findings[0]
    assert (finding.clause, finding.bugs) == ("CLIENT-016", ("chunk-is-line",))


def test_a_client_that_does_nothing_has_no_verdict(judged: Judged) -> None:
    results = judged(["queue.one-call", "loss.unexpected-error"], shutil.which("true") or "true")
    assert {result.status for result in results.values()} == {Status.COULD_NOT_RUN}


def _node() -> str:
    found = shutil.which("node")
    assert found is not None, "tox -e clients needs Node.js 20.19 or newer on the PATH"
    return found
