"""The proxy before whole servers: a client behind it is served as it is without, and judged."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import httpx
import pytest

from gradio_conformance.process import running
from gradio_conformance.traffic.faults import Fault
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.proxy import Proxy
from gradio_spec import sse
from gradio_spec.loader import load_known

PYTHON = os.environ.get("GRADIO_PYTHON", sys.executable)
LONG_S = 30.0
HASH = "x7k2p9d4qa1"
KNOWN = {entry.clause for entry in load_known("gradio-6.31.0").entries}
LIBRARIES = [
    "reference",
    pytest.param("gradio", marks=[pytest.mark.gradio, pytest.mark.slow]),
]


@pytest.fixture(scope="module", params=LIBRARIES)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    python = PYTHON if request.param == "gradio" else sys.executable
    command = [python, "-m", "gradio_conformance.testbed", "--library", request.param]
    with running([*command, "--port", "{port}"], wait_s=60.0) as url:
        yield url


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    with Proxy(server) as standing:
        yield standing


class Client:
    """A client as it should be, of as much of the protocol as is used here."""

    def __init__(self, url: str, session_hash: str = HASH) -> None:
        self.session_hash = session_hash
        self.http = httpx.Client(trust_env=False, timeout=LONG_S, base_url=url)
        self.config = self.http.get("/config").json()
        self.prefix = self.config["api_prefix"]
        self.ids = {d["api_name"]: d["id"] for d in self.config["dependencies"]}

    def call(self, name: str, *data: object) -> list[str]:
        """Join, read to the end; the kinds of messages."""
        body = {"data": list(data), "fn_index": self.ids[name], "session_hash": self.session_hash}
        self.http.post(f"{self.prefix}/queue/join", json=body).raise_for_status()
        return self.read()

    def read(self) -> list[str]:
        params = {"session_hash": self.session_hash}
        decoder, kinds = sse.Decoder(), []
        with self.http.stream("GET", f"{self.prefix}/queue/data", params=params) as response:
            for piece in response.iter_bytes():
                kinds += [json.loads(event.data)["msg"] for event in decoder.feed(piece)]
        return kinds


@pytest.fixture
def client(proxy: Proxy) -> Iterator[Client]:
    found = Client(proxy.url)
    yield found
    found.http.close()


def test_the_server_names_the_proxy(proxy: Proxy, client: Client) -> None:
    assert client.config["root"] == proxy.url
    assert proxy.upstream not in json.dumps(client.config)


def test_a_call_is_seen_and_nobody_accused(proxy: Proxy, client: Client) -> None:
    kinds = client.call("tokens", "one two three")
    assert kinds[:2] == ["estimation", "process_starts"]
    assert kinds[-2:] == ["process_completed", "close_stream"]
    proxy.until(lambda seen: sum(isinstance(o, ExchangeOver) for o in seen) == 3)
    assert proxy.offences("client") == ()
    assert {o.clause for o in proxy.offences("server")} <= KNOWN


def test_every_byte_alone_makes_no_difference(proxy: Proxy, client: Client) -> None:
    whole = client.call("tokens", "one two")
    proxy.faults.add(Fault("GET queue/data", chunk=1))
    assert client.call("tokens", "one two") == whole
    assert {o.clause for o in proxy.offences()} <= KNOWN


def test_a_staged_cut_is_held_against_nobody(proxy: Proxy, client: Client) -> None:
    fault = proxy.faults.add(Fault("GET queue/data", times=1, after_messages=2))
    with pytest.raises(httpx.RemoteProtocolError):
        client.call("tokens", "one two")
    assert proxy.faults.met(fault) == 1
    # In a session of its own: a server that has not yet noticed the cut, as Gradio may not, sends
    # what comes in this one to the reader that is gone.
    client.session_hash = "q3v8n5c1zb7"
    assert client.call("echo", "again")[-1] == "close_stream"
    assert {o.clause for o in proxy.offences()} <= KNOWN


def test_a_poller_is_found_out(proxy: Proxy, client: Client) -> None:
    proxy.faults.add(Fault("GET queue/data", after_messages=1, then="silence"))
    client.http.timeout = httpx.Timeout(LONG_S, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        client.call("tokens", "one two")
    with pytest.raises(httpx.ReadTimeout):
        client.read()
    (offence,) = proxy.offences("client")
    assert (offence.clause, offence.bugs) == ("CLIENT-005", ("polled-stream",))
