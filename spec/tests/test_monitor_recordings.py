"""Real Gradio's recorded streams, judged by the monitor: silent, but for the deviations listed
here as data.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import yaml
from replaying import judge
from transcripts import recordings

LISTED = Path(__file__).parent / "data" / "monitor_deviations.yaml"


def test_the_monitor_finds_what_is_listed_and_nothing_else() -> None:
    listed: dict[str, set[str]] = defaultdict(set)
    for row in yaml.safe_load(LISTED.read_text(encoding="utf-8"))["deviations"]:
        listed[row["recording"]].add(row["clause"])
    found = {r.name: judge(r) for r in recordings()}
    assert {name: clauses for name, clauses in found.items() if clauses} == dict(listed)


def test_the_recordings_hold_streams_of_both_kinds() -> None:
    there = recordings()
    assert sum(1 for r in there for _ in r.streams()) > 100
    assert sum(1 for r in there for _ in r.call_streams()) > 10
