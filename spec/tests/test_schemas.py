"""Schemas, examples and recordings agree; every error names the clause that it breaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from transcripts import GRADIO
from transcripts import Recording
from transcripts import load
from transcripts import recordings

import gradio_spec
from gradio_spec.releases import is_bound
from gradio_spec.schemas import SchemaError
from gradio_spec.schemas import Schemas

PACKAGE = Path(gradio_spec.__file__).parent
ROOT = PACKAGE / "versions" / "sse_v3"
SCHEMAS = Schemas(ROOT)
CLAUSE_ID = re.compile(r"[A-Z]+-\d{3}")
DEFINITIONS = [
    f"{name}#/$defs/{key}" for name, doc in SCHEMAS.documents.items() for key in doc["$defs"]
]
EXAMPLES = {p.stem: json.loads(p.read_text()) for p in sorted((ROOT / "examples").glob("*.json"))}
ROWS = [row for rows in EXAMPLES.values() for row in rows]
VALID = [row for row in ROWS if row["valid"]]
INVALID = [row for row in ROWS if not row["valid"]]
DEVIATIONS = yaml.safe_load((GRADIO.parent / "deviations.yaml").read_text(encoding="utf-8"))


def named(row: dict[str, Any]) -> str:
    """How a test of one example is called."""
    return f"{row['schema'].rpartition('/')[2]}: {row['why']}"


def inside(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object in a schema, examples left out."""
    if isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key not in ("examples", "x-older"):
                yield from inside(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from inside(item)


def edits_apart(one: Any, other: Any) -> int:
    """How many members or items must be set, added or removed to get from one to the other."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return sum(
            edits_apart(one[key], other[key]) if key in one and key in other else 1 for key in keys
        )
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return sum(edits_apart(a, b) for a, b in pairs) + abs(len(one) - len(other))
    return int(json.dumps(one) != json.dumps(other))


def meta_errors(name: str, data: Any) -> list[str]:
    """What a data file has that its meta schema does not allow."""
    meta = json.loads((PACKAGE / "meta" / f"{name}.schema.json").read_text(encoding="utf-8"))
    return [f"{e.json_path}: {e.message}" for e in Draft202012Validator(meta).iter_errors(data)]


# -- the schemas themselves ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMAS.documents)
def test_a_document_is_a_json_schema(name: str) -> None:
    document = SCHEMAS.documents[name]
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert document["$id"] == f"urn:gradio-protocol:sse_v3:{name}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "meta").glob("*.json")), ids=lambda p: p.stem)
def test_a_meta_schema_is_a_json_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("ref", DEFINITIONS)
def test_a_definition_explains_itself(ref: str) -> None:
    schema = SCHEMAS.schema(ref)
    assert schema["title"]
    assert schema["description"].endswith(".")
    assert schema["examples"]
    for name, member in schema.get("properties", {}).items():
        assert name == "msg" or {"description", "$ref"} & member.keys(), name
    for example in schema["examples"]:
        assert SCHEMAS.check(ref, example) == []


def test_every_reference_leads_somewhere() -> None:
    for document in SCHEMAS.documents.values():
        for part in inside(document):
            ref = part.get("$ref", "")
            if ref.startswith("#"):
                assert ref.removeprefix("#/$defs/") in document["$defs"]
            elif ref.startswith("urn:"):
                assert SCHEMAS.schema(ref.removeprefix("urn:gradio-protocol:sse_v3:"))


def test_clauses_and_dialects_exist() -> None:
    known = {
        clause["id"]
        for path in (ROOT / "requirements").glob("*.yaml")
        for clause in yaml.safe_load(path.read_text(encoding="utf-8"))["clauses"]
    }
    for document in SCHEMAS.documents.values():
        for part in inside(document):
            assert CLAUSE_ID.fullmatch(part.get("x-clause", "SSE-001"))
            assert part.get("x-clause", "SSE-001") in known
            assert is_bound(part.get("x-since", "v3-4.22"))


def test_the_union_lists_every_message_once() -> None:
    union = SCHEMAS.schema("messages#/$defs/ServerMessage")
    mapping = union["discriminator"]["mapping"]
    assert [variant["$ref"] for variant in union["oneOf"]] == list(mapping.values())
    assert union["properties"]["msg"]["then"]["enum"] == list(mapping)
    for name, ref in mapping.items():
        assert SCHEMAS.schema(f"messages{ref}")["properties"]["msg"]["const"] == name


# -- the oracle ------------------------------------------------------------------------------------


def test_a_message_is_judged_as_the_kind_it_says_it_is() -> None:
    message = {"msg": "estimation", "event_id": "e", "rank": -1, "queue_size": 1, "rank_eta": None}
    assert SCHEMAS.check_message(message) == [
        SchemaError("/rank", "-1 is less than the minimum of 0", "EVT-004")
    ]


@pytest.mark.parametrize(
    ("message", "clauses"),
    [
        ([], ["SSE-002"]),
        ({}, ["SSE-003", "SSE-003"]),
        ({"msg": None, "event_id": None}, ["SSE-003"]),
        ({"msg": "send_data", "event_id": "e"}, ["SSE-004"]),
        ({"msg": "heartbeat"}, ["SSE-003"]),
        ({"msg": "heartbeat", "event_id": "e"}, ["SSE-005"]),
        ({"msg": "process_starts", "event_id": None, "eta": None}, ["SSE-005"]),
    ],
)
def test_what_is_no_message_names_the_clause_once(message: Any, clauses: list[str]) -> None:
    assert [error.clause for error in SCHEMAS.check_message(message)] == clauses


def test_a_plain_validator_agrees_with_the_oracle() -> None:
    """The discriminator only makes errors readable; the JSON Schema alone says the same."""
    plain = Draft202012Validator({**SCHEMAS.documents["messages"], "$ref": "#/$defs/ServerMessage"})
    for row in ROWS:
        if row["schema"].startswith("messages#"):
            verdict = not SCHEMAS.check_message(row["instance"])
            assert plain.is_valid(row["instance"]) == verdict, row


def test_unknown_call_events_are_refused() -> None:
    assert SCHEMAS.check_call("complete", ["x"]) == []
    for name in ("process_completed", "", None):
        (error,) = SCHEMAS.check_call(name, ["x"])
        assert error.clause == "CALL-003"
        assert "generating, complete, error, heartbeat" in error.message


@pytest.mark.parametrize("ref", ["nope", "messages#/$defs/Nope", "messages#/nope/0"])
def test_an_unknown_schema_is_named(ref: str) -> None:
    with pytest.raises(KeyError, match=re.escape(ref)):
        SCHEMAS.check(ref, {})


def test_errors_speak_json_and_point_at_the_place() -> None:
    body = {"data": None, "fn_index": True, "session_hash": "s"}
    assert SCHEMAS.check("http#/$defs/PredictBody", body) == [
        SchemaError("/data", "null is not of type array", "JOIN-008"),
        SchemaError("/fn_index", "true is not of type integer", "JOIN-006"),
    ]
    info = {"named_endpoints": {"/a~b/c": None}, "unnamed_endpoints": {}}
    (error,) = SCHEMAS.check("info", info)
    assert error == SchemaError(
        "/named_endpoints/~1a~0b~1c", "null is not of type object", "DISC-028"
    )


def test_loaded_documents_do_as_well_as_a_folder() -> None:
    again = Schemas(SCHEMAS.documents)
    assert again.check("messages#/$defs/CallHeartbeat", 1)[0].clause == "CALL-021"


# -- the examples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_of_examples_keeps_its_meta_schema(name: str) -> None:
    assert meta_errors("examples", EXAMPLES[name]) == []


def test_every_definition_has_a_valid_example() -> None:
    assert {row["schema"] for row in VALID} == set(DEFINITIONS)
    assert len(INVALID) >= 60
    assert max(Counter(json.dumps(row) for row in ROWS).values()) == 1


@pytest.mark.parametrize("row", VALID, ids=named)
def test_a_valid_example_is_accepted(row: dict[str, Any]) -> None:
    assert SCHEMAS.check(row["schema"], row["instance"]) == []


@pytest.mark.parametrize("row", INVALID, ids=named)
def test_an_invalid_twin_breaks_the_clause_it_names(row: dict[str, Any]) -> None:
    errors = SCHEMAS.check(row["schema"], row["instance"])
    assert row["clause"] in {error.clause for error in errors}, errors
    siblings = [other for other in VALID if other["schema"] == row["schema"]]
    assert min(edits_apart(row["instance"], other["instance"]) for other in siblings) == 1


# -- the recordings --------------------------------------------------------------------------------


def message_errors(recording: Recording) -> Iterator[SchemaError]:
    """What is wrong with the messages of all streams of a recording."""
    simple = {
        e.body["event_id"]
        for e in recording.exchanges
        if isinstance(e.request, dict) and e.request.get("simple_format")
    }
    for stream in recording.streams():
        begun = set(simple)
        for message in stream.messages:
            yield from SCHEMAS.check_message(message.payload)
            event = message.payload["event_id"]
            if message.payload["msg"] != "process_generating" or event in simple:
                continue
            if event in begun:
                yield from SCHEMAS.check("messages#/$defs/ProcessGeneratingEdits", message.payload)
            begun.add(event)
    for stream in recording.call_streams():
        for message in stream.messages:
            yield from SCHEMAS.check_call(message.name, message.payload)


def test_deviations_are_listed_as_their_schema_says() -> None:
    assert meta_errors("deviations", DEVIATIONS) == []
    assert DEVIATIONS["release"] == GRADIO.name


@pytest.mark.parametrize("path", sorted(GRADIO.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_messages_are_valid_but_for_the_listed_deviations(path: Path) -> None:
    found = {error.clause for error in message_errors(load(path))}
    assert found == {
        row["clause"]
        for row in DEVIATIONS["deviations"]
        if row["recording"] == path.stem and row["where"] == "messages"
    }


def test_the_recordings_cover_the_protocol() -> None:
    everything = recordings()
    kinds = Counter(m.payload["msg"] for r in everything for s in r.streams() for m in s.messages)
    calls = Counter(m.name for r in everything for s in r.call_streams() for m in s.messages)
    union = SCHEMAS.schema("messages#/$defs/ServerMessage")["discriminator"]["mapping"]
    assert kinds.keys() == union.keys()
    assert calls.keys() >= {"generating", "complete", "error"}
    assert kinds.total() + calls.total() > 1000
    assert {s.end for r in everything for s in r.streams()} == {"eof", "cut", "dropped"}
