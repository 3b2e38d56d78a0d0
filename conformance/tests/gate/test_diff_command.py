"""``gradio-protocol diff``: what its arguments may be, and its exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.gate import sides
from gradio_conformance.gate.outcome import outcome_of
from gradio_conformance.gate.policy import Policy
from gradio_conformance.gate.sides import Source
from gradio_conformance.gate.sides import pairs
from gradio_spec.data import PACKAGE

VERSIONS = PACKAGE / "versions"
Type = Callable[..., Any]


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A copy of all versions, in which a log may be without its title."""
    copy = tmp_path / "spec" / "versions"
    shutil.copytree(VERSIONS, copy)
    messages = copy / "sse_v3" / "messages.schema.json"
    text = messages.read_text("utf-8")
    wanted = '["log", "level", "duration", "visible", "title"]'
    assert wanted in text
    messages.write_text(text.replace(wanted, wanted.replace(', "title"', "")), "utf-8")
    return copy


def git(folder: Path, *arguments: str) -> None:
    named = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")


def test_a_version_and_itself_have_no_differences(typed: Type) -> None:
    done = typed("diff", "sse_v3", "sse_v3")
    assert (done.exit_code, done.output) == (0, "no differences\n")


def test_a_breaking_difference_ends_with_one_and_is_named(typed: Type) -> None:
    done = typed("diff", "v3-5.0", "v3-5.5")
    assert done.exit_code == 1
    assert "5.5.0  Files in arguments must have meta._type." in done.output
    assert "✗ FileInput.meta is required now" in done.output


def test_below_the_threshold_it_ends_with_zero(typed: Type) -> None:
    assert typed("diff", "v3-5.0", "v3-5.5", "--fail-on", "never").exit_code == 0
    assert typed("diff", "gradio-5.9.0", "gradio-5.10.0").exit_code == 0
    assert typed("diff", "gradio-5.9.0", "gradio-5.10.0", "--fail-on", "any").exit_code == 1


def test_folders_are_compared_and_need_their_bump(typed: Type, edited: Path) -> None:
    old = str(VERSIONS / "sse_v3")
    done = typed("diff", old, str(edited / "sse_v3"), "--for", "server", "--format", "json")
    assert done.exit_code == 1
    (pair,) = json.loads(done.output)["pairs"]
    (one,) = pair["differences"]
    assert (one["rule"], one["client"], one["server"]) == ("required-removed", "breaking", "none")
    assert one["over"] is False
    assert "needs a major bump" in pair["bump"]


@pytest.mark.parametrize(
    ("version", "fail_on", "code"),
    [
        ("2.0.0", "bump", 0),
        ("1.1.0", "bump", 1),
        ("2.0.0", "breaking", 1),
        ("1.0.0", "never", 0),
    ],
)
def test_something_breaking_may_come_with_its_major_version(
    version: str, fail_on: str, code: int, typed: Type, edited: Path
) -> None:
    path = edited / "sse_v3" / "openapi.yaml"
    text = path.read_text("utf-8")
    assert "\n  version: 1.0.0 " in text
    path.write_text(text.replace("\n  version: 1.0.0 ", f"\n  version: {version} "), "utf-8")
    arguments = ["diff", "sse_v3", str(edited / "sse_v3"), "--no-witness", "--fail-on", fail_on]
    done = typed(*arguments)
    assert done.exit_code == code, done.output
    assert ("over the threshold" in done.output) is bool(code)


def test_between_releases_no_version_accounts_for_what_is_breaking(typed: Type) -> None:
    assert typed("diff", "v3-5.0", "v3-5.5", "--fail-on", "bump").exit_code == 1
    assert typed("diff", "gradio-5.9.0", "gradio-5.10.0", "--fail-on", "bump").exit_code == 0


def test_a_severity_and_an_ignore_file_count(typed: Type, edited: Path, tmp_path: Path) -> None:
    arguments = ["diff", str(VERSIONS / "sse_v3"), str(edited / "sse_v3")]
    severity, ignore = tmp_path / "severity.yaml", tmp_path / "ignore.yaml"
    severity.write_text("severity: [{match: required-removed, effect: none, reason: so}]")
    assert typed(*arguments, "--severity", str(severity)).exit_code == 0
    ignore.write_text("ignore: [{match: 'required-removed@messages#*', reason: so}]")
    assert typed(*arguments, "--ignore", str(ignore)).exit_code == 0
    ignore.write_text("ignore: [{match: 'required-added@messages#*', reason: so}]")
    done = typed("diff", "sse_v3", "sse_v3", "--ignore", str(ignore))
    assert done.exit_code == 1
    assert "there is no such difference" in done.output


def test_the_annotations_are_at_a_line_of_the_file(
    typed: Type, edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(edited.parent)
    done = typed("diff", "sse_v3", "versions/sse_v3", "--format", "github")
    assert "::error file=versions/sse_v3/messages.schema.json,line=" in done.output


def test_a_git_revision_is_compared_with_a_folder(
    typed: Type, edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(edited.parent)
    monkeypatch.chdir(edited.parent)
    done = typed("diff", "HEAD:versions/sse_v3", "sse_v3")
    assert done.exit_code == 1
    assert "Log.title is required now" in done.output
    done = typed("diff", "HEAD:versions/sse_v4", "sse_v3")
    assert done.exit_code == 2
    assert "HEAD has no version and no versions/ at versions/sse_v4" in done.stderr


def test_all_families_that_both_have_are_compared(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the small families share with the complete one is needed, and is no version alone."""
    for family in ("ws", "sse"):
        shutil.copytree(VERSIONS / family, tmp_path / "versions" / family)
    (tmp_path / "versions" / "sse_v3").mkdir()
    for name in ("profiles", "testbed", "client", "openapi"):
        shutil.copy(VERSIONS / "sse_v3" / f"{name}.yaml", tmp_path / "versions" / "sse_v3")
    commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    clauses = tmp_path / "versions" / "ws" / "requirements" / "ws.yaml"
    clauses.write_text(clauses.read_text("utf-8").replace("level: MUST", "level: SHOULD", 1))
    done = typed("diff", "HEAD:", ".")
    assert done.exit_code == 1
    assert done.output.startswith("HEAD: → .: ws\n")
    assert "WS-001 is SHOULD and was MUST" in done.output
    assert typed("diff", "HEAD:", "HEAD:versions").output == "no differences\n"


def test_a_change_of_the_past_shows_in_its_dialect(
    edited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(edited)
    shutil.copytree(VERSIONS, edited)
    files = edited / "sse_v3" / "files.schema.json"
    until = '"x-older": [{"until": "5.4.0", "merge": {"required": ["path"]}}]'
    text = files.read_text("utf-8")
    assert until in text
    files.write_text(text.replace(until, until.replace("5.4.0", "5.5.0")), "utf-8")
    monkeypatch.setattr(sides, "_dialects", lambda: ["v3-5.5", "v3-5.0"])
    old, new = Source("old", VERSIONS, None), Source("new", edited, None)
    there = islice(pairs(old, new), 3)
    outcome = outcome_of(there, Policy(), None, date(2027, 1, 1))
    told = [[f.difference.rule for f in pair.findings] for pair in outcome.pairs]
    assert told == [[], ["required-removed"], []]
    assert outcome.pairs[1].title == "old → new: v3-5.5"


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("sse_v9", "'sse_v9' is no version, no folder that exists and no git revision"),
        ("gradio-3.2", "there is no specification of it"),
        ("{folder}", "neither a version (lifecycle.yaml, overlay.yaml) nor versions/ in it"),
        ("{folder}/file", "no folder"),
        ("nowhere:spec", "nowhere:spec: git: "),
    ],
)
def test_a_side_that_is_none_is_told_in_a_line(
    old: str, reason: str, typed: Type, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = typed("diff", old.format(folder=tmp_path), "sse_v3")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")
    assert reason in done.stderr


def test_wrong_data_are_told_with_the_side_and_the_file(typed: Type, edited: Path) -> None:
    (edited / "sse_v3" / "lifecycle.yaml").write_text("version: sse_v3\n")
    done = typed("diff", str(edited / "sse_v3"), "sse_v3")
    assert done.exit_code == 2
    assert f"{edited / 'sse_v3'}: lifecycle.yaml: " in done.stderr


def test_it_is_written_to_a_file(typed: Type, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    done = typed("diff", "v3-5.0", "v3-5.5", "--format", "markdown", "--output", str(path))
    assert done.output == ""
    assert path.read_text("utf-8").startswith("## Protocol diff: failed: ")
    assert typed("diff", "sse_v3", "sse_v3", "--output", str(tmp_path / "a" / "b")).exit_code == 2


def test_a_rule_is_explained(typed: Type) -> None:
    done = typed("explain", "enum-member-added")
    assert done.exit_code == 0
    assert "mirror     enum-member-removed" in done.output
