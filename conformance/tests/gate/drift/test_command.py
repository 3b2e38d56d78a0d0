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
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Row
from gradio_conformance.gate.drift.findings import Sort
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.observation import Subject
from gradio_conformance.gate.drift.observation import document_of
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.observation import write_observation
from gradio_conformance.gate.drift.report import Report
from gradio_conformance.gate.drift.subjects import asked_for
from gradio_conformance.gate.drift.subjects import judged_by
from gradio_conformance.traffic.recording import contents
from gradio_spec.changes import all_changes
from gradio_spec.schemas import Schemas

from .test_compare import NEWEST
from .test_compare import OBSERVATIONS
from .test_compare import without

FACTS: dict[str, Any] = {"routes": {}, "members": {}, "steps": {}, "encoder": None, "absent": {}}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(drift, list(arguments))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    observation = read_observation(OBSERVATIONS / f"{NEWEST}.json.gz")
    return without("info", document_of(observation, FACTS))


@pytest.fixture(scope="module")
def stored(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("drift") / "stored.json"
    write_observation(document, path)
    return str(path)


@pytest.fixture(scope="module")
def changed(document: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """An observation in which a member of /config has another name."""
    text = json.dumps(document).replace('\\"run_history\\":', '\\"history|`<b>@you\\":')
    path = tmp_path_factory.mktemp("drift") / "changed.json.gz"
    write_observation(json.loads(text), path)
    return str(path)


def valid(name: str, document: Any) -> bool:
    found = json.loads(schemas()[name].read_text("utf-8"))
    return not Schemas({name: found}).check(name, document)


def test_a_stored_observation_without_drift(stored: str, tmp_path: Path) -> None:
    saved = tmp_path / "deep" / "saved.json.gz"
    done = run(stored, "--save", str(saved), "--report-dir", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert "NO DRIFT" in done.output
    assert "0 unexplained" not in done.output
    assert read_observation(saved) == read_observation(Path(stored))
    assert valid("observation", json.loads(contents(saved)))


def test_the_reports_say_the_same(changed: str, stored: str, tmp_path: Path) -> None:
    options = ("--report", "json,markdown,text", "--report-dir", str(tmp_path))
    done = run(changed, "--against", stored, *options)
    assert done.exit_code == 1, done.output
    report = json.loads((tmp_path / "drift.json").read_text("utf-8"))
    assert valid("drift", report)
    assert report["verdict"] == "drift"
    assert [c["counts"]["drift"] for c in report["comparisons"]] == [1, 2]
    text = (tmp_path / "drift.txt").read_text("utf-8")
    assert text.rstrip().endswith("DRIFT")
    assert "config#/$defs/Config has lost run_history" in text
    markdown = (tmp_path / "drift.md").read_text("utf-8")
    assert markdown.startswith("## gradio==6.31.0: drift\n")
    # Nothing that a server names becomes a cell, a tag or a mention.
    assert "history\\|\\`&lt;b>&#64;you" in markdown


@pytest.mark.parametrize(
    ("status", "fail_on", "code"),
    [
        (Status.DRIFT, "unexplained", 1),
        (Status.DRIFT, "never", 0),
        (Status.EXPLAINED, "unexplained", 0),
        (Status.EXPLAINED, "any", 1),
        (Status.KNOWN, "any", 0),
    ],
)
def test_what_makes_it_fail_is_chosen(status: Status, fail_on: str, code: int) -> None:
    finding = Finding(Sort.NEW, "events", "key", "title", None, 1, status=status)
    comparison = Comparison("old", "new", (finding,))
    subject = Subject("gradio==6.31.0", "sse_v3", "6.31.0")
    report = Report(subject, NEWEST, (comparison,), fail_on)
    assert report.exit_code == code
    assert report.has_drift == (status is Status.DRIFT)


def test_a_change_that_is_not_seen_is_drift() -> None:
    change = next(iter(all_changes()))
    comparison = Comparison("old", "new", (), (Row(change, ()),))
    report = Report(Subject("gradio==6.31.0", "sse_v3", "6.31.0"), NEWEST, (comparison,))
    assert report.exit_code == 1


def test_an_older_version_does_not_know_what_came_later(stored: str) -> None:
    done = run(stored, "--spec-version", "gradio-6.20.0")
    assert done.exit_code == 1
    assert "Config/properties/run_history is there, which the specification dates 6.24.0" in (
        done.output
    )


def test_what_is_newer_than_the_specification_is_compared_with_its_newest(
    document: dict[str, Any], tmp_path: Path
) -> None:
    subject = {**document["subject"], "named": "gradio==6.99.0"}
    write_observation({**document, "subject": subject}, tmp_path / "newer.json")
    done = run(str(tmp_path / "newer.json"), "--known-failing", NEWEST)
    assert done.exit_code == 0, done.output
    assert "6.99.0 is newer than the specification, which ends with 6.31.0" in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("gradio==3.50.2",), "a connection for each event"),
        (("gradio==six",), "no release (gradio==5.50.0), no URL and no file"),
        (("ftp://a.example",), "does not begin with http:// or https://"),
        (("6.31.0", "--against", "nothing"), "no release"),
        (("STORED", "--spec-version", "v9"), "unknown protocol version 'v9'"),
        (("6.31.0", "--report", "pdf"), "pdf; there are json, markdown, text"),
        (("STORED", "--known-failing", "no-such-list"), "no such file"),
    ],
)
def test_a_wrong_argument_is_told(stored: str, arguments: tuple[str, ...], told: str) -> None:
    done = run(*(stored if one == "STORED" else one for one in arguments))
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


def test_a_url_is_judged_by_what_it_announces(stored: str) -> None:
    observation = read_observation(Path(stored))
    asked = asked_for("http://127.0.0.1:9")
    assert judged_by(asked, observation).release.id == NEWEST
