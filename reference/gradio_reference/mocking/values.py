"""A value for a return of ``/info``, made from its schema and its component.

The same random numbers give the same value. It fits the schema, as far as what there is can be a
schema at all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from random import Random
from typing import Any

from gradio_reference.mocking import words
from gradio_reference.mocking.components import COMPONENTS
from gradio_reference.mocking.components import FILE_KINDS
from gradio_spec.json_schema import UNIONS
from gradio_spec.json_schema import Schema
from gradio_spec.json_schema import Shape
from gradio_spec.json_schema import is_file
from gradio_spec.json_schema import kind
from gradio_spec.json_schema import merged
from gradio_spec.json_schema import target

File = Callable[[str, Random], Any]
DEEPEST = 6  # levels at which a value that might recur stops
_BETWEEN = re.compile(r"between (-?[\d.]+) and (-?[\d.]+)")
_FORMATS: dict[str, Callable[[Random], str]] = {
    "date-time": lambda rng: f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T12:00:00Z",
    "date": lambda rng: f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
    "time": lambda rng: f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:00Z",
    "email": lambda rng: f"{words.name(rng)}@example.com",
    "uri": lambda rng: f"https://example.com/{words.name(rng)}",
    "uuid": lambda rng: f"{rng.getrandbits(32):08x}-0000-4000-8000-{rng.getrandbits(48):012x}",
    "byte": lambda rng: "bW9jaw==",
}


class Maker:
    """Makes the values of one return. ``file`` makes a file of a kind of ``media.KINDS``."""

    def __init__(self, schema: Any, component: str, file: File) -> None:
        self._schema = schema
        self._component = component.lower()
        self._file = file
        self.shape = Shape(schema)
        # The text of a plot is a document; half of it is none.
        self.whole = self._component == "plot"

    def make(self, rng: Random) -> Any:
        for value in self._tries(rng):
            if self.shape.accepts(value):
                return value
        return value  # nothing is right for it

    def _tries(self, rng: Random) -> Iterator[Any]:
        """The likeliest values first: the schema's own examples, the component's, any at all."""
        schema = self._schema if isinstance(self._schema, Mapping) else {}
        if isinstance(schema.get("examples"), list) and schema["examples"]:
            yield rng.choice(schema["examples"])
        if self._component in COMPONENTS:
            yield COMPONENTS[self._component](rng, self._schema)
        for most in (DEEPEST, 2):
            yield self._value(self._schema, rng, FILE_KINDS.get(self._component, "file"), most)
        yield from (None, [], {}, "")

    def _value(self, schema: Any, rng: Random, likely: str, left: int) -> Any:
        """``likely``: the kind of file that is expected where there is one. Below ``left`` 0 what
        may be left out is.
        """
        if not isinstance(schema, Mapping) or left < -DEEPEST:
            return words.sentence(rng)
        if is_file(self._schema, schema):
            return self._file(likely, rng)
        if "$ref" in schema:
            found = target(self._schema, str(schema["$ref"]))
            return self._value(found, rng, likely, left - 1)
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return rng.choice(schema["enum"])
        if isinstance(schema.get("allOf"), list):
            return self._value(merged(self._schema, schema), rng, likely, left - 1)
        for union in UNIONS:
            if isinstance(schema.get(union), list) and schema[union]:
                return self._option(schema, schema[union], union, rng, likely, left)
        return self._of_kind(schema, rng, likely, left)

    def _option(
        self, schema: Schema, options: list[Any], union: str, rng: Random, likely: str, left: int
    ) -> Any:
        """Anything but null, as long as there is room for it."""
        beside = {k: v for k, v in schema.items() if k != union}
        full = [o for o in options if not _is_null(o)]
        option = (full if full and left > 0 else options)[0]
        return self._value({**beside, **option} if isinstance(option, Mapping) else option,
                           rng, likely, left)  # fmt: skip

    def _of_kind(self, schema: Schema, rng: Random, likely: str, left: int) -> Any:
        told = kind(schema)
        if isinstance(told, list):
            told = next((one for one in told if one != "null"), "null")
        match told:
            case "array":
                return self._array(schema, rng, likely, left)
            case "object":
                return self._object(schema, rng, likely, left)
            case "integer" | "number":
                return number(schema, rng, whole=told == "integer")
            case "boolean":
                return rng.random() < 0.5
            case "null":
                return None
            case "string":
                return text(schema, rng)
            case _:
                return {"result": words.sentence(rng), "score": round(rng.random(), 3)}

    def _array(self, schema: Schema, rng: Random, likely: str, left: int) -> list[Any]:
        first = schema.get("prefixItems")
        found = [self._value(part, rng, likely, left - 1) for part in first] if first else []
        least = schema.get("minItems", 0)
        most = schema.get("maxItems", math.inf)
        items = schema.get("items", not first)
        wanted = max(least, len(found) if first else rng.randint(1, 3) if left > 0 else 0)
        for _ in range(int(min(wanted, most)) * 4):
            if items is False or len(found) >= min(wanted, most):
                break
            value = self._value(items, rng, likely, left - 1)
            if not (schema.get("uniqueItems") and value in found):
                found.append(value)
        return found[: int(min(len(found), most))]

    def _object(self, schema: Schema, rng: Random, likely: str, left: int) -> dict[str, Any]:
        parts = schema.get("properties")
        parts = parts if isinstance(parts, Mapping) else {}
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        found: dict[str, Any] = {}
        for key, part in parts.items():
            if key in required:
                found[key] = self._value(part, rng, FILE_KINDS.get(key.lower(), likely), left - 1)
            elif isinstance(part, Mapping) and "default" in part and not self._may_be_file(part):
                found[key] = part["default"]  # what a model's serialiser would write
            elif left > 0:
                found[key] = self._value(part, rng, FILE_KINDS.get(key.lower(), likely), left - 1)
        extra = schema.get("additionalProperties", True)
        more = [key for key in required if key not in found]
        if not parts and left > 0 and extra is not False:
            more += words.names(rng, max(2, min(schema.get("minProperties", 2), 8)))
        for key in more:
            found[key] = self._value(extra, rng, FILE_KINDS.get(key.lower(), likely), left - 1)
        return found

    def _may_be_file(self, schema: Schema) -> bool:
        """Is it a file or null? A value with nothing but nulls would show nothing."""
        options = (option for union in UNIONS for option in schema.get(union) or ())
        found = (target(self._schema, str(o["$ref"])) if _refers(o) else o for o in options)
        return any(is_file(self._schema, option) for option in found)


def _refers(schema: Any) -> bool:
    return isinstance(schema, Mapping) and "$ref" in schema


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def text(schema: Schema, rng: Random) -> str:
    """A text of the schema's format and length. Patterns are not looked at."""
    make = _FORMATS.get(str(schema.get("format")), words.sentence)
    found = make(rng)
    while len(found) < schema.get("minLength", 0):
        found = f"{found} {words.sentence(rng)}"
    return found[: schema.get("maxLength", len(found))]


def number(schema: Schema, rng: Random, *, whole: bool) -> int | float:
    """A number within the bounds that the schema has, or that its description tells."""
    low, high = _bounds(schema)
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step > 0:
        first = math.ceil(low / step)
        return rng.randint(first, max(first, math.floor(high / step))) * step
    if whole:
        return rng.randint(math.ceil(low), max(math.ceil(low), math.floor(high)))
    found = round(rng.uniform(low, high), 2)
    inside = low < found < high
    return found if inside else (low + high) / 2


def _bounds(schema: Schema) -> tuple[float, float]:
    told = _BETWEEN.search(str(schema.get("description", "")))
    low, high = (float(told[1]), float(told[2])) if told else (-math.inf, math.inf)
    low = max(low, schema.get("minimum", -math.inf), _beyond(schema, "exclusiveMinimum", 1))
    high = min(high, schema.get("maximum", math.inf), _beyond(schema, "exclusiveMaximum", -1))
    if low == -math.inf:
        low = 0.0 if high >= 0 else high - 100
    return (low, low + 100) if high == math.inf else (low, max(low, high))


def _beyond(schema: Schema, bound: str, sign: int) -> float:
    """A value just on the right side of an exclusive bound."""
    value = schema.get(bound)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return -math.inf * sign
    return value + sign * (1 if kind(schema) == "integer" else 1e-6 * max(1.0, abs(value)))
