"""The recording HTTP client: plain requests, and streams that are read in the background.

Everything that crosses the wire lands on the timeline; judging it is the probe's part.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import show
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.timeline import Timeline
from gradio_conformance.timeline import curl_line
from gradio_spec import sse

# Long enough for a loaded CI machine to accept a connection; a dead server is told at once by
# refusal.
CONNECT_S = 10.0
KEPT_BYTES = 1_000_000


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: loading the certificates costs more than most requests."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete response."""

    method: str
    path: str
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def is_json(self) -> bool:
        media_type = str(self.headers.get("content-type", ""))
        return media_type.split(";", maxsplit=1)[0].strip() == "application/json"

    def json(self, clause: str) -> Any:
        """The body as JSON; anything else breaks ``clause``."""
        try:
            return json.loads(self.content)
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
    """Sends requests to one base URL (scheme, host, port; no path)."""

    def __init__(self, base_url: str, timeline: Timeline, patience_s: float) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeline = timeline
        self.patience_s = patience_s
        timeout = httpx.Timeout(patience_s, connect=CONNECT_S)
        # A connection per request: a server may close an idle one at the very moment of the next
        # request.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = httpx.Client(timeout=timeout, limits=limits, trust_env=False, verify=_tls())

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
        """Send one request and read the whole response; redirects are not followed."""
        sent = dict(headers or {})
        body = content
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("content-type", "application/json")
        url = self.base_url + path
        curl = curl_line(method, url, sent, body)
        self.timeline.add(SENT, lane, f"{method} {path}", payload=_printable(body), curl=curl)
        response = self._client.request(method, url, content=body, headers=sent)
        reply = Reply(method, path, response.status_code, response.headers, response.content)
        summary = f"{reply.status} {show(reply.text, 80)}"
        self.timeline.add(RECEIVED, lane, summary, payload=show(reply.text, 4000))
        return reply


def _printable(body: bytes | None) -> str | None:
    return None if body is None else show(body.decode("utf-8", "backslashreplace"), 4000)


class StreamReader:
    """One streamed GET, read by a background thread until it ends or is dropped.

    ``on_event`` and ``on_end`` are called from that thread; ``on_end`` gets ``eof`` (clean end),
    ``cut`` (the body was aborted) or ``dropped`` (by :meth:`drop`). ``status`` and ``headers`` are
    set when ``ready`` is. ``received`` keeps the first ``KEPT_BYTES`` of the stream as they came.
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
        self.body = b""
        self.received = bytearray()
        self.error: str | None = None
        self.ready = threading.Event()
        self._sent = {"accept": "text/event-stream", **(headers or {})}
        self._on_event = on_event
        self._on_end = on_end
        self._dropped = False
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=f"stream {url}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drop(self) -> None:
        """Close the connection as a client that goes away does."""
        self._dropped = True
        self.ready.wait(CONNECT_S)
        if self._socket is not None:
            try:
                # Only shutdown wakes the reading thread; close would leave it in recv.
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._thread.join(CONNECT_S)

    def _run(self) -> None:
        how = "eof"
        try:
            timeout = httpx.Timeout(None, connect=CONNECT_S)
            with (
                httpx.Client(timeout=timeout, trust_env=False, verify=_tls()) as client,
                client.stream("GET", self.url, headers=self._sent) as response,
            ):
                self._socket = response.extensions["network_stream"].get_extra_info("socket")
                self.status, self.headers = response.status_code, response.headers
                self.ready.set()
                self._read(response)
        except httpx.HTTPError as error:
            how, self.error = "cut", f"{type(error).__name__}: {error}"
        finally:
            self.ready.set()
            self._on_end("dropped" if self._dropped else how)

    def _read(self, response: httpx.Response) -> None:
        media_type = response.headers.get("content-type", "")
        if response.status_code != 200 or not media_type.startswith("text/event-stream"):
            self.body = response.read()
            return
        decoder = sse.Decoder()
        for chunk in response.iter_raw():
            self.received += chunk[: max(0, KEPT_BYTES - len(self.received))]
            for event in decoder.feed(chunk):
                self._on_event(event)
