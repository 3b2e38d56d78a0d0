"""Wrong data is refused by file and field; right data is complete, frozen and has a digest."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradio_spec.loader import PACKAGE
from gradio_spec.loader import SpecError
from gradio_spec.loader import load_known
from gradio_spec.loader import load_lifecycle
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_spec
from gradio_spec.loader import read_yaml
from gradio_spec.model import Level
from gradio_spec.model import Scope

SPEC = load_spec()
Edit = Callable[[Any], None]


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A copy of the version's data files, to be spoilt."""
    return Path(shutil.copytree(SPEC.root, tmp_path / "sse_v3"))


def spoil(path: Path, edit: Edit) -> None:
    data = yaml.safe_load(path.read_text("utf-8"))
    edit(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")


def first(member: str, **values: Any) -> Edit:
    return lambda data: data[member][0].update(values)


def row_of(machine: str, kind: str, **values: Any) -> Edit:
    return lambda data: data["machines"][machine][kind][0].update(values)


def twice(member: str) -> Edit:
    return lambda data: data[member].append(data[member][0])


def guarded(data: Any) -> None:
    row = next(r for r in data["machines"]["event"]["transitions"] if "when" in r)
    row["when"] = {"anyOf": [{"$ref": "#/guards/cancelled"}, {"$ref": "#/guards/nowhere"}]}


CLAUSES, LIFECYCLE, PROFILES = "requirements/sse.yaml", "lifecycle.yaml", "profiles.yaml"
WRONG: dict[str, tuple[str, Edit, str]] = {
    "bad level": (CLAUSES, first("clauses", level="OUGHT"), r"sse.yaml: clauses/0/level: 'OUGHT'"),
    "bad clause id": (CLAUSES, first("clauses", id="SSE-1"), r"sse.yaml: clauses/0/id: 'SSE-1'"),
    "unknown field": (CLAUSES, first("clauses", colour="red"), r"sse.yaml: clauses/0: .*'colour'"),
    "no clauses": (CLAUSES, lambda d: d.pop("clauses"), r"sse.yaml: \(top\): 'clauses'"),
    "id used twice": (CLAUSES, twice("clauses"), r"sse.yaml: SSE-001: this id is used twice"),
    "id of another area": (
        "requirements/run.yaml",
        first("clauses", id="SSE-001"),
        r"sse.yaml: SSE-001: this id is used twice",
    ),
    "unknown profile": (
        CLAUSES,
        first("clauses", profile="telepathy"),
        r"sse.yaml: clauses/0/profile: 'telepathy'",
    ),
    "profile without a row": (
        PROFILES,
        lambda d: d["profiles"].pop(0),
        r"DISC-001: profile: there is no discover",
    ),
    "profile used twice": (PROFILES, twice("profiles"), r"profiles.yaml: discover: .* twice"),
    "unknown dialect": (
        CLAUSES,
        first("clauses", since="v3-9.99"),
        r"SSE: SSE-001: since/until: there is no v3-9.99",
    ),
    "unknown last dialect": (
        CLAUSES,
        first("clauses", until="v3-9.99"),
        r"SSE: SSE-001: since/until: there is no v3-9.99",
    ),
    "unknown testbed endpoint": (
        CLAUSES,
        first("clauses", testbed=["echo", "teleport"]),
        r"SSE: SSE-001: testbed: there is no teleport",
    ),
    "unknown initial state": (
        LIFECYCLE,
        lambda d: d["machines"]["event"].update(initial="unborn"),
        r"lifecycle.yaml: machine 'event': .*unknown states \['unborn'\]",
    ),
    "unknown target state": (
        LIFECYCLE,
        row_of("event", "transitions", to="limbo"),
        r"lifecycle.yaml: machine 'event': row .* unknown states \['limbo'\]",
    ),
    "unknown source state": (
        LIFECYCLE,
        row_of("session_stream", "transitions", **{"from": ["limbo"]}),
        r"lifecycle.yaml: machine 'session_stream': .* \['limbo'\]",
    ),
    "unknown refused state": (
        LIFECYCLE,
        row_of("call_stream", "refusals", **{"in": ["limbo"]}),
        r"lifecycle.yaml: machine 'call_stream': .* \['limbo'\]",
    ),
    "unknown guard": (LIFECYCLE, guarded, r"lifecycle.yaml: machine 'event': .*guards \['nowhere'"),
    "refusal by an unknown clause": (
        LIFECYCLE,
        row_of("event", "refusals", clause="EVT-999"),
        r"lifecycle.yaml: machine event: there is no EVT-999",
    ),
    "rule of an unknown clause": (
        LIFECYCLE,
        first("rules", clause="EVT-999"),
        r"lifecycle.yaml: rule ranks-never-grow: there is no EVT-999",
    ),
    "unknown kind of rule": (
        LIFECYCLE,
        first("rules", kind="sorted"),
        r"lifecycle.yaml: rule ranks-never-grow: unknown kind 'sorted'",
    ),
    "rule without its field": (
        LIFECYCLE,
        lambda d: d["rules"][0].pop("field"),
        r"lifecycle.yaml: rule ranks-never-grow: non-increasing needs 'field'",
    ),
    "rule used twice": (LIFECYCLE, twice("rules"), r"lifecycle.yaml: rules: an id is used twice"),
    "action in an unknown state": (
        LIFECYCLE,
        lambda d: d["actions"]["cancel"]["effects"][3].update({"in": ["limbo"]}),
        r"lifecycle.yaml: action 'cancel': row .* unknown states \['limbo'\]",
    ),
    "action with an unknown outcome": (
        LIFECYCLE,
        lambda d: d["actions"]["open"]["effects"][0].update(then="explodes"),
        r"lifecycle.yaml: action 'open': unknown outcome 'explodes'",
    ),
    "action of an unknown clause": (
        LIFECYCLE,
        lambda d: d["actions"]["reset"]["effects"][2].update(clause="CANCEL-999"),
        r"lifecycle.yaml: action reset: there is no CANCEL-999",
    ),
    "testbed without endpoints": (
        "testbed.yaml",
        lambda d: d.update(endpoints=[]),
        r"testbed.yaml: endpoints: ",
    ),
}


@pytest.mark.parametrize(("file", "edit", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_data_is_refused_by_file_and_field(
    version: Path, file: str, edit: Edit, message: str
) -> None:
    spoil(version / file, edit)
    with pytest.raises(SpecError, match=message):
        read_spec(version)


def test_a_schema_cannot_enforce_a_clause_that_is_not_there(version: Path) -> None:
    path = version / "messages.schema.json"
    path.write_text(path.read_text("utf-8").replace('"EVT-004"', '"EVT-998"'), "utf-8")
    with pytest.raises(SpecError, match=r"messages#/.*: x-clause: there is no EVT-998"):
        read_spec(version)


def test_a_missing_file_is_named(version: Path) -> None:
    (version / "profiles.yaml").unlink()
    with pytest.raises(SpecError, match=r"profiles.yaml: No such file"):
        read_spec(version)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: [1, 2", "not YAML"),
        (b"a: \xff\xfe", "not UTF-8"),
        (b"a: 1\nb: {c: 1, d: 2, c: 3}\n", "the key 'c' stands there twice"),
        (b"!!python/object/apply:os.getcwd []\n", "not YAML"),
    ],
)
def test_text_that_is_no_safe_yaml_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=f"own.yaml: .*{reason}"):
        read_yaml(path)


def test_an_unknown_version_is_told_from_the_known_ones() -> None:
    with pytest.raises(SpecError, match=r"unknown protocol version 'sse_v9'.*sse_v3.*v3-6.27"):
        load_spec("sse_v9")


def test_a_long_value_does_not_fill_the_message(version: Path) -> None:
    spoil(version / CLAUSES, lambda data: data.update(clauses={"x" * 5000: 1}))
    with pytest.raises(SpecError, match=r"sse.yaml: clauses: .*is not of type 'array'") as told:
        read_spec(version)
    assert len(str(told.value)) < 400


# -- what is right ------------------------------------------------------------------------------


def test_a_copy_is_the_same_specification(version: Path) -> None:
    copy = read_spec(version)
    assert copy.digest == SPEC.digest
    assert copy.clauses == SPEC.clauses
    assert copy.lifecycle.rules == SPEC.lifecycle.rules


def test_a_specification_is_loaded_once() -> None:
    assert load_spec() is SPEC


@pytest.mark.parametrize("file", ["protocol.md", "messages.schema.json", CLAUSES, "testbed.yaml"])
def test_the_digest_changes_with_every_file(version: Path, file: str) -> None:
    with (version / file).open("a", encoding="utf-8") as stream:
        stream.write("\n")
    assert read_spec(version).digest != SPEC.digest


def test_the_digest_changes_with_a_name_and_not_with_other_files(version: Path) -> None:
    (version / "notes.txt").write_text("no data", "utf-8")
    assert read_spec(version).digest == SPEC.digest
    (version / "vectors" / "sse.json").rename(version / "vectors" / "framing.json")
    assert read_spec(version).digest != SPEC.digest
    assert re.fullmatch(r"[0-9a-f]{12}", SPEC.digest)


def test_the_view_is_frozen() -> None:
    clause = SPEC.clause("SSE-001")
    with pytest.raises(FrozenInstanceError):
        clause.level = Level.MAY  # type: ignore[misc]
    with pytest.raises(TypeError):
        SPEC.clauses["SSE-001"] = clause  # type: ignore[index]
    with pytest.raises(TypeError):
        SPEC.lifecycle.machines["event"] = SPEC.lifecycle.machines["call_stream"]  # type: ignore[index]


def test_clauses_are_typed_and_sorted() -> None:
    assert list(SPEC.clauses) == sorted(SPEC.clauses)
    for clause_id, clause in SPEC.clauses.items():
        assert clause.id == clause_id
        assert clause.id.startswith(f"{clause.area}-")
        assert isinstance(clause.level, Level)
        assert isinstance(clause.scope, Scope)
        assert isinstance(clause.testbed, tuple)
    with pytest.raises(KeyError, match="SSE-999"):
        SPEC.clause("SSE-999")


def test_excluded_clauses_are_not_asked_for() -> None:
    everything = {clause.id for clause in SPEC.testable()}
    assert everything == {c.id for c in SPEC.clauses.values() if c.excluded is None}
    of_calls = {clause.id for clause in SPEC.testable(("call",))}
    assert of_calls == {i for i in everything if SPEC.clause(i).profile == "call"}


# -- known deviations ---------------------------------------------------------------------------

OWN: dict[str, Any] = {
    "implementation": "mine",
    "release": "1.0",
    "spec": "sse_v3",
    "entries": [{"clause": "SSE-001", "check": "sse.*", "summary": "It answers 201."}],
}


def own(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "known-failing.yaml"
    path.write_text(yaml.safe_dump({**OWN, **changes}), "utf-8")
    return path


def test_known_deviations_of_ones_own(tmp_path: Path) -> None:
    known = load_known(own(tmp_path))
    assert (known.source, known.implementation, known.release) == ("known-failing", "mine", "1.0")
    (entry,) = known.entries
    assert (entry.clause, entry.check, entry.intermittent) == ("SSE-001", "sse.*", False)


@pytest.mark.parametrize("path", sorted((PACKAGE / "known").glob("*.yaml")), ids=lambda p: p.stem)
def test_a_bundled_list_is_found_by_name_and_by_path(path: Path) -> None:
    assert load_known(path.stem) == load_known(path) == load_known(str(path))
    assert load_known(path.stem).entries


def test_a_missing_list_is_told_from_the_bundled_ones(tmp_path: Path) -> None:
    for name in ("gradio-0.0", tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(SpecError, match=r"no such file, and no bundled list; there are \["):
            load_known(name)


ENTRY = OWN["entries"][0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"entries": [{**ENTRY, "clause": "SSE-999"}]}, "entries/0/clause: no clause SSE-999"),
        ({"entries": [ENTRY, {**ENTRY, "clause": "sse-1"}]}, "entries/1/clause: 'sse-1'"),
        ({"entries": [{**ENTRY, "check": "SSE!"}]}, "entries/0/check: 'SSE!'"),
        ({"entries": [{"clause": "SSE-001"}]}, "entries/0: 'check' is a required property"),
        ({"entries": [{**ENTRY, "reason": "x"}]}, r"entries/0: .*'reason' was unexpected"),
        ({"entries": {}}, "entries: {} is not of type 'array'"),
        ({"spec": "sse_v9"}, "spec: 'sse_v9'"),
        ({"release": 6.31}, "release: 6.31 is not of type 'string'"),
    ],
)
def test_a_wrong_list_is_refused_by_field(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SpecError, match=f"known-failing.yaml: {message}"):
        load_known(own(tmp_path, **changes))


def test_an_empty_list_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "known-failing.yaml"
    path.touch()
    with pytest.raises(SpecError, match=r"known-failing.yaml: \(top\): None is not of type"):
        load_known(path)


def test_a_lifecycle_stands_alone(version: Path) -> None:
    lifecycle = load_lifecycle(version / "lifecycle.yaml")
    names = {"event", "session_stream", "call_stream", "heartbeat_stream", "upload_progress"}
    assert set(lifecycle.machines) == names
    assert lifecycle.rules == SPEC.lifecycle.rules
