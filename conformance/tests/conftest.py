"""A server of raw bytes: what it answers, and when, is up to the test. Golden files:
``--update-golden`` (with their folder as argument) rewrites them.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Protocol

import pytest

# Longer than any test needs on a slow machine; reached only when something is broken.
LONG_S = 30.0
PEM = Path(__file__).parent / "data" / "localhost.pem"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` compares a text with the file in ``golden`` beside the test, or
    rewrites the file.
    """

    def compare(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        if request.config.getoption("--update-golden", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        assert text == path.read_text("utf-8"), f"{name}: look, then --update-golden"

    return compare


@dataclass(slots=True)
class Peer:
    """One client of the raw server, its request read."""

    socket: socket.socket
    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        """The request line."""
        return self.head.split(b"\r\n", 1)[0].decode()

    def header(self, name: str) -> str | None:
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def answer(self, body: bytes, status: str = "200 OK", content_type: str = "text/plain") -> None:
        """One whole response, after which the connection is closed without a word."""
        length = f"content-length: {len(body)}\r\ncontent-type: {content_type}\r\n"
        self.send(f"HTTP/1.1 {status}\r\n{length}\r\n".encode(), body)

    def begin(self, *headers: str, status: str = "200 OK") -> None:
        """The head of a chunked event stream, or of whatever ``headers`` say."""
        lines = headers or ("content-type: text/event-stream", "transfer-encoding: chunked")
        self.send("\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode())

    def chunks(self, *parts: bytes) -> None:
        for part in parts:
            self.send(f"{len(part):x}\r\n".encode() + part + b"\r\n")

    def finish(self) -> None:
        """The end of a chunked body."""
        self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """Abort the connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_gone(self) -> None:
        """Until the client has closed its side."""
        try:
            while self.socket.recv(4096):
                pass
        except OSError:
            pass


Script = Callable[[Peer], None]


@dataclass(slots=True)
class RawServer:
    """Serves each connection in a thread; the n-th by the n-th script, then by the last one."""

    scripts: tuple[Script, ...]
    listener: socket.socket
    tls: ssl.SSLContext | None = None
    peers: list[Peer] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    accepted: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        host, port = self.listener.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls else 'http'}://{host}:{port}"

    def start(self) -> None:
        self._spawn(self._accept)

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.accepted:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(LONG_S)
        for connection in self.accepted:
            connection.close()

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="raw server", daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted.append(connection)
            script = self.scripts[min(len(self.accepted), len(self.scripts)) - 1]
            self._spawn(lambda c=connection, s=script: self._serve(c, s))  # type: ignore[misc]

    def _serve(self, connection: socket.socket, script: Script) -> None:
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            peer = _read_request(connection)
            if peer is not None:
                self.peers.append(peer)
                script(peer)
        except OSError:
            pass
        finally:
            connection.close()


def _read_request(connection: socket.socket) -> Peer | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    peer = Peer(connection, head, body)
    while len(peer.body) < int(peer.header("content-length") or 0):
        more = connection.recv(65536)
        if not more:
            return None
        peer.body += more
    return peer


class Serve(Protocol):
    def __call__(self, *scripts: Script, host: str = ..., tls: bool = ...) -> RawServer: ...


@pytest.fixture
def raw_server() -> Iterator[Serve]:
    """``raw_server(script, …)`` starts a server that follows the scripts until the test ends."""
    servers: list[RawServer] = []

    def serve(*scripts: Script, host: str = "127.0.0.1", tls: bool = False) -> RawServer:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, 0), family=family)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(PEM)
        server = RawServer(scripts, listener, context)
        server.start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    """Nothing that reads a stream outlives the test."""
    yield
    assert [t.name for t in threading.enumerate() if t.name.startswith("stream ")] == []
