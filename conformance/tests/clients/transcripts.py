"""What the clients must report (expected/*.json), and where real Gradio's report differs."""

from __future__ import annotations

import copy
import difflib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
DIFFERENCES = HERE / "differences.yaml"
SCHEMA = HERE / "differences.schema.json"

# Too long to write down: described by the server itself, so the two servers are compared with
# each other.
MUTUAL = frozenset({"view_api"})
LONGEST_TEXT = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """At `path` inside the report of `scenario`, `client` reports `gradio` from real Gradio."""

    erratum: str
    client: str
    scenario: str
    path: tuple[str | int, ...]
    gradio: Any
    why: str


def load_differences() -> list[Difference]:
    """The entries of differences.yaml; jsonschema.ValidationError when one has a wrong form."""
    entries = yaml.safe_load(DIFFERENCES.read_text("utf-8"))
    jsonschema.validate(entries, json.loads(SCHEMA.read_text("utf-8")))
    return [Difference(**{**entry, "path": tuple(entry["path"])}) for entry in entries]


def load_expected(client: str) -> dict[str, Any]:
    """Scenario → brief report, as the reference server makes `client` give it."""
    reports: dict[str, Any] = json.loads((EXPECTED / f"{client}.json").read_text("utf-8"))
    return reports


def save_expected(client: str, reports: dict[str, Any]) -> None:
    """One line for each member of a report, so that a change shows up as few lines."""
    scenarios = (f"{json.dumps(name)}: {_lines(brief(one))}" for name, one in reports.items())
    text = "{\n" + ",\n".join(scenarios) + "\n}\n"
    (EXPECTED / f"{client}.json").write_text(text, "utf-8")


def on_gradio(
    reports: dict[str, Any], client: str, differences: list[Difference]
) -> dict[str, Any]:
    """What real Gradio makes `client` report: `reports` but for the differences."""
    changed = copy.deepcopy(reports)
    for one in differences:
        if one.client == client:
            *parents, last = (one.scenario, *one.path)
            at: Any = changed
            for step in parents:
                at = at[step]
            at[last] = one.gradio
    return changed


def diff(found: Any, right: Any) -> str:
    """A unified diff, empty for equal reports: True, 1 and 1.0 differ, member order is ignored."""
    lines = (_sorted(right).splitlines(), _sorted(found).splitlines())
    return "\n".join(difflib.unified_diff(*lines, "expected", "found", lineterm="", n=5))


def _sorted(report: Any) -> str:
    return json.dumps(report, ensure_ascii=False, sort_keys=True, indent=1)


def brief(report: Any) -> Any:
    """The report with long texts, which are the client's own words, cut and digested."""
    if isinstance(report, dict):
        return {name: brief(one) for name, one in report.items()}
    if isinstance(report, list):
        return [brief(one) for one in report]
    if isinstance(report, str) and len(report) > LONGEST_TEXT:
        digest = hashlib.sha256(report.encode()).hexdigest()[:8]
        return " ".join([*report.split()[:3], "…", digest])
    return report


def _lines(report: Any) -> str:
    if isinstance(report, dict):
        lines = [f"{json.dumps(name)}: {_line(one)}" for name, one in report.items()]
        return "{\n " + ",\n ".join(lines) + "}"
    if isinstance(report, list) and any(isinstance(one, dict) for one in report):
        return "[\n " + ",\n ".join(_line(one) for one in report) + "]"
    return _line(report)


def _line(report: Any) -> str:
    return json.dumps(report, ensure_ascii=False)
