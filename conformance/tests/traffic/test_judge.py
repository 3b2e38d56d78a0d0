"""The judge: servers in traffic, what it learns on the way, and that pieces make no difference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.traffic.har import har_of
from gradio_conformance.traffic.har import parse_har
from gradio_conformance.traffic.har import read_har
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.judge import MessageSeen
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import read_recording
from gradio_conformance.traffic.server_side import clauses_of
from gradio_conformance.traffic.verdict import judge_recording
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

from .talk import EVENTS
from .talk import HASH
from .talk import PREFIX
from .talk import Talk
from .talk import completed
from .talk import config
from .talk import estimation
from .talk import generating
from .talk import lifecycle
from .talk import starts

SPEC = load_spec()
RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.jsonl.gz"))
CLOSE = {"msg": "close_stream", "event_id": None}
Found = set[tuple[str, str]]


def judge_of(observations: Sequence[Observation], **options: Any) -> Judge:
    judge = Judge(SPEC, **options)
    for observation in observations:
        judge.feed(observation)
    judge.finish()
    return judge


def broken(talk: Talk, **options: Any) -> list[str]:
    """The clauses that the server breaks."""
    return [o.clause for o in judge_of(talk.observations, sides=("server",), **options).offences]


def streamed(*messages: Any, how: Any = "eof") -> Talk:
    """A joined event, and these messages on its stream."""
    talk = Talk()
    talk.join()
    stream = talk.open()
    talk.say(stream, *messages)
    talk.end(stream, how)
    return talk


# -- the server ------------------------------------------------------------------------------------


def test_a_server_that_keeps_to_it() -> None:
    talk = streamed(*lifecycle(), CLOSE)
    assert broken(talk) == []
    asked = judge_of(talk.observations).asked
    assert asked["EVT-002"] > 0
    assert asked["JOIN-001"] == 1


@pytest.mark.parametrize(
    ("messages", "clause"),
    [
        ([estimation(), completed(), CLOSE], "EVT-002"),
        ([estimation(), starts(), completed(), completed(), CLOSE], "SSE-029"),
        ([*lifecycle()], "SSE-031"),
        ([estimation(), starts(), CLOSE], "SSE-012"),
        ([{**estimation(), "rank": 5}, starts(), completed(), CLOSE], "EVT-004"),
    ],
)
def test_messages_are_judged_as_in_a_check(messages: Sequence[Any], clause: str) -> None:
    assert clause in broken(streamed(*messages))


def test_an_unfinished_message_and_bad_bytes_are_told() -> None:
    talk = Talk()
    talk.join()
    stream = talk.open()
    talk.say(stream, *lifecycle(), CLOSE)
    talk.observations.append(BodyPiece(stream, talk.now, b"data: \xff\n"))
    talk.end(stream)
    assert "SSE-002" in broken(talk)


def test_a_client_that_leaves_is_no_fault_of_the_server() -> None:
    assert broken(streamed(estimation(), how="left")) == []
    assert broken(streamed(estimation(), how="open")) == []
    assert broken(streamed(estimation(), how="cut")) == ["SSE-031"]


def test_what_is_staged_is_no_fault_of_the_server() -> None:
    talk = streamed(estimation(), how="cut")
    last = talk.observations[-1]
    talk.observations[-1] = ExchangeOver(last.id, last.at, "cut", staged=True)
    number = talk.ask("POST", f"{PREFIX}/queue/join", {"data": []})
    talk.observations.append(AnswerBegan(number, talk.now, 500, (), staged=True))
    talk.observations.append(ExchangeOver(number, talk.now, "eof", staged=True))
    assert broken(talk) == []


def test_answers_are_judged_by_their_schema() -> None:
    talk = Talk()
    talk.post(f"{PREFIX}/queue/join", {"data": [], "session_hash": HASH}, {"event_id": ""})
    talk.post(f"{PREFIX}/cancel", {}, {"success": 1})
    talk.post(f"{PREFIX}/call/echo", {"data": []}, {"detail": 7}, 422)
    talk.answer(talk.ask("GET", f"{PREFIX}/info"), b'{"named_endpoints": NaN}')
    assert broken(talk)[:2] == ["JOIN-002", "CANCEL-001"]
    assert "NET-008" in broken(talk)


def test_answers_of_whole_servers_that_fail() -> None:
    talk = Talk().meet()
    talk.answer(talk.ask("GET", f"{PREFIX}/info"), b"oops", 500, [("content-type", "text/plain")])
    before = len(broken(Talk().meet()))
    assert broken(talk)[before:] == ["NET-004"]


def test_what_a_server_has_to_refuse() -> None:
    talk = Talk().meet()
    before = len(broken(talk))
    talk.join(fn_index=77)
    talk.post(f"{PREFIX}/queue/join", {"data": ["x"], "fn_index": 3}, "no", 500)
    found = broken(talk)[before:]
    assert found == ["JOIN-011", "NET-004", "JOIN-005"]


def test_a_document_is_judged_once() -> None:
    talk = Talk().meet()
    once = len(broken(talk))
    talk.meet()
    assert once > 0  # the config of these tests is short of what one must have
    assert len(broken(talk)) == once


def test_calls_and_heartbeats_are_judged() -> None:
    talk = Talk()
    talk.call()
    reading = talk.read()
    talk.tell(reading, "complete", ["hi"])
    talk.tell(reading, "complete", ["hi"])
    talk.end(reading)
    beat = talk.heartbeat()
    talk.observations.append(BodyPiece(beat, talk.now, b"data: DEAD\n\n"))
    assert broken(talk) == ["CALL-019", "STATE-017"]


def test_messages_before_their_join_need_a_recording_from_the_start() -> None:
    talk = Talk()
    stream = talk.open()
    talk.say(stream, estimation("stranger"))
    assert broken(talk) == []
    assert broken(talk, whole=True) == ["EVT-034"]
    meeting = Talk()
    meeting.get("/config", config())
    number = meeting.open()
    meeting.say(number, estimation("stranger"))
    assert "EVT-034" in broken(meeting)


def test_a_body_that_was_not_kept_is_not_judged() -> None:
    talk = Talk()
    number = talk.open()
    talk.observations.append(BodyPiece(number, talk.now, b"", omitted=90))
    talk.end(number)
    assert broken(talk) == []


def test_the_clauses_of_a_schema_are_found() -> None:
    found = clauses_of(SPEC.schemas, "http#/$defs/JoinAccepted")
    assert found == {"JOIN-001", "JOIN-002"}
    assert "EVT-020" in clauses_of(SPEC.schemas, "messages#/$defs/ProcessCompleted")


# -- what it learns --------------------------------------------------------------------------------


def test_a_server_below_a_path_of_its_own() -> None:
    talk = Talk()
    talk.get("/sub/app/config", config(api_prefix="/api"))
    number = talk.ask("GET", f"/sub/app/api/queue/data?session_hash={HASH}")
    talk.begin(number)
    judge = judge_of(talk.observations)
    assert (judge.site.base, judge.site.prefix) == ("/sub/app", "/api")
    place = judge.site.place("GET", f"/sub/app/api/queue/data?session_hash={HASH}")
    assert (place.name, place.query) == ("GET /queue/data", {"session_hash": HASH})
    assert judge.site.place("GET", "/sub/app/api/file=/tmp/a%20b/c").parameters == {
        "path": "/tmp/a b/c"
    }


def test_gradios_own_page_holds_the_config() -> None:
    talk = Talk()
    page = f"<script>window.gradio_config = {json.dumps(config())};</script>".encode()
    talk.get("/", page, headers=[("content-type", "text/html; charset=utf-8")])
    talk.join(fn_index=0)
    judge = judge_of(talk.observations)
    assert judge.site.prefix == PREFIX
    assert [o.clause for o in judge.offences if o.side == "client"] == ["CLIENT-002"]


@pytest.mark.parametrize("body", [b"", b"[1]", b"{}", b"\xff", b"<html>window.gradio_config = {"])
def test_what_is_no_config_teaches_nothing(body: bytes) -> None:
    talk = Talk()
    talk.get("/config", body)
    talk.get("/", body, headers=[("content-type", "text/html")])
    assert judge_of(talk.observations).site.config is None


def test_messages_are_told_with_the_values_that_they_add_up_to() -> None:
    told: list[MessageSeen] = []
    talk = streamed(
        estimation(), starts(), generating([[1]]), generating([[["add", [1], 2]]]), how="open"
    )
    judge_of(talk.observations, told=told.append)
    assert [seen.values for seen in told] == [None, None, [[1]], [[1, 2]]]
    assert [seen.observed.state for seen in told] == ["waiting", "running", "running", "running"]


def test_what_has_no_request_is_ignored() -> None:
    judge = Judge(SPEC)
    assert judge.feed(AnswerBegan(7, 0.0, 500, EVENTS)) == ()
    assert judge.feed(ExchangeOver(7, 0.0, "cut")) == ()


# -- recordings of real clients and servers --------------------------------------------------------


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.partition(".")[0])
def test_official_clients_are_not_accused(path: Path) -> None:
    found = judge_recording(SPEC, read_recording(path), known={k.clause for k in KNOWN})
    assert [c.id for c in found.clauses if c.side == "client" and c.offences] == []
    assert found.verdict.value == "conformant"
    assert sum(c.side == "client" for c in found.clauses) >= 13
    assert sum(c.side == "server" for c in found.clauses) >= 40


KNOWN = load_known("gradio-6.31.0").entries


def test_there_are_recordings_of_both_clients_and_the_page() -> None:
    names = [path.name.partition(".")[0] for path in RECORDINGS]
    assert names == ["gradio-javascript", "gradio-page", "gradio-python"]


def test_the_har_of_a_browser_with_gradios_page() -> None:
    recording = read_har(RECORDINGS[0].with_name("chromium.har.gz"))
    found = judge_recording(SPEC, recording, whole=True)
    assert [clause.id for clause in found.broken] == []
    assert found.verdict.value == "conformant"
    assert sum(c.side == "client" for c in found.clauses) >= 13
    assert len(recording.remarks) == 1


def offences(observations: Sequence[Observation]) -> list[tuple[Any, ...]]:
    judge = judge_of(observations)
    return [(o.side, o.clause, o.exchange, o.expected, o.actual) for o in judge.offences]


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name.partition(".")[0])
def test_our_har_is_judged_alike(path: Path) -> None:
    recording = read_recording(path)
    again = parse_har(har_of(recording))
    assert offences(again.observations) == offences(recording.observations)


SCENES = [
    streamed(*lifecycle(), CLOSE),
    streamed(estimation(), completed(), how="cut"),
    streamed(
        estimation(), starts(), generating([["ü"]]), generating([[["append", [0], "€"]]]), CLOSE
    ),
]


@settings(max_examples=60)
@given(st.sampled_from(range(len(SCENES))), st.data())
def test_how_a_body_is_cut_into_pieces_makes_no_difference(
    number: int, data: st.DataObject
) -> None:
    whole: list[Observation] = []
    split: list[Observation] = []
    for observation in SCENES[number].observations:
        whole.append(observation)
        if not isinstance(observation, BodyPiece):
            split.append(observation)
            continue
        body = observation.data
        cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=6))
        ends = sorted({0, len(body), *cuts})
        for start, end in pairwise(ends):
            split.append(BodyPiece(observation.id, observation.at, body[start:end]))
    assert offences(split) == offences(whole)


def test_one_byte_at_a_time_or_all_at_once() -> None:
    for talk in SCENES:
        bytewise = [
            piece
            for o in talk.observations
            for piece in (
                [BodyPiece(o.id, o.at, bytes([byte])) for byte in o.data]
                if isinstance(o, BodyPiece)
                else [o]
            )
        ]
        assert offences(bytewise) == offences(talk.observations)


# -- the word --------------------------------------------------------------------------------------


def test_one_word_for_a_recording() -> None:
    good = Recording(tuple(streamed(*lifecycle(), CLOSE).observations))
    bad = Recording(tuple(streamed(*lifecycle()).observations))
    assert judge_recording(SPEC, good).exit_code == 0
    found = judge_recording(SPEC, bad)
    assert (found.exit_code, [c.id for c in found.broken]) == (1, ["SSE-031"])
    assert judge_recording(SPEC, bad, known={"SSE-031"}).exit_code == 0
    assert judge_recording(SPEC, bad, fail_on="never").exit_code == 0
    assert judge_recording(SPEC, Recording(())).exit_code == 3
    cut_short = Recording(good.observations, is_complete=False)
    assert judge_recording(SPEC, cut_short).exit_code == 3
