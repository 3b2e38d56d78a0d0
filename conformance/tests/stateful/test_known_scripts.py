"""The scripts that the machine found on real Gradio: each breaks its clause there, and nothing on
the reference server.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gradio_spec
from gradio_conformance import process
from gradio_conformance.probe import Probe
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import read_script
from gradio_conformance.stateful.search import RUNS
from gradio_conformance.stateful.search import play
from gradio_conformance.target import Target
from gradio_conformance.target import discover
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

SPEC = load_spec()
KNOWN = load_known("gradio-6.31.0")
FOLDER = Path(gradio_spec.__file__).parent / "known" / "scripts" / "gradio-6.31.0"
SCRIPTS = {path.stem: read_script(path) for path in sorted(FOLDER.glob("*.yaml"))}
# Long enough for what comes; on Gradio each script whose fault is silence costs this much.
PATIENCE_S = 5.0
# What the search of the suite has to find by itself (a suffix tells kinds of one erratum apart).
ERRATA = (
    *("E-1", "E-3", "E-4", "E-5", "E-6a", "E-6b", "E-6c", "E-6d"),
    *("E-12", "E-13", "E-14", "E-15", "E-22", "E-25"),
)

# In a process of its own: Gradio leaves sockets and loops to the garbage collector.
GRADIO = (sys.executable, "-m", "gradio_conformance.testbed", "--library", "gradio")
every_script = pytest.mark.parametrize("name", SCRIPTS)


@pytest.fixture(scope="module")
def gradio() -> Iterator[Target]:
    with process.running([*GRADIO, "--port", "{port}"], wait_s=60.0) as url:
        yield discover(url, SPEC)


def played(script: Script, target: Target) -> str | None:
    """The clause that the script breaks there."""
    broken = play(script, Probe(target, SPEC, patience_s=PATIENCE_S))
    return None if broken is None else broken.clause


def test_there_is_a_script_for_each_erratum() -> None:
    assert set(ERRATA) == {name.rpartition("_")[0] for name in SCRIPTS}


@every_script
def test_a_script_names_a_clause_that_is_listed(name: str) -> None:
    clause = SCRIPTS[name].clause
    assert name.rpartition("_")[2] == clause
    erratum = name.rpartition("_")[0].rstrip("abcd")
    assert erratum in {entry.erratum for entry in KNOWN.entries if entry.clause == clause}


@every_script
def test_the_reference_server_keeps_the_protocol(name: str, reference: Target) -> None:
    assert played(SCRIPTS[name], reference) is None


@pytest.mark.gradio
@every_script
def test_real_gradio_breaks_the_clause(name: str, gradio: Target) -> None:
    """What a race inside Gradio decides (whether a cancelled event has been taken from the queue by
    then, E-6b) may now and then end as another break of the same erratum.
    """
    shown = (played(SCRIPTS[name], gradio) for _ in range(RUNS))
    assert SCRIPTS[name].clause in shown
