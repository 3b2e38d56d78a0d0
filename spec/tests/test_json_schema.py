"""What the schemas of /info say, and that nothing they may hold is a reason to fail."""

from __future__ import annotations

from typing import Any

import pytest

from gradio_spec.json_schema import Shape
from gradio_spec.json_schema import is_file
from gradio_spec.json_schema import kind
from gradio_spec.json_schema import merged
from gradio_spec.json_schema import target

MARKED = {"_type": {"const": "gradio.FileData"}}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"title": "FileData", "properties": {"path": {}}}, True),
        ({"title": "ImageData", "properties": {"path": {}, "url": {}}}, True),
        ({"properties": {"path": {}, "meta": {"properties": MARKED}}}, True),
        ({"properties": {"path": {}, "meta": {"default": {"_type": "gradio.FileData"}}}}, True),
        ({"properties": {"path": {}, "meta": {"$ref": "#/$defs/Meta"}}}, True),
        ({"properties": {"path": {}, "meta": {"$ref": "#/$defs/Loop"}}}, False),
        ({"properties": {"path": {}}}, False),
        ({"title": "FileData", "properties": {"file": {}}}, False),
        ({"properties": {"image": {"title": "ImageData", "properties": {"path": {}}}}}, False),
        ({"type": "array", "items": {"title": "FileData", "properties": {"path": {}}}}, False),
        ({"title": "FileData", "properties": []}, False),
        (True, False),
    ],
)
def test_files_are_told_from_what_holds_files(schema: Any, told: bool) -> None:
    root = {"$defs": {"Meta": {"properties": MARKED}, "Loop": {"$ref": "#/$defs/Loop"}}}
    assert is_file(root, schema) is told


def test_a_reference_is_followed_within_its_document_only() -> None:
    root = {"$defs": {"a/b~c": {"type": "string"}}}
    assert target(root, "#/$defs/a~1b~0c") == {"type": "string"}
    assert target(root, "#/$defs/absent") is True
    assert target(root, "https://example.com/schema") is True
    assert target([], "#/0/1") is True


def test_the_type_is_what_the_other_keywords_give_away() -> None:
    assert kind({"properties": {}}) == "object"
    assert kind({"prefixItems": []}) == "array"
    assert kind({"type": ["string", "null"], "items": {}}) == ["string", "null"]
    assert kind({}) is None


def test_what_all_of_the_parts_say_is_said_by_one() -> None:
    parts = [
        {"$ref": "#/$defs/A"},
        {"properties": {"b": {}}, "required": ["b"], "minProperties": 2},
        True,
    ]
    root = {"$defs": {"A": {"properties": {"a": {}}, "required": ["a"], "type": "object"}}}
    assert merged(root, {"allOf": parts, "title": "Both"}) == {
        "title": "Both",
        "type": "object",
        "properties": {"a": {}, "b": {}},
        "required": ["a", "b"],
        "minProperties": 2,
    }


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "string"}, "text", None),
        ({"type": "string"}, 1, "1 is not of type 'string'"),
        ({"items": {"type": "string"}}, ["a", 1], "[1]: 1 is not of type 'string'"),
        ({"type": {}, "description": "any valid json"}, 1, None),
        ({"$ref": "http://127.0.0.1:9/schema"}, 1, None),
        ({"$ref": "#/$defs/Absent"}, 1, None),
        (False, 1, "False schema does not allow 1"),
        (True, 1, None),
    ],
)
def test_a_value_is_judged_by_what_is_a_schema(schema: Any, value: Any, told: str | None) -> None:
    assert Shape(schema).complaint(value) == told
    assert Shape(schema).accepts(value) is (told is None)
