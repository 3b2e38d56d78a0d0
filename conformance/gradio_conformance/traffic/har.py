"""HAR 1.2, the format in which browsers save traffic, in both directions.

What HAR cannot say, members with an underscore say where this program wrote the file: the pieces of
a body with their times (``_pieces``), how the exchange ended (``_how``), whose it was (``_client``)
and the order over all exchanges (``_order``). A browser's file has none of these. When the pieces
of a stream came is then lost, so each body counts as one piece that came at the end; and where a
body is missing, or a stream stops in the middle of its events, its end is not known, and nobody is
judged by it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gradio_conformance import __version__
from gradio_conformance.traffic.exchange import EVENTS
from gradio_conformance.traffic.exchange import lowered
from gradio_conformance.traffic.exchange import media_type
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import RecordingError
from gradio_conformance.traffic.recording import contents
from gradio_conformance.traffic.site import SCHEMES
from gradio_spec import sse

LEFT = ("net::ERR_ABORTED", "NS_BINDING_ABORTED", "cancelled", "canceled")
CUT = (
    *("net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONTENT_LENGTH_MISMATCH"),
    *("net::ERR_CONNECTION_RESET", "net::ERR_CONNECTION_CLOSED", "net::ERR_EMPTY_RESPONSE"),
    *("net::ERR_CONNECTION_REFUSED", "NS_ERROR_NET_PARTIAL_TRANSFER"),
)
# The last events of streams: after one of these a body may have ended.
LAST = ("close_stream", "unexpected_error")
CALL_LAST = ("complete", "error")
LOST = "HAR of a browser: when the pieces of a body came, and how a stream ended, is not known"
ORIGINS = "requests to other origins than {origin} are only looked at for credentials"


# -- reading ---------------------------------------------------------------------------------------


def read_har(path: Path, server: str | None = None) -> Recording:
    """A recording of what a HAR file says of one server: ``server`` is its origin, by default that
    of the first entry that answers ``/config`` or holds it, or whose path is the protocol's.

    ``RecordingError`` names the entry and the field; ``OSError`` if the file cannot be read.
    """
    try:
        document = json.loads(contents(path))
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"no JSON: {error}") from None
    return parse_har(document, server)


def parse_har(document: Any, server: str | None = None) -> Recording:
    """The same, of the parsed file."""
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if log is None or not isinstance(entries, list):
        raise RecordingError("log.entries: no array; a HAR file has one")
    read = [_Entry(number, entry) for number, entry in enumerate(entries)]
    read.sort(key=lambda entry: entry.started)
    origin = server or next((entry.origin for entry in read if entry.is_of_the_protocol), None)
    if origin is None:
        raise NothingToJudge("no request of the protocol is in it")
    start = _start(log, read)
    placed = []
    for number, entry in enumerate(read, 1):
        now = 0.0
        for place, observation in enumerate(entry.observations(number, origin, start)):
            now = max(now, round(observation.at, 6))  # an entry's times are rounded one by one
            placed.append((entry.place(place), replace(observation, at=now)))
    # In the order in which they were recorded, where that is known.
    is_ordered = all(place is not None for place, _ in placed)
    placed.sort(key=lambda item: (item[0] or 0) if is_ordered else item[1].at)
    seen = [observation for _, observation in placed]
    remarks = [LOST] if any(entry.is_lossy for entry in read) else []
    if any(entry.origin != origin for entry in read):
        remarks.append(ORIGINS.format(origin=origin))
    told = start.astimezone(UTC).isoformat(timespec="milliseconds")
    return Recording(tuple(seen), server=origin, started_at=told, remarks=tuple(remarks))


def _start(log: Mapping[str, Any], read: Sequence[_Entry]) -> datetime:
    """When the recording began: as the file says, or else with its first request."""
    told = log.get("_startedDateTime")
    if isinstance(told, str):
        return datetime.fromisoformat(told)
    return read[0].started if read else datetime.now(UTC)


class NothingToJudge(RecordingError):
    """The file is well formed, and says nothing of a server of the protocol."""


class _Entry:
    """One exchange of the file, checked as it is read."""

    def __init__(self, number: int, entry: Any) -> None:
        self._where = f"log.entries[{number}]"
        self._entry = self._object(entry, "")
        self._request = self._object(self._entry.get("request"), "request")
        self._response = self._object(self._entry.get("response"), "response")
        self.started = self._time(self._entry.get("startedDateTime"))
        self._took_s = max(0.0, self._number(self._entry.get("time", 0), "time")) / 1000
        self.url = self._text(self._request.get("url"), "request.url")
        parts = urlsplit(self.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path or "/"
        self._target = f"{self.path}?{parts.query}" if parts.query else self.path

    @property
    def is_lossy(self) -> bool:
        return "_how" not in self._entry

    @property
    def is_of_the_protocol(self) -> bool:
        if self.path.endswith("/config"):
            return b'"dependencies"' in (self._body() or b"")
        known = ("/queue/join", "/queue/data")
        return self.path.endswith(known) or b"window.gradio_config" in (self._body() or b"")

    def observations(self, number: int, origin: str, start: datetime) -> Iterator[Observation]:
        begun = (self.started - start).total_seconds()
        target = self._target if self.origin == origin else self.url
        client = self._entry.get("_client", self._entry.get("pageref", ""))
        method = self._text(self._request.get("method"), "request.method")
        headers = self._headers(self._request, "request")
        omitted = int(self._number(self._request.get("_omitted", 0), "request._omitted"))
        sent = self._sent()
        yield RequestSeen(number, begun, method, target, headers, sent, str(client), omitted)
        status = self._number(self._response.get("status", 0), "response.status")
        how = self._how(int(status))
        answered, over = begun + min(self._waited_s(), self._took_s), begun + self._took_s
        if 100 <= status <= 599:
            given = self._headers(self._response, "response")
            staged = self._entry.get("_staged") is True
            yield AnswerBegan(number, answered, int(status), given, staged)
            yield from self._pieces(number, begun, over)
        yield ExchangeOver(number, over, how, self._entry.get("_cut_on_purpose") is True)

    def place(self, number: int) -> int | None:
        """Where in the recording the entry's observation of this number was, if it is known."""
        order = self._entry.get("_order")
        if not isinstance(order, list) or number >= len(order):
            return None
        return order[number] if isinstance(order[number], int) else None

    # -- parts --------------------------------------------------------------------------------

    def _pieces(self, number: int, begun: float, over: float) -> Iterator[BodyPiece]:
        body = self._body()
        size = self._response.get("content", {}).get("size", 0)
        if body is None:
            if isinstance(size, int) and size > 0:
                yield BodyPiece(number, over, b"", size)
            return
        told = self._entry.get("_pieces")
        if not isinstance(told, list):
            if body:
                yield BodyPiece(number, over, body)
            return
        at = 0
        for piece in told:
            moment, length, omitted = self._piece(piece)
            yield BodyPiece(number, begun + moment / 1000, body[at : at + length], omitted)
            at += length

    def _piece(self, piece: Any) -> tuple[float, int, int]:
        good = isinstance(piece, list) and len(piece) == 3
        if not good or any(isinstance(n, bool) or not isinstance(n, int | float) for n in piece):
            raise RecordingError(f"{self._where}._pieces: not [milliseconds, bytes, omitted]")
        return float(piece[0]), int(piece[1]), int(piece[2])

    def _how(self, status: int) -> How:
        told = self._entry.get("_how")
        if told in ("eof", "cut", "left", "open"):
            how: How = told
            return how
        error = str(self._response.get("_error") or self._response.get("_failureText") or "")
        if error in LEFT:
            return "left"
        if error in CUT:
            return "cut"
        if error or not 100 <= status <= 599 or not self._has_ended():
            return "open"
        return "eof"

    def _has_ended(self) -> bool:
        """Of a stream only its last event tells that it was read to its end."""
        if media_type(lowered(self._headers(self._response, "response"))) != EVENTS:
            return True
        events = sse.Decoder().feed(self._body() or b"")
        if not events:
            return False
        if events[-1].event in CALL_LAST:
            return True
        try:
            message = json.loads(events[-1].data)
        except ValueError:
            return False
        return isinstance(message, dict) and message.get("msg") in LAST

    def _body(self) -> bytes | None:
        """The body of the answer; ``None`` if the file does not have it."""
        content = self._response.get("content")
        text = content.get("text") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(text, str):
            return None
        if content.get("encoding") != "base64":
            return text.encode("utf-8", "surrogatepass")
        try:
            return b64decode(text, validate=True)
        except ValueError as error:
            raise RecordingError(f"{self._where}.response.content.text: {error}") from None

    def _sent(self) -> bytes:
        data = self._request.get("postData")
        text = data.get("text") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(text, str):
            return b""
        if data.get("_encoding") == "base64":
            return b64decode(text)
        return text.encode("utf-8", "surrogatepass")

    def _waited_s(self) -> float:
        timings = self._entry.get("timings")
        if not isinstance(timings, dict):
            return 0.0
        parts = (timings.get(name) for name in ("blocked", "dns", "connect", "send", "wait"))
        return sum(p for p in parts if isinstance(p, int | float) and p > 0) / 1000

    def _headers(self, part: Mapping[str, Any], where: str) -> Sequence[tuple[str, str]]:
        found = part.get("headers", [])
        if not isinstance(found, list):
            raise RecordingError(f"{self._where}.{where}.headers: no array")
        pairs = []
        for header in found:
            name = header.get("name") if isinstance(header, dict) else None
            if not isinstance(name, str):
                raise RecordingError(f"{self._where}.{where}.headers: a header without a name")
            if not name.startswith(":"):  # HTTP/2's own
                pairs += [(name, value) for value in str(header.get("value", "")).split("\n")]
        return tuple(pairs)

    def _object(self, value: Any, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise RecordingError(f"{self._where}{'.' if where else ''}{where}: no object")
        return value

    def _text(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or not value:
            raise RecordingError(f"{self._where}.{where}: no text")
        return value

    def _number(self, value: Any, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecordingError(f"{self._where}.{where}: no number")
        return float(value)

    def _time(self, value: Any) -> datetime:
        try:
            found = datetime.fromisoformat(self._text(value, "startedDateTime"))
        except ValueError as error:
            raise RecordingError(f"{self._where}.startedDateTime: {error}") from None
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


# -- writing ---------------------------------------------------------------------------------------


def har_of(recording: Recording) -> dict[str, Any]:
    """A recording as the value of a HAR file."""
    start = datetime.fromisoformat(recording.started_at or "1970-01-01T00:00:00+00:00")
    exchanges: dict[int, list[Observation]] = {}
    order: dict[int, list[int]] = {}
    for place, observation in enumerate(recording.observations):
        exchanges.setdefault(observation.id, []).append(observation)
        order.setdefault(observation.id, []).append(place)
    server = recording.server or "http://server.invalid"
    entries = [
        {**_entry(seen, server, start), "_order": order[number]}
        for number, seen in exchanges.items()
    ]
    creator = {"name": "gradio-protocol", "version": __version__}
    log = {"version": "1.2", "creator": creator, "pages": [], "entries": entries}
    return {"log": {**log, "_startedDateTime": start.isoformat()}}


def _entry(seen: Sequence[Observation], server: str, start: datetime) -> dict[str, Any]:
    request = seen[0]
    assert isinstance(request, RequestSeen)
    began = next((o for o in seen if isinstance(o, AnswerBegan)), None)
    pieces = [o for o in seen if isinstance(o, BodyPiece)]
    over = next((o for o in seen if isinstance(o, ExchangeOver)), None)
    end = over.at if over is not None else seen[-1].at
    waited = (began.at if began is not None else end) - request.at
    entry: dict[str, Any] = {
        "startedDateTime": (start + timedelta(seconds=request.at)).isoformat(),
        "time": _ms(end - request.at),
        "request": _request_of(request, server),
        "response": _response_of(began, pieces),
        "cache": {},
        "timings": {"send": 0, "wait": _ms(waited), "receive": _ms(end - request.at - waited)},
        "_how": over.how if over is not None else "open",
        "_pieces": [[_ms(p.at - request.at), len(p.data), p.omitted] for p in pieces],
        "_client": request.client,
    }
    if began is not None and began.staged:
        entry["_staged"] = True
    if over is not None and over.staged:
        entry["_cut_on_purpose"] = True
    return entry


def _request_of(request: RequestSeen, server: str) -> dict[str, Any]:
    parts = urlsplit(server)
    origin = f"{parts.scheme}://{parts.netloc}"
    is_elsewhere = request.target.startswith(SCHEMES)
    found: dict[str, Any] = {
        "method": request.method,
        "url": request.target if is_elsewhere else origin + request.target,
        "httpVersion": "HTTP/1.1",
        "headers": _headers_of(request.headers),
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": len(request.body) + request.omitted,
        "_omitted": request.omitted,
    }
    if request.body:
        kind = lowered(request.headers).get("content-type", "")
        text, encoding = _text_of(request.body)
        found["postData"] = {"mimeType": kind, "text": text}
        if encoding:
            found["postData"]["_encoding"] = encoding
    return found


def _response_of(began: AnswerBegan | None, pieces: Sequence[BodyPiece]) -> dict[str, Any]:
    headers = began.headers if began is not None else ()
    body = b"".join(piece.data for piece in pieces)
    text, encoding = _text_of(body)
    size = len(body) + sum(piece.omitted for piece in pieces)
    content: dict[str, Any] = {"size": size, "mimeType": lowered(headers).get("content-type", "")}
    content |= {"text": text} if pieces else {}
    content |= {"encoding": encoding} if encoding else {}
    return {
        "status": began.status if began is not None else 0,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "headers": _headers_of(headers),
        "cookies": [],
        "content": content,
        "redirectURL": lowered(headers).get("location", ""),
        "headersSize": -1,
        "bodySize": size,
    }


def _headers_of(headers: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _text_of(data: bytes) -> tuple[str, str | None]:
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return b64encode(data).decode("ascii"), "base64"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
