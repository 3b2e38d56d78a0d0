"""The recording HTTP client: plain requests, and streams that are read in the background.

Everything that crosses the wire lands on the timeline; judging it is the probe's part.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx

from gradio_conformance import __version__
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import show
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.timeline import Timeline
from gradio_conformance.timeline import curl_line
from gradio_spec import sse
from gradio_spec.monitor import strict_json

# Long enough for a loaded CI machine to accept a connection; a dead server is told at once by
# refusal.
CONNECT_S = 10.0
KEPT_BYTES = 1_000_000
# No answer and no message comes near it; without a bound, a broken server takes all memory.
LARGEST = 64_000_000
HEADERS = {
    "user-agent": f"gradio-protocol/{__version__}",
    # What is recorded is what was sent, and what the curl line brings.
    "accept-encoding": "identity",
}
EVENT_STREAM = {"accept": "text/event-stream"}
# The moments at which a connection has a new socket.
CONNECTED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


@cache
def tls_context() -> ssl.SSLContext:
    """One for all clients: loading the certificates costs more than most requests."""
    return httpx.create_ssl_context()


def http_client(read_s: float | None) -> httpx.Client:
    """A client that waits ``read_s`` seconds for bytes (``None``: for ever), follows no redirect,
    keeps no cookies and takes nothing from the environment.
    """
    # A connection per request: a server may close an idle one at the very moment of the next
    # request.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    timeout = httpx.Timeout(read_s, connect=CONNECT_S)
    return httpx.Client(
        timeout=timeout,
        limits=limits,
        trust_env=False,
        verify=tls_context(),
        headers=HEADERS,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
    )


def fetch(
    client: httpx.Client,
    method: str,
    url: str,
    body_s: float,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, httpx.Headers, bytes]:
    """Status, headers and body of one answer; ``httpx.HTTPError`` also for a body that takes more
    than ``body_s`` seconds or that is larger than any answer should be.
    """
    raw = encoded(headers or {})
    with client.stream(method, url, content=content, headers=raw) as response:
        deadline = time.monotonic() + body_s
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if time.monotonic() > deadline:
                # Each read may succeed in time while the body as a whole never ends.
                text = f"the body went on for more than {body_s:g} s"
                raise httpx.ReadTimeout(text, request=response.request)
            if len(body) > LARGEST:
                text = f"a body of more than {LARGEST} bytes"
                raise httpx.RemoteProtocolError(text, request=response.request)
    return response.status_code, response.headers, bytes(body)


def merged(always: Mapping[str, str], own: Mapping[str, str] | None) -> dict[str, str]:
    """The headers of one request; an empty one of its own takes the common one away."""
    both = {**always, **(own or {})}
    return {name: value for name, value in both.items() if value or name not in always}


def encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as HTTP/1.1 sends them; httpx would only take ASCII."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete response, and when its request was ``sent`` and it was ``answered`` (seconds
    on this machine's monotonic clock).
    """

    method: str
    path: str
    status: int
    headers: httpx.Headers
    content: bytes
    sent: float = 0.0
    answered: float = 0.0

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def is_json(self) -> bool:
        media_type = str(self.headers.get("content-type", ""))
        return media_type.split(";", maxsplit=1)[0].strip() == "application/json"

    def json(self, clause: str) -> Any:
        """The body as strict JSON in UTF-8 (RFC 8259); anything else breaks ``clause``."""
        try:
            return strict_json(self.content.decode())
        except ValueError:
            raise NonConformance(clause, "a JSON body", self.describe()) from None

    def require_status(self, clause: str, *wanted: int) -> Reply:
        """Demand one of these status codes."""
        expected = f"status {' or '.join(map(str, wanted))} for {self.method} {self.path}"
        require(self.status in wanted, clause, expected, self.describe())
        return self

    def require_client_error(self, clause: str) -> Reply:
        """Demand a 4xx with a JSON object that has ``detail`` (NET-004)."""
        expected = f"a 4xx JSON error for {self.method} {self.path}"
        require(400 <= self.status < 500, clause, expected, self.describe())
        body = self.json(clause)
        require(isinstance(body, dict) and "detail" in body, clause, "a `detail` member", body)
        return self

    def describe(self) -> str:
        return f"{self.status} {self.headers.get('content-type', '-')}: {show(self.text, 200)}"


class Wire:
    """Sends requests to one base URL. ``patience_s`` bounds the wait for an answer, and again the
    time that its body takes. ``told`` gets the JSON body of each request, and its answer;
    ``headers`` are sent with each, unless it has its own.
    """

    def __init__(
        self,
        base_url: str,
        timeline: Timeline,
        patience_s: float,
        told: Callable[[Any, Reply], None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._told = told
        self._always = dict(headers or {})
        self.base_url = base_url.rstrip("/")
        self.timeline = timeline
        self.patience_s = patience_s
        self._client = http_client(patience_s)

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        lane: str = "http",
    ) -> Reply:
        """Send one request and read the whole response; redirects are not followed.

        ``httpx.HTTPError`` if there is none, or if its body does not end.
        """
        sent = merged(self._always, headers)
        body = content
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("content-type", "application/json")
        url = self.base_url + path
        curl = curl_line(method, url, sent, body)
        self.timeline.add(SENT, lane, f"{method} {path}", payload=_printable(body), curl=curl)
        begun = time.monotonic()
        try:
            status, answered, found = fetch(
                self._client, method, url, self.patience_s, content=body, headers=sent
            )
        except httpx.HTTPError as error:
            self.timeline.add(RECEIVED, lane, f"({type(error).__name__}: {error})")
            raise
        reply = Reply(method, path, status, answered, found, begun, time.monotonic())
        summary = f"{reply.status} {show(reply.text, 80)}"
        self.timeline.add(RECEIVED, lane, summary, payload=show(reply.text, 4000))
        if self._told is not None:
            self._told(json_body, reply)
        return reply


def _printable(body: bytes | None) -> str | None:
    return None if body is None else show(body.decode("utf-8", "backslashreplace"), 4000)


class StreamReader:
    """One streamed GET, read by a background thread until it ends or is dropped.

    ``on_event`` and ``on_end`` are called from that thread; ``on_end`` gets ``eof`` (clean end),
    ``cut`` (the body was aborted, or there was no answer: ``error`` says which), ``dropped`` (by
    :meth:`drop`) or ``fault`` (``on_event`` raised what is now in ``fault``). ``status`` and
    ``headers`` are set when ``ready`` is. ``received`` keeps the first ``KEPT_BYTES`` of the stream
    as they came, ``body`` those of an answer that is no event stream.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        on_event: Callable[[sse.Event], None],
        on_end: Callable[[str], None],
    ) -> None:
        self.url = url
        self.status: int | None = None
        self.headers = httpx.Headers()
        self.body = bytearray()
        self.received = bytearray()
        self.unfinished = False  # the stream ended inside an event
        self.error: str | None = None
        self.fault: Exception | None = None
        self.ready = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._sent = {**EVENT_STREAM, **(headers or {})}
        self._on_event = on_event
        self._on_end = on_end
        self._lock = threading.Lock()  # of the two below
        self._dropped = False
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=f"stream {url}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drop(self) -> None:
        """Close the connection as a client that goes away does, whatever it waits for.

        Returns when the thread has ended; not to be called while holding what the callbacks need.
        """
        with self._lock:
            self._dropped = True
            self._wake()
        self._flowing.set()
        if self._thread is not threading.current_thread():
            self._thread.join(CONNECT_S)

    def pause(self) -> None:
        """Read no further, as a client that is busy does; what comes stays in the connection."""
        self._flowing.clear()

    def resume(self) -> None:
        """Read on."""
        self._flowing.set()

    def _wake(self) -> None:
        if self._socket is not None:
            try:
                # Only shutdown wakes the reading thread; close would leave it in recv. Not the
                # method of a TLS socket, which would first take the socket away from its reader.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                pass

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Learn the socket as soon as there is one: before headers come, a drop must do, too."""
        if name in CONNECTED:
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                if self._dropped:
                    self._wake()

    def _run(self) -> None:
        how = "cut"
        try:
            how = self._request()
        except httpx.HTTPError as error:
            self.error = f"{type(error).__name__}: {error}"
        except Exception as error:
            how, self.fault = "fault", error
        finally:
            with self._lock:
                self._socket = None
                # Its own shutdown looks like the server's doing to the reading thread.
                how = "dropped" if self._dropped and how != "fault" else how
            self.ready.set()
            self._on_end(how)

    def _request(self) -> str:
        extensions = {"trace": self._trace}
        with (
            http_client(None) as client,
            client.stream(
                "GET", self.url, headers=encoded(self._sent), extensions=extensions
            ) as response,
        ):
            self.status, self.headers = response.status_code, response.headers
            self.ready.set()
            media_type = response.headers.get("content-type", "").lower()
            if response.status_code == 200 and media_type.startswith("text/event-stream"):
                return self._read_events(response)
            for chunk in response.iter_bytes():
                _keep(self.body, chunk)
        return "eof"

    def _read_events(self, response: httpx.Response) -> str:
        decoder = sse.Decoder()
        undecided = 0
        for chunk in response.iter_bytes():
            self._flowing.wait()
            _keep(self.received, chunk)
            events = decoder.feed(chunk)
            for event in events:
                self._on_event(event)
            undecided = 0 if events else undecided + len(chunk)
            if undecided > LARGEST:
                self.error = f"no end of an event in {LARGEST} bytes"
                return "cut"
        self.unfinished = decoder.pending
        return "eof"


def _keep(kept: bytearray, chunk: bytes) -> None:
    kept += chunk[: max(0, KEPT_BYTES - len(kept))]
