"""Scripts of which the search once said that they break a clause, wrongly: nobody is accused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradio_conformance.probe import Probe
from gradio_conformance.stateful.script import read_script
from gradio_conformance.stateful.search import play
from gradio_conformance.target import Target
from gradio_spec.loader import load_spec

SPEC = load_spec()
SCRIPTS = sorted((Path(__file__).parent / "cleared").glob("*.yaml"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_nobody_is_accused(path: Path, reference: Target) -> None:
    broken = play(read_script(path), Probe(reference, SPEC, patience_s=3.0))
    assert broken is None
