"""Releases whose connections carry one event each, alive: the testbed on Gradio 3.50.2 (`ws`) and
on 4.8.0 (`sse`), each message judged by the machine and the schemas of its family.
"""

from __future__ import annotations

import json
import socket
import sys
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import httpx
import pytest
from wsproto import ConnectionType
from wsproto import WSConnection
from wsproto import events as ws

from gradio_conformance.process import running
from gradio_spec import sse
from gradio_spec.connections import LEFT
from gradio_spec.connections import ConnectionMonitor
from gradio_spec.loader import load_spec
from gradio_spec.records import Violation

pytestmark = [pytest.mark.eras, pytest.mark.timeout(600)]
PATIENCE_S = 60.0
Message = Mapping[str, Any]


@dataclass
class Event:
    """One connection as it went: what the server said, and what of it breaks a clause."""

    monitor: ConnectionMonitor
    number: int
    leave_at: str | None = None  # the client goes away at the first message of this kind
    messages: list[Message] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [message["msg"] for message in self.messages]

    @property
    def data(self) -> Any:
        """The outputs of the result."""
        assert self.kinds[-1] == "process_completed"
        return self.messages[-1]["output"].get("data")

    def heard(self, text: str) -> Message:
        observed = self.monitor.received(self.number, text)
        self.violations += observed.violations
        message: Message = json.loads(text)
        self.messages.append(message)
        return message

    def said(self, name: str, body: Message) -> str:
        self.violations += self.monitor.sent(self.number, name, body).violations
        return json.dumps(body)

    def ended(self, how: str) -> None:
        self.violations += self.monitor.ended(self.number, how).violations


class Server:
    """A testbed of an old release."""

    def __init__(self, url: str, release: str) -> None:
        self.url = url
        self.monitor = ConnectionMonitor(load_spec(f"gradio-{release}"))
        self.http = httpx.Client(base_url=url, timeout=PATIENCE_S)
        names = [d.get("api_name") for d in self.http.get("/config").json()["dependencies"]]
        self.places = {name: place for place, name in enumerate(names)}

    def run(self, name: str, *data: Any) -> Any:
        """A direct call."""
        reply = self.http.post(f"/run/{name}", json={"data": data})
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]

    def upload(self, name: str, content: bytes) -> str:
        found: list[str] = self.http.post("/upload", files={"files": (name, content)}).json()
        return found[0]

    def event(self, name: str, *data: Any, leave_at: str | None = None) -> Event:
        """One event from its join to the end of its connection, or until the client leaves."""
        event = Event(self.monitor, self.monitor.opened(), leave_at)
        body = {"fn_index": self.places[name], "session_hash": f"s{uuid.uuid4().hex[:10]}"}
        self.talk(event, body, list(data))
        assert event.violations == []
        return event

    def talk(self, event: Event, names: Message, data: list[Any]) -> None:
        raise NotImplementedError


class OnWebSocket(Server):
    """Gradio 3: the server asks, the client answers."""

    def talk(self, event: Event, names: Message, data: list[Any]) -> None:
        address = httpx.URL(self.url)
        with socket.create_connection((address.host, address.port or 80), PATIENCE_S) as line:
            peer = WSConnection(ConnectionType.CLIENT)
            request = ws.Request(host=f"{address.host}:{address.port}", target="/queue/join")
            line.sendall(peer.send(request))
            for text in self._texts(event, line, peer):
                message = event.heard(text)
                if message["msg"] == "send_hash":
                    line.sendall(peer.send(ws.TextMessage(event.said("hash", names))))
                elif message["msg"] == "send_data":
                    answer = {"data": data, "event_data": None, **names}
                    line.sendall(peer.send(ws.TextMessage(event.said("data", answer))))
                elif message["msg"] == event.leave_at:
                    self.http.post("/reset", json=names)
                    event.ended(LEFT)
                    return

    def _texts(self, event: Event, line: socket.socket, peer: WSConnection) -> Iterator[str]:
        text = ""
        while data := line.recv(65_536):
            peer.receive_data(data)
            for one in peer.events():
                if isinstance(one, ws.TextMessage):
                    text += one.data
                    if one.message_finished:
                        yield text
                        text = ""
                elif isinstance(one, ws.CloseConnection):
                    event.ended("closed" if one.code == 1000 else "cut")
                    return
        event.ended("cut")


class OnStreams(Server):
    """Gradio 4.0 to 4.8: one event stream for each event, the arguments follow by POST."""

    def talk(self, event: Event, names: Message, data: list[Any]) -> None:
        decoder = sse.Decoder()
        with self.http.stream("GET", "/queue/join", params=dict(names)) as response:
            assert response.status_code == 200
            for piece in response.iter_bytes():
                for one in decoder.feed(piece):
                    message = event.heard(one.data)
                    if message["msg"] == "send_data":
                        answer = {"data": data, **names, "event_id": message["event_id"]}
                        event.said("data", answer)
                        assert self.http.post("/queue/data", json=answer).status_code == 200
                    elif message["msg"] == event.leave_at:
                        event.ended(LEFT)
                        return
        event.ended("eof")


KINDS: Mapping[str, type[Server]] = {"3.50.2": OnWebSocket, "4.8.0": OnStreams}


@contextmanager
def _served(release: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "gradio_conformance.environments", f"gradio=={release}"]
    with running([*command, "--port", "{port}"], wait_s=500) as url:
        server = KINDS[release](url, release)
        try:
            yield server
        finally:
            server.http.close()


@pytest.fixture(scope="module", params=sorted(KINDS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with _served(request.param) as there:
        yield there


def test_a_call(server: Server) -> None:
    event = server.event("echo", {"a": [1, None, "é"]})
    assert event.data == [{"a": [1, None, "é"]}]
    assert {"estimation", "send_data", "process_starts"} <= set(event.kinds)


def test_a_generator_sends_whole_values(server: Server) -> None:
    event = server.event("yields", [[0], [0, "x"], {"k": 1}])
    chunks = [m["output"]["data"] for m in event.messages if m["msg"] == "process_generating"]
    assert chunks[:3] == [[[0]], [[0, "x"]], [{"k": 1}]]
    assert event.data == [{"k": 1}]


def test_a_failure(server: Server) -> None:
    event = server.event("fail", "told to nobody")
    assert event.messages[-1]["success"] is False
    assert event.messages[-1]["output"] == {"error": None}


def test_a_failure_after_chunks_that_is_told(server: Server) -> None:
    event = server.event("fail_user_after", 2, "told")
    assert "told" in event.messages[-1]["output"]["error"]
    assert event.kinds.count("process_generating") == 2


def test_logs_and_progress(server: Server) -> None:
    server.run("release", "p", 2)
    progress = server.event("progress", "p")
    assert progress.data == ["done"]
    logs = server.event("logs", "hello")
    assert [m["level"] for m in logs.messages if m["msg"] == "log"] == ["info", "warning", "info"]


def test_a_file(server: Server) -> None:
    path = server.upload("a.txt", b"content")
    file: Message = {"path": path, "orig_name": "a.txt"}
    if isinstance(server, OnWebSocket):
        file = {"name": path, "orig_name": "a.txt", "data": None, "is_file": True}
    (told,) = server.event("file_echo", file).data
    where = told["name"] if isinstance(server, OnWebSocket) else told["path"]
    assert server.http.get(f"/file={where}").content == b"content"


def test_a_client_that_leaves(server: Server) -> None:
    event = server.event("hold_generator", "left", 40, leave_at="process_generating")
    assert event.kinds[-1] == "process_generating"
    server.run("release", "left", 50)
    assert server.event("echo", "after").data == ["after"]
