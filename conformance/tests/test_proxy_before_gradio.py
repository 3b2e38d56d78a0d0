"""A proxy without rules makes no difference: real Gradio is judged behind it as it is directly."""

from __future__ import annotations

import os
import sys

import pytest

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.mutants.proxy import proxied
from gradio_conformance.process import running
from gradio_conformance.runner.engine import run_suite
from gradio_conformance.runner.options import RunOptions
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

pytestmark = [pytest.mark.gradio, pytest.mark.slow, pytest.mark.timeout(600)]
PYTHON = os.environ.get("GRADIO_PYTHON", sys.executable)
GRADIO = [PYTHON, "-m", "gradio_conformance.testbed", "--library", "gradio", "--port", "{port}"]
# Documents, headers and refusals; streams that last, end, are dropped and are cut.
RUN = ("disc.*", "join.*", "sse.*", "call.*", "net.*")
KNOWN = load_known("gradio-6.31.0")
UNSTEADY = {entry.check for entry in KNOWN.entries if entry.intermittent}
Found = dict[str, tuple[str, frozenset[str]]]


def judged(url: str) -> tuple[str, Found]:
    """The verdict; for each check its status and the clauses that it blames."""
    spec = load_spec()
    found: Found = {}

    def hear(event: RunEvent) -> None:
        if isinstance(event, CheckFinished) and event.result.check not in UNSTEADY:
            result = event.result
            blamed = frozenset(finding.clause for finding in result.findings)
            found[result.check] = (str(result.status), blamed)

    options = RunOptions(
        spec=spec,
        profiles=tuple(p.id for p in spec.profiles.values() if p.status == "stable"),
        seed=1,
        run=RUN,
        known=KNOWN,
        patience_s=5.0,
    )
    finished: RunFinished = run_suite(url, options, [hear])
    return str(finished.verdict), found


def test_a_proxy_without_rules_makes_no_difference() -> None:
    with running(GRADIO, wait_s=60.0) as url:
        direct = judged(url)
        with proxied(url, ()) as fronts:
            behind = judged(fronts.main)
    assert behind == direct
    assert len(direct[1]) > 50
