"""The wire tap changes nothing, and what it has kept is read as what it was."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from wsproto import ConnectionType
from wsproto import WSConnection
from wsproto.events import AcceptConnection
from wsproto.events import CloseConnection
from wsproto.events import Event
from wsproto.events import Request
from wsproto.events import TextMessage
from wsproto.extensions import PerMessageDeflate

from gradio_conformance.eras.wiretap.frames import WebSocketMessage
from gradio_conformance.eras.wiretap.judging import broken_clauses
from gradio_conformance.eras.wiretap.reading import read
from gradio_conformance.eras.wiretap.records import write
from gradio_conformance.eras.wiretap.tap import Chunk
from gradio_conformance.eras.wiretap.tap import Side
from gradio_conformance.eras.wiretap.tap import Tap
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import read_recording

HOST = (("host", "h"),)
LENGTH = ("content-length", "4")
GET = b"GET /config HTTP/1.1\r\nhost: h\r\n\r\n"
POST = b"POST /queue/join HTTP/1.1\r\nhost: h\r\ncontent-length: 4\r\n\r\n"
TWO = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
STREAM = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def talk(*said: tuple[Side, bytes]) -> list[Chunk]:
    """One connection; a second passes between any two chunks."""
    return [Chunk(float(at), 1, side, data) for at, (side, data) in enumerate(said)]


def test_two_exchanges_on_one_connection() -> None:
    found = read(
        talk(
            ("client", GET),
            ("server", TWO),
            ("client", POST + b"ab"),
            ("client", b"cd"),
            ("server", TWO),
        )
    )
    assert [one for one in found if isinstance(one, RequestSeen)] == [
        RequestSeen(1, 0.0, "GET", "/config", HOST, b"", "tapped"),
        RequestSeen(2, 3.0, "POST", "/queue/join", (*HOST, LENGTH), b"abcd", "tapped"),
    ]
    assert [one for one in found if isinstance(one, ExchangeOver)] == [
        ExchangeOver(1, 1.0, "eof"),
        ExchangeOver(2, 4.0, "eof"),
    ]


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ([("server", b"0\r\n\r\n")], "eof"),
        ([("server", b"")], "cut"),
        ([("client", b"")], "left"),
        ([], "open"),
    ],
)
def test_how_a_stream_ends(end: list[tuple[Side, bytes]], how: str) -> None:
    found = read(talk(("client", GET), ("server", STREAM + b"3\r\none\r\n"), *end))
    assert [type(one) for one in found] == [RequestSeen, AnswerBegan, BodyPiece, ExchangeOver]
    (piece,) = (one for one in found if isinstance(one, BodyPiece))
    assert piece.data == b"one"
    over = found[-1]
    assert isinstance(over, ExchangeOver)
    assert over.how == how


@pytest.mark.parametrize("size", [1, 7])
def test_how_it_was_cut_into_chunks_does_not_matter(size: int) -> None:
    whole = GET + POST + b"abcd"
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    answers = TWO + TWO
    back = [answers[start : start + size] for start in range(0, len(answers), size)]
    found = read(talk(*(("client", one) for one in pieces), *(("server", one) for one in back)))
    assert [one.target for one in found if isinstance(one, RequestSeen)] == [
        "/config",
        "/queue/join",
    ]
    assert [one.how for one in found if isinstance(one, ExchangeOver)] == ["eof", "eof"]


def test_a_connection_that_speaks_no_http_is_left_alone() -> None:
    assert read(talk(("client", b"\x16\x03\x01 hello\r\n\r\n"), ("server", b"?"))) == []
    broken = read(talk(("client", GET), ("server", b"nonsense\r\n\r\n")))
    assert [type(one) for one in broken] == [RequestSeen, ExchangeOver]


def web_socket(*, is_deflated: bool) -> list[Chunk]:
    """A client and a server of another library greet, talk and part."""
    client, server = WSConnection(ConnectionType.CLIENT), WSConnection(ConnectionType.SERVER)
    extensions = [PerMessageDeflate()] if is_deflated else []
    said: list[tuple[Side, bytes]] = []

    def say(side: Side, event: Event) -> None:
        speaker, listener = (client, server) if side == "client" else (server, client)
        data = speaker.send(event)
        said.append((side, data))
        listener.receive_data(data)
        list(listener.events())

    asked = [PerMessageDeflate()] if is_deflated else []
    say("client", Request(host="h", target="/queue/join", extensions=list(asked)))
    say("server", AcceptConnection(extensions=list(extensions)))
    for text in ("send_hash", "process_starts " * 20):
        say("server", TextMessage(data=text))
    say("client", TextMessage(data='{"fn_index": 4}'))
    say("server", CloseConnection(code=1000))
    said.append(("server", b""))
    return talk(*said)


@pytest.mark.parametrize("is_deflated", [False, True])
def test_messages_of_a_web_socket(is_deflated: bool) -> None:
    chunks = web_socket(is_deflated=is_deflated)
    compressed = sum(len(chunk.data) for chunk in chunks if chunk.side == "server") < 400
    assert compressed is is_deflated
    found = read(chunks)
    assert [one for one in found if isinstance(one, WebSocketMessage)] == [
        WebSocketMessage(1, 2.0, "server", "send_hash"),
        WebSocketMessage(1, 3.0, "server", "process_starts " * 20),
        WebSocketMessage(1, 4.0, "client", '{"fn_index": 4}'),
        WebSocketMessage(1, 5.0, "server", "", 1000),
    ]
    assert [one.how for one in found if isinstance(one, ExchangeOver)] == ["eof"]


def test_recordings_are_those_of_watch_with_frames_beside(tmp_path: Path) -> None:
    write(tmp_path, "py-0.6.1", "http://h", read(web_socket(is_deflated=False)))
    recording = read_recording(tmp_path / "py-0.6.1.jsonl")
    assert [type(one) for one in recording.observations] == [
        RequestSeen,
        AnswerBegan,
        ExchangeOver,
    ]
    lines = (tmp_path / "py-0.6.1.frames.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["side"] for line in lines] == ["server", "server", "client", "server"]


@contextmanager
def echoing() -> Iterator[str]:
    """A server that says all that it is told back, until it is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(100):
                    connection.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(10)
        assert not thread.is_alive()


def test_every_byte_passes_and_who_leaves_is_left() -> None:
    sent = bytes(range(256)) * 1000
    with echoing() as url, Tap(url) as tap:
        port = int(tap.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
            back = bytearray()
            while len(back) < len(sent):
                back += client.recv(65_536)
    assert back == sent
    for side in ("client", "server"):
        passed = b"".join(chunk.data for chunk in tap.chunks if chunk.side == side)
        assert passed == sent
    assert [chunk.side for chunk in tap.chunks if not chunk.data][:1] == ["client"]


def test_a_server_that_is_not_there_closes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Tap(url) as tap:
        port = int(tap.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            assert client.recv(1) == b""


def test_a_web_socket_is_judged_by_the_machine_of_its_family() -> None:
    # It asks for nothing, and is closed before the event is over.
    assert broken_clauses("3.50.2", read(web_socket(is_deflated=False))) >= {"WS-001", "WS-007"}


def test_a_stream_of_one_event_is_judged_by_the_machine_of_its_family() -> None:
    begun = STREAM + b"2c\r\n" + b'data: {"msg": "process_starts", "x": "12"}\n\n' + b"\r\n"
    ask = GET.replace(b"/config", b"/queue/join?fn_index=0&session_hash=a")
    found = read(talk(("client", ask), ("server", begun), ("server", b"0\r\n\r\n")))
    assert "SSEZERO-001" in broken_clauses("4.8.0", found)


def test_streams_of_sessions_are_judged_by_the_version_of_the_release() -> None:
    found = read(talk(("client", GET), ("server", TWO)))
    ask = GET.replace(b"/config", b"/queue/data?session_hash=a")
    wrong = read(talk(("client", ask), ("server", STREAM + b"2\r\nx\n\r\n"), ("server", b"")))
    assert broken_clauses("4.44.1", found) == set()
    assert broken_clauses("4.44.1", wrong) != set()
