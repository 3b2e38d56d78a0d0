"""The recording client against servers of raw bytes: framing, ends, drops, bounds."""

from __future__ import annotations

import gzip
import queue
import socket
import ssl
import threading
from typing import Any

import httpx
import pytest

from gradio_conformance import wire
from gradio_conformance.wire import StreamReader
from gradio_spec import sse

from .raw import LONG_S
from .raw import PEM
from .raw import Listening
from .raw import Peer
from .raw import Serve
from .raw import cut_chunks
from .raw import cut_length
from .raw import stream_of

pytestmark = pytest.mark.usefixtures("no_thread_left")
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
    monkeypatch.setattr(wire, "tls_context", lambda: ssl.create_default_context(cafile=PEM))
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
