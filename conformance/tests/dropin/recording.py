"""Calls every endpoint of a served app in every way, and writes down all that came back.

A small client of its own: it judges nothing, and has no code in common with the suite.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from gradio_spec import sse

PATIENCE_S = 20.0  # until a stream that should end is given up, on a loaded machine
API = "/gradio_api"
SENT = [
    ("x-colour", "blue"),
    ("cookie", "flavour=oat; size=3; size=4"),
    ("x-many", "one"),
    ("x-many", "two"),
    ("x-forwarded-for", "203.0.113.7"),
]
QUERY = "colour=red&empty=&many=1&many=2"


@dataclass(frozen=True, slots=True)
class Call:
    """`data` for one endpoint. The function waits until `open` is called, endpoint by endpoint:
    on the queue each after one more message of the kind `after`, elsewhere before the call.
    """

    data: list[Any]
    after: str | None = None
    open: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Any) -> Call:
        """A call as calls.yaml has it: an array of data, or an object."""
        if isinstance(entry, list):
            return cls(entry)
        return cls(entry["data"], entry["after"], tuple(entry["open"]))


class Recorder:
    """One client of one app."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(
            base_url=url,
            timeout=PATIENCE_S,
            # A connection for each request: a server may close an idle one at the wrong moment.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
            headers=SENT,
        )
        self._sessions = itertools.count(1)
        self.config = self._http.get("/config").json()
        self.info = self._http.get(f"{API}/info").json()
        self.everything = self._http.get(f"{API}/info?all_endpoints=true").json()

    def close(self) -> None:
        self._http.close()

    def documents(self) -> dict[str, Any]:
        """What describes the app."""
        return {"config": self.config, "info": self.info, "info_of_all": self.everything}

    def requests(self, lines: list[str]) -> dict[str, Any]:
        """Answers of the app's own routes, by request line."""
        return {line: self._answer(*line.split(" ", 1)) for line in lines}

    def call(self, endpoint: str, call: Call) -> dict[str, Any]:
        """One call in four ways: queue, call, call/v2 and run; and the files that it gave."""
        data = self._uploaded(call.data)
        found: dict[str, Any] = {"queue": self._queue(endpoint, data, call)}
        found["files"] = [self._file(url) for url in dict.fromkeys(_urls(found["queue"]))]
        for name in call.open:
            self._open(name)
        found["call"] = self._simple(f"call/{quote(endpoint)}", {"data": data})
        listed = self.everything["named_endpoints"].get(f"/{endpoint}")
        if listed is not None:
            named = {p["parameter_name"]: v for p, v in zip(listed["parameters"], data)}  # noqa: B905
            for name in call.open:
                self._open(name)
            found["v2"] = self._simple(f"call/v2/{quote(endpoint)}", named)
        for name in call.open:
            self._open(name)
        body = {"data": data, "session_hash": self._session()}
        found["run"] = _read(self._http.post(f"{API}/run/{quote(endpoint)}?{QUERY}", json=body))
        return found

    def _session(self) -> str:
        return f"session{next(self._sessions)}"

    def _queue(self, endpoint: str, data: list[Any], call: Call) -> dict[str, Any]:
        session = self._session()
        indexes = {d["api_name"]: d["id"] for d in self.config["dependencies"]}
        body = {"data": data, "fn_index": indexes[endpoint], "session_hash": session}
        joined = self._http.post(f"{API}/queue/join?{QUERY}", json=body)
        if joined.status_code != 200:
            return _read(joined)
        gates = list(call.open)

        def opened(event: sse.Event) -> None:
            if gates and json.loads(event.data)["msg"] == call.after:
                self._open(gates.pop(0))

        events, end = self._stream(f"queue/data?session_hash={session}", opened)
        messages = [json.loads(event.data) for event in events]
        # What comes after the last gate may be overtaken by the end, on either server.
        kept = list(_without_surplus(messages, call)) if call.open else messages
        return {"messages": kept, "end": end}

    def _simple(self, path: str, body: Any) -> dict[str, Any]:
        accepted = self._http.post(f"{API}/{path}?{QUERY}", json=body)
        if accepted.status_code != 200:
            return _read(accepted)
        events, end = self._stream(f"{path}/{accepted.json()['event_id']}")
        return {"events": [[event.event, _decoded(event.data)] for event in events], "end": end}

    def _stream(self, path: str, heard: Any = lambda _: None) -> tuple[list[sse.Event], str]:
        """The events of a stream but for heartbeats, and how it ended: eof, cut or late."""
        events: list[sse.Event] = []
        decoder = sse.Decoder()
        late = time.monotonic() + PATIENCE_S
        try:
            with self._http.stream("GET", f"{API}/{path}") as response:
                for chunk in response.iter_bytes():
                    for event in decoder.feed(chunk):
                        if event.event == "heartbeat" or '"msg":"heartbeat"' in event.data:
                            continue
                        events.append(event)
                        heard(event)
                    if time.monotonic() > late:
                        return events, "late"
        except httpx.TimeoutException:
            return events, "late"
        except httpx.HTTPError:
            return events, "cut"
        return events, "eof"

    def _open(self, endpoint: str) -> None:
        body = {"data": [], "session_hash": "gates"}
        self._http.post(f"{API}/run/{endpoint}", json=body).raise_for_status()

    def _answer(self, method: str, path: str) -> dict[str, Any]:
        return _read(self._http.request(method, path))

    def _file(self, url: str) -> dict[str, Any]:
        answer = httpx.get(url, trust_env=False, timeout=PATIENCE_S)
        return {**_read(answer), "type": answer.headers.get("content-type")}

    def _uploaded(self, value: Any) -> Any:
        """`value` with {$upload: text} as an uploaded file that has this text."""
        if isinstance(value, list):
            return [self._uploaded(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$upload" not in value:
            return {name: self._uploaded(item) for name, item in value.items()}
        sent = {"files": ("sent.txt", value["$upload"].encode(), "text/plain")}
        (path,) = self._http.post(f"{API}/upload", files=sent).json()
        return {"path": path, "orig_name": "sent.txt", "meta": {"_type": "gradio.FileData"}}


def _without_surplus(messages: list[Any], call: Call) -> Iterator[Any]:
    left = len(call.open)
    for message in messages:
        if message["msg"] == call.after:
            left -= 1
            if left < 0:
                continue
        yield message


def _read(answer: httpx.Response) -> dict[str, Any]:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return {"status": answer.status_code, "type": kind, "body": _decoded(answer.text)}


def _decoded(text: str) -> Any:
    """JSON as a value, with what only Python's reader takes marked; other text as it is."""
    try:
        return json.loads(text, parse_constant=lambda name: {"not JSON": name})
    except ValueError:
        return text


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("url"), str):
            yield value["url"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _urls(item)
