"""Raw connections: what is sent leaves as it is, what comes is read as HTTP, and nothing waits."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import h11
import pytest

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.raw import AnswerParser
from gradio_conformance.raw import Peer
from gradio_conformance.raw import RawConnection
from gradio_conformance.raw import RawRequest
from gradio_conformance.raw import in_chunks
from gradio_conformance.timeline import Timeline

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


def parsed(data: bytes, method: str = "GET", size: int = 10_000) -> AnswerParser:
    parser = AnswerParser(method)
    for place in range(0, len(data), size):
        parser.feed(data[place : place + size])
    return parser


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_may_come_in_pieces(size: int) -> None:
    parser = parsed(OK, size=size)
    assert (parser.status, bytes(parser.content), parser.complete) == (200, b"hi", True)
    assert parser.headers["content-length"] == "2"


def test_what_is_behind_an_answer_is_kept() -> None:
    assert parsed(OK + OK).rest == OK


def test_interim_answers_are_no_answers() -> None:
    parser = parsed(b"HTTP/1.1 100 Continue\r\n\r\n" + OK)
    assert (parser.interim, parser.status) == ([100], 200)


def test_an_answer_to_head_ends_with_its_head() -> None:
    parser = parsed(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", "HEAD")
    assert (parser.complete, bytes(parser.content)) == (True, b"")


def test_chunks_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    parser = parsed(head + in_chunks([b"ab", b"c"], b";x=y", b"X: 1\r\n"))
    assert (bytes(parser.content), parser.complete) == (b"abc", True)


@pytest.mark.parametrize(
    "data", [b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"]
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        parsed(data)


def test_a_request_is_the_bytes_it_says() -> None:
    peer = Peer.of("http://user:pass@example.com:8080/app")
    request = RawRequest(peer, "POST", "/x", (("A", "b"),), b"{}")
    lines = request.content.decode().split("\r\n")
    assert lines[:2] == ["POST /app/x HTTP/1.1", "Host: example.com:8080"]
    assert lines[-4:] == ["A: b", "Content-Length: 2", "", "{}"]
    assert "pass" not in request.curl
    assert (
        "Content-Length"
        not in RawRequest(peer, "POST", "/x", (), b"{}", sized=False).content.decode()
    )


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


def connected(
    listener: socket.socket, patience_s: float = 30.0
) -> tuple[RawConnection, socket.socket]:
    peer = Peer.of(f"http://127.0.0.1:{listener.getsockname()[1]}")
    client = RawConnection(peer, Timeline(), patience_s, "NET-009")
    server, _ = listener.accept()
    server.settimeout(30)
    return client, server


def test_answers_are_read_one_by_one(listener: socket.socket) -> None:
    client, server = connected(listener)
    with server:
        server.sendall(OK + OK.replace(b"hi", b"ho"))
        first, second = client.answer(), client.answer()
        server.shutdown(socket.SHUT_WR)
        assert first is not None
        assert second is not None
        assert (first.text, second.text, client.answer()) == ("hi", "ho", None)
        client.close()


def test_a_half_closed_connection_is_still_read(listener: socket.socket) -> None:
    client, server = connected(listener)
    with server:
        assert client.send(b"x")
        client.half_close()
        assert (server.recv(10), server.recv(10)) == (b"x", b"")
        server.sendall(OK)
        answer = client.answer()
        assert answer is not None
        assert answer.status == 200
        client.close()


def test_silence_breaks_the_clause(listener: socket.socket) -> None:
    client, server = connected(listener, patience_s=0.05)
    with server, pytest.raises(TooLate, match="NET-009"):
        client.answer()
    client.close()


def test_what_is_no_http_breaks_the_clause(listener: socket.socket) -> None:
    client, server = connected(listener)
    server.sendall(b"SSH-2.0\r\n\r\n")
    with server, pytest.raises(NonConformance, match="NET-009"):
        client.answer()
    client.close()


def test_what_follows_the_last_answer_is_told(listener: socket.socket) -> None:
    client, server = connected(listener)
    with server:
        server.sendall(OK + b"more")
        client.answer()
        server.shutdown(socket.SHUT_WR)
        assert client.until_closed() == b"more"
        client.close()


def test_a_reset_is_an_end(listener: socket.socket) -> None:
    client, server = connected(listener)
    with server:
        client.reset()
        with pytest.raises(ConnectionResetError):
            server.recv(1)
