"""Recordings: written and read again, what is no recording, and what is taken out of them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.traffic.har import NothingToJudge
from gradio_conformance.traffic.har import har_of
from gradio_conformance.traffic.har import parse_har
from gradio_conformance.traffic.har import read_har
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import RecordingError
from gradio_conformance.traffic.recording import encoded
from gradio_conformance.traffic.recording import line_schemas
from gradio_conformance.traffic.recording import parse_recording
from gradio_conformance.traffic.recording import read_recording
from gradio_conformance.traffic.recording import write_recording
from gradio_conformance.traffic.redaction import Redactor

from .talk import HASH
from .talk import PREFIX
from .talk import Talk
from .talk import config
from .talk import lifecycle

SERVER = "http://127.0.0.1:7860"
STARTED = "2026-11-26T12:00:00+00:00"


def lines_of(recording: Recording) -> list[str]:
    file = io.StringIO()
    write_recording(recording, file)
    return file.getvalue().splitlines()


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Any observations that can be: exchanges in their order, interleaved."""
    header = st.tuples(
        st.sampled_from(["content-type", "x-a", "X-A"]), st.text("abc /;=", max_size=5)
    )
    headers = st.lists(header, max_size=3).map(tuple)
    parts: list[list[Any]] = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        omitted = st.sampled_from([0, 0, 7])
        method = st.sampled_from(["GET", "POST", "OPTIONS"])
        target = st.sampled_from(["/config", "/gradio_api/queue/join?a=%20", "/é"])
        client = st.sampled_from(["", "10.0.0.1"])
        body, none = st.binary(max_size=9), st.just(0.0)
        what = (st.just(number), none, method, target, headers, body, client, omitted)
        request = st.builds(RequestSeen, *what)
        exchange: list[Any] = [draw(request)]
        if draw(st.booleans()):
            status = st.sampled_from([200, 404, 503])
            exchange.append(
                AnswerBegan(number, 0.0, draw(status), draw(headers), draw(st.booleans()))
            )
            pieces = draw(st.lists(st.binary(min_size=1, max_size=9), max_size=3))
            exchange += [BodyPiece(number, 0.0, piece, draw(omitted)) for piece in pieces]
        how: How = draw(st.sampled_from(get_args(How)))
        exchange.append(ExchangeOver(number, 0.0, how, draw(st.booleans())))
        parts.append(exchange)
    seen: list[Observation] = []
    now = 0
    while parts:
        # In the order of their numbers they begin, as they were counted.
        begun = {o.id for o in seen}
        ready = [p for p in parts if p[0].id in begun or p[0].id == len(begun) + 1]
        chosen = draw(st.sampled_from(ready))
        now += draw(st.integers(0, 3_000_000))
        seen.append(_at(chosen.pop(0), now / 1_000_000))
        parts = [p for p in parts if p]
    return Recording(tuple(seen), SERVER, STARTED, whole=draw(st.booleans()))


def _at(observation: Any, at: float) -> Observation:
    fields = {name: getattr(observation, name) for name in observation.__slots__}
    found: Observation = type(observation)(**{**fields, "at": at})
    return found


@settings(max_examples=40)
@given(recordings())
def test_json_lines_lose_nothing(recording: Recording) -> None:
    assert parse_recording(lines_of(recording)) == recording


@settings(max_examples=40)
@given(recordings())
def test_every_line_keeps_the_schema(recording: Recording) -> None:
    for line in lines_of(recording):
        assert line_schemas().check("recording", json.loads(line)) == []


@settings(max_examples=40)
@given(recordings())
def test_our_own_har_loses_nothing(recording: Recording) -> None:
    found = parse_har(json.loads(json.dumps(har_of(recording))), SERVER)
    for ours, theirs in zip(recording.observations, found.observations, strict=True):
        assert encoded(theirs) == {**encoded(ours), "at": pytest.approx(ours.at, abs=2e-6)}


def test_a_recording_that_was_broken_off_is_read_as_that(tmp_path: Path) -> None:
    talk = Talk().meet()
    path = tmp_path / "a.jsonl"
    whole = lines_of(Recording(tuple(talk.observations)))
    path.write_text("\n".join(whole[:-1]))
    found = read_recording(path)
    assert (found.is_complete, found.observations) == (False, tuple(talk.observations))
    assert "footer" in found.remarks[0]


HEADER = {"kind": "header", "format": "gradio-protocol-traffic", "version": 1}
ASKED = {"kind": "request", "id": 1, "at": 0, "method": "GET", "target": "/", "headers": []}
ANSWERED = {"kind": "answer", "id": 1, "at": 1, "status": 200, "headers": []}
OVER = {"kind": "over", "id": 1, "at": 2, "how": "eof"}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "line 1: kind: no header"),
        ([ASKED], "line 1: kind: no header"),
        (["{"], "line 1: no JSON"),
        ([[1]], "line 1: kind: None is none of"),
        ([{**HEADER, "version": 2}], "line 1: version: 2 is not 1"),
        ([HEADER, {**ASKED, "kind": "question"}], "line 2: kind: 'question' is none of"),
        ([HEADER, {**ASKED, "id": "1"}], 'line 2: id: "1" is not of type integer'),
        ([HEADER, {**ASKED, "headers": [["a"]]}], "line 2: headers.0:"),
        ([HEADER, {k: v for k, v in ASKED.items() if k != "target"}], "line 2: request: 'target'"),
        ([HEADER, ANSWERED], "line 2: id: exchange 1 has not been seen"),
        ([HEADER, ASKED, OVER, ANSWERED], "line 4: id: exchange 1 is over"),
        ([HEADER, ASKED, ASKED], "line 3: id: exchange 1 is at its request"),
        ([HEADER, {**ASKED, "at": 5}, ANSWERED], "line 3: at: 1 is before 5"),
        ([HEADER, {**ASKED, "base64": "é"}], "line 2: base64:"),
        ([HEADER, {"kind": "footer", "observations": 3}], "line 2: observations: 3, but 0 came"),
        ([HEADER, {"kind": "footer", "observations": 0}, ASKED], "line 2: kind: a footer in"),
    ],
)
def test_what_is_no_recording_is_told_with_its_place(lines: list[Any], told: str) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    with pytest.raises(RecordingError) as error:
        parse_recording(texts)
    assert str(error.value).startswith(told)


# -- HAR of browsers -------------------------------------------------------------------------------


def entry(url: str, body: str = "", **members: Any) -> dict[str, Any]:
    kind = "text/event-stream" if "queue/data" in url else "application/json"
    response = {
        "status": 200,
        "headers": [{"name": "content-type", "value": kind}],
        "content": {"size": len(body), "mimeType": kind, "text": body},
    }
    return {
        "startedDateTime": members.pop("started", "2026-11-26T12:00:00.000Z"),
        "time": members.pop("time", 100.0),
        "request": {"method": "GET", "url": url, "headers": [{"name": ":method", "value": "GET"}]},
        "response": response | members.pop("response", {}),
        "timings": {"blocked": -1, "send": 1, "wait": 9, "receive": 90},
        **members,
    }


def har(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries)}}


CONFIG = entry(f"{SERVER}/config", json.dumps(config()))
CLOSED = "".join(f"data: {json.dumps(m)}\n\n" for m in [*lifecycle(), {"msg": "close_stream"}])


def test_a_browsers_har_is_read() -> None:
    later = "2026-11-26T12:00:01.500Z"
    data = f"{SERVER}{PREFIX}/queue/data?session_hash={HASH}"
    found = parse_har(
        har(
            entry(data, CLOSED, started=later, pageref="page_1"),
            CONFIG,
            entry("https://cdn.example/a.js", "", started=later),
        )
    )
    assert found.server == SERVER
    assert len(found.remarks) == 2
    asked = [o for o in found.observations if isinstance(o, RequestSeen)]
    assert [o.target for o in asked] == [
        "/config",
        f"{PREFIX}/queue/data?session_hash={HASH}",
        "https://cdn.example/a.js",
    ]
    assert (asked[1].at, asked[1].client, asked[1].headers) == (1.5, "page_1", ())
    second = [o for o in found.observations if o.id == 2]
    assert [round(o.at, 3) for o in second] == [1.5, 1.51, 1.6, 1.6]
    assert second[-1] == ExchangeOver(2, second[-1].at, "eof")


@pytest.mark.parametrize(
    ("response", "how"),
    [
        ({}, "eof"),
        ({"content": {"size": 4, "text": "data"}}, "open"),
        ({"content": {"size": 400}}, "open"),
        ({"_error": "net::ERR_ABORTED"}, "left"),
        ({"_failureText": "net::ERR_ABORTED"}, "left"),
        ({"_error": "net::ERR_INCOMPLETE_CHUNKED_ENCODING"}, "cut"),
        ({"_error": "net::ERR_SOMETHING_ELSE"}, "open"),
        ({"status": 0}, "open"),
        ({"status": -1}, "open"),
    ],
)
def test_how_a_stream_ended_is_not_made_up(response: dict[str, Any], how: str) -> None:
    url = f"{SERVER}{PREFIX}/queue/data?session_hash={HASH}"
    found = parse_har(har(CONFIG, entry(url, CLOSED, response=response)))
    assert found.observations[-1] == ExchangeOver(2, found.observations[-1].at, how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "log.entries: no array"),
        ({"log": {"entries": {}}}, "log.entries: no array"),
        (har({}), "log.entries[0].request: no object"),
        (har({**CONFIG, "startedDateTime": "noon"}), "log.entries[0].startedDateTime:"),
        (har({**CONFIG, "time": "1"}), "log.entries[0].time: no number"),
        (har({**CONFIG, "request": {"method": "GET"}}), "log.entries[0].request.url: no text"),
        (har({**CONFIG, "_how": "eof", "_pieces": [[1]]}), "log.entries[0]._pieces:"),
    ],
)
def test_what_is_no_har_is_told_with_its_place(document: Any, told: str) -> None:
    with pytest.raises(RecordingError) as error:
        parse_har(document)
    assert str(error.value).startswith(told)


def test_a_har_about_something_else_holds_nothing_to_judge(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps(har(entry("https://e.example/x", "{}"))))
    with pytest.raises(NothingToJudge):
        read_har(path)
    path.write_text("{")
    with pytest.raises(RecordingError, match="no JSON"):
        read_har(path)


# -- redaction -------------------------------------------------------------------------------------

SECRET = "33fpVOD5BVBdytZzmQqyag"


def test_nobody_can_log_in_with_what_is_written() -> None:
    talk = Talk()
    login = talk.ask(
        "POST", "/login", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    observation = talk.observations[-1]
    assert isinstance(observation, RequestSeen)
    form = _at(observation, observation.at)
    talk.observations[-1] = RequestSeen(
        form.id, form.at, "POST", "/login", observation.headers, b"username=ann&password=p%40ss"
    )
    talk.answer(
        login,
        {"success": True},
        headers=[("set-cookie", f"access-token-x={SECRET}; Path=/; HttpOnly")],
    )
    talk.ask(
        "GET",
        "/gradio_api/token?__sign=eyJhbGciOiJI",
        headers={"Cookie": f"a=1; access-token-x={SECRET}"},
    )
    talk.begin(2, headers=[("content-type", "application/json")])
    body = json.dumps({"token": SECRET, "user": "ann"}).encode()
    for a, b in pairwise([0, 15, 20, len(body)]):
        talk.observations.append(BodyPiece(2, talk.now, body[a:b]))
    talk.ask(
        "GET",
        "/",
        headers={"Authorization": "Bearer hf_abcdefgh", "x-hf-authorization": "Bearer hf_abcdefgh"},
    )
    talk.post(
        "/gradio_api/call/x", {"data": ["hf_abcdefgh"], "oauth_token": "abc"}, {"event_id": "e"}
    )
    written = "\n".join(lines_of(Recording(Redactor().all(talk.observations))))
    for secret in (SECRET, "p%40ss", "p@ss", "hf_abcdefgh", "eyJhbGciOiJI", '\\"abc\\"'):
        assert secret not in written, secret
    assert "username=ann&password=redacted-" in written
    assert "Path=/; HttpOnly" in written
    clean = parse_recording(written.splitlines())
    token = b"".join(o.data for o in clean.observations if isinstance(o, BodyPiece) and o.id == 2)
    name = json.loads(token)["token"]
    assert f"access-token-x={name}" in written  # one secret, one name
    assert Redactor().all(clean.observations) == clean.observations


def test_a_form_in_parts_keeps_its_password() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nshort\r\n--x--\r\n'
    assert b"short" not in Redactor().data(body)


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_where_a_body_is_cut_makes_no_difference(text: bytes, cuts: Sequence[int]) -> None:
    body = text[:20] + b'{"password": "correct horse"}' + text[20:] + b"correct horse"
    ends = sorted({min(cut, len(body)) for cut in cuts} | {0, len(body)})
    redactor = Redactor()
    redactor.data(body)
    pieces = list(redactor.pieces([body[a:b] for a, b in pairwise(ends)]))
    assert b"".join(pieces) == redactor.data(body)
    assert b"correct horse" not in b"".join(pieces)
    assert len(pieces) == len(ends) - 1


def test_other_texts_are_left_alone() -> None:
    redactor = Redactor()
    body = b'{"token": "hello", "tokens": 12, "data": ["the password is secret"]}'
    assert redactor.data(body) == body
