"""How the endpoints of a mock behave: the file that says it, and what holds where it is silent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import yaml

from gradio_reference.mocking.faults import Fault
from gradio_reference.mocking.faults import fault_of
from gradio_spec.json_schema import Shape
from gradio_spec.loader import PACKAGE

SCHEMA = json.loads((PACKAGE / "meta" / "mock.schema.json").read_text(encoding="utf-8"))
CHUNKS = 8
INTERVAL = 0.05  # seconds


class PlanError(ValueError):
    """The plan is wrong; the message names the member and the reason."""


@dataclass(frozen=True, slots=True)
class Stream:
    """``values``: what is yielded, if it is said; ``interval`` in seconds."""

    chunks: int = CHUNKS
    interval: float = INTERVAL
    values: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Of one endpoint. ``stream`` None: whatever the app's configuration says, or no generator."""

    values: Sequence[Sequence[Any]] = ()
    duration: float = 0.0
    stream: Stream | bool | None = None
    progress: Mapping[str, Any] | None = None
    logs: Sequence[Mapping[str, Any]] = ()
    error: Mapping[str, Any] | None = None
    concurrency: int | None = 1
    check_arguments: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """``faults`` by endpoint, or for ``faults.ALL``."""

    endpoints: Mapping[str, Behaviour] = field(default_factory=dict)
    defaults: Behaviour = field(default_factory=Behaviour)
    faults: Mapping[str, Fault] = field(default_factory=dict)

    def of(self, name: str) -> Behaviour:
        return self.endpoints.get(name, self.defaults)


def load(path: Path) -> Plan:
    """Raises ``PlanError`` or ``OSError``."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: no YAML: {error}") from error
    try:
        return plan({} if found is None else found)
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from None


def plan(found: Any) -> Plan:
    """Raises ``PlanError``."""
    if told := Shape(SCHEMA).complaint(found):
        raise PlanError(told)
    shared = found.get("defaults", {})
    endpoints = {
        bare(name): behaviour({**shared, **said})
        for name, said in found.get("endpoints", {}).items()
    }
    faults = {bare(name): fault_of(said) for name, said in found.get("faults", {}).items()}
    return Plan(endpoints, behaviour(shared), faults)


def bare(name: str) -> str:
    """An endpoint's name, however it is written."""
    return name.removeprefix("/")


def behaviour(said: Mapping[str, Any]) -> Behaviour:
    members = dict(said)
    if isinstance(members.get("stream"), Mapping):
        stream = dict(members["stream"])
        stream.setdefault("chunks", len(stream.get("values", ())) or CHUNKS)
        members["stream"] = Stream(**stream)
    return Behaviour(**members)
