"""What to install for one release: ``pins.yaml`` applied to a requirement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.releases import number

HERE = Path(__file__).parent
_PYTHON = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([0-9][0-9A-Za-z.]*)")
_NPM = re.compile(r"((?:@[a-z0-9-]+/)?[a-z0-9][a-z0-9._-]*)@([0-9][0-9A-Za-z.-]*)")


@dataclass(frozen=True, slots=True)
class Plan:
    """One environment: its ``title`` for people, what pip or npm is told to install, what pip must
    keep to while it resolves, and the last Python that the release runs on.
    """

    title: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    last_python: tuple[int, int] | None = None


def python_plan(requirement: str, more: Iterable[str] = ()) -> Plan:
    """The plan for ``gradio==5.50.0``; ``SpecError`` for what names no release."""
    found = _PYTHON.fullmatch(requirement)
    if found is None:
        raise SpecError(f"{requirement!r} names no release; write it as gradio==5.50.0")
    package, release = found[1].lower().replace("-", "_"), found[2]
    rows = [row for row in pins()["pins"] if _has(row, package, release)]
    extras = ",".join(extra for row in rows for extra in row.get("extras", ()))
    wanted = [f"{package}[{extras}]=={release}" if extras else f"{package}=={release}", *more]
    wanted += pins()["testbed"] if package == "gradio" else ()
    pythons = [tuple(map(int, row["python"].split("."))) for row in rows if "python" in row]
    return Plan(
        title=f"{package}=={release}",
        requirements=(*wanted, *(item for row in rows for item in row.get("requirements", ()))),
        constraints=tuple(item for row in rows for item in row.get("constraints", ())),
        last_python=min(((major, minor) for major, minor in pythons), default=None),
    )


def npm_plan(requirement: str, more: Iterable[str] = ()) -> Plan:
    """The plan for ``@gradio/client@1.19.1``; ``SpecError`` for what names no release."""
    if _NPM.fullmatch(requirement) is None:
        raise SpecError(f"{requirement!r} names no release; write it as @gradio/client@1.19.1")
    return Plan(requirement, (requirement, *more))


@cache
def pins() -> Any:
    """``pins.yaml``, as its schema says."""
    data = read_yaml(HERE / "pins.yaml")
    rules = json.loads((HERE / "pins.schema.json").read_text("utf-8"))
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise SpecError(f"pins.yaml: {where}: {error.message}")
    return data


def _has(row: Any, package: str, release: str) -> bool:
    if row["package"] != package:
        return False
    last = row["last"]
    return number(row["first"]) <= number(release) and (
        last is None or number(release) <= number(last)
    )
