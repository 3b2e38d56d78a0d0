"""``gradio-protocol drift`` over stored observations: what it tells, writes and ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result

from gradio_conformance.cli.drift import drift
from gradio_conformance.cli.schema import schemas
from gradio_conformance.gate.drift.observation import document_of
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.observation import write_observation
from gradio_conformance.gate.drift.subjects import asked_for
from gradio_conformance.gate.drift.subjects import judged_by
from gradio_spec.schemas import Schemas

from .test_compare import NEWEST
from .test_compare import OBSERVATIONS

STORED = OBSERVATIONS / f"{NEWEST}.json.gz"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(drift, list(arguments))


@pytest.fixture
def changed(tmp_path: Path) -> str:
    """An observation in which a member of /config has another name."""
    text = json.dumps(document_of(read_observation(STORED), {"routes": {}, "members": {}}))
    other = json.loads(text.replace('\\"footer_links\\":', '\\"footer|`<b>@you\\":'))
    other["facts"] |= {"steps": {}, "encoder": None, "absent": {}}
    path = tmp_path / "changed.json.gz"
    write_observation(other, path)
    return str(path)


def valid(name: str, document: Any) -> bool:
    found = json.loads(schemas()[name].read_text("utf-8"))
    return not Schemas({name: found}).check(name, document)


def test_a_stored_observation_without_drift(tmp_path: Path) -> None:
    saved = tmp_path / "deep" / "saved.json.gz"
    done = run(str(STORED), "--save", str(saved), "--report-dir", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "NO DRIFT" in done.output
    assert "0 unexplained" not in done.output
    assert read_observation(saved) == read_observation(STORED)


def test_the_reports_say_the_same(changed: str, tmp_path: Path) -> None:
    options = ("--report", "json,markdown,text", "--report-dir", str(tmp_path))
    done = run(changed, "--against", str(STORED), *options)
    assert done.exit_code == 1, done.output
    report = json.loads((tmp_path / "drift.json").read_text("utf-8"))
    assert valid("drift", report)
    assert report["verdict"] == "drift"
    assert [c["counts"]["drift"] for c in report["comparisons"]] == [1, 2]
    text = (tmp_path / "drift.txt").read_text("utf-8")
    assert text.rstrip().endswith("DRIFT")
    assert "config#/$defs/Config has lost footer_links" in text
    markdown = (tmp_path / "drift.md").read_text("utf-8")
    assert markdown.startswith("## gradio==6.31.0: drift\n")
    # Nothing that a server names becomes a cell, a tag or a mention.
    assert "footer\\|'&lt;b>&#64;you" in markdown


@pytest.mark.parametrize(("fail_on", "code"), [("unexplained", 1), ("any", 1), ("never", 0)])
def test_what_makes_it_fail_is_chosen(changed: str, fail_on: str, code: int) -> None:
    assert run(changed, "--against", str(STORED), "--fail-on", fail_on).exit_code == code


def test_an_older_version_does_not_know_what_came_later() -> None:
    done = run(str(STORED), "--spec-version", "gradio-6.20.0")
    assert done.exit_code == 1
    assert "Config/properties/run_history is there, which the specification dates 6.24.0" in (
        done.output
    )


def test_what_is_newer_than_the_specification_is_compared_with_its_newest(tmp_path: Path) -> None:
    document = document_of(read_observation(STORED), {})
    document["facts"] = {"routes": {}, "members": {}, "steps": {}, "encoder": None, "absent": {}}
    document["subject"]["named"] = "gradio==6.99.0"
    write_observation(document, tmp_path / "newer.json")
    done = run(str(tmp_path / "newer.json"), "--known-failing", NEWEST)
    assert done.exit_code == 0, done.output
    assert "6.99.0 is newer than the specification, which ends with 6.31.0" in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gradio==3.50.2",), "a connection for each event"),
        (("gradio==six",), "no release (gradio==5.50.0), no URL and no file"),
        (("ftp://a.example",), "does not begin with http:// or https://"),
        ((str(STORED), "--against", "nothing"), "no release"),
        ((str(STORED), "--spec-version", "v9"), "unknown protocol version 'v9'"),
        ((str(STORED), "--report", "pdf"), "pdf; there are json, markdown, text"),
        ((str(STORED), "--known-failing", "no-such-list"), "no such file"),
    ],
)
def test_a_wrong_argument_is_told(arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_a_file_that_is_no_observation_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}", "utf-8")
    done = run(str(path))
    assert done.exit_code == 2
    assert "is a required property" in done.output


def test_who_does_not_answer_is_unreachable() -> None:
    done = run("http://127.0.0.1:9")
    assert done.exit_code == 4


@pytest.mark.parametrize("text", ["gradio==5.50.0", "gradio-5.50.0", "5.50.0"])
def test_a_release_has_several_spellings(text: str) -> None:
    assert asked_for(text).named == "gradio==5.50.0"


def test_a_url_is_judged_by_what_it_announces() -> None:
    observation = read_observation(STORED)
    asked = asked_for("http://127.0.0.1:9")
    assert judged_by(asked, observation).release.id == NEWEST


def test_the_schema_of_an_observation_is_published() -> None:
    import gzip

    assert valid("observation", json.loads(gzip.decompress(STORED.read_bytes())))
