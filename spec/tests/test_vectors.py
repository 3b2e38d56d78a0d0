"""The golden vectors: each keeps their schema, and the code of this project does what it says."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gradio_spec import diff
from gradio_spec import sse

SPEC = Path(diff.__file__).parent
VERSION = SPEC / "versions" / "sse_v3"
FILES = {
    name: json.loads((VERSION / "vectors" / f"{name}.json").read_text("utf-8"))
    for name in ("sse", "diff")
}


def vectors(subject: str, *kinds: str) -> list[Any]:
    found = [v for v in FILES[subject]["vectors"] if v["kind"] in kinds]
    return [pytest.param(v, id=v["name"].replace(" ", "-")) for v in found]


@pytest.mark.parametrize("subject", FILES)
def test_file_keeps_its_schema(subject: str) -> None:
    schema = json.loads((SPEC / "meta" / "vectors.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(FILES[subject])
    assert FILES[subject]["subject"] == subject


@pytest.mark.parametrize("subject", FILES)
def test_names_are_unique(subject: str) -> None:
    names = Counter(v["name"] for v in FILES[subject]["vectors"])
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("subject", FILES)
def test_clauses_exist(subject: str) -> None:
    named = {clause for v in FILES[subject]["vectors"] for clause in v["clauses"]}
    known = set()
    for path in (VERSION / "requirements").glob("*.yaml"):
        area = yaml.safe_load(path.read_text("utf-8"))
        known |= {clause["id"] for clause in area["clauses"]}
    assert named - known == set()


def test_enough_of_each() -> None:
    """A file that lost its vectors must not pass for one that keeps them."""
    assert len(FILES["sse"]["vectors"]) >= 79
    assert len(FILES["diff"]["vectors"]) >= 120


def chunks_of(vector: dict[str, Any]) -> list[bytes]:
    given = vector["input"]
    chunks = [base64.b64decode(c) for c in given.get("chunks_base64", [])]
    chunks += [c.encode() for c in given.get("chunks", [])]
    if vector.get("split") == "every-byte":
        return [bytes([b]) for b in b"".join(chunks)]
    return chunks


def splits(chunks: list[bytes]) -> Iterator[list[bytes]]:
    """The chunks as given, in one, byte by byte, and every way to cut them in two."""
    body = b"".join(chunks)
    yield chunks
    yield [body]
    yield [bytes([b]) for b in body]
    for cut in range(1, len(body)):
        yield [body[:cut], body[cut:]]


@pytest.mark.parametrize("vector", vectors("sse", "decode"))
def test_decode(vector: dict[str, Any]) -> None:
    expected = vector["expected"]
    for chunks in splits(chunks_of(vector)):
        decoder = sse.Decoder()
        events = [event for chunk in chunks for event in decoder.feed(chunk)]
        decoder.close()
        assert events == [sse.Event(**event) for event in expected["events"]], chunks
        assert decoder.pending is expected["pending"], chunks
        assert decoder.last_event_id == expected.get("last_event_id", ""), chunks
        assert decoder.retry == expected.get("retry"), chunks


@pytest.mark.parametrize("vector", vectors("sse", "encode"))
def test_encode_event(vector: dict[str, Any]) -> None:
    body = sse.encode(**vector["input"])
    assert body == vector["expected"]["bytes"].encode()
    assert sse.Decoder().feed(body) == [sse.Event(**vector["input"])]


@pytest.mark.parametrize("vector", vectors("sse", "refuse"))
def test_encode_refuses(vector: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{vector['expected']['field']}: "):
        sse.encode(**vector["input"])


@pytest.mark.parametrize("vector", vectors("diff", "encode"))
def test_encode_edits(vector: dict[str, Any]) -> None:
    edits = diff.encode(vector["old"], vector["new"])
    assert diff.same(edits, vector["edits"])
    assert [diff.check_edit(edit) for edit in edits] == [None] * len(edits)


@pytest.mark.parametrize("vector", vectors("diff", "encode", "apply"))
def test_apply_edits(vector: dict[str, Any]) -> None:
    before = json.dumps(vector)
    assert diff.same(diff.apply(vector["old"], vector["edits"]), vector["new"])
    assert json.dumps(vector) == before


@pytest.mark.parametrize("vector", vectors("diff", "refuse"))
def test_apply_refuses(vector: dict[str, Any]) -> None:
    expected, before = vector["expected"], json.dumps(vector)
    with pytest.raises(diff.DiffError) as caught:
        diff.apply(vector["old"], vector["edits"])
    assert (caught.value.index, caught.value.clause) == (expected["index"], expected["clause"])
    assert expected["clause"] in str(caught.value)
    assert json.dumps(vector) == before


@pytest.mark.parametrize("vector", vectors("diff", "check"))
def test_check_edit(vector: dict[str, Any]) -> None:
    fault = diff.check_edit(vector["edit"])
    assert (fault and fault.clause) == vector["expected"]["clause"]


@pytest.mark.parametrize("vector", vectors("diff", "stream"))
def test_stream(vector: dict[str, Any]) -> None:
    shown: list[Any] | None = None
    for chunk, values in zip(vector["chunks"], vector["values"], strict=True):
        # DIFF-016: the first chunk is never read as edits
        shown = chunk if shown is None else list(map(diff.apply, shown, chunk))
        assert diff.same(shown, values)
