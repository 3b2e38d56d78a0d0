"""The suite finds nothing wrong with a server of an era, judged by the version that it announces,
but what its edit encoder did wrong in that release (``broken.yaml``).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradio_spec import diff
from gradio_spec.data import PACKAGE
from gradio_spec.data import read_yaml
from gradio_spec.encoders import encode
from gradio_spec.releases import resolve

BROKEN = read_yaml(Path(__file__).with_name("broken.yaml"))
ENCODERS = BROKEN["encoders"]
SHOWN = [(name, clause) for name, row in ENCODERS.items() for clause in row["generated"]]
JUDGED = {"sse_v1", "sse_v2", "sse_v2.1", "sse_v3"}


@pytest.mark.eras
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("release", BROKEN["checked"])
def test_a_server_of_an_era_breaks_but_what_that_release_broke(
    release: str, tmp_path: Path
) -> None:
    server = [sys.executable, "-m", "gradio_conformance.testbed", "--as", release]
    options = ["--spec-version", "auto", "--skip", "hostile*", "--seed", "0"]
    options += ["--budget", "2", "--max-examples", "5"]
    options += ["--profile", "discover,call,queue,stream,session,files"]
    options += ["--report", "jsonl", "--report-dir", str(tmp_path)]
    command = [sys.executable, "-m", "gradio_conformance", "check", *options, "--"]
    subprocess.run([*command, *server, "--port", "{port}"], check=False, timeout=900)
    _, *results, footer = _rows(tmp_path / "report.jsonl")
    assert len(results) > 100
    assert not footer.get("newer")  # no era has what came after it
    assert not [row["check"] for row in results if row["status"] == "could-not-run"]
    broken = {row["check"]: _clauses(row) for row in results if row["status"] == "fail"}
    encoder = ENCODERS.get(resolve(release).encoder, {"always": {}, "generated": {}})
    always = {check: set(clauses) for check, clauses in encoder["always"].items()}
    assert {check: broken.pop(check, set()) for check in always} == always
    assert not {check: found for check, found in broken.items() if found - {*encoder["generated"]}}


@pytest.mark.parametrize(("encoder", "clause"), SHOWN)
def test_an_encoder_breaks_what_it_is_said_to_break(encoder: str, clause: str) -> None:
    first, *others = ENCODERS[encoder]["generated"][clause]
    before, shown, broken = first, first, set()
    for value in others:
        try:
            shown = diff.apply(shown, encode(encoder, before, value))
        except diff.DiffError as error:
            broken.add(error.clause)
            break
        before = value
        broken |= set() if diff.same(shown, value) else {"DIFF-001"}
    assert clause in broken


def test_each_family_and_dialect_that_can_be_judged_is_checked() -> None:
    dialects = read_yaml(PACKAGE / "dialects.yaml")["dialects"]
    releases = [resolve(name) for name in BROKEN["checked"]]
    assert {one.family for one in releases} == JUDGED
    assert {one.dialect for one in releases if one.dialect} == {row["id"] for row in dialects}
    assert {one.encoder for one in releases} - {None} == set(ENCODERS)


def _clauses(row: Any) -> set[str]:
    return {finding["clause"] for finding in row["findings"]}


def _rows(report: Path) -> list[Any]:
    with report.open(encoding="utf-8") as lines:  # of which some have U+2028 inside
        return [json.loads(line) for line in lines]
