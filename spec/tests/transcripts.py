"""The recordings of real servers, whatever their format, as one list of exchanges each.

Recordings keep placeholders where a value changes from run to run. ``<FLOAT>`` becomes 0.5;
``<EVENT_1>`` and its like stay, for they are as good an id as any. A body that the recorder cut
is ``CUT``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit

from gradio_spec import sse

ROOT = Path(__file__).parent / "data" / "transcripts"
GRADIO = ROOT / "gradio-6.31.0"
CUT = object()
_ENDS = {"eof": "eof", "client_timeout": "dropped", "client_stop": "dropped"}


@dataclass(frozen=True, slots=True)
class Message:
    """One SSE event: milliseconds since the recording began, its name if any, its parsed data."""

    t_ms: float
    name: str | None
    payload: Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back.

    ``body`` is the parsed JSON, or text where it is none; ``end`` says how a stream ended: ``eof``
    (cleanly), ``cut`` (in the middle of the chunked body), ``dropped`` (by the client), or ``None``
    where the answer was no stream.
    """

    label: str
    method: str
    path: str
    query: Mapping[str, str]
    request: Any
    status: int | None
    headers: Mapping[str, str]
    body: Any
    t_ms: float
    messages: tuple[Message, ...] = ()
    end: str | None = None

    @property
    def route(self) -> str:
        """The path below the API prefix; the whole path where it has none."""
        return self.path.removeprefix("/gradio_api").rstrip("/")


@dataclass(frozen=True, slots=True)
class Recording:
    """All exchanges of one recording, in the order in which they were started."""

    name: str
    exchanges: tuple[Exchange, ...] = field(default=())

    def streams(self) -> Iterator[Exchange]:
        """The exchanges that were session streams."""
        return (e for e in self.exchanges if e.end is not None and e.route == "/queue/data")

    def call_streams(self) -> Iterator[Exchange]:
        """The exchanges that were call streams."""
        return (e for e in self.exchanges if e.end is not None and e.route.startswith("/call/"))


@cache
def load(path: Path) -> Recording:
    """One recording; ``ValueError`` if its format is none of the known ones."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(data, dict) and "entries" in data:
        # Requests that were sent byte by byte are kept as text, and are no use here.
        found = [_entry(row) for row in data["entries"] if "url" in row["request"]]
    elif isinstance(data, list):
        found = [_frames_only(data)]
    elif "dependencies" in data:
        found = [_bare_config(data)]
    else:
        found = list(_rows(data, path.stem))
    if not found:
        raise ValueError(f"{path.name}: no exchange found")
    return Recording(path.stem, tuple(found))


def recordings(root: Path = GRADIO) -> list[Recording]:
    """Every recording of one release, by name."""
    return [load(path) for path in sorted(root.glob("*.json"))]


# -- the recorder that keeps placeholders: {"entries": [{"request", "response", "sse", "end"}]} ----


def _entry(row: Mapping[str, Any]) -> Exchange:
    request, response = row["request"], row.get("response") or {}
    url = urlsplit(request["url"])
    body = response.get("json", response.get("body"))
    return Exchange(
        label=str(row["label"] or row["request"]["url"]),
        method=request["method"],
        path=url.path,
        query=_query(url.query),
        request=request.get("json", request.get("content")),
        status=response.get("status"),
        headers=_headers(response.get("headers", [])),
        body=CUT if isinstance(body, dict) and "<cut>" in body else _filled(body),
        t_ms=row["t_ms"],
        messages=tuple(
            Message(m["t_ms"], m.get("event"), _filled(m["json"]))
            for m in row.get("sse", ())
            if "json" in m
        ),
        end=_end(row["end"]) if "end" in row else None,
    )


def _filled(value: Any) -> Any:
    if value == "<FLOAT>":
        return 0.5
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    return value


# -- the recorder that keeps raw frames: {"request", "status", "frames": [{"raw"}], "end"} ---------


def _rows(data: Any, label: str) -> Iterator[Exchange]:
    if isinstance(data, list):
        for item in data:
            yield from _rows(item, label)
    elif isinstance(data, dict) and "request" in data:
        yield _row(data, label)
    elif isinstance(data, dict):
        for key, item in data.items():
            yield from _rows(item, f"{label} {key}")


def _row(row: Mapping[str, Any], label: str) -> Exchange:
    request, url = row["request"], urlsplit(row["request"]["path"])
    headers = _headers(row.get("headers", {}).items())
    if "content_type" in row:
        headers = MappingProxyType({**headers, "content-type": row["content_type"]})
    return Exchange(
        label=label,
        method=request["method"],
        path=url.path,
        query=_query(url.query or urlencode(request.get("params", {}))),
        request=request.get("json"),
        status=row.get("status"),
        headers=headers,
        body=_body(row.get("body"), headers),
        t_ms=0,
        messages=tuple(_framed(row.get("frames", ()))),
        end=_end(row["end"]) if "end" in row else None,
    )


def _body(text: Any, headers: Mapping[str, str]) -> Any:
    if not isinstance(text, str) or not headers.get("content-type", "").startswith(
        "application/json"
    ):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return CUT


def _framed(frames: Sequence[Mapping[str, Any]]) -> Iterator[Message]:
    for frame in frames:
        if "raw" in frame:  # the body of an answer that was no stream has another name
            yield from _decoded(frame["raw"], frame["t"] * 1000)


def _decoded(frame: str, t_ms: float) -> Iterator[Message]:
    decoder = sse.Decoder()
    for event in decoder.feed(frame.encode() + b"\n\n"):
        if event.data != "ALIVE":
            yield Message(t_ms, event.event, json.loads(event.data))


# -- two recordings that are but a part of an exchange ---------------------------------------------


def _frames_only(frames: list[str]) -> Exchange:
    messages = tuple(m for frame in frames for m in _decoded(frame, 0))
    query = {"session_hash": "unknown"}
    return Exchange(
        "frames", "GET", "/gradio_api/queue/data", query, None, 200, {}, None, 0, messages, "eof"
    )


def _bare_config(data: dict[str, Any]) -> Exchange:
    headers = {"content-type": "application/json"}
    return Exchange("config", "GET", "/config", {}, None, 200, headers, data, 0)


def _query(text: str) -> Mapping[str, str]:
    pairs = parse_qs(text, keep_blank_values=True)
    return MappingProxyType({key: values[-1] for key, values in pairs.items()})


def _headers(pairs: Any) -> Mapping[str, str]:
    return MappingProxyType({str(key).lower(): str(value) for key, value in pairs})


def _end(text: str) -> str:
    return _ENDS.get(text, "cut")
