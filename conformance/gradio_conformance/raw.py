"""Exact bytes on a connection of one's own: in pieces, pipelined, half-closed, never read.

What an HTTP client would never send, or not like that. Everything lands on the timeline; every
wait is bounded by patience, and its end breaks the clause that the connection is opened for.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import h11
import httpx

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import show
from gradio_conformance.timeline import NOTE
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.timeline import Timeline
from gradio_conformance.timeline import curl_line
from gradio_conformance.wire import CONNECT_S
from gradio_conformance.wire import HEADERS
from gradio_conformance.wire import LARGEST
from gradio_conformance.wire import Reply
from gradio_conformance.wire import tls_context

LANE = "raw"
JSON = ("Content-Type", "application/json")
CHUNKED = ("Transfer-Encoding", "chunked")
PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a base URL leads: ``path`` is what stands in front of every path there."""

    base_url: str
    host: str
    port: int
    tls: bool
    path: str

    @classmethod
    def of(cls, base_url: str) -> Peer:
        parts = urlsplit(base_url)
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        return cls(base_url, parts.hostname or "", port, tls, parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """What a Host header says."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request as the bytes it is sent as. ``headers`` come after those that every request has;
    a body without a Content-Length is announced by them or by nobody.
    """

    peer: Peer
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sized: bool = True  # add the Content-Length of a body
    target: str | None = None  # in place of the path
    version: str = "1.1"

    @property
    def head(self) -> bytes:
        target = self.peer.path + self.path if self.target is None else self.target
        lines = [f"{self.method} {target} HTTP/{self.version}", f"Host: {self.peer.authority}"]
        lines += [f"{name}: {value}" for name, value in (*HEADERS.items(), *self.headers)]
        if self.body and self.sized:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    @property
    def content(self) -> bytes:
        return self.head + self.body

    @property
    def curl(self) -> str:
        """The same request as curl sends it: whole, and framed in curl's own way."""
        headers = {n: v for n, v in self.headers if n.lower() != "transfer-encoding"}
        url = self.peer.base_url + self.path
        body = self.body if self.body or self.method == "POST" else None
        return curl_line(self.method, url, headers, body)


def in_chunks(parts: Iterable[bytes], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """A body in the chunked transfer coding (RFC 9112, 7.1)."""
    framed = [b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts]
    return b"".join(framed) + b"0\r\n" + trailer + b"\r\n"


class AnswerParser:
    """One answer out of bytes as they come; knows no socket.

    ``status`` and ``headers`` are set once the head is there, ``complete`` when all is; ``rest`` is
    what came behind it. Interim answers (1xx) are counted in ``interim``.
    """

    def __init__(self, method: str = "GET") -> None:
        self._h11 = h11.Connection(h11.CLIENT)
        asked = h11.Request(method=method, target="/", headers=[("host", "x")])
        self._h11.send(asked)
        self._h11.send(h11.EndOfMessage())
        self.interim: list[int] = []
        self.status: int | None = None
        self.headers = httpx.Headers()
        self.content = bytearray()
        self.complete = False
        self.rest = b""

    def feed(self, data: bytes) -> None:
        """Take in bytes, ``b""`` for the end of the connection. Raises
        ``h11.RemoteProtocolError`` for what is no answer.
        """
        self._h11.receive_data(data)
        while not self.complete:
            event = self._h11.next_event()
            if isinstance(event, h11.InformationalResponse):
                self.interim.append(event.status_code)
            elif isinstance(event, h11.Response):
                self.status = event.status_code
                self.headers = httpx.Headers(list(event.headers))
            elif isinstance(event, h11.Data):
                self.content += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.complete, self.rest = True, self._h11.trailing_data[0]
            else:
                return


class RawConnection:
    """One connection. ``clause`` is what the server breaks that keeps silent on it, or that
    answers what is no HTTP.
    """

    def __init__(
        self,
        peer: Peer,
        timeline: Timeline,
        patience_s: float,
        clause: str,
        receive_buffer: int | None = None,
    ) -> None:
        self.peer = peer
        self.clause = clause
        self._timeline = timeline
        self._patience_s = patience_s
        self._rest = b""
        self._over = False  # the server has closed its side
        self._socket = _connect(peer, receive_buffer)

    def send(self, data: bytes, request: RawRequest | None = None) -> bool:
        """Send these bytes as one piece; false if the server has closed the connection meanwhile.

        ``request`` is what they begin, for the trace and its curl line.
        """
        told = f"{len(data)} bytes: {show(_text(data), 60)}"
        curl = request.curl if request is not None else None
        self._timeline.add(SENT, LANE, told, payload=show(_text(data), 4000), curl=curl)
        self._socket.settimeout(self._patience_s)
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise TooLate(self.clause, f"{len(data)} bytes to be taken in", "no answer") from None
        except OSError as error:
            self._timeline.add(NOTE, LANE, f"(not all was sent: {error})")
            return False
        return True

    def half_close(self) -> None:
        """End one's own side: nothing more will be sent, answers are still read."""
        self._timeline.add(SENT, LANE, "(the end of what is sent)")
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._timeline.add(NOTE, LANE, f"(closed already: {error})")

    def answer(self, method: str = "GET", path: str = "") -> Reply | None:
        """Read the next answer; ``None`` if the server closed the connection without one."""
        parser = AnswerParser(method)
        deadline = time.monotonic() + self._patience_s
        begun = bool(self._rest)
        data, self._rest = self._rest, b""
        try:
            if data:
                parser.feed(data)
            while not parser.complete:
                data = self._receive(deadline)
                begun = begun or bool(data)
                if not begun:
                    self._timeline.add(RECEIVED, LANE, "(the end of the connection)")
                    return None
                parser.feed(data)
                if len(parser.content) > LARGEST:
                    raise h11.RemoteProtocolError(f"a body of more than {LARGEST} bytes")
        except h11.RemoteProtocolError as error:
            self._timeline.add(RECEIVED, LANE, f"({error})", violation=self.clause)
            raise NonConformance(self.clause, "an answer in HTTP/1.1", str(error)) from None
        self._rest = parser.rest
        return self._told(parser, method, path)

    def _told(self, parser: AnswerParser, method: str, path: str) -> Reply:
        status = parser.status or 0
        reply = Reply(method, path, status, parser.headers, bytes(parser.content))
        summary = f"{status} {show(reply.text, 80)}"
        self._timeline.add(RECEIVED, LANE, summary, payload=show(reply.text, 4000))
        return reply

    def until_closed(self) -> bytes:
        """What else the server sends until it closes the connection."""
        deadline = time.monotonic() + self._patience_s
        found = bytearray(self._rest)
        while data := self._receive(deadline):
            found += data
        self._rest = b""
        self._timeline.add(RECEIVED, LANE, f"({len(found)} bytes and the end of the connection)")
        return bytes(found)

    def read(self, most: int = PIECE) -> bytes:
        """Some bytes, as soon as there are any; ``b""`` at the end of the connection."""
        return self._receive(time.monotonic() + self._patience_s, most)

    def _receive(self, deadline: float, most: int = PIECE) -> bytes:
        if self._over:
            return b""
        self._socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data = self._socket.recv(most)
        except TimeoutError:
            expected = f"an answer or the end of the connection within {self._patience_s:g} s"
            raise TooLate(self.clause, expected, "neither") from None
        except OSError as error:
            self._timeline.add(RECEIVED, LANE, f"({error})")
            data = b""
        self._over = not data
        return data

    def close(self) -> None:
        """Go away as a client does whose process ends."""
        self._socket.close()

    def reset(self) -> None:
        """Go away without a goodbye: the server's next write meets a reset."""
        self._timeline.add(SENT, LANE, "(reset)")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


def _connect(peer: Peer, receive_buffer: int | None) -> socket.socket:
    """Raises ``httpx.ConnectError``, which means here what it means for every other request."""
    family: Any
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            peer.host, peer.port, type=socket.SOCK_STREAM
        )[0]
        plain = socket.socket(family, kind, proto)
        if receive_buffer is not None:
            # Before connecting: the window that is offered depends on it.
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(CONNECT_S)
        plain.connect(address)
        # Each piece is to leave at once, and alone.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return tls_context().wrap_socket(plain, server_hostname=peer.host) if peer.tls else plain
    except OSError as error:
        raise httpx.ConnectError(f"{peer.host}:{peer.port}: {error}") from error


def _text(data: bytes) -> str:
    return data[:5000].decode("utf-8", "backslashreplace")
