"""The testbed on the reference server as these tests see it: a URL, endpoints, and its health."""

from __future__ import annotations

import http.client
import json
import sys
import time
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

from gradio_conformance import process
from gradio_spec import sse

PREFIX = "/gradio_api"
JSON = {"Content-Type": "application/json"}
COMMAND = [
    *(sys.executable, "-m", "gradio_conformance.testbed", "--library", "reference"),
    *("--no-second", "--port", "{port}"),
]
# A wait here fails only when the server is broken; a loaded machine gets all the time it needs.
PATIENCE_S = 60.0
# Functions that wait for a gate, up to 30 s, or that go on for as long as their input says, with
# or without somebody who listens: what they were called with is told by other tests.
NEVER_CALLED = (
    *("hold", "hold_two", "hold_unlimited", "hold_shared_wide", "hold_shared_narrow"),
    *("hold_async", "hold_generator", "hold_logs", "progress", "progress_nested"),
    *("fail_after", "fail_user_after"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers.get("content-type", "").startswith("application/json"), self
        return json.loads(self.body)

    @property
    def detail(self) -> Any:
        """Why the request was refused (NET-008); fails for anything but a refusal."""
        assert 400 <= self.status < 500, self
        detail = self.json["detail"]
        assert isinstance(detail, (str, list)), self
        assert detail, self
        return detail

    @property
    def events(self) -> list[sse.Event]:
        """The server-sent events of a stream that ended by itself."""
        assert self.headers.get("content-type", "").startswith("text/event-stream"), self
        return sse.Decoder().feed(self.body)


@dataclass(frozen=True, slots=True)
class Server:
    """A running testbed. ``ids`` has the fn_index of each endpoint name."""

    url: str
    ids: Mapping[str, int]

    @property
    def callable_names(self) -> list[str]:
        """The endpoints that end by themselves, whatever they are called with."""
        return [name for name in self.ids if name not in (*NEVER_CALLED, "private")]

    @property
    def never_called_ids(self) -> set[int]:
        return {self.ids[name] for name in NEVER_CALLED}

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request as it is, to a path below the prefix or to ``/config``."""
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        try:
            place = path if path.startswith("/config") else PREFIX + path
            connection.request(method, place, body, dict(headers or {}))
            response = connection.getresponse()
            members = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, members, response.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any) -> Reply:
        return self.ask("POST", path, json.dumps(body).encode(), JSON)

    def session(self, name: str) -> list[Any]:
        """The messages of a session stream, read to its end."""
        reply = self.ask("GET", f"/queue/data?session_hash={quote(name, safe='')}")
        return [json.loads(event.data) for event in reply.events]

    def knows(self, session: str) -> bool:
        """Whether a join left this session behind (JOIN-016, SSE-017)."""
        return self.session(session)[-1].get("session_not_found") is not True

    def require_unharmed(self) -> None:
        """Nothing waits any more, and both ways to call a function work as ever."""
        deadline = time.monotonic() + PATIENCE_S
        while self.ask("GET", "/queue/status").json["queue_size"]:
            assert time.monotonic() < deadline, "the queue does not become empty"
        text = uuid.uuid4().hex
        assert self.post("/run/echo", {"data": [text]}).json["data"] == [text]
        body = {"data": [text], "fn_index": self.ids["echo"], "session_hash": text}
        assert self.post("/queue/join", body).status == 200
        *_, completed, closed = self.session(text)
        assert completed["output"]["data"] == [text]
        assert closed["msg"] == "close_stream"


@contextmanager
def running() -> Iterator[Server]:
    with process.running(COMMAND, wait_s=PATIENCE_S) as url:
        config = Server(url, {}).ask("GET", "/config").json
        yield Server(url, {item["api_name"]: item["id"] for item in config["dependencies"]})
