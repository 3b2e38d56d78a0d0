"""The recordings of older releases, each judged by the schemas and the monitor of its own version:
silent, but for the deviations listed here as data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from replaying import judge
from transcripts import CUT
from transcripts import ROOT
from transcripts import Exchange
from transcripts import recordings

from gradio_spec.loader import load_spec
from gradio_spec.model import Spec

RELEASES = ("4.16.0", "4.20.1", "4.21.0", "4.22.0", "4.44.1", "5.50.0")
DEVIATIONS = yaml.safe_load(
    (Path(__file__).parent / "data" / "older_deviations.yaml").read_text("utf-8")
)
JSON = "application/json"


def listed(release: str, where: str) -> set[tuple[str, str]]:
    return {
        (row["recording"], row["clause"])
        for row in DEVIATIONS["deviations"]
        if row["where"] == where and release in row["releases"]
    }


def wrong_answers(spec: Spec, exchange: Exchange) -> Iterator[str]:
    """The clauses that a recorded answer breaks by the description of its route at that time."""
    operation, _ = spec.routes.find(exchange.method, exchange.route or "/", "")
    if operation is None or exchange.status in (None, 307) or exchange.body is CUT:
        return
    case = operation.response(exchange.status)
    if case is None:
        yield "NET-004"
        return
    content = case[1].get("content", {})
    if JSON not in content or (isinstance(exchange.body, str | None) and "text/plain" in content):
        return
    ref = content[JSON]["schema"]["$ref"].replace(".schema.json", "")
    yield from (str(error.clause) for error in spec.schemas.check(ref, exchange.body))


@pytest.mark.parametrize("release", RELEASES)
def test_messages_come_as_the_version_of_the_release_says(release: str) -> None:
    spec = load_spec(f"gradio-{release}")
    found = {(r.name, c) for r in recordings(ROOT / f"gradio-{release}") for c in judge(r, spec)}
    assert found == listed(release, "order")


@pytest.mark.parametrize("release", RELEASES)
def test_answers_are_as_the_version_of_the_release_says(release: str) -> None:
    spec = load_spec(f"gradio-{release}")
    found = {
        (recording.name, clause)
        for recording in recordings(ROOT / f"gradio-{release}")
        for exchange in recording.exchanges
        for clause in wrong_answers(spec, exchange)
    }
    assert found == listed(release, "answers")


@pytest.mark.parametrize("release", RELEASES)
def test_the_recordings_are_worth_judging(release: str) -> None:
    there = recordings(ROOT / f"gradio-{release}")
    kinds = Counter(m.payload["msg"] for r in there for s in r.streams() for m in s.messages)
    assert kinds.keys() >= {"estimation", "process_starts", "progress", "log", "process_generating"}
    assert ("close_stream" in kinds) == (load_spec(f"gradio-{release}").version == "sse_v3")
    routes = {e.route for r in there for e in r.exchanges}
    assert routes >= {"/config", "/info", "/queue/join", "/upload", "/run/echo"}


@pytest.mark.parametrize(
    ("judged", "by"),
    [
        ("4.16.0", "gradio-4.22.0"),
        ("4.22.0", "gradio-4.39.0"),
        ("4.22.0", "gradio-4.21.0"),
        ("4.44.1", "gradio-5.50.0"),
        ("5.50.0", "sse_v3"),
    ],
)
def test_another_version_finds_more(judged: str, by: str) -> None:
    there = recordings(ROOT / f"gradio-{judged}")
    found: Any = {(r.name, c) for r in there for c in judge(r, load_spec(by))}
    assert len(found - listed(judged, "order")) > 5
