"""The clauses and the prose that explains them say the same things, and every example is one."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import gradio_spec
from gradio_spec import diff
from gradio_spec.releases import begin
from gradio_spec.releases import end
from gradio_spec.schemas import Schemas
from gradio_spec.testbed import endpoints_of

PACKAGE = Path(gradio_spec.__file__).parent
ROOT = PACKAGE / "versions" / "sse_v3"
PROSE = (ROOT / "protocol.md").read_text(encoding="utf-8")
AREAS = (
    *("auth", "call", "cancel", "cors", "diff", "disc", "evt", "file", "join", "mcp", "net"),
    *("queue", "run", "sse", "state", "stream"),
)

ID = re.compile(r"\b[A-Z]+-\d{3}\b")
CITED = re.compile(r"\[([A-Z]+-\d{3})\]")
LEVELS = re.compile(r"\b(MUST|SHOULD|MAY)\b")
JSON_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


def read(path: Path) -> Any:
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


FILES: dict[str, Any] = {p.stem: read(p) for p in sorted((ROOT / "requirements").glob("*.yaml"))}
CLAUSES: list[dict[str, Any]] = [c for file in FILES.values() for c in file["clauses"]]
TESTABLE = [c for c in CLAUSES if "excluded" not in c]
IDS = {c["id"] for c in CLAUSES}
CLIENT_IDS = {c["id"] for c in read(ROOT / "client.yaml")["clauses"]}
SCHEMAS = Schemas(ROOT)


def errors(data: Any, schema: str) -> list[str]:
    """What is wrong with `data` by one of our own schemas."""
    rules = json.loads((PACKAGE / "meta" / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(rules)
    return [
        f"{list(e.absolute_path)}: {e.message}"
        for e in Draft202012Validator(rules).iter_errors(data)
    ]


def examples() -> list[Any]:
    """The examples of the prose, each with what it is an example of."""
    return [
        pytest.param(shows, text, id=f"{number}-{shows.rpartition('/')[2]}")
        for number, (shows, text) in enumerate(EXAMPLE.findall(PROSE))
    ]


def sentences(clause: dict[str, Any]) -> list[str]:
    """A clause in its words of today and of older releases."""
    return [clause["text"], *(row["text"] for row in clause.get("older", ()))]


def test_there_is_one_file_per_area() -> None:
    assert tuple(FILES) == AREAS


@pytest.mark.parametrize("name", AREAS)
def test_a_requirements_file_keeps_its_schema(name: str) -> None:
    assert errors(FILES[name], "requirements") == []
    assert FILES[name]["area"] == name.upper()
    assert {c["id"].partition("-")[0] for c in FILES[name]["clauses"]} == {name.upper()}


@pytest.mark.parametrize(
    ("path", "schema"),
    [(ROOT / "profiles.yaml", "profiles"), (PACKAGE / "dialects.yaml", "dialects")],
    ids=["profiles", "dialects"],
)
def test_the_other_data_keep_their_schemas(path: Path, schema: str) -> None:
    assert errors(read(path), schema) == []


def test_an_id_is_given_once_and_in_order() -> None:
    assert [i for i, n in Counter(c["id"] for c in CLAUSES).items() if n > 1] == []
    for file in FILES.values():
        ids = [c["id"] for c in file["clauses"]]
        assert ids == [f"{file['area']}-{n:03}" for n in range(1, len(ids) + 1)]


def test_a_sentence_has_the_level_of_its_clause_and_no_other() -> None:
    texts = [(c, text) for c in CLAUSES for text in sentences(c)]
    wrong = {c["id"] for c, text in texts if LEVELS.findall(text) != [c["level"]]}
    assert wrong == set()


def test_a_clause_is_one_sentence() -> None:
    wrong = [c["id"] for c in CLAUSES for t in sentences(c) if re.search(r"\. [A-Z]", t)]
    assert wrong == []


def test_the_endpoints_that_a_clause_needs_are_in_the_testbed() -> None:
    testbed = read(ROOT / "testbed.yaml")
    for clause in CLAUSES:
        server = clause.get("server", "main")
        offered = {row["name"] for row in endpoints_of(testbed, server)}
        missing = set(clause.get("testbed", ())) - offered
        assert not missing, f"{clause['id']}: {server} has no {', '.join(missing)}"


def test_dialects_profiles_and_families_exist() -> None:
    dialects = read(PACKAGE / "dialects.yaml")
    known = [d["id"] for d in dialects["dialects"]]
    profiles = read(ROOT / "profiles.yaml")
    stable = {p["id"] for p in profiles["profiles"] if p["status"] == "stable"}
    for clause in CLAUSES:
        assert begin(clause["since"]) <= end(clause.get("until", known[-1])), clause["id"]
        older = [end(row["until"]) for row in clause.get("older", ())]
        assert older == sorted(older), clause["id"]
        assert not older or begin(clause["since"]) <= older[0], clause["id"]
        assert clause["profile"] in stable, clause["id"]
    ids = {p["id"] for p in profiles["profiles"]}
    assert {r for p in profiles["profiles"] for r in p["requires"]} <= ids
    assert {r for c in profiles["compositions"] for r in c["profiles"]} <= ids


def test_the_prose_states_every_clause_that_is_tested() -> None:
    assert sorted({c["id"] for c in TESTABLE} - set(CITED.findall(PROSE))) == []


def test_the_prose_cites_every_clause_of_clients() -> None:
    assert CLIENT_IDS - set(CITED.findall(PROSE)) == set()


def test_the_prose_names_only_clauses_that_exist() -> None:
    assert sorted(set(ID.findall(PROSE)) - IDS - CLIENT_IDS) == []


def test_the_prose_shows_no_excluded_clause_as_a_rule() -> None:
    excluded = {c["id"] for c in CLAUSES if "excluded" in c}
    assert sorted(excluded & set(CITED.findall(PROSE))) == []


def test_the_table_of_contents_names_the_sections() -> None:
    entries = re.findall(r"^(\d+)\. \[(.+)\]\(#", PROSE, re.MULTILINE)
    listed = [f"{number}. {title}" for number, title in entries]
    assert listed == HEADING.findall(PROSE)


def test_every_json_block_is_json_and_says_what_it_shows() -> None:
    blocks = JSON_BLOCK.findall(PROSE)
    assert len(blocks) == len(EXAMPLE.findall(PROSE)) > 30
    for block in blocks:
        json.loads(block)


@pytest.mark.parametrize(("shows", "text"), examples())
def test_an_example_is_what_it_says(shows: str, text: str) -> None:
    instance = json.loads(text)
    if shows == "diff":
        assert diff.same(diff.apply(instance["old"], instance["edits"]), instance["new"])
    else:
        assert SCHEMAS.check(shows, instance) == []


def test_every_kind_of_message_has_an_example() -> None:
    shown = {
        json.loads(text).get("msg") for name, text in EXAMPLE.findall(PROSE) if "messages#" in name
    }
    union = SCHEMAS.schema("messages#/$defs/ServerMessage")
    assert set(union["discriminator"]["mapping"]) <= shown


def test_schemas_and_lifecycle_cite_clauses_that_exist() -> None:
    # A violation must name a clause that a run can be asked about; requests may cite reserved ones.
    for path in [*sorted(ROOT.glob("*.schema.json")), ROOT / "lifecycle.yaml"]:
        cited = set(ID.findall(path.read_text(encoding="utf-8")))
        assert sorted(cited - IDS) == [], path.name
    judged = re.findall(r'"x-clause": "(.+?)"', (ROOT / "messages.schema.json").read_text("utf-8"))
    assert sorted(set(judged) - {c["id"] for c in TESTABLE}) == []
