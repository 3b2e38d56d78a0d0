"""The proxy between a client and any server: what passes it unchanged, what it bends, and that
whoever goes away on one side is gone on the other.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.cli import main
from gradio_conformance.mutants.__main__ import main as serve_mutant
from gradio_conformance.mutants.model import CatalogueError
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.proxy import launch_proxy
from gradio_conformance.mutants.proxy import proxied
from gradio_conformance.mutants.rules import parse_rule
from gradio_conformance.ports import free_port
from gradio_conformance.testbed.serving import url
from gradio_conformance.traffic.renaming import Names
from gradio_conformance.traffic.renaming import RenamedStream

LONG_S = 30.0
Serve = Any  # the fixture of conftest.py
Peer = Any
Script = Callable[[Peer], None]
JSON = "application/json"


class Front:
    """A proxy, and the upstream's address as its scripts need it."""

    def __init__(self, upstream: str, *rules: dict[str, Any]) -> None:
        port = free_port()
        self.upstream, self.url = upstream, url(port)
        self._clients: list[socket.socket] = []
        names = Names({upstream: self.url})
        self._end = launch_proxy(upstream, port, [parse_rule(rule) for rule in rules], names)

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._end()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=LONG_S) as client:
            return client.request(method, self.url + path, **options)

    def connect(self, head: str, body: bytes = b"") -> socket.socket:
        """A request as raw bytes; the socket to read the answer from."""
        address = (urlsplit(self.url).hostname, urlsplit(self.url).port)
        client = socket.create_connection(address, LONG_S)
        self._clients.append(client)
        client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        return client


@pytest.fixture
def front(raw_server: Serve) -> Iterator[Callable[..., Front]]:
    """``front(script, rule, …)``: a proxy before a server that follows the script."""
    fronts: list[Front] = []

    def stand(script: Script, *rules: dict[str, Any]) -> Front:
        fronts.append(Front(raw_server(script).url, *rules))
        return fronts[-1]

    yield stand
    for one in fronts:
        one.close()


def read_until(client: socket.socket, wanted: bytes) -> bytes:
    found = b""
    while wanted not in found:
        more = client.recv(65536)
        assert more, f"the end came before {wanted!r}: {found!r}"
        found += more
    return found


# -- names ---------------------------------------------------------------------------------------

NAMES = Names({"http://a:1": "http://front:22", "https://hh": "http://front:33"})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b'"root":"http://a:1"', b'"root":"http://front:22"'),
        (b"http://a:1/x http://a:1", b"http://front:22/x http://front:22"),
        (b"http://a:12 http://a:1-b", b"http://a:12 http://a:1-b"),
        (rb'"http:\/\/a:1\/config"', rb'"http:\/\/front:22\/config"'),
        (b"https://hh", b"http://front:33"),
        (b"https://hh\xff", b"http://front:33\xff"),
        (b"nothing", b"nothing"),
        (b"", b""),
    ],
)
def test_names_are_exchanged(text: bytes, wanted: bytes) -> None:
    assert NAMES.in_text(text) == wanted


@given(
    parts=st.lists(
        st.sampled_from([b"http://a:1", b"https://hh", b"http:", b"//a:", b"1", b"2", b"h", b"\n"])
    ),
    cuts=st.lists(st.integers(0, 60)),
)
def test_a_name_may_come_in_pieces(parts: list[bytes], cuts: list[int]) -> None:
    text = b"".join(parts)
    ends = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    stream = RenamedStream(NAMES)
    pieces = [stream.feed(text[a:b]) for a, b in pairwise(ends)]
    assert b"".join(pieces) + stream.finish() == NAMES.in_text(text)


def test_a_line_never_waits_for_the_next() -> None:
    stream = RenamedStream(NAMES)
    assert stream.feed(b'data: "http://a:1"\n\n') == b'data: "http://front:22"\n\n'


# -- what passes ---------------------------------------------------------------------------------


def test_a_request_arrives_as_it_was_sent(raw_server: Serve) -> None:
    server = raw_server(lambda peer: peer.answer(b"ok"))
    front = Front(server.url)
    head = (
        "POST /gradio_api/a%2Fb/../c?x=%20&y HTTP/1.1\nHost: who.example\nCookie: a=1\nX-Two: 1\n"
        "X-Two: 2\nConnection: close, X-Hop\nX-Hop: 1\nContent-Length: 4"
    )
    with front.connect(head, b"\xff\x00{}") as client:
        read_until(client, b"ok")
    front.close()
    (peer,) = server.peers
    assert peer.line == "POST /gradio_api/a%2Fb/../c?x=%20&y HTTP/1.1"
    assert (peer.body, peer.header("host"), peer.header("cookie")) == (
        b"\xff\x00{}",
        "who.example",
        "a=1",
    )
    assert peer.head.lower().count(b"\r\nx-two: ") == 2
    assert (peer.header("x-hop"), peer.header("content-length")) == (None, "4")


def test_a_chunked_request_stays_chunked(raw_server: Serve) -> None:
    def script(peer: Peer) -> None:
        body = peer.body
        while not body.endswith(b"0\r\n\r\n"):
            body += peer.socket.recv(4096)
        peer.answer(body)

    front = Front(raw_server(script).url)
    body = front.ask("POST", "/upload", content=iter([b"one", b"two"])).content
    front.close()
    assert body == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


def test_an_answer_comes_as_it_was_given(front: Any) -> None:
    def script(peer: Peer) -> None:
        headers = ["content-type: image/png", "set-cookie: a=1", "set-cookie: b=2"]
        peer.begin(*headers, "content-length: 3", "server: mine", status="418 Teapot")
        peer.send(b"\xff\x00\x01")

    answer = front(script).ask("GET", "/gradio_api/file=x")
    assert (answer.status_code, answer.content) == (418, b"\xff\x00\x01")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["server"] == "mine"
    assert "date" not in answer.headers


def test_head_keeps_the_length_of_what_it_does_not_bring(front: Any) -> None:
    def script(peer: Peer) -> None:
        peer.begin(f"content-type: {JSON}", "content-length: 4711")

    rule = {"at": "HEAD config", "do": {"headers": {"x-new": "1"}}}
    for rules in ((), (rule,)):
        answer = front(script, *rules).ask("HEAD", "/config")
        assert (answer.status_code, answer.headers["content-length"]) == (200, "4711")


@pytest.mark.parametrize(
    ("location", "wanted"),
    [("{upstream}/login", "{front}/login"), ("/login", "/login"), ("http://e.x/", "http://e.x/")],
)
def test_redirects_lead_through_the_proxy(front: Any, location: str, wanted: str) -> None:
    place: dict[str, str] = {}

    def script(peer: Peer) -> None:
        peer.begin(
            f"location: {location.format(**place)}", "content-length: 0", status="307 Temporary"
        )

    stands = front(script)
    place |= {"upstream": stands.upstream, "front": stands.url}
    answer = stands.ask("POST", "/gradio_api/queue/join/", content=b"{}")
    assert (answer.status_code, answer.headers["location"]) == (307, wanted.format(**place))


def test_documents_name_the_proxy(front: Any) -> None:
    place: list[str] = []

    def script(peer: Peer) -> None:
        peer.answer(json.dumps({"root": place[0]}).encode(), content_type=JSON)

    stands = front(script)
    place.append(stands.upstream)
    assert stands.ask("GET", "/config").json() == {"root": stands.url}
    # A user's file is the user's.
    assert stands.ask("GET", "/gradio_api/file=a.json").json() == {"root": stands.upstream}


def test_a_stream_comes_while_it_is_written(front: Any) -> None:
    seen = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        for byte in b'data: {"url":"%s/x"}\n\n' % stands.upstream.encode():
            peer.chunks(bytes([byte]))
        assert seen.wait(LONG_S)
        peer.chunks(b"data: 2\n\n")
        peer.finish()

    stands = front(script)
    with stands.connect(
        "GET /gradio_api/queue/data HTTP/1.1\nHost: h\nConnection: close"
    ) as client:
        read_until(client, b"}\r\n")
        seen.set()
        assert b"data: 2" in read_until(client, b"0\r\n\r\n")
    with httpx.Client(trust_env=False) as client, client.stream("GET", stands.url) as response:
        assert f'data: {{"url":"{stands.url}/x"}}\n\n' in "".join(response.iter_text())


# -- who goes away -------------------------------------------------------------------------------


def nothing(peer: Peer) -> None:
    peer.reset()


def half_a_document(peer: Peer) -> None:
    peer.begin(f"content-type: {JSON}", "content-length: 100")
    peer.send(b'{"data":')


def half_a_stream(peer: Peer) -> None:
    peer.begin()
    peer.chunks(b"data: 1\n\n")


def half_a_file(peer: Peer) -> None:
    peer.begin("content-type: image/png", "content-length: 100")
    peer.send(b"PNG")


@pytest.mark.parametrize("script", [nothing, half_a_document, half_a_stream, half_a_file])
@pytest.mark.parametrize("bent", [False, True])
def test_a_cut_stays_a_cut(front: Any, script: Script, bent: bool) -> None:
    rules = [{"at": "GET *", "do": {"headers": {"x-new": "1"}}}] if bent else []
    with pytest.raises(httpx.RemoteProtocolError):
        front(script, *rules).ask("GET", "/gradio_api/queue/data")


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("bent", [False, True])
def test_a_client_that_goes_away_is_gone_for_the_upstream(
    front: Any, answers: bool, bent: bool
) -> None:
    asked, gone = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        if answers:
            peer.begin()
            peer.chunks(b"data: 1\n\n")
        asked.set()
        peer.wait_gone()
        gone.set()

    rules = [{"at": "GET *", "msg": "*", "do": {"raw": "data: 1\n\n"}}] if bent else []
    stands = front(script, *rules)
    client = stands.connect("GET /gradio_api/queue/data HTTP/1.1\nHost: h")
    assert asked.wait(LONG_S)
    if answers:
        read_until(client, b"data: 1")
    client.close()
    assert gone.wait(LONG_S)


def test_a_client_that_goes_away_while_it_asks_is_gone(front: Any) -> None:
    asked, gone = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        asked.set()
        peer.wait_gone()
        gone.set()

    client = front(script).connect(
        "PUT /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked", b"4\r\nsome\r\n"
    )
    assert asked.wait(LONG_S)
    client.close()
    assert gone.wait(LONG_S)


def test_a_stream_that_a_rule_ends_is_dropped_upstream(front: Any) -> None:
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(b'data: {"msg":"log"}\n\n')
        peer.wait_gone()
        gone.set()

    rule = {"at": "GET queue/data", "msg": "log", "do": {"then": "end"}}
    assert "log" in front(script, rule).ask("GET", "/gradio_api/queue/data").text
    assert gone.wait(LONG_S)


# -- rules, a path, a second server --------------------------------------------------------------


class Bed:
    """As much of a testbed as is asked for before the proxy stands."""

    def __init__(self, path: str = "") -> None:
        self.path = path
        self.second: str | None = None

    def __call__(self, peer: Peer) -> None:
        route = peer.line.split(" ")[1].removeprefix(self.path)
        names = ("settings", "release", "journal")
        answers: dict[str, Any] = {
            "/config": {
                "api_prefix": "/gradio_api",
                "dependencies": [{"id": i, "api_name": name} for i, name in enumerate(names)],
            },
            "/gradio_api/info": {},
            "/gradio_api/run/settings": {"data": [{"testbed": "1", "second": self.second}]},
        }
        peer.answer(json.dumps(answers.get(route, {"route": route})).encode(), content_type=JSON)


def test_rules_bend_what_passes_below_any_path(raw_server: Serve) -> None:
    main_server, second = Bed("/sub"), Bed()
    upstream = raw_server(main_server).url + "/sub"
    main_server.second = raw_server(second).url
    rule = parse_rule({"at": "POST run/echo", "do": {"status": 201}})
    with proxied(upstream, [rule]) as fronts, httpx.Client(trust_env=False) as client:
        assert fronts.main.endswith("/sub")
        told = client.post(f"{fronts.main}/gradio_api/run/settings").json()
        assert told["data"][0]["second"] == fronts.others["second"]
        for front in (fronts.main, fronts.others["second"]):
            answer = client.post(f"{front}/gradio_api/run/echo", json={"data": []})
            assert (answer.status_code, answer.json()) == (201, {"route": "/gradio_api/run/echo"})


# -- the command ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lifo-queue", "always-404", "no-such-mutant"])
def test_what_is_not_on_the_wire_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match=name):
        load_catalogue().on_the_wire(name)
    options = ["serve", "--misbehave", name, "--upstream", "http://127.0.0.1:1"]
    result = CliRunner().invoke(main, options)
    assert (result.exit_code, name in result.output) == (2, True)


@pytest.mark.parametrize("upstream", ["localhost:7860", "ftp://x", "http://x/?q"])
def test_an_upstream_is_a_url(upstream: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--upstream", upstream])
    assert (result.exit_code, "--upstream" in result.output) == (2, True)


def test_an_upstream_that_is_not_there_is_unreachable() -> None:
    result = CliRunner().invoke(serve_mutant, ["--upstream", url(free_port())])
    assert result.exit_code == 4
    assert "ConnectError" in result.output
