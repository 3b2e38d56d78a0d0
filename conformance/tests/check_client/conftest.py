"""Runs clients of the tests against the scripted servers."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path

import pytest

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.scenarios.course import Patience
from gradio_conformance.scenarios.engine import ClientOptions
from gradio_conformance.scenarios.engine import run_client
from gradio_conformance.scenarios.model import load_scenarios
from gradio_spec.loader import load_spec

SAMPLES = Path(__file__).parent / "samples"
Results = Mapping[str, CheckResult]
Judged = Callable[..., Results]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Judged:
    """``judged(scenarios, *command)``: the result of each scenario, by its slug."""
    beside = [str(SAMPLES.parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(beside))

    def run(slugs: list[str] | None, *command: str, quiet_s: float = 10.0) -> Results:
        there = load_scenarios()
        chosen = tuple(there.values() if slugs is None else (there[slug] for slug in slugs))
        results: dict[str, CheckResult] = {}

        def hear(event: RunEvent) -> None:
            if isinstance(event, CheckFinished):
                results[event.result.check] = event.result

        options = ClientOptions(load_spec(), command, chosen, Patience(60, quiet_s), jobs=3)
        run_client(options, [hear])
        return results

    return run


def sample(name: str) -> tuple[str, ...]:
    """The command of a broken client of samples/defects.py, or of the correct one."""
    if name == "correct":
        return (sys.executable, "-m", "check_client.samples.base")
    return (sys.executable, "-m", "check_client.samples.defects", name)
