"""Values for a JSON Schema: a strategy that generates them, and one plain value.

Known are the keywords that the schemas of ``/info`` are made of. A keyword that is not known
(``not``, ``if``, ``format``, …) leaves the values wider than the schema, which does no harm: the
protocol is kept whatever a function is called with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import find
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.errors import NoSuchExample

from gradio_conformance.values import NUMBERS
from gradio_conformance.values import TEXT
from gradio_conformance.values import json_values
from gradio_spec.json_schema import UNIONS
from gradio_spec.json_schema import Schema
from gradio_spec.json_schema import Shape
from gradio_spec.json_schema import kind
from gradio_spec.json_schema import merged
from gradio_spec.json_schema import target

# How far numbers go where a schema names no bound; doubles hold every integer up to here.
FARTHEST = 2**53 - 1
WHOLE = 1000


def strategy_for(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema accepts; its ``$ref`` point into itself."""
    return _Maker(schema).make(schema)


class _Maker:
    """Makes the strategies of one document; what a ``$ref`` names is made once, as it may recur."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._named: dict[str, st.SearchStrategy[Any]] = {}

    def make(self, schema: Any) -> st.SearchStrategy[Any]:
        if not isinstance(schema, Mapping):
            return st.nothing() if schema is False else json_values(max_leaves=4)
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]))
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(list(schema["enum"]))
        if "allOf" in schema:
            return self.make(merged(self._root, schema))
        for union in UNIONS:
            if union in schema:
                return self._union(schema, union)
        told = kind(schema)
        if isinstance(told, list):
            return st.one_of([self.make({**schema, "type": one}) for one in told])
        return self._typed(schema, told)

    def _typed(self, schema: Schema, told: Any) -> st.SearchStrategy[Any]:
        makers: Mapping[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
            "string": _text,
            "boolean": lambda _: st.booleans(),
            "null": lambda _: st.none(),
            "integer": _integers,
            "number": _numbers,
            "array": self._arrays,
            "object": self._objects,
        }
        maker = makers.get(told) if isinstance(told, str) else None
        return maker(schema) if maker else json_values(max_leaves=4)

    def _reference(self, ref: str) -> st.SearchStrategy[Any]:
        if ref not in self._named:
            self._named[ref] = st.deferred(lambda: self.make(target(self._root, ref)))
        return self._named[ref]

    def _union(self, schema: Schema, union: str) -> st.SearchStrategy[Any]:
        beside = {k: v for k, v in schema.items() if k != union}
        parts = [{**beside, **p} if isinstance(p, Mapping) else p for p in schema[union]]
        strategy = st.one_of([self.make(part) for part in parts])
        if union == "anyOf":
            return strategy
        # oneOf wants exactly one: a value that fits two variants is refused.
        definitions = self._root.get("$defs", {}) if isinstance(self._root, Mapping) else {}
        exact = Shape({"oneOf": schema["oneOf"], "$defs": definitions})
        return strategy.filter(exact.accepts)

    def _arrays(self, schema: Schema) -> st.SearchStrategy[list[Any]]:
        most = schema.get("maxItems", math.inf)
        first = [self.make(part) for part in schema.get("prefixItems", ())]
        first = first[: len(first) if most == math.inf else most]
        least = max(schema.get("minItems", 0) - len(first), 0)
        rest = schema.get("items", least > 0 or not first)
        room = 0 if rest is False else int(min(most - len(first), least + 3))
        unique = _identity if schema.get("uniqueItems") else None
        tail = (
            st.lists(self.make(rest), min_size=least, max_size=room, unique_by=unique)
            if room
            else st.just([])
        )
        return st.tuples(st.tuples(*first), tail).map(lambda both: [*both[0], *both[1]])

    def _objects(self, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
        required = set(schema.get("required", ()))
        parts = {name: self.make(part) for name, part in schema.get("properties", {}).items()}
        parts |= {name: json_values(max_leaves=3) for name in sorted(required - set(parts))}
        extra = schema.get("additionalProperties", True)
        if parts or extra is False:
            return st.fixed_dictionaries(
                {name: part for name, part in parts.items() if name in required},
                optional={name: part for name, part in parts.items() if name not in required},
            )
        least = schema.get("minProperties", 0)
        most = schema.get("maxProperties", least + 3)
        return st.dictionaries(TEXT, self.make(extra), min_size=least, max_size=most)


def _identity(value: Any) -> Any:
    """Equal for what JSON Schema takes as equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    if isinstance(value, list):
        return repr([_identity(item) for item in value])
    if isinstance(value, dict):
        return repr([(key, _identity(value[key])) for key in sorted(value)])
    return repr(value)


def _pattern(schema: Schema) -> re.Pattern[str] | None:
    """The pattern, if Python's dialect of expressions has it too."""
    try:
        return re.compile(str(schema["pattern"])) if "pattern" in schema else None
    except re.error:
        return None


def _text(schema: Schema) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    pattern = _pattern(schema)
    if pattern is not None:
        return st.from_regex(pattern).filter(
            lambda t: least <= len(t) and (most is None or len(t) <= most)
        )
    if not least and most is None:
        return TEXT
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(letters, min_size=least, max_size=least + 12 if most is None else most)


def _bounds(schema: Schema, far: float) -> tuple[float, float]:
    """The closed range of a number; an open end is handled by whoever asks."""
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    return (
        (high - far if high != math.inf else -far) if low == -math.inf else low,
        (low + far if low != -math.inf else far) if high == math.inf else high,
    )


def _whole_bounds(schema: Schema) -> tuple[int, int]:
    low, high = _bounds(schema, WHOLE)
    least, most = math.ceil(low), math.floor(high)
    return (
        least + (least == schema.get("exclusiveMinimum")),
        most - (most == schema.get("exclusiveMaximum")),
    )


def _integers(schema: Schema) -> st.SearchStrategy[int]:
    least, most = _whole_bounds(schema)
    step = schema.get("multipleOf", 1)
    if step == 1 or not isinstance(step, int):
        return st.integers(least, most)
    return st.integers(-(-least // step), most // step).map(lambda n: n * step)


def _numbers(schema: Schema) -> st.SearchStrategy[float]:
    if not {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} & set(schema):
        return NUMBERS
    low, high = _bounds(schema, FARTHEST)
    return st.floats(
        low,
        high,
        exclude_min=low == schema.get("exclusiveMinimum"),
        exclude_max=high == schema.get("exclusiveMaximum"),
    )


PLAIN: Mapping[str, Any] = {
    "string": "hello",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
# Without shrinking: the first value that Hypothesis tries is the smallest one.
FINDING = settings(
    database=None,
    derandomize=True,
    max_examples=50,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def simplest(schema: Any) -> Any:
    """One plain value for a schema, the same every time."""
    root = schema if isinstance(schema, Mapping) else {}
    shape = Shape(schema)
    for value in _plain_values(root):
        if shape.accepts(value):
            return value
    try:
        return find(strategy_for(schema), shape.accepts, settings=FINDING)
    except (NoSuchExample, InvalidArgument):
        # No value is right for it; the server has to cope with a wrong one.
        return PLAIN["string"]


def _plain_values(schema: Schema) -> Iterator[Any]:
    """What one would try by hand, the most telling first."""
    if "const" in schema or "enum" in schema:
        yield from [schema["const"]] if "const" in schema else schema["enum"]
        return
    told = schema.get("type")
    names = told if isinstance(told, list) else [told]
    if "object" in names and schema.get("properties"):
        yield {name: simplest(part) for name, part in schema["properties"].items()}
    if "array" in names and schema.get("prefixItems"):
        yield [simplest(part) for part in schema["prefixItems"]]
    yield from (PLAIN[name] for name in names if isinstance(name, str) and name in PLAIN)
    yield from (schema[bound] for bound in ("minimum", "maximum") if bound in schema)
    # The last variant first: the first one is often null.
    for part in reversed([p for union in UNIONS for p in schema.get(union, ())]):
        if isinstance(part, Mapping):
            yield from _plain_values(part)
    yield PLAIN["string"]
