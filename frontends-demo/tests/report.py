"""Writes report/frontends/index.html: what passed where, whose offences were seen, how it looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment
from jinja2 import FileSystemLoader

TEMPLATE = "report.html.j2"
VIEWS = ("light", "dark", "narrow")
Pair = tuple[str, str]


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Report:
    """A pytest plugin. Results are those of tests that tell their ``pair`` of front end and
    library; of a test with several phases the worst one counts.
    """

    folder: Path
    outcomes: dict[str, dict[Pair, str]] = field(default_factory=dict)
    offences: Counter[tuple[Pair, tuple[str, ...]]] = field(default_factory=Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: list[tuple[str, Any]] = [(name, value) for name, value in report.user_properties]
        pairs = [tuple(value) for name, value in told if name == "pair"]
        if not pairs or report.when == "setup":
            return
        pair: Pair = pairs[0]
        scenario = _scenario(report.nodeid, pair)
        row = self.outcomes.setdefault(scenario, {})
        if report.outcome != "passed" or pair not in row:
            row[pair] = report.outcome
        if report.when == "teardown":
            for name, value in told:
                if name == "offence":
                    self.offences[pair, tuple(value)] += 1

    def pytest_sessionfinish(self) -> None:
        if self.outcomes:
            self.folder.mkdir(parents=True, exist_ok=True)
            page = self.folder / "index.html"
            page.write_text(self._page(), "utf-8")

    def _page(self) -> str:
        pairs = sorted({pair for row in self.outcomes.values() for pair in row})
        views: Mapping[Pair, list[str]] = {
            pair: [view for view in VIEWS if (self.folder / picture_name(*pair, view)).exists()]
            for pair in pairs
        }
        passed = Counter(
            pair for row in self.outcomes.values() for pair, how in row.items() if how == "passed"
        )
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
        )
        return environment.get_template(TEMPLATE).render(
            pairs=pairs,
            outcomes=dict(sorted(self.outcomes.items())),
            passed=passed,
            offences=sorted(self.offences.items()),
            views=views,
            picture_name=picture_name,
        )


def picture_name(frontend: str, library: str, view: str) -> str:
    return f"{frontend}-{library}-{view}.png"


def _scenario(node: str, pair: Pair) -> str:
    """What a test is about, in words, without what names the pair and the browser."""
    name = node.rpartition("::")[2].removeprefix("test_")
    function, _, values = name.partition("[")
    others = values.rstrip("]").replace("-".join(pair), "").replace("chromium", "")
    words = function.replace("_", " ")
    kept = " ".join(part for part in others.split("-") if part)
    return f"{words} ({kept})" if kept else words
