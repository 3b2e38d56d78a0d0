"""Plain requests and their replies, against servers of raw bytes."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from typing import Any

import httpx
import pytest

from gradio_conformance import wire
from gradio_conformance.faults import NonConformance
from gradio_conformance.timeline import Timeline
from gradio_conformance.wire import Reply
from gradio_conformance.wire import Wire

from .raw import LONG_S
from .raw import Listening
from .raw import Peer
from .raw import Serve
from .raw import cut_chunks
from .raw import cut_length
from .raw import stream_of

pytestmark = pytest.mark.usefixtures("no_thread_left")


def can_bind(host: str) -> bool:
    try:
        socket.create_server((host, 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


HOSTS = ["127.0.0.1", *(["::1"] if can_bind("::1") else [])]


# -- plain requests -----------------------------------------------------------------------------


@pytest.fixture
def connect() -> Any:
    made: list[Wire] = []

    def to(url: str, patience_s: float = LONG_S) -> Wire:
        made.append(Wire(url, Timeline(), patience_s))
        return made[-1]

    yield to
    for one in made:
        one.close()


@pytest.mark.parametrize("host", HOSTS)
def test_a_request_and_its_reply(raw_server: Serve, connect: Any, host: str) -> None:
    server = raw_server(lambda peer: peer.answer(b'{"ok": "\xc3\xa4"}'), host=host)
    client = connect(f"{server.url}/below/")
    reply = client.request("POST", "/run/x?y=1", json_body={"data": ["ä"]}, headers={"x-a": "1"})
    (peer,) = server.peers
    assert peer.line == "POST /below/run/x?y=1 HTTP/1.1"
    assert json.loads(peer.body) == {"data": ["ä"]}
    assert peer.header("content-type") == "application/json"
    assert (peer.header("x-a"), peer.header("accept-encoding")) == ("1", "identity")
    assert (reply.status, reply.text, reply.json("RUN-001")) == (200, '{"ok": "ä"}', {"ok": "ä"})
    sent, received = client.timeline.entries
    assert (sent.summary, sent.payload) == ("POST /run/x?y=1", '{"data": ["\\u00e4"]}')
    assert "--data-raw" in sent.curl
    assert f"{server.url}/below/run/x" in sent.curl
    assert received.summary == '200 {"ok": "ä"}'


def test_bytes_are_sent_as_they_are(raw_server: Serve, connect: Any) -> None:
    server = raw_server(lambda peer: peer.answer(b""))
    connect(server.url).request("PUT", "/", content=b"\xff\0", headers={"content-type": "a/b"})
    connect(server.url).request("POST", "/", content=b"")
    connect(server.url).request("GET", "/")
    put, empty, get = server.peers
    assert (put.body, put.header("content-type")) == (b"\xff\0", "a/b")
    assert (empty.header("content-length"), empty.header("content-type")) == ("0", None)
    assert get.header("content-length") is None


def test_a_server_may_close_a_connection_without_a_word(raw_server: Serve, connect: Any) -> None:
    server = raw_server(lambda peer: peer.answer(b"x"))  # HTTP/1.1, and closed all the same
    client = connect(server.url)
    assert [client.request("GET", "/").text for _ in range(5)] == ["x"] * 5
    assert len(server.accepted) == 5


def test_a_redirect_is_an_answer_like_any_other(raw_server: Serve, connect: Any) -> None:
    def script(peer: Peer) -> None:
        peer.begin("location: /elsewhere", "content-length: 0", status="307 Go")

    server = raw_server(script)
    assert connect(server.url).request("GET", "/").status == 307
    assert len(server.peers) == 1


def test_a_compressed_body_is_read(raw_server: Serve, connect: Any) -> None:
    def script(peer: Peer) -> None:
        body = gzip.compress(b"text")
        peer.begin("content-encoding: gzip", f"content-length: {len(body)}")
        peer.send(body)

    assert connect(raw_server(script).url).request("GET", "/").text == "text"


def test_the_environment_is_not_asked(
    raw_server: Serve, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server = raw_server(lambda peer: peer.answer(b"x"))
    assert connect(server.url).request("GET", "/").text == "x"
    monkeypatch.setenv("no_proxy", "")
    assert Listening(raw_server(stream_of(b"data: x\n\n")).url).end() == "eof"


def test_no_answer_within_patience_is_told(raw_server: Serve, connect: Any) -> None:
    client = connect(raw_server(lambda peer: peer.wait_gone()).url, 0.2)
    with pytest.raises(httpx.ReadTimeout):
        client.request("GET", "/")
    assert client.timeline.entries[-1].summary.startswith("(ReadTimeout")


def test_a_body_that_drips_for_ever_is_not_waited_for(raw_server: Serve, connect: Any) -> None:
    pace = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        try:
            while not pace.wait(0.02):
                peer.chunks(b": still here\n\n")
        except OSError:
            pass

    client = connect(raw_server(script).url, 0.3)
    with pytest.raises(httpx.ReadTimeout, match=r"the body went on for more than 0.3 s"):
        client.request("GET", "/queue/data")
    pace.set()


def test_a_body_without_end_is_not_kept(
    raw_server: Serve, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST", 10_000)

    def script(peer: Peer) -> None:
        peer.begin()
        try:
            while True:
                peer.chunks(b"x" * 1000)
        except OSError:
            pass

    with pytest.raises(httpx.RemoteProtocolError, match="a body of more than 10000 bytes"):
        connect(raw_server(script).url).request("GET", "/")


@pytest.mark.parametrize("script", [lambda peer: None, cut_chunks, cut_length])
def test_half_an_answer_is_no_answer(raw_server: Serve, connect: Any, script: Any) -> None:
    client = connect(raw_server(script).url)
    with pytest.raises(httpx.RemoteProtocolError):
        client.request("GET", "/")
    assert client.timeline.entries[-1].summary.startswith("(RemoteProtocolError")


# -- replies ------------------------------------------------------------------------------------


def reply(content: bytes, status: int = 200, media_type: str = "application/json") -> Reply:
    return Reply("GET", "/x", status, httpx.Headers({"content-type": media_type}), content)


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"null", None), (b' {"a": [1.5, "\xc3\xa4"]} ', {"a": [1.5, "ä"]}), (b"0", 0)],
)
def test_a_json_body_is_read(content: bytes, value: Any) -> None:
    assert reply(content).json("RUN-001") == value


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'{"a": NaN}',
        b"[Infinity]",
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b"1" * 5000,
        b"{}{}",
    ],
)
def test_what_is_no_strict_json_breaks_the_clause(content: bytes) -> None:
    with pytest.raises(NonConformance) as told:
        reply(content).json("RUN-001")
    assert told.value.clause == "RUN-001"
    assert told.value.expected == "a JSON body"
    assert told.value.actual.startswith("200 application/json")
    assert len(told.value.actual) < 300


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/html", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_the_media_type_of_json(media_type: str, expected: bool) -> None:
    assert reply(b"", media_type=media_type).is_json is expected


def test_a_status_is_demanded() -> None:
    found = reply(b"gone", 404)
    assert found.require_status("NET-001", 200, 404) is found
    with pytest.raises(NonConformance, match=r"NET-001: expected status 200 or 204 for GET /x;"):
        found.require_status("NET-001", 200, 204)


def test_a_client_error_carries_its_detail() -> None:
    good = reply(b'{"detail": "no such endpoint"}', 404)
    assert good.require_client_error("NET-004") is good
    for bad in (
        reply(b'{"detail": "x"}', 500),
        reply(b'{"detail": "x"}', 200),
        reply(b'{"error": "x"}', 400),
        reply(b'["detail"]', 400),
        reply(b"detail", 400),
    ):
        with pytest.raises(NonConformance, match="NET-004"):
            bad.require_client_error("NET-004")


def test_a_reply_that_is_no_text_can_be_described() -> None:
    described = Reply("GET", "/", 200, httpx.Headers(), b"\xff\xfe" * 300).describe()
    assert described.startswith("200 -: \ufffd")
    assert len(described) < 250
