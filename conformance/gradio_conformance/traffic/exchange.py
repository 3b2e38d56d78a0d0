"""One request with its answer, put together from the observations of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Headers
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.site import Place
from gradio_spec import sse

JSON = "application/json"
EVENTS = "text/event-stream"
# What calls a function, and the part of the answer that names the event.
CALLS = ("POST /queue/join", "POST /call/{api_name}", "POST /call/v2/{api_name}")
DIRECT = ("POST /run/{api_name}", "POST /api/{api_name}")
ALL_CALLS = CALLS + DIRECT
CALL_STREAMS = ("GET /call/{api_name}/{event_id}", "GET /call/v2/{api_name}/{event_id}")
DATA = "GET /queue/data"
HEARTBEAT = "GET /heartbeat/{session_hash}"
# A stream's tail, to show what was left unfinished.
TAIL = 80


class Exchange:
    """What is known of one exchange so far. ``over_at`` and ``how`` are ``None`` while it lasts.

    The body of an event stream is not kept, only taken apart.
    """

    def __init__(self, request: RequestSeen, place: Place) -> None:
        self.request = request
        self.place = place
        self.id = request.id
        self.at = request.at
        self.headers: Mapping[str, str] = lowered(request.headers)
        self.status: int | None = None
        self.staged = False
        self.answer_headers: Mapping[str, str] = {}
        self.body = bytearray()
        self.is_whole = True  # nothing of the answer's body was omitted
        self.over_at: float | None = None
        self.how: How | None = None
        self.tail = b""
        self._decoder: sse.Decoder | None = None
        self._event_id: str | None = None

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def is_open(self) -> bool:
        return self.over_at is None

    @property
    def is_stream(self) -> bool:
        return self._decoder is not None

    @property
    def has_unfinished(self) -> bool:
        """Were bytes received that no event of the stream contains?"""
        return self._decoder is not None and self._decoder.pending

    def began(self, observation: AnswerBegan) -> None:
        self.status, self.staged = observation.status, observation.staged
        self.answer_headers = lowered(observation.headers)
        if self.status == 200 and media_type(self.answer_headers) == EVENTS:
            self._decoder = sse.Decoder()

    def piece(self, observation: BodyPiece) -> list[sse.Event]:
        """The events of a stream that this piece completes."""
        self.is_whole = self.is_whole and not observation.omitted
        if self._decoder is None:
            self.body += observation.data
            return []
        self.tail = (self.tail + observation.data[-TAIL:])[-TAIL:]
        return self._decoder.feed(observation.data)

    def over(self, observation: ExchangeOver) -> None:
        self.over_at, self.how = observation.at, observation.how
        self.staged = self.staged or observation.staged

    def forget(self) -> None:
        """Let go of the bodies, once they have been judged; the ids that they named stay."""
        _ = self.session, self.event_id
        self.__dict__.pop("sent", None)
        self.__dict__.pop("answer", None)
        self.body = bytearray()
        self.request = replace(self.request, headers=(), body=b"")

    # -- what it says -------------------------------------------------------------------------

    @property
    def client(self) -> str:
        return self.request.client

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @cached_property
    def sent(self) -> Any:
        """The JSON value of the request's body; ``None`` if it is none."""
        return _value(self.request.body)

    @property
    def arguments(self) -> Any:
        """What a call was made with: a list, or an object of the route ``call/v2``."""
        if not isinstance(self.sent, dict):
            return None
        return self.sent if "/v2/" in self.name else self.sent.get("data")

    @cached_property
    def session(self) -> str | None:
        """The session hash that the request names."""
        found: Any = self.place.query.get("session_hash") if self.name == DATA else None
        if found is None and self.name == HEARTBEAT:
            found = self.place.parameters.get("session_hash")
        if found is None and isinstance(self.sent, dict):
            found = self.sent.get("session_hash")
        return found if isinstance(found, str) else None

    @property
    def answer_type(self) -> str:
        return media_type(self.answer_headers)

    @property
    def is_json(self) -> bool:
        return self.answer_type == JSON

    @cached_property
    def answer(self) -> Any:
        """The JSON value of the answer, once that is whole; ``None`` if it is none."""
        return _value(bytes(self.body)) if self.is_json else None

    @property
    def event_id(self) -> str | None:
        """The event that the answer names, which must be whole, or the path of a call's stream."""
        if self._event_id is None and self.name in CALL_STREAMS:
            self._event_id = self.place.parameters.get("event_id")
        elif self._event_id is None and not self.is_open and self.status == 200:
            found = self.answer.get("event_id") if isinstance(self.answer, dict) else None
            self._event_id = found if isinstance(found, str) else None
        return self._event_id


def lowered(headers: Headers) -> Mapping[str, str]:
    """Headers by their names in lower case; several of one name are joined as HTTP joins them."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joint = "; " if key == "cookie" else ", "
        found[key] = f"{found[key]}{joint}{value}" if key in found else value
    return found


def media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _value(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
