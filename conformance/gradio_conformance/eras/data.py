"""Reads the data files of this package, held to the schemas that lie beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml

HERE = Path(__file__).parent


def read(name: str, schema: str | None = None) -> Any:
    """``<name>.yaml`` as ``<schema>.schema.json`` says; ``SpecError`` names field and reason."""
    return held(f"{name}.yaml", read_yaml(HERE / f"{name}.yaml"), schema or name)


def held(title: str, data: Any, schema: str) -> Any:
    """``data``, if it keeps ``<schema>.schema.json``; ``SpecError`` otherwise."""
    rules = json.loads((HERE / f"{schema}.schema.json").read_text("utf-8"))
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise SpecError(f"{title}: {where}: {error.message}")
    return data
