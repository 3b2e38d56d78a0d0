"""What the suite calls a stranger's endpoints with is what their schemas ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gradio_conformance.faults import NotApplicable
from gradio_conformance.inputs import Endpoint
from gradio_conformance.inputs import endpoints
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.inputs import takes_files
from gradio_conformance.schema_values import simplest
from gradio_conformance.schema_values import strategy_for
from gradio_conformance.target import Target
from gradio_spec.loader import load_spec

FILE = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "meta": {
            "type": "object",
            "properties": {"_type": {"type": "string", "const": "gradio.FileData"}},
            "required": ["_type"],
        },
    },
    "required": ["path", "meta"],
}
TABLE = {
    "type": "object",
    "properties": {
        "headers": {"type": "array", "items": {"type": "string"}},
        "data": {"type": "array", "items": {"type": "array", "items": {}}},
        "metadata": {"anyOf": [{"type": "object"}, {"type": "null"}], "default": None},
    },
    "required": ["headers", "data"],
    "title": "Table",
}
TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "label": {"type": "string", "minLength": 1},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "maxItems": 2},
            },
            "required": ["label", "children"],
        }
    },
}
MESSAGE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "role": {"enum": ["user", "assistant", "system"], "type": "string"},
            "content": {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/Part"}]},
            "meta": {"anyOf": [{"$ref": "#/$defs/Part"}, {"type": "null"}]},
        },
        "required": ["role", "content"],
    },
    "$defs": {
        "Part": {
            "type": "object",
            "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
            "required": ["type", "text"],
            "additionalProperties": False,
        }
    },
}
MERGED = {
    "allOf": [
        {"$ref": "#/$defs/Named"},
        {"properties": {"size": {"type": "integer", "minimum": 1}}, "required": ["size"]},
    ],
    "$defs": {
        "Named": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        }
    },
}

SCHEMAS: dict[str, Any] = {
    "anything": {},
    "true": True,
    "description only": {"description": "any valid json"},
    "string": {"type": "string"},
    "string of length": {"type": "string", "minLength": 3, "maxLength": 5},
    "string at least": {"type": "string", "minLength": 7},
    "string at most": {"type": "string", "maxLength": 2},
    "empty string": {"type": "string", "maxLength": 0},
    "pattern": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    "pattern and length": {"type": "string", "pattern": "a+", "maxLength": 4},
    "integer": {"type": "integer"},
    "integer from 5": {"type": "integer", "minimum": 5},
    "integer to -7": {"type": "integer", "maximum": -7},
    "integer beyond the usual": {"type": "integer", "minimum": 100_000},
    "integer between": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3},
    "integer between fractions": {"type": "integer", "minimum": 0.5, "maximum": 2.5},
    "multiple": {"type": "integer", "multipleOf": 7, "minimum": 10, "maximum": 99},
    "number": {"type": "number"},
    "slider": {"type": "number", "minimum": 0, "maximum": 1},
    "slider of hundred": {"type": "number", "minimum": 0, "maximum": 100, "description": "0-100"},
    "positive": {"type": "number", "exclusiveMinimum": 0},
    "below": {"type": "number", "exclusiveMaximum": -1.5},
    "fixed number": {"type": "number", "minimum": 2.25, "maximum": 2.25},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "types": {"type": ["string", "null", "integer"], "minLength": 2, "minimum": 3},
    "const": {"const": {"a": [1]}},
    "const null": {"const": None},
    "enum": {"enum": ["red", "green"], "title": "Radio", "type": "string"},
    "enum of many kinds": {"enum": [1, "1", None, [], {}]},
    "array": {"type": "array"},
    "array of integers": {"type": "array", "items": {"type": "integer"}},
    "array of length": {"type": "array", "items": {}, "minItems": 2, "maxItems": 3},
    "many items": {"type": "array", "items": {"type": "boolean"}, "minItems": 9},
    "full array": {"type": "array", "minItems": 4, "maxItems": 4},
    "no items": {"type": "array", "maxItems": 0},
    "set": {"type": "array", "items": {"type": "number"}, "uniqueItems": True, "minItems": 2},
    "set of anything": {"type": "array", "items": {}, "uniqueItems": True},
    "choices": {"type": "array", "items": {"enum": ["a", "b"], "type": "string"}},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
    "closed tuple": {"prefixItems": [{"type": "string"}], "items": False, "type": "array"},
    "tuple with rest": {
        "type": "array",
        "prefixItems": [{"type": "null"}],
        "items": {"type": "string"},
        "minItems": 3,
    },
    "short tuple": {"type": "array", "prefixItems": [{}, {"type": "string"}], "maxItems": 1},
    "tuple that must be longer": {"type": "array", "prefixItems": [{}], "minItems": 2},
    "array without type": {"items": {"type": "string"}},
    "object": {"type": "object"},
    "mapping": {"type": "object", "additionalProperties": {"type": "integer"}},
    "mapping of size": {"type": "object", "minProperties": 2, "maxProperties": 3},
    "empty object": {"type": "object", "additionalProperties": False},
    "closed object": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    },
    "required without a schema": {"type": "object", "required": ["x", "y"]},
    "properties without type": {"properties": {"n": {"type": "null"}}},
    "nested": TABLE,
    "recursive": TREE,
    "messages": MESSAGE,
    "all of": MERGED,
    "optional": {"oneOf": [{"type": "null"}, {"type": "string"}]},
    "union": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]},
    "union with siblings": {"anyOf": [{"minimum": 3}, {"maximum": -3}], "type": "integer"},
    "exactly one": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "literal union": {"anyOf": [{"const": "auto"}, {"type": "number", "minimum": 1}]},
    "constant part": {"type": "object", "properties": {"kind": {"const": "x"}}},
    "file": FILE,
}
GENERATED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

every_schema = pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)


@every_schema
@GENERATED
@given(data=st.data())
def test_every_generated_value_is_valid(schema: Any, data: st.DataObject) -> None:
    Draft202012Validator.check_schema(schema)
    value = data.draw(strategy_for(schema))
    Draft202012Validator(schema).validate(value)


@every_schema
def test_the_simplest_value_is_valid_and_always_the_same(schema: Any) -> None:
    value = simplest(schema)
    Draft202012Validator(schema).validate(value)
    assert simplest(schema) == value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "hello"),
        ({"type": "integer"}, 1),
        ({"type": "number"}, 1.5),
        ({"type": "boolean"}, True),
        ({"type": "array", "items": {}}, []),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, "hello"),
        ({"enum": ["red", "green"]}, "red"),
        ({"enum": [1, None]}, 1),
        ({"type": "array", "prefixItems": [{"type": "string"}, {}]}, ["hello", "hello"]),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"type": "integer", "minimum": 5}, 5),
    ],
)
def test_the_simplest_value_is_plain(schema: Mapping[str, Any], value: Any) -> None:
    assert simplest(schema) == value


ODD: list[Any] = [
    {"type": {}, "description": "what Gradio says of its JSON component"},
    {"type": "int"},
    {"type": "string", "pattern": "(?<wrong"},
    {"$ref": "https://example.invalid/elsewhere"},
    {"$ref": "#/$defs/nowhere"},
    {"type": "string", "format": "date-time"},
    {"not": {"type": "string"}},
]


@pytest.mark.parametrize("schema", ODD)
@GENERATED
@given(data=st.data())
def test_odd_schemas_still_give_values(schema: Any, data: st.DataObject) -> None:
    data.draw(strategy_for(schema))


@pytest.mark.parametrize("schema", ODD)
def test_odd_schemas_still_have_a_simplest_value(schema: Any) -> None:
    assert simplest(schema) == simplest(schema)


def test_a_schema_that_no_value_keeps_still_has_a_simplest_one() -> None:
    assert simplest({"type": "integer", "minimum": 5, "maximum": 4}) == "hello"


def parameter(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"parameter_name": name, "parameter_has_default": False, "type": schema, **more}


def target(named: Any, names: tuple[str, ...] = ("first", "files", "second")) -> Target:
    dependencies = [{"id": i, "api_name": name} for i, name in enumerate(names)]
    return Target("", "", {"dependencies": dependencies}, {"named_endpoints": named}, None)


NAMED = {
    "/files": {"parameters": [parameter("upload", FILE)], "returns": []},
    "/second": {
        "parameters": [
            parameter("text", {"type": "string"}),
            parameter("size", {"type": "integer"}, parameter_has_default=True, parameter_default=9),
        ],
        "returns": [{}, {}],
    },
    "/first": {"parameters": [], "returns": [{}]},
    "/unlisted": {"parameters": [], "returns": []},
}


def test_endpoints_are_the_callable_ones_in_the_order_of_info() -> None:
    found = endpoints(target(NAMED))
    assert [endpoint.name for endpoint in found] == ["second", "first"]
    assert [endpoint.outputs for endpoint in found] == [2, 1]
    assert some_endpoint(target(NAMED)) == found[0]


def test_samples_take_the_default_or_a_plain_value() -> None:
    endpoint = endpoints(target(NAMED))[0]
    assert endpoint.sample == ["hello", 9]
    assert endpoint.by_name(endpoint.sample) == {"text": "hello", "size": 9}


@GENERATED
@given(data=st.data())
def test_arguments_keep_the_order_of_the_parameters(data: st.DataObject) -> None:
    text, size = data.draw(endpoints(target(NAMED))[0].arguments)
    assert isinstance(text, str)
    assert isinstance(size, int)


@pytest.mark.parametrize(
    "named",
    [
        None,
        [],
        {"/first": None},
        {"/first": {"parameters": [], "returns": None}},
        {"/first": {"parameters": {}, "returns": []}},
        {"/first": {"parameters": [7], "returns": []}},
    ],
)
def test_an_info_that_breaks_the_rules_offers_nothing(named: Any) -> None:
    assert endpoints(target(named)) == []
    with pytest.raises(NotApplicable, match="no public endpoint"):
        some_endpoint(target(named))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (FILE, True),
        ({"type": "array", "items": FILE}, True),
        ({"anyOf": [{"type": "null"}, FILE]}, True),
        (TABLE, False),
        ({"const": "gradio.FileDatum"}, False),
        (None, False),
    ],
)
def test_files_are_found_at_any_depth(schema: Any, expected: bool) -> None:
    assert takes_files(schema) is expected


def declared_types() -> list[tuple[str, Any]]:
    rows = load_spec().testbed["endpoints"]
    sent = [(e, p) for e in rows for p in e["parameters"] if "state" not in p]  # STATE-011
    return [(f"{e['name']}.{p['name']}", p["type"]) for e, p in sent]


@pytest.mark.parametrize(("name", "schema"), declared_types())
def test_every_parameter_of_the_testbed_has_a_plain_value(name: str, schema: Any) -> None:
    Draft202012Validator(schema).validate(simplest(schema))
    assert isinstance(Endpoint(name, (parameter("x", schema),), 1).sample, list)
