"""Python values as strict JSON."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import pathlib
import uuid
from collections import OrderedDict
from collections import namedtuple
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_reference.encoding import NotSerialisable
from gradio_reference.encoding import clean_number
from gradio_reference.encoding import clean_text
from gradio_reference.encoding import plain
from gradio_spec import diff


class Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class Point:
    x: float
    tags: set[str]


class Array:
    """What numpy looks like from here."""

    def tolist(self) -> list[float]:
        return [1.0, float("nan")]


class Model:
    """What pydantic looks like from here."""

    def model_dump(self) -> dict[str, Any]:
        return {"when": datetime.date(2020, 1, 2)}


Pair = namedtuple("Pair", "a b")

CASES: list[tuple[Any, Any]] = [
    (float("nan"), None),
    ([float("inf"), -float("inf")], [None, None]),
    ((1, (2,)), [1, [2]]),
    ({"a": {1}}, {"a": [1]}),
    (2**70, 2**70),
    (True, True),
    (Level.LOW, 1),
    (Point(float("nan"), {"t"}), {"x": None, "tags": ["t"]}),
    (Array(), [1.0, None]),
    (Model(), {"when": "2020-01-02"}),
    (b"bytes", "Ynl0ZXM="),
    (datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2020-01-02T03:04:05+00:00"),
    (decimal.Decimal("1.50"), "1.50"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (pathlib.PurePosixPath("a/b"), "a/b"),
    (Pair(1, 2), [1, 2]),
    (OrderedDict(a=1), {"a": 1}),
    ("é\u2028😀", "é\u2028😀"),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=lambda value: repr(value)[:30])
def test_value(value: Any, expected: Any) -> None:
    assert diff.same(plain(value), expected)


def _loop() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"a": [object()]}, r"\$\.a\[0\]: object"),
        ({1: "x"}, r"\$: object key 1 is not a string"),
        (["\ud800"], r"\$\[0\]: text with a lone surrogate"),
        ({"\ud800": 1}, "surrogate"),
        (_loop(), "nested too deeply"),
        (int, "type is not"),
        (Array, "type is not"),
    ],
)
def test_refused(value: Any, where: str) -> None:
    with pytest.raises(NotSerialisable, match=where):
        plain(value)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(JSON)
def test_the_result_is_a_strict_json_copy(value: Any) -> None:
    copy = plain(value)
    text = json.dumps(copy, allow_nan=False)
    assert diff.same(json.loads(text), copy)


def test_what_functions_say_is_cleaned() -> None:
    class Rude:
        def __str__(self) -> str:
            raise ValueError

    assert clean_text("a\ud800b") == "a?b"
    assert clean_text(Rude()) == "Rude"
    assert clean_number(float("nan")) is None
    assert clean_number(3) == 3
    with pytest.raises(ValueError, match="soon"):
        clean_number("soon")  # type: ignore[arg-type]
