"""README, CONTRIBUTING and the like say what is true: figures, links, commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from gradio_conformance.cli import COMMANDS
from gradio_spec.loader import load_spec

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(ROOT.glob("*.md")) + sorted(ROOT.glob("*/README.md"))
PROFILE_ROW = re.compile(r"^\| `(\w+)` \| .* \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")
COMMAND = re.compile(r"gradio-protocol ([a-z][a-z-]*)(?=[ `\n])")
TOX_ENVIRONMENTS = re.compile(r"(?:tox(?: run| devenv)?|\.ci/run) -e ([a-z,]+)")

SOURCES = ("spec/gradio_spec", "reference", "conformance/gradio_conformance", "frontends-demo/html")
SOURCE_KINDS = {".css", ".html", ".js", ".json", ".md", ".py", ".yaml"}

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def _sources() -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SOURCE_KINDS and "node_modules" not in path.parts:
                yield path


def test_the_profile_table_counts_the_clauses() -> None:
    spec = load_spec()
    counts = Counter((clause.profile, str(clause.level)) for clause in spec.testable())
    expected = {
        profile.id: tuple(counts[profile.id, level] for level in ("MUST", "SHOULD", "MAY"))
        for profile in spec.profiles.values()
        if profile.status == "stable"
    }
    rows = PROFILE_ROW.findall((ROOT / "README.md").read_text("utf-8"))
    assert {name: tuple(map(int, figures)) for name, *figures in rows} == expected


@every_document
def test_links_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text("utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


@every_document
def test_commands_exist(path: Path) -> None:
    named = set(COMMAND.findall(path.read_text("utf-8")))
    assert named <= set(COMMANDS)


@every_document
def test_tox_environments_exist(path: Path) -> None:
    tox = ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", "utf-8")
    known = {section.removeprefix("testenv:") for section in tox.sections()}
    known |= set(re.split(r",\s*", tox["tox"]["env_list"]))
    named = {
        environment
        for group in TOX_ENVIRONMENTS.findall(path.read_text("utf-8"))
        for environment in group.split(",")
    }
    assert named <= known


def test_quoted_ids_exist() -> None:
    clauses = load_spec().clauses
    areas = {clause.split("-")[0] for clause in clauses} | {"CLI"}
    quoted = re.compile(rf"\b(?:{'|'.join(sorted(areas))})-[0-9]{{3}}\b")
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in _sources()
        for name in quoted.findall(path.read_text("utf-8"))
        if name not in clauses
    }
    assert sorted(unknown) == []
