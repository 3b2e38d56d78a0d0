"""Inputs for the endpoints of an app that nobody described to us: generated from ``/info``."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gradio_conformance.faults import NotApplicable
from gradio_conformance.target import Target
from gradio_conformance.values import NUMBERS
from gradio_conformance.values import TEXT
from gradio_conformance.values import json_values

Schema = Mapping[str, Any]
FILE_TYPE = "gradio.FileData"


def strategy_for(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that a parameter's JSON Schema accepts; keywords that it does not know leave it
    wider.
    """
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(list(schema["enum"]))
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return st.one_of([strategy_for(part) for part in schema[union]])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([strategy_for({**schema, "type": one}) for one in kind])
    return _typed(schema, kind)


def _typed(schema: Schema, kind: Any) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if kind == "string":
        return TEXT
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if kind == "integer":
        return st.integers(-1000 if low is None else int(low), 1000 if high is None else int(high))
    if kind == "number":
        return NUMBERS.filter(lambda n: (low is None or n >= low) and (high is None or n <= high))
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _object(schema)
    return json_values(max_leaves=4)


def _array(schema: Schema) -> st.SearchStrategy[Any]:
    if "prefixItems" in schema:
        return st.tuples(*map(strategy_for, schema["prefixItems"])).map(list)
    items = strategy_for(schema.get("items") or {})
    least, most = schema.get("minItems", 0), schema.get("maxItems", schema.get("minItems", 0) + 3)
    unique = repr if schema.get("uniqueItems") else None
    return st.lists(items, min_size=least, max_size=most, unique_by=unique)


def _object(schema: Schema) -> st.SearchStrategy[Any]:
    properties = schema.get("properties", {})
    if properties:
        required = set(schema.get("required", ()))
        parts = {name: strategy_for(part) for name, part in properties.items()}
        return st.fixed_dictionaries(
            {name: part for name, part in parts.items() if name in required},
            optional={name: part for name, part in parts.items() if name not in required},
        )
    extra = schema.get("additionalProperties")
    values = strategy_for(extra) if isinstance(extra, Mapping) else json_values(max_leaves=3)
    return st.dictionaries(TEXT, values, max_size=3)


def takes_files(schema: Any) -> bool:
    """Does this schema describe a file anywhere? Such endpoints need the *files* profile."""
    if isinstance(schema, Mapping):
        return schema.get("const") == FILE_TYPE or any(map(takes_files, schema.values()))
    return isinstance(schema, list) and any(map(takes_files, schema))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A public endpoint as ``/info`` describes it, callable with generated inputs."""

    name: str
    parameters: tuple[Mapping[str, Any], ...]
    outputs: int

    @property
    def arguments(self) -> st.SearchStrategy[list[Any]]:
        """Positional data for the endpoint."""
        return st.tuples(*(strategy_for(p.get("type") or {}) for p in self.parameters)).map(list)

    @property
    def sample(self) -> list[Any]:
        """One fixed set of arguments: defaults where there are some, otherwise the simplest
        value.
        """
        return [
            p["parameter_default"]
            if p.get("parameter_has_default")
            else simplest(p.get("type") or {})
            for p in self.parameters
        ]

    def by_name(self, arguments: Sequence[Any]) -> dict[str, Any]:
        """Positional arguments as ``call/v2`` takes them."""
        names = (str(p.get("parameter_name")) for p in self.parameters)
        return dict(zip(names, arguments, strict=True))


SIMPLEST: Mapping[str, Any] = {
    "string": "hello",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}


def simplest(schema: Schema) -> Any:
    """One plain value for a schema, the same every time."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return simplest(schema[union][-1])
    if schema.get("type") == "object":
        return {name: simplest(part) for name, part in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        least = [schema.get("items") or {}] * schema.get("minItems", 0)
        return [simplest(part) for part in schema.get("prefixItems", least)]
    return SIMPLEST.get(str(schema.get("type")), "hello")


def endpoints(target: Target) -> list[Endpoint]:
    """The public endpoints that can be called without a file, in the order of ``/info``."""
    found = []
    for name, info in target.info.get("named_endpoints", {}).items():
        parameters = tuple(info.get("parameters", ()))
        if not any(takes_files(p.get("type")) for p in parameters) and target.offers(
            name.lstrip("/")
        ):
            found.append(Endpoint(name.lstrip("/"), parameters, len(info.get("returns", ()))))
    return found


def some_endpoint(target: Target) -> Endpoint:
    """An endpoint to try things on: the testbed's ``echo_text``, or else the app's first one."""
    there = endpoints(target)
    if not there:
        raise NotApplicable("the app has no public endpoint that takes no file")
    by_name = {endpoint.name: endpoint for endpoint in there}
    return by_name.get("echo_text", there[0]) if target.is_testbed else there[0]
