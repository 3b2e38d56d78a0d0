"""What a probe tells the coverage of a run, and what the run says of it in the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradio_conformance.probe import Probe
from gradio_conformance.runner.coverage import run_coverage
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.target import Target
from gradio_spec.branches import Kind
from gradio_spec.coverage import Coverage
from gradio_spec.coverage import Universe
from gradio_spec.loader import load_spec

SPEC = load_spec()
UNIVERSE = Universe(SPEC)
Serve = Any  # the fixture of conftest.py
Peer = Any


def options(*profiles: str, run: tuple[str, ...] = ()) -> RunOptions:
    return RunOptions(spec=SPEC, profiles=profiles, seed=1, run=run)


def accepted(peer: Peer) -> None:
    peer.answer(b'{"event_id": "e1"}', content_type="application/json")


def streamed(peer: Peer) -> None:
    peer.begin()
    for message in (
        {"msg": "estimation", "event_id": "e1", "rank": 0, "queue_size": 1, "rank_eta": None},
        {"msg": "process_starts", "event_id": "e1", "eta": 0.5},
        {"msg": "unexpected_error", "event_id": None, "message": "", "session_not_found": False},
    ):
        peer.chunks(f"data: {json.dumps(message)}\n\n".encode())
    peer.finish()


def test_everything_that_a_probe_sees_counts(raw_server: Serve) -> None:
    coverage = Coverage(UNIVERSE)
    server = raw_server(accepted, streamed)
    target = Target(server.url, "/gradio_api", {}, {}, None)
    probe = Probe(target, SPEC, coverage=coverage)
    session = probe.session("s")
    session.adopt(session.post_join({"data": [1], "fn_index": 0, "session_hash": "s"}), 0)
    session.open().until_end(clause="SSE-031")
    probe.close()
    assert {
        "POST /queue/join → 200",
        "http#/$defs/PredictBody/data=[…]",
        "http#/$defs/PredictBody/trigger_id absent",
        "GET /queue/data → 200",
        "messages#/$defs/ServerMessage/msg=process_starts",
        "messages#/$defs/ProcessStarts/eta:number",
        "messages#/$defs/UnexpectedError/session_not_found=false",
        "lifecycle#event/waiting: process_starts → running",
        "lifecycle#event/running: stream_lost → lost",
        "lifecycle#session_stream/failed: eof → ended",
        "lifecycle#rules/rank-inside-the-queue",
    } <= coverage.seen
    assert coverage.seen <= UNIVERSE.branches.keys()


def test_a_refused_stream_is_an_answer(raw_server: Serve) -> None:
    coverage = Coverage(UNIVERSE)
    refusal = b'{"detail": "Not Found"}'
    server = raw_server(lambda peer: peer.answer(refusal, "404 Not Found", "application/json"))
    probe = Probe(Target(server.url, "", {}, {}, None), SPEC, coverage=coverage)
    probe.call_stream("echo", "e1").until_end(clause="CALL-023")
    probe.close()
    assert "GET /call/{api_name}/{event_id} → 404" in coverage.seen


@pytest.mark.parametrize("profiles", [("queue",), ("discover", "call", "queue", "stream")])
def test_the_counts_add_up(profiles: tuple[str, ...]) -> None:
    coverage = Coverage(UNIVERSE)
    coverage.seen.update({"GET /config → 200", "POST /queue/join → 200"})
    told = run_coverage(coverage, options(*profiles))
    assert sum(kind.seen for kind in told.kinds) == 2
    for kind in told.kinds:
        missing = [n for n in told.never if n.kind == kind.kind and n.claimed]
        assert kind.seen + len(missing) == kind.total
    assert {n.branch for n in told.never} | coverage.seen == set(UNIVERSE.branches)
    order = [list(Kind).index(Kind(n.kind)) for n in told.never]
    assert order == sorted(order)


def test_what_no_claimed_profile_leads_to_is_expected_of_nobody() -> None:
    told = run_coverage(Coverage(UNIVERSE), options("queue"))
    outside = {n.branch for n in told.never if not n.claimed}
    assert "POST /run/{api_name} → 200" in outside
    assert "messages#/$defs/Edit/0=append" in outside
    assert "POST /queue/join → 200" not in outside
    assert "messages#/$defs/ErrorPayload/error=null" not in outside, "a queued call fails, too"


@pytest.mark.parametrize(("run", "partial"), [((), False), (("evt.*",), True)])
def test_a_run_of_some_checks_says_so(run: tuple[str, ...], partial: bool) -> None:
    assert run_coverage(Coverage(UNIVERSE), options("queue", run=run)).partial is partial
