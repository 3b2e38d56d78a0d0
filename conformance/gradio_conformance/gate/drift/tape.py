"""A client that keeps all that passes between it and one server, as observations of traffic."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.wire import EVENT_STREAM
from gradio_conformance.wire import StreamReader
from gradio_conformance.wire import fetch
from gradio_conformance.wire import http_client
from gradio_spec import sse

Headers = Mapping[str, str]
_HOW = {"eof": "eof", "cut": "cut", "dropped": "left", "fault": "cut"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer to the exchange ``id``; ``status`` 0: there was none."""

    id: int
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The value of the body; ``None`` if it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Tape:
    """``base`` is the server's address, without slash at its end; ``ids`` number the exchanges of
    all servers of one recording. ``observations`` may only be read when nothing is open.
    """

    def __init__(self, base: str, ids: count[int], patience_s: float) -> None:
        self.base = base
        self.changed = threading.Condition(threading.RLock())
        self.observations: list[Observation] = []
        self._ids = ids
        self._patience_s = patience_s
        self._client = http_client(patience_s)
        self._begun = time.monotonic()

    def close(self) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        headers: Headers | None = None,
    ) -> Answer:
        """One request and its whole answer; redirects are not followed."""
        number = self._asked(method, path, content or b"", headers or {})
        try:
            status, found, body = fetch(
                self._client,
                method,
                self.base + path,
                self._patience_s,
                content=content,
                headers=headers,
            )
        except httpx.HTTPError:
            self.keep(ExchangeOver(number, self.now(), "cut"))
            return Answer(number, 0, {}, b"")
        self.answered(number, status, found)
        if body:
            self.keep(BodyPiece(number, self.now(), body))
        self.keep(ExchangeOver(number, self.now(), "eof"))
        return Answer(number, status, {k.lower(): v for k, v in found.items()}, body)

    def stream(self, path: str, headers: Headers | None = None) -> Reading:
        """A streamed GET, read in the background."""
        number = self._asked("GET", path, b"", {**EVENT_STREAM, **(headers or {})})
        return Reading(self, number, path, headers or {})

    def wait(self, condition: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until ``condition``, which is asked again after whatever comes; whether it came."""
        within = self._patience_s if seconds is None else seconds
        with self.changed:
            return self.changed.wait_for(condition, within)

    def _asked(self, method: str, path: str, body: bytes, headers: Headers) -> int:
        with self.changed:
            number = next(self._ids)
            sent = tuple((k.lower(), v) for k, v in headers.items())
            self.keep(RequestSeen(number, self.now(), method, path, sent, body, "drift"))
        return number

    def answered(self, number: int, status: int, headers: httpx.Headers) -> None:
        """The answer to an exchange has begun."""
        told = tuple((k.lower(), v) for k, v in headers.multi_items())
        self.keep(AnswerBegan(number, self.now(), status, told))

    def keep(self, observation: Observation) -> None:
        """From whichever thread."""
        with self.changed:
            self.observations.append(observation)
            self.changed.notify_all()

    def now(self) -> float:
        """Seconds since the recording began."""
        return time.monotonic() - self._begun


class Reading:
    """One stream that is being read; ``events`` under the lock of the tape, ``end`` is ``None``
    while it is open.
    """

    def __init__(self, tape: Tape, number: int, path: str, headers: Headers) -> None:
        self.id = number
        self.events: list[sse.Event] = []
        self.end: str | None = None
        self._tape = tape
        self._told = 0
        self._began = False
        self._reader = StreamReader(
            tape.base + path, headers=headers, on_event=self._event, on_end=self._over
        )
        self._reader.start()

    @property
    def status(self) -> int | None:
        return self._reader.status

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """The data of each event that is a JSON object."""
        return [m for m in map(_message, self.events) if m is not None]

    def drop(self) -> None:
        """Go away."""
        if self.end is None:
            self._reader.drop()

    def _event(self, event: sse.Event) -> None:
        with self._tape.changed:
            self._piece()
            self.events.append(event)
            self._tape.changed.notify_all()

    def _over(self, how: str) -> None:
        with self._tape.changed:
            self._piece()
            self.end = _HOW[how]
            over = ExchangeOver(self.id, self._tape.now(), self.end)  # type: ignore[arg-type]
            self._tape.keep(over)

    def _piece(self) -> None:
        """Tell what of the body has not been told yet."""
        reader = self._reader
        if reader.status is None:
            return
        if not self._began:
            self._began = True
            self._tape.answered(self.id, reader.status, reader.headers)
        whole = bytes(reader.received or reader.body)
        if len(whole) > self._told:
            self._tape.keep(BodyPiece(self.id, self._tape.now(), whole[self._told :]))
            self._told = len(whole)


def _message(event: sse.Event) -> Mapping[str, Any] | None:
    try:
        found = json.loads(event.data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
