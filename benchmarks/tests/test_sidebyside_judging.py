"""The pass that judges every message: what is right passes, what is wrong is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradio_spec import sse
from sidebyside.faults import Broken
from sidebyside.judging import MonitorWitness
from sidebyside.judging import Verdict
from sidebyside.judging import Witness

OUTPUT = {
    "data": ["x"],
    "is_generating": False,
    "duration": 0.1,
    "average_duration": 0.1,
    "render_config": None,
    "changed_state_ids": [],
    "used_cache": None,
}
SCRIPT: list[dict[str, Any]] = [
    {"msg": "estimation", "event_id": "e", "rank": 0, "queue_size": 1, "rank_eta": None},
    {"msg": "process_starts", "event_id": "e", "eta": None},
    {
        "msg": "process_completed",
        "event_id": "e",
        "output": OUTPUT,
        "success": True,
        "title": None,
        "used_cache": None,
        "cache_duration": None,
        "avg_time": None,
    },
    {"msg": "close_stream", "event_id": None},
]


def judged(
    script: list[dict[str, Any]], known: str | None = None, *, dropped: bool = False
) -> Verdict:
    witness = MonitorWitness(known)
    witness.joining("s")
    witness.joined("s", "e")
    sink = witness.sink("s")
    sink.feed(b"".join(sse.encode(json.dumps(message)) for message in script))
    if dropped:
        sink.drop()
    else:
        sink.close()
    return witness.verdict()


def test_a_legal_stream_is_sound() -> None:
    verdict = judged(SCRIPT)
    assert verdict == Verdict("monitor", 4)
    assert verdict.sound


def test_a_broken_clause_is_named_with_how_often_and_where() -> None:
    verdict = judged([*SCRIPT[:3], SCRIPT[2], SCRIPT[3]])
    assert not verdict.sound
    (finding,) = verdict.findings
    assert (finding.clause, finding.times, finding.erratum) == ("SSE-029", 1, None)
    assert "process_completed" in finding.example


def test_a_known_deviation_is_listed_and_forgiven() -> None:
    verdict = judged([*SCRIPT[:3], SCRIPT[2], SCRIPT[3]], known="gradio-6.31.0")
    assert verdict.sound
    assert [finding.clause for finding in verdict.findings] == ["SSE-029"]
    assert verdict.findings[0].erratum == "E-6"


def test_a_stream_that_ends_too_early_is_not_sound() -> None:
    assert not judged(SCRIPT[:2]).sound
    assert judged(SCRIPT[:2], dropped=True).sound  # by the client's own wish


def test_a_server_without_the_protocol_is_held_to_json() -> None:
    witness = Witness()
    sink = witness.sink(b"\n\n")
    sink.feed(b'event: a\ndata: {"x": 1}\n\ndata: null\n\n')
    assert witness.verdict() == Verdict("results", 2)
    with pytest.raises(Broken, match="not JSON"):
        sink.feed(b"data: {x}\n\n")
