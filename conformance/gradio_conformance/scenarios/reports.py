"""The contract with a client: what it is told in its environment, and the lines it reports. Pure.

``contract.schema.json`` says both; CHECK-CLIENT.md explains it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from gradio_conformance.scenarios.model import HERE
from gradio_conformance.scenarios.model import Scenario

URL = "GRADIO_PROTOCOL_URL"
SCENARIO = "GRADIO_PROTOCOL_SCENARIO"
TASK = "GRADIO_PROTOCOL_TASK"
NOT_SUPPORTED = 127
ENDS = frozenset({"result", "failed", "cancelled"})
LONGEST = 200  # characters of a line that is told to be wrong


class BadReport(ValueError):
    """A line of stdout that is no report; says which and why."""


@dataclass(frozen=True, slots=True)
class Report:
    """One line that the client has reported, ``at`` seconds after the server began."""

    at: float
    kind: str
    call: str | None
    body: Mapping[str, Any]


@cache
def _validator(part: str) -> Draft202012Validator:
    schema = json.loads((HERE / "contract.schema.json").read_text("utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})


def read_report(line: bytes, at: float) -> Report:
    """One line of a client's stdout; ``BadReport`` if it is none."""
    try:
        body = json.loads(line)
    except ValueError as error:
        raise BadReport(f"stdout has {_brief(line)}, which is no JSON: {error}") from error
    for wrong in _validator("report").iter_errors(body):
        where = "/".join(map(str, wrong.absolute_path)) or "the line"
        raise BadReport(f"stdout has {_brief(line)}: {where}: {wrong.message[:LONGEST]}")
    return Report(at, body["report"], body.get("call"), body)


def task(scenario: Scenario, files: Mapping[str, str]) -> dict[str, Any]:
    """What a client is asked to do; ``files`` are the paths on this machine by name."""
    asked: dict[str, Any] = {
        "surface": scenario.surface,
        "needs": list(scenario.needs),
        "steps": [_placed(step, files) for step in scenario.task],
    }
    if scenario.app.login:
        name, password = scenario.app.login
        asked["login"] = {"username": name, "password": password}
    if scenario.silence_s is not None:
        asked["silence_s"] = scenario.silence_s
    return asked


def faults_of_task(asked: Mapping[str, Any]) -> list[str]:
    """What is wrong with a task, for the tests."""
    return [error.message for error in _validator("task").iter_errors(asked)]


def environment(scenario: Scenario, url: str, files: Mapping[str, str]) -> dict[str, str]:
    """What a client finds in its environment, besides what is there."""
    asked = json.dumps(task(scenario, files), ensure_ascii=False)
    return {URL: url, SCENARIO: scenario.slug, TASK: asked}


def of_call(reports: Iterable[Report], call: str) -> list[Report]:
    """The reports about one call, in order."""
    return [report for report in reports if report.call == call]


def _placed(value: Any, files: Mapping[str, str]) -> Any:
    if isinstance(value, dict) and set(value) == {"$file"}:
        return {"$file": files[value["$file"]]}
    if isinstance(value, dict):
        return {key: _placed(item, files) for key, item in value.items()}
    if isinstance(value, list):
        return [_placed(item, files) for item in value]
    return value


def _brief(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
