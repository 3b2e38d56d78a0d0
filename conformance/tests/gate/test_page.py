"""``conformance/DIFF.md`` has the rules as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradio_conformance.gate.reporting.table import rules_table
from gradio_conformance.gate.rules import all_rules

PAGE = Path(__file__).resolve().parents[2] / "DIFF.md"
BETWEEN = re.compile(r"(?<=<!-- rules -->\n).*(?=<!-- /rules -->)", re.DOTALL)


def test_the_table_is_as_in_the_page(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text("utf-8")
    if request.config.getoption("--update-golden", default=False):
        text = BETWEEN.sub(lambda _: rules_table(), text)
        PAGE.write_text(text, "utf-8", newline="\n")
    found = BETWEEN.search(text)
    assert found is not None
    assert found.group() == rules_table()


def test_a_rule_is_said_in_a_sentence() -> None:
    for rule in all_rules().values():
        assert rule.sentence.endswith(".")
        assert not rule.matches.endswith(".")
