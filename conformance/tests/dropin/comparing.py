"""Where two records differ, by the rules of volatile.yaml, and which differences are listed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import jsonschema
import yaml

HERE = Path(__file__).parent
ABSENT = "(absent)"


def load(name: str) -> Any:
    """A data file of this folder; jsonschema.ValidationError when it breaks its schema."""
    data = yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8"))
    jsonschema.validate(data, json.loads((HERE / f"{name}.schema.json").read_text("utf-8")))
    return data


@dataclass(frozen=True, slots=True)
class Found:
    """At `path` the two libraries differ."""

    path: str
    gradio: Any
    reference: Any

    def __str__(self) -> str:
        values = (("gradio:   ", self.gradio), ("reference:", self.reference))
        return "\n".join([self.path, *(f"  {name} {_short(value)}" for name, value in values)])


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference that is meant: `at` has shell wildcards, and what is given of the two values
    holds at every place.
    """

    at: str
    why: str
    erratum: str | None = None
    gradio: Any = ...
    reference: Any = ...

    def covers(self, found: Found) -> bool:
        """Whether this entry speaks of what was found."""
        return (
            fnmatchcase(found.path, self.at)
            and (self.gradio is ... or _same(self.gradio, found.gradio))
            and (self.reference is ... or _same(self.reference, found.reference))
        )


def normal(name: str, record: Any) -> Any:
    """The record of the app `name` without what is volatile."""
    rules = load("volatile")
    ordinals: dict[str, int] = {}
    texts = [(re.compile(rule["pattern"]), rule["becomes"]) for rule in rules["texts"]]

    def walk(value: Any, path: str) -> Any:
        kind = next((r["becomes"] for r in rules["values"] if fnmatchcase(path, r["at"])), None)
        if kind == "nothing":
            return ...
        if kind == "type":
            return f"({_type(value)})"
        if kind == "ordinal":
            return ordinals.setdefault(str(value), len(ordinals) + 1)
        if isinstance(value, dict):
            members = {_text(key): walk(item, f"{path}/{key}") for key, item in value.items()}
            return {key: item for key, item in members.items() if item is not ...}
        if isinstance(value, list):
            items = [walk(item, f"{path}/{place}") for place, item in enumerate(value)]
            return [item for item in items if item is not ...]
        return _text(value) if isinstance(value, str) else value

    def _text(value: str) -> str:
        for pattern, becomes in texts:
            value = pattern.sub(becomes, value)
        return value

    return walk(record, name)


def differences(gradio: Any, reference: Any, path: str) -> Iterator[Found]:
    """Where two JSON values differ, as far down as they have the same shape."""
    if isinstance(gradio, dict) and isinstance(reference, dict):
        for key in {**gradio, **reference}:
            theirs, ours = gradio.get(key, ABSENT), reference.get(key, ABSENT)
            yield from differences(theirs, ours, f"{path}/{key}")
    elif isinstance(gradio, list) and isinstance(reference, list) and len(gradio) == len(reference):
        for place, (theirs, ours) in enumerate(zip(gradio, reference, strict=True)):
            yield from differences(theirs, ours, f"{path}/{place}")
    elif not _same(gradio, reference):
        yield Found(path, gradio, reference)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
    return names.get(type(value), "array" if isinstance(value, list) else "object")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 600 else text[:600] + "…"
