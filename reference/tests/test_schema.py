"""Type hints → JSON Schema → type text, hint by hint."""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import enum
import typing
from typing import Any
from typing import Literal

import pytest
from jsonschema import Draft202012Validator

from gradio_reference.docstrings import summary
from gradio_reference.schema import json_schema
from gradio_reference.schema import type_text


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Total(typing.TypedDict):
    a: int
    b: str


class Partial(typing.TypedDict, total=False):
    a: int


@dataclasses.dataclass
class Record:
    a: int
    b: str = "x"
    c: list[int] = dataclasses.field(default_factory=list)


class Plain:
    a: int
    constant: typing.ClassVar[int] = 1


class Tree:
    children: list[Tree]


INTEGER = {"type": "integer"}
STRING = {"type": "string"}
NULL = {"type": "null"}
ARRAY = {"type": "array", "items": {}}
SET = {"type": "array", "uniqueItems": True, "items": {}}
PAIR = {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2}
A = {"a": INTEGER}
AB = {"a": INTEGER, "b": STRING}

TABLE: list[tuple[Any, dict[str, Any], str]] = [
    (str, STRING, "str"),
    (int, INTEGER, "int"),
    (float, {"type": "number"}, "float"),
    (bool, {"type": "boolean"}, "bool"),
    (None, NULL, "None"),
    (Any, {}, "Any"),
    (object, {}, "Any"),
    (datetime.datetime, {}, "Any"),
    (complex, {}, "Any"),
    (collections.abc.Iterator[int], {}, "Any"),
    (list, ARRAY, "list[Any]"),
    (typing.List, ARRAY, "list[Any]"),  # noqa: UP006
    (list[int], {"type": "array", "items": INTEGER}, "list[int]"),
    (tuple, ARRAY, "list[Any]"),  # E-11: the bare containers must not break /info
    (set, SET, "list[Any]"),
    (frozenset, SET, "list[Any]"),
    (tuple[int, str], PAIR, "tuple[int, str]"),
    (tuple[int, ...], {"type": "array", "items": INTEGER}, "list[int]"),
    (set[int], SET | {"items": INTEGER}, "list[int]"),
    (bytes, {"type": "string", "format": "byte"}, "str"),
    (bytearray, {"type": "string", "format": "byte"}, "str"),
    (dict, {"type": "object", "additionalProperties": {}}, "dict(str, Any)"),
    (dict[str, int], {"type": "object", "additionalProperties": INTEGER}, "dict(str, int)"),
    (dict[int, int], {}, "Any"),
    (Literal["a", "b"], {"enum": ["a", "b"]}, "Literal['a', 'b']"),
    (Literal["a"], {"const": "a"}, "Literal[a]"),
    (Colour, {"enum": ["red", "blue"]}, "Literal['red', 'blue']"),
    (typing.Optional[int], {"oneOf": [NULL, INTEGER]}, "None | int"),  # noqa: UP045
    (int | None, {"oneOf": [NULL, INTEGER]}, "None | int"),
    (int | str, {"anyOf": [INTEGER, STRING]}, "int | str"),
    (int | str | None, {"anyOf": [INTEGER, STRING, NULL]}, "int | str | None"),
    (typing.Annotated[int, "metres"], INTEGER, "int"),
    (
        Total,
        {"type": "object", "properties": AB, "required": ["a", "b"]},
        "dict(a: int, b: str)",
    ),
    (Partial, {"type": "object", "properties": A}, "dict(a: int)"),
    (
        Record,
        {
            "type": "object",
            "properties": {**AB, "c": {"type": "array", "items": INTEGER}},
            "required": ["a"],
        },
        "dict(a: int, b: str, c: list[int])",
    ),
    (Plain, {"type": "object", "properties": A, "required": ["a"]}, "dict(a: int)"),
    (Tree, {}, "Any"),  # it contains itself
    (list[dict[int, str]], {}, "Any"),
]


@pytest.mark.parametrize(("hint", "schema", "text"), TABLE, ids=lambda value: str(value)[:40])
def test_hint(hint: Any, schema: dict[str, Any], text: str) -> None:
    assert json_schema(hint) == schema
    assert type_text(schema) == text
    Draft202012Validator.check_schema(schema)


def test_summary_is_the_docstring_up_to_its_sections() -> None:
    def documented(a: int) -> int:
        """Says
        hello.

        And more.

        Args:
            a: a number
        """
        return a

    assert summary(documented) == "Says hello. And more."
    assert summary(lambda: None) == ""
