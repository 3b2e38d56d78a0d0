"""The recording client against servers of raw bytes: framing, ends, drops, bounds."""

from __future__ import annotations

import gzip
import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gradio_conformance import wire
from gradio_conformance.faults import NonConformance
from gradio_conformance.timeline import Timeline
from gradio_conformance.wire import Reply
from gradio_conformance.wire import StreamReader
from gradio_conformance.wire import Wire
from gradio_spec import sse

pytestmark = pytest.mark.usefixtures("no_thread_left")
LONG_S = 30.0
PEM = Path(__file__).parent / "data" / "localhost.pem"
Serve = Any  # the fixture of conftest.py
Peer = Any


def can_bind(host: str) -> bool:
    try:
        socket.create_server((host, 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


HOSTS = ["127.0.0.1", *(["::1"] if can_bind("::1") else [])]


class Listening:
    """A reader and all that it told."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.events: queue.Queue[sse.Event] = queue.Queue()
        self.ends: queue.Queue[str] = queue.Queue()
        self.reader = StreamReader(
            url, headers=headers, on_event=self.events.put, on_end=self.ends.put
        )
        self.reader.start()

    def end(self) -> str:
        how = self.ends.get(timeout=LONG_S)
        self.reader.drop()  # waits for the thread
        assert self.ends.empty(), "told its end twice"
        return how

    def all(self) -> list[str]:
        """The data of all events; the stream must have ended."""
        found = []
        while not self.events.empty():
            found.append(self.events.get().data)
        return found


def stream_of(*chunks: bytes) -> Callable[[Peer], None]:
    """A whole chunked event stream."""

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*chunks)
        peer.finish()

    return script


# -- streams: what arrives ----------------------------------------------------------------------

TEXT = 'data: {"a": "naïve 日本 🙂"}\n\nevent: x\ndata: two\n\n'.encode()
EXPECTED = ['{"a": "naïve 日本 🙂"}', "two"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 1000])
def test_events_do_not_depend_on_chunks(raw_server: Serve, size: int) -> None:
    chunks = [TEXT[i : i + size] for i in range(0, len(TEXT), size)]
    listening = Listening(raw_server(stream_of(*chunks)).url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED
    assert bytes(listening.reader.received) == TEXT


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_format_is_read(raw_server: Serve, line_end: bytes) -> None:
    text = TEXT.replace(b"\n", line_end)
    listening = Listening(raw_server(stream_of(text[:20], text[20:])).url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED


def test_an_event_is_told_before_the_stream_ends(raw_server: Serve) -> None:
    told = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"data: first\n\n")
        assert told.wait(LONG_S)
        peer.chunks(b"data: second\n\n")
        peer.finish()

    listening = Listening(raw_server(script).url)
    assert listening.events.get(timeout=LONG_S).data == "first"
    told.set()
    assert listening.end() == "eof"
    assert listening.all() == ["second"]


def test_bytes_that_are_not_utf8_are_marked(raw_server: Serve) -> None:
    listening = Listening(raw_server(stream_of(b"data: \xff\n\ndata: ok\n\n")).url)
    assert listening.end() == "eof"
    first, second = listening.events.get(), listening.events.get()
    assert (first.data, first.replaced) == ("\ufffd", True)
    assert second.replaced is False


def test_a_compressed_stream_is_read_though_nobody_asked_for_it(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        body = gzip.compress(TEXT)
        peer.begin("content-type: text/event-stream", "content-encoding: gzip")
        peer.send(body)

    server = raw_server(script)
    listening = Listening(server.url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED
    assert server.peers[0].header("accept-encoding") == "identity"


def test_headers_are_sent_as_given(raw_server: Serve) -> None:
    server = raw_server(stream_of())
    listening = Listening(f"{server.url}/a/b?c=%20d", {"x-own": "1", "accept": "text/html"})
    assert listening.end() == "eof"
    (peer,) = server.peers
    assert peer.line == "GET /a/b?c=%20d HTTP/1.1"
    assert (peer.header("x-own"), peer.header("accept")) == ("1", "text/html")
    assert str(peer.header("user-agent")).startswith("gradio-protocol/")


def test_a_stream_asks_for_events(raw_server: Serve) -> None:
    server = raw_server(stream_of())
    assert Listening(server.url).end() == "eof"
    assert server.peers[0].header("accept") == "text/event-stream"


# -- streams: how they end ----------------------------------------------------------------------


def test_a_body_of_known_length_ends_cleanly(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.begin("content-type: text/event-stream", f"content-length: {len(TEXT)}")
        peer.send(TEXT)

    listening = Listening(raw_server(script).url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED
    assert listening.reader.unfinished is False


def test_a_body_until_close_ends_cleanly(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.begin("content-type: text/event-stream", "connection: close")
        peer.send(TEXT)

    listening = Listening(raw_server(script).url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED


def cut_chunks(peer: Peer) -> None:
    peer.begin()
    peer.chunks(b"data: one\n\n")


def cut_length(peer: Peer) -> None:
    peer.begin("content-type: text/event-stream", "content-length: 1000")
    peer.send(b"data: one\n\n")


def not_chunked(peer: Peer) -> None:
    peer.begin()
    peer.chunks(b"data: one\n\n")
    peer.send(b"this is no chunk\r\n")


@pytest.mark.parametrize("script", [cut_chunks, cut_length, not_chunked])
def test_a_body_that_stops_early_is_cut(raw_server: Serve, script: Any) -> None:
    listening = Listening(raw_server(script).url)
    assert listening.end() == "cut"
    assert listening.all() == ["one"]
    assert listening.reader.status == 200
    assert "RemoteProtocolError" in str(listening.reader.error)


def test_a_reset_connection_is_cut(raw_server: Serve) -> None:
    seen = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"data: one\n\n")
        assert seen.wait(LONG_S)
        peer.reset()

    listening = Listening(raw_server(script).url)
    assert listening.events.get(timeout=LONG_S).data == "one"
    seen.set()
    assert listening.end() == "cut"
    assert "ReadError" in str(listening.reader.error)


def test_a_server_that_hangs_up_without_an_answer_is_cut(raw_server: Serve) -> None:
    listening = Listening(raw_server(lambda peer: None).url)
    assert listening.end() == "cut"
    assert listening.reader.status is None
    assert listening.reader.ready.is_set()


def test_a_refused_connection_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    listening = Listening(f"http://127.0.0.1:{port}")
    assert listening.end() == "cut"
    assert "ConnectError" in str(listening.reader.error)
    assert listening.reader.status is None


def test_an_end_inside_an_event_is_told(raw_server: Serve) -> None:
    listening = Listening(raw_server(stream_of(b"data: one\n\ndata: half")).url)
    assert listening.end() == "eof"
    assert listening.reader.unfinished is True
    assert listening.all() == ["one"]


@pytest.mark.parametrize("status", ["404 Not Found", "204 No Content", "500 Oops"])
def test_another_status_is_no_stream(raw_server: Serve, status: str) -> None:
    body = b"" if status.startswith("204") else b"data: no event\n\n"
    script = lambda peer: peer.answer(body, status, "text/event-stream")  # noqa: E731
    listening = Listening(raw_server(script).url)
    assert listening.end() == "eof"
    assert listening.all() == []
    assert listening.reader.status == int(status[:3])
    assert bytes(listening.reader.body) == body


def test_another_media_type_is_no_stream(raw_server: Serve) -> None:
    script = lambda peer: peer.answer(b"data: x\n\n", content_type="text/html")  # noqa: E731
    listening = Listening(raw_server(script).url)
    assert listening.end() == "eof"
    assert (listening.all(), bytes(listening.reader.body)) == ([], b"data: x\n\n")


def test_a_media_type_is_read_as_the_field_reads_it(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.answer(TEXT, content_type="Text/Event-Stream; charset=utf-8")

    listening = Listening(raw_server(script).url)
    assert listening.end() == "eof"
    assert listening.all() == EXPECTED


def test_a_redirect_is_not_followed(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.begin("location: /elsewhere", "content-length: 0", status="307 Go")

    server = raw_server(script)
    listening = Listening(server.url)
    assert listening.end() == "eof"
    assert listening.reader.status == 307
    assert len(server.peers) == 1


def test_a_fault_of_the_listener_is_not_the_servers(raw_server: Serve) -> None:
    ends: queue.Queue[str] = queue.Queue()

    def broken(event: sse.Event) -> None:
        raise LookupError(event.data)

    url = raw_server(stream_of(b"data: one\n\n")).url
    reader = StreamReader(url, on_event=broken, on_end=ends.put)
    reader.start()
    assert ends.get(timeout=LONG_S) == "fault"
    assert isinstance(reader.fault, LookupError)
    reader.drop()


def test_an_address_that_is_none_is_a_fault() -> None:
    listening = Listening("http://[::1")
    assert listening.end() == "fault"
    assert isinstance(listening.reader.fault, httpx.InvalidURL)


# -- streams: dropped ---------------------------------------------------------------------------


def drop_and_see(listening: Listening, server: Any, gone: threading.Event) -> None:
    listening.reader.drop()
    alive = [t for t in threading.enumerate() if t.name == f"stream {server.url}"]
    assert alive == [], "drop returned while the reader still waited"
    assert listening.end() == "dropped"
    assert gone.wait(LONG_S), "the server was not told"


@pytest.mark.parametrize("tls", [False, True])
def test_a_drop_wakes_the_reader_and_tells_the_server(
    raw_server: Serve, tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_tls", lambda: ssl.create_default_context(cafile=PEM))
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"data: one\n\n")
        peer.wait_gone()
        gone.set()

    server = raw_server(script, tls=tls)
    listening = Listening(server.url)
    assert listening.events.get(timeout=LONG_S).data == "one"
    drop_and_see(listening, server, gone)
    assert listening.reader.fault is None


def test_a_drop_does_not_wait_for_headers(raw_server: Serve) -> None:
    asked, gone = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        asked.set()
        peer.wait_gone()
        gone.set()

    server = raw_server(script)
    listening = Listening(server.url)
    assert asked.wait(LONG_S)
    assert not listening.reader.ready.is_set()
    drop_and_see(listening, server, gone)
    assert listening.reader.ready.is_set()
    assert listening.reader.status is None


def test_a_drop_before_the_connection_is_made_holds(
    raw_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, made = socket.create_connection, threading.Event()
    server = raw_server(lambda peer: peer.wait_gone())

    def late(*arguments: Any, **options: Any) -> socket.socket:
        assert made.wait(LONG_S)
        listening.reader.drop()
        return connect(*arguments, **options)

    monkeypatch.setattr(socket, "create_connection", late)
    listening = Listening(server.url)
    made.set()
    assert listening.end() == "dropped"
    assert listening.reader.status is None


def test_a_drop_after_the_end_changes_nothing(raw_server: Serve) -> None:
    listening = Listening(raw_server(stream_of(TEXT)).url)
    assert listening.end() == "eof"
    listening.reader.drop()
    listening.reader.drop()
    assert listening.ends.empty()


def test_a_drop_from_the_reading_thread_does_not_wait_for_itself(raw_server: Serve) -> None:
    ends: queue.Queue[str] = queue.Queue()
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"data: one\n\n")
        peer.wait_gone()
        gone.set()

    url = raw_server(script).url
    readers: list[StreamReader] = []
    reader = StreamReader(url, on_event=lambda _: readers[0].drop(), on_end=ends.put)
    readers.append(reader)
    reader.start()
    assert ends.get(timeout=LONG_S) == "dropped"
    assert gone.wait(LONG_S)
    reader.drop()


# -- streams: bounds ----------------------------------------------------------------------------


def test_an_event_without_end_is_cut(raw_server: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST", 10_000)

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b"data: one\n\n", b"data: ")
        try:
            while True:
                peer.chunks(b"x" * 1000)
        except OSError:
            pass

    listening = Listening(raw_server(script).url)
    assert listening.end() == "cut"
    assert listening.reader.error == "no end of an event in 10000 bytes"
    assert listening.all() == ["one"]


def test_many_small_events_are_not_taken_for_one(
    raw_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST", 100)
    chunks = [f"data: {i}\n\n".encode() for i in range(100)]
    listening = Listening(raw_server(stream_of(*chunks)).url)
    assert listening.end() == "eof"
    assert len(listening.all()) == 100


def test_only_the_beginning_of_a_long_stream_is_kept(
    raw_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "KEPT_BYTES", 10)
    listening = Listening(raw_server(stream_of(TEXT, TEXT)).url)
    assert listening.end() == "eof"
    assert bytes(listening.reader.received) == TEXT[:10]
    refused = Listening(raw_server(lambda peer: peer.answer(b"x" * 1000, "500 No")).url)
    assert refused.end() == "eof"
    assert bytes(refused.reader.body) == b"x" * 10


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
    assert Listening(raw_server(stream_of(TEXT)).url).end() == "eof"


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
