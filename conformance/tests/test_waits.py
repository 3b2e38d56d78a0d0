"""No verdict and no test rests on a sleep or on how long something took; ``data/waits.yaml`` lists
the few calls that look like it, with their reasons.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("conformance", "spec/tests", "reference/tests", "frontends-demo")
ALLOWED = yaml.safe_load((Path(__file__).parent / "data" / "waits.yaml").read_text("utf-8"))
CLOCKS = {"monotonic", "perf_counter", "process_time", "time", "monotonic_ns", "perf_counter_ns"}
# Nothing of these may be allowed: a check's words are clauses, and they wait for what is observed.
NEVER = (
    "conformance/gradio_conformance/checks/",
    "conformance/gradio_conformance/testbed/",
    "conformance/gradio_conformance/probe.py",
    "conformance/gradio_conformance/session.py",
)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _gives_way(call: ast.Call) -> bool:
    """``asyncio.sleep(0)``: the loop's other tasks run, and no time has to pass."""
    values = [a.value for a in call.args if isinstance(a, ast.Constant)]
    return ast.unparse(call.func) == "asyncio.sleep" and values == [0]


def waits(source: str) -> Iterator[tuple[str, int]]:
    """What lets time pass or judges it in a source, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node) == "sleep" and not _gives_way(node):
            yield "sleep", node.lineno
        if not isinstance(node, ast.Assert | ast.Call):
            continue
        judged = isinstance(node, ast.Assert) or _name(node).startswith("require")
        calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        if judged and any(_name(part) in CLOCKS for part in calls):
            yield "clock", node.lineno


def _found() -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                for what, line in waits(path.read_text("utf-8")):
                    key = (path.relative_to(ROOT).as_posix(), what)
                    found.setdefault(key, []).append(line)
    return found


FOUND = _found()


def test_nothing_sleeps_or_judges_by_a_clock_without_a_reason() -> None:
    allowed = {(row["file"], row["what"]) for row in ALLOWED}
    assert {key: lines for key, lines in FOUND.items() if key not in allowed} == {}


@pytest.mark.parametrize("row", ALLOWED, ids=lambda row: f"{row['file']} {row['what']}")
def test_every_reason_is_still_needed(row: dict[str, str]) -> None:
    assert row.keys() == {"file", "what", "reason"}
    assert (row["file"], row["what"]) in FOUND
    assert not row["file"].startswith(NEVER), "a check waits for what it observes"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("time.sleep(1)", ["sleep"]),
        ("from time import sleep\nsleep(x)", ["sleep"]),
        ("async def f():\n    await asyncio.sleep(0.1)", ["sleep"]),
        ("async def f():\n    await asyncio.sleep(0)", []),
        ("assert time.monotonic() - started < 2", ["clock"]),
        ("require(perf_counter() - t < 2, 'X-001', 'soon', t)", ["clock"]),
        ("deadline = time.monotonic() + 3", []),
        ("assert event.wait(30)", []),
    ],
)
def test_what_counts_as_a_wait(source: str, wanted: list[str]) -> None:
    assert [what for what, _ in waits(source)] == wanted
