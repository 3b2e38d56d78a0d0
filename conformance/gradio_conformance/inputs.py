"""Inputs for the endpoints of an app that nobody described to us: generated from ``/info``."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gradio_conformance.faults import NotApplicable
from gradio_conformance.schema_values import simplest
from gradio_conformance.schema_values import strategy_for
from gradio_conformance.target import Target
from gradio_spec.json_schema import FILE_TYPE
from gradio_spec.json_schema import is_file


def takes_files(schema: Any) -> bool:
    """Does this schema describe a file anywhere? Such endpoints need the *files* profile."""
    if isinstance(schema, Mapping):
        marked = schema.get("const") == FILE_TYPE or is_file(schema, schema)
        return marked or any(map(takes_files, schema.values()))
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


def endpoints(target: Target) -> list[Endpoint]:
    """The public endpoints that can be called without a file, in the order of ``/info``."""
    named = target.info.get("named_endpoints")
    read = [_read(*item) for item in named.items()] if isinstance(named, Mapping) else []
    return [
        endpoint
        for endpoint in read
        if endpoint is not None
        and target.offers(endpoint.name)
        and not any(takes_files(p.get("type")) for p in endpoint.parameters)
    ]


def _read(key: str, info: Any) -> Endpoint | None:
    """One endpoint, or ``None`` if it is not what DISC-018 and DISC-019 demand."""
    if not isinstance(info, Mapping):
        return None
    parameters, returns = info.get("parameters"), info.get("returns")
    if not isinstance(parameters, list) or not isinstance(returns, list):
        return None
    if not all(isinstance(p, Mapping) for p in parameters):
        return None
    return Endpoint(key.lstrip("/"), tuple(parameters), len(returns))


def some_endpoint(target: Target) -> Endpoint:
    """An endpoint to try things on: the testbed's ``echo_text``, or else the app's first one."""
    there = endpoints(target)
    if not there:
        raise NotApplicable("the app has no public endpoint that takes no file")
    by_name = {endpoint.name: endpoint for endpoint in there}
    return by_name.get("echo_text", there[0]) if target.is_testbed else there[0]
