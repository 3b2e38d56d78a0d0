"""The judging proxy: what it observes, what it lets through, and the misfortunes that it brings."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from gradio_conformance.traffic.faults import Fault
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.proxy import Proxy

LONG_S = 30.0
Serve = Any  # the fixture of conftest.py
Peer = Any
Stand = Callable[..., Proxy]
JSON = "application/json"
DATA = "/gradio_api/queue/data?session_hash=s"
MESSAGES = [b'data: {"n": %d}\n\n' % n for n in range(4)]


@pytest.fixture
def stand(raw_server: Serve) -> Iterator[Stand]:
    """``stand(script)``: a proxy before a server that follows the script."""
    proxies: list[Proxy] = []

    def start(script: Callable[[Peer], None]) -> Proxy:
        proxies.append(Proxy(raw_server(script).url))
        proxies[-1].start()
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.close()


def ask(proxy: Proxy, method: str, path: str, **options: Any) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=LONG_S) as client:
        return client.request(method, proxy.url + path, **options)


def ok(peer: Peer) -> None:
    peer.answer(b'{"ok": 1}', content_type=JSON)


def stream(peer: Peer) -> None:
    peer.begin()
    peer.chunks(*MESSAGES)
    peer.finish()


def is_over(seen: Sequence[Observation], exchange: int = 1) -> bool:
    return any(isinstance(o, ExchangeOver) and o.id == exchange for o in seen)


def over(proxy: Proxy, exchange: int = 1) -> ExchangeOver:
    """How an exchange ended; waits for that."""
    seen = proxy.until(lambda seen: is_over(seen, exchange), within_s=LONG_S)
    (found,) = (o for o in seen if isinstance(o, ExchangeOver) and o.id == exchange)
    return found


def body(proxy: Proxy, exchange: int = 1) -> bytes:
    return b"".join(
        o.data for o in proxy.observations if isinstance(o, BodyPiece) and o.id == exchange
    )


# -- what is observed ------------------------------------------------------------------------------


def test_an_exchange_is_observed_in_order(stand: Stand) -> None:
    proxy = stand(ok)
    ask(proxy, "POST", "/gradio_api/queue/join?a=%20", json={"data": []})
    over(proxy)
    asked, began, piece, ended = proxy.observations
    assert isinstance(asked, RequestSeen)
    assert (asked.id, asked.method, asked.target) == (1, "POST", "/gradio_api/queue/join?a=%20")
    assert (json.loads(asked.body), asked.client) == ({"data": []}, "127.0.0.1")
    assert dict(asked.headers)["content-type"] == JSON
    assert isinstance(began, AnswerBegan)
    assert (began.status, dict(began.headers)["content-type"], began.staged) == (200, JSON, False)
    assert isinstance(piece, BodyPiece)
    assert piece.data == b'{"ok": 1}'
    assert ended == ExchangeOver(1, ended.at, "eof")
    assert asked.at <= began.at <= piece.at <= ended.at


def test_what_a_client_has_received_was_observed_before(stand: Stand) -> None:
    seen = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(MESSAGES[0])
        assert seen.wait(LONG_S)
        peer.chunks(MESSAGES[1])
        peer.finish()

    proxy = stand(script)
    with (
        httpx.Client(trust_env=False, timeout=LONG_S) as client,
        client.stream("GET", proxy.url + DATA) as response,
    ):
        pieces = response.iter_bytes()
        assert next(pieces) == body(proxy) == MESSAGES[0]
        seen.set()
        assert b"".join(pieces) == MESSAGES[1]
    assert over(proxy).how == "eof"


@pytest.mark.parametrize("answers", [False, True])
def test_a_client_that_leaves_is_told_from_a_server_that_cuts(stand: Stand, answers: bool) -> None:
    asked, gone = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        if answers:
            peer.begin()
            peer.chunks(MESSAGES[0])
        asked.set()
        peer.wait_gone()
        gone.set()

    proxy = stand(script)
    host, port = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), LONG_S) as client:
        client.sendall(f"GET {DATA} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        assert asked.wait(LONG_S)
        if answers:
            proxy.until(lambda seen: any(isinstance(o, BodyPiece) for o in seen))
    assert gone.wait(LONG_S)
    assert over(proxy) == ExchangeOver(1, over(proxy).at, "left")


@pytest.mark.parametrize("begins", [False, True])
def test_a_server_that_cuts_is_observed(stand: Stand, begins: bool) -> None:
    def script(peer: Peer) -> None:
        if begins:
            peer.begin()
            peer.chunks(MESSAGES[0])
        peer.reset()

    proxy = stand(script)
    with pytest.raises(httpx.RemoteProtocolError):
        ask(proxy, "GET", DATA)
    assert (over(proxy).how, over(proxy).staged) == ("cut", False)


def test_what_is_open_when_the_proxy_goes_is_open(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(MESSAGES[0])
        peer.wait_gone()

    proxy = Proxy(raw_server(script).url)
    with (
        proxy,
        httpx.Client(trust_env=False) as client,
        client.stream("GET", proxy.url + DATA) as response,
    ):
        pieces = response.iter_bytes()  # kept: an iterator that is dropped closes the connection
        next(pieces)
        proxy.close()
    assert over(proxy).how == "open"


def test_of_a_large_file_only_the_beginning_is_kept(stand: Stand) -> None:
    size = 3_000_000

    def script(peer: Peer) -> None:
        peer.answer(b"x" * size, content_type="video/mp4")

    proxy = stand(script)
    headers = {"content-type": "application/octet-stream"}
    answer = ask(proxy, "POST", "/gradio_api/upload", content=b"y" * size, headers=headers)
    assert len(answer.content) == size
    over(proxy)
    pieces = [o for o in proxy.observations if isinstance(o, BodyPiece)]
    asked = proxy.observations[0]
    assert isinstance(asked, RequestSeen)
    assert (len(asked.body), asked.omitted) == (1_000_000, size - 1_000_000)
    assert len(body(proxy)) == 1_000_000
    assert sum(len(o.data) + o.omitted for o in pieces) == size


def test_a_client_that_does_not_read_holds_the_server_back(stand: Stand) -> None:
    enough, held = 200, threading.Event()  # MB: far more than all buffers on the way

    def script(peer: Peer) -> None:
        peer.begin()
        peer.socket.settimeout(2.0)
        try:
            for _ in range(enough):
                peer.chunks(b"x" * 1_000_000)
        except TimeoutError:
            held.set()

    proxy = stand(script)
    with (
        httpx.Client(trust_env=False, timeout=LONG_S) as client,
        client.stream("GET", proxy.url + DATA),
    ):
        assert held.wait(LONG_S)


def test_documents_name_the_proxy(stand: Stand) -> None:
    place: list[str] = []

    def script(peer: Peer) -> None:
        peer.answer(json.dumps({"root": place[0]}).encode(), content_type=JSON)

    proxy = stand(script)
    place.append(proxy.upstream)
    assert ask(proxy, "GET", "/config").json() == {"root": proxy.url}
    assert json.loads(body(proxy)) == {"root": proxy.url}


def test_gradios_page_names_the_proxy(stand: Stand) -> None:
    place: list[str] = []

    def script(peer: Peer) -> None:
        page = f'<script>window.gradio_config = {{"root": "{place[0]}"}};</script>'
        peer.answer(page.encode(), content_type="text/html; charset=utf-8")

    proxy = stand(script)
    place.append(proxy.upstream)
    assert f'"root": "{proxy.url}"' in ask(proxy, "GET", "/").text


@pytest.mark.parametrize("upstream", ["127.0.0.1:1", "ftp://h", "http://h/?q", "http://"])
def test_an_upstream_is_an_address(upstream: str) -> None:
    with pytest.raises(ValueError, match=r"http|host|query"):
        Proxy(upstream)


# -- faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [422, 500, 503])
def test_an_answer_in_the_servers_place(stand: Stand, status: int) -> None:
    proxy = stand(ok)
    fault = proxy.faults.add(Fault("POST queue/join", skip=1, times=2, status=status))
    path = "/gradio_api/queue/join"
    found = [ask(proxy, "POST", path, json={}).status_code for _ in range(4)]
    assert found == [200, status, status, 200]
    assert ask(proxy, "GET", path).status_code == 200
    assert proxy.faults.met(fault) == 2
    over(proxy, 5)
    staged = [o.staged for o in proxy.observations if isinstance(o, AnswerBegan)]
    assert staged == [False, True, True, False, False]


def test_faults_change_while_the_proxy_runs(stand: Stand) -> None:
    proxy = stand(ok)
    fault = proxy.faults.add(Fault(status=500, body={"error": None}, headers={"Retry-After": "1"}))
    answer = ask(proxy, "GET", "/x")
    assert (answer.status_code, answer.json()) == (500, {"error": None})
    assert answer.headers["retry-after"] == "1"
    proxy.faults.remove(fault)
    assert ask(proxy, "GET", "/x").status_code == 200
    proxy.faults.add(Fault(status=404))
    proxy.faults.clear()
    assert ask(proxy, "GET", "/x").status_code == 200


@pytest.mark.parametrize("messages", [0, 1, 3])
def test_a_stream_is_cut_after_messages(stand: Stand, messages: int) -> None:
    proxy = stand(stream)
    proxy.faults.add(Fault("GET queue/data", times=1, after_messages=messages))
    with pytest.raises(httpx.RemoteProtocolError):
        ask(proxy, "GET", DATA)
    assert body(proxy) == b"".join(MESSAGES[:messages])
    assert (over(proxy).how, over(proxy).staged) == ("cut", True)
    assert ask(proxy, "GET", DATA).content == b"".join(MESSAGES)


def test_a_stream_is_cut_after_bytes(stand: Stand) -> None:
    whole = b"".join(MESSAGES)
    for size in (0, 1, len(MESSAGES[0]) + 3):
        proxy = stand(stream)
        proxy.faults.add(Fault("GET queue/data", after_bytes=size))
        with pytest.raises(httpx.RemoteProtocolError):
            ask(proxy, "GET", DATA)
        assert (body(proxy), over(proxy).how) == (whole[:size], "cut")


def test_a_stream_ends_too_early(stand: Stand) -> None:
    proxy = stand(stream)
    proxy.faults.add(Fault("GET queue/data", after_messages=2, then="end"))
    assert ask(proxy, "GET", DATA).content == b"".join(MESSAGES[:2])
    assert (over(proxy).how, over(proxy).staged) == ("eof", True)


def test_a_stream_falls_silent_until_its_client_leaves(stand: Stand) -> None:
    proxy = stand(stream)
    proxy.faults.add(Fault("GET queue/data", after_messages=1, then="silence"))
    with (
        httpx.Client(trust_env=False, timeout=LONG_S) as client,
        client.stream("GET", proxy.url + DATA) as response,
    ):
        pieces = response.iter_bytes()  # kept, as above
        assert next(pieces) == MESSAGES[0]
        assert not is_over(proxy.observations)
    assert over(proxy).how == "left"
    assert body(proxy) == MESSAGES[0]


def test_a_body_is_split_at_every_byte(stand: Stand) -> None:
    proxy = stand(stream)
    proxy.faults.add(Fault("GET queue/data", chunk=1))
    assert ask(proxy, "GET", DATA).content == b"".join(MESSAGES)
    pieces = [o.data for o in proxy.observations if isinstance(o, BodyPiece)]
    assert {len(piece) for piece in pieces} == {1}


def test_pieces_and_answers_are_held_back(stand: Stand) -> None:
    proxy = stand(stream)
    proxy.faults.add(Fault("GET queue/data", chunk=30, delay_s=0.05, pause_s=0.02))
    ask(proxy, "GET", DATA)
    over(proxy)
    times = [o.at for o in proxy.observations if isinstance(o, BodyPiece)]
    assert times == sorted(times)
    assert times[-1] - times[0] >= 0.02 * (len(times) - 1)


def test_a_server_goes_down_and_comes_back(stand: Stand) -> None:
    asked = threading.Event()

    def script(peer: Peer) -> None:
        if "queue/data" in peer.line:
            peer.begin()
            peer.chunks(MESSAGES[0])
            asked.set()
            peer.wait_gone()
        else:
            ok(peer)

    proxy = stand(script)
    with httpx.Client(trust_env=False, timeout=LONG_S) as client:
        with client.stream("GET", proxy.url + DATA) as response:
            pieces = response.iter_bytes()
            next(pieces)
            proxy.go_down()
            with pytest.raises(httpx.RemoteProtocolError):
                next(pieces)
        assert (over(proxy).how, over(proxy).staged) == ("cut", True)
        with pytest.raises(httpx.ConnectError):
            client.get(f"{proxy.url}/config")
        proxy.come_back()
        assert client.get(f"{proxy.url}/config").status_code == 200
    over(proxy, 2)


@pytest.mark.parametrize(
    "wrong", [{"skip": -1}, {"chunk": 0}, {"status": 99}, {"pause_s": -0.1}, {"after_bytes": -1}]
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ValueError, match=name):
        Fault(**wrong)


def test_faults_are_changed_from_many_threads(stand: Stand) -> None:
    proxy = stand(ok)

    def work() -> None:
        for _ in range(200):
            fault = proxy.faults.add(Fault("POST never"))
            proxy.faults.of("POST", "never")
            proxy.faults.remove(fault)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert {ask(proxy, "GET", "/x").status_code for _ in range(10)} == {200}
    for thread in threads:
        thread.join(LONG_S)
    assert proxy.faults.of("POST", "never") is None
