"""The run as one JSON document; `data/document.schema.json` describes it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from packaging.requirements import Requirement

from sidebyside.declared import DATA
from sidebyside.declared import Case
from sidebyside.declared import Plan
from sidebyside.figures import Ratio
from sidebyside.processes import Cores
from sidebyside.results import Result
from sidebyside.results import Results
from sidebyside.results import rows

BUSY = 0.9  # a client above this share of its core may have been the limit
BESIDE = ("hypercorn", "uvicorn", "granian", "httptools", "uvloop", "quart", "starlette", "h11")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and where a run took place, and how long its repeats went on."""

    started: str
    cores: Cores
    repeats: int
    quick: bool
    load_before: float
    load_after: float


def assemble(plan: Plan, results: Results, circumstances: Circumstances) -> dict[str, Any]:
    """The document. Raises ``ValueError`` if it is not what its schema says."""
    document = {
        "format": "gradio-protocol sidebyside 1",
        "started": circumstances.started,
        "repeats": circumstances.repeats,
        "quick": circumstances.quick,
        "baseline": plan.baseline,
        "floor": plan.floor,
        "machine": _machine(circumstances),
        "versions": _versions(plan),
        "peers": {peer.name: peer.title for peer in plan.peers},
        "metrics": {
            metric.name: {"title": metric.title, "better": metric.better, "ratio": metric.ratio}
            for metric in plan.metrics.values()
        },
        "results": [_result(result) for result in results.values()],
        "ratios": [
            {
                "case": row.case.name,
                "metric": row.metric,
                "medians": dict(row.values),
                "against_baseline": _ratios(row.against_baseline),
                "against_floor": _ratios(row.against_floor),
            }
            for row in rows(plan, results)
        ],
        "notes": notes(results, circumstances),
    }
    check(document)
    return document


def check(document: Mapping[str, Any]) -> None:
    """Raises ``ValueError`` that names the member that is wrong."""
    schema = json.loads((DATA / "document.schema.json").read_text("utf-8"))
    for fault in Draft202012Validator(schema).iter_errors(document):
        raise ValueError(f"{fault.json_path}: {fault.message}")


def notes(results: Results, circumstances: Circumstances) -> list[str]:
    """What a reader must know before believing a figure."""
    found = []
    if not circumstances.cores.apart:
        found.append("server and load shared one core: the figures are of both together")
    if max(circumstances.load_before, circumstances.load_after) > 2.5:
        found.append(
            f"the machine had other work (load average {circumstances.load_before:.1f} before, "
            f"{circumstances.load_after:.1f} after): trust ratios, and those with a narrow range"
        )
    for result in results.values():
        name = f"{result.case.name}, {result.peer.name}"
        if result.outcome in ("failed", "over-deadline"):
            found.append(f"{name}: {result.outcome}: {result.note}")
        if any(usage.get("client_cpu", 0.0) > BUSY for usage in result.usages):
            found.append(f"{name}: the load client was busy all the time and may be the limit")
    return found


def _machine(circumstances: Circumstances) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "server_core": circumstances.cores.server,
        "load_core": circumstances.cores.load,
        "load_average": [circumstances.load_before, circumstances.load_after],
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "unknown")


def _versions(plan: Plan) -> dict[str, str]:
    names = [Requirement(text).name for peer in plan.peers for text in peer.installs]
    found = {}
    for name in dict.fromkeys([*names, *BESIDE]):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _result(result: Result) -> dict[str, Any]:
    verdict = result.verdict
    return {
        "case": result.case.name,
        "workload": result.case.workload,
        "parameters": dict(result.case.parameters),
        "peer": result.peer.name,
        "outcome": result.outcome,
        "note": result.note,
        "samples": [dict(sample) for sample in result.samples],
        "usages": [dict(usage) for usage in result.usages],
        "curves": [[list(point) for point in curve] for curve in result.curves],
        "medians": result.medians,
        "judged": None if verdict is None else _judged(result.case, verdict.as_json()),
    }


def _judged(case: Case, verdict: dict[str, Any]) -> dict[str, Any]:
    return {"parameters": dict(case.judged or {}), **verdict}


def _ratios(ratios: Mapping[str, Ratio]) -> dict[str, Any]:
    return {name: ratio.as_json() for name, ratio in ratios.items()}


def write(document: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def known_broken(results: Sequence[Result]) -> dict[str, dict[str, str]]:
    """By peer: the clauses that its messages broke as its list of known deviations says."""
    found: dict[str, dict[str, str]] = {}
    for result in results:
        for finding in result.verdict.findings if result.verdict else ():
            if finding.erratum is not None:
                found.setdefault(result.peer.name, {})[finding.clause] = finding.erratum
    return found
