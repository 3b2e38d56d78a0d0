"""Traces as the recording client writes them, for the failures of the sample runs."""

from __future__ import annotations

import json
from typing import Any

from gradio_conformance.events import TraceEntry
from gradio_conformance.timeline import curl_line
from gradio_conformance.timeline import summarise

Trace = tuple[TraceEntry, ...]

TARGET = "http://127.0.0.1:7860"
API = "/gradio_api"
SESSION = "s-4f0c91d27ab3"
OTHER = "s-b8826e10c5f4"
EVENT = "6f1d0c9a4b7e4d0f9f6a2a3b8f1c7d21"
SECOND = "a90b34c8d1e74f6db2c5e0f7719a6e53"


class Tape:
    """Writes a trace entry by entry on a clock of its own."""

    def __init__(self) -> None:
        self.entries: list[TraceEntry] = []

    def add(self, at_ms: float, direction: str, lane: str, summary: str, **more: Any) -> None:
        self.entries.append(TraceEntry(at_ms, direction, lane, summary, **more))

    def post(self, at_ms: float, path: str, body: Any, answer: Any, *, lane: str = "http") -> None:
        """A POST and its JSON answer 4 ms later."""
        text = json.dumps(body)
        headers = {"content-type": "application/json"}
        curl = curl_line("POST", TARGET + API + path, headers, text.encode())
        self.add(at_ms, "→", lane, f"POST {API}{path}", payload=text, curl=curl)
        reply = json.dumps(answer)
        self.add(round(at_ms + 4.1, 1), "←", lane, f"200 {reply}", payload=reply)

    def join(self, at_ms: float, event: str, data: list[Any], fn: int, lane: str = SESSION) -> None:
        body = {"data": data, "fn_index": fn, "session_hash": lane}
        self.post(at_ms, "/queue/join", body, {"event_id": event}, lane=lane)

    def open(self, at_ms: float, lane: str = SESSION) -> None:
        path = f"/queue/data?session_hash={lane}"
        curl = curl_line("GET", TARGET + API + path, {}, None, stream=True)
        self.add(at_ms, "→", lane, f"GET {path}", curl=curl)

    def message(
        self, at_ms: float, event: str | None, state: str, message: dict[str, Any], **more: Any
    ) -> None:
        """One message of a session stream; ``lane`` and ``violation`` by keyword."""
        payload = {**message, "event_id": event}
        lane = more.pop("lane", SESSION)
        self.add(
            at_ms,
            "←",
            lane,
            summarise(payload),
            event_id=event,
            state=state,
            payload=payload,
            **more,
        )

    def begin(self, at_ms: float, event: str, *, lane: str = SESSION) -> None:
        place = {"msg": "estimation", "rank": 0, "queue_size": 1, "rank_eta": None}
        self.message(at_ms, event, "waiting", place, lane=lane)
        start = {"msg": "process_starts", "eta": 0.104}
        self.message(round(at_ms + 6.4, 1), event, "running", start, lane=lane)

    @property
    def trace(self) -> Trace:
        return tuple(self.entries)


def _completed(*data: Any) -> dict[str, Any]:
    output = {
        "data": list(data),
        "is_generating": False,
        "duration": 0.37,
        "average_duration": 0.37,
    }
    return {"msg": "process_completed", "output": output, "success": True, "title": None}


def _generating(*data: Any) -> dict[str, Any]:
    output = {"data": list(data), "is_generating": True, "duration": 0.01}
    return {"msg": "process_generating", "output": output, "success": True}


def second_end() -> Trace:
    """An event that ends twice."""
    tape = Tape()
    tape.join(0.4, EVENT, ["hello"], 3)
    tape.open(9.8)
    tape.begin(24.5, EVENT)
    log = {"msg": "log", "log": "half way", "level": "info", "duration": 10, "visible": True}
    tape.message(215.0, EVENT, "running", log)
    tape.message(402.3, EVENT, "completed", _completed("hello"))
    tape.message(416.2, EVENT, "completed", _completed("hello"), violation="EVT-003")
    tape.message(417.0, None, "closed", {"msg": "close_stream"})
    tape.add(417.9, "←", SESSION, "(eof)")
    return tape.trace


def hostile_500() -> Trace:
    """A mistake of the client that the server answers with a page, and not a friendly one."""
    tape = Tape()
    page = "<html><script>alert('join')</script><h1>Internal Server Error</h1>\x1b[31m</html>"
    body = {"data": [], "fn_index": 987654, "session_hash": SESSION}
    headers = {"content-type": "application/json"}
    curl = curl_line("POST", f"{TARGET}{API}/queue/join", headers, json.dumps(body).encode())
    tape.add(0.3, "→", SESSION, f"POST {API}/queue/join", payload=json.dumps(body), curl=curl)
    tape.add(7.7, "←", SESSION, f"500 {page}", payload=page)
    return tape.trace


def nested_shrink() -> Trace:
    """Many generated rounds in one session; the last one sends a path that cannot be."""
    tape = Tape()
    clock = 0.0
    for number in range(12):
        event = f"{number:02d}c4b8e1f0a94d7c8d35e6b1{number:010d}"
        tape.join(round(clock + 0.6, 1), event, [[number], [number, number + 1]], 11)
        tape.open(round(clock + 6.0, 1))
        tape.begin(round(clock + 11.2, 1), event)
        tape.message(round(clock + 22.3, 1), event, "running", _generating([[number]]))
        tape.message(
            round(clock + 24.9, 1), event, "running", _generating([["append", [0], number]])
        )
        tape.message(round(clock + 27.0, 1), event, "completed", _completed([number]))
        tape.message(round(clock + 27.4, 1), None, "closed", {"msg": "close_stream"})
        clock += 48.2
    tape.join(580.2, EVENT, [[[1, 2, 3], [7]], [[1], [7]]], 11)
    tape.open(585.8)
    tape.begin(591.1, EVENT)
    tape.message(604.0, EVENT, "running", _generating([[1, 2, 3], [7]]))
    edits = [["delete", [0, 1], None], ["delete", [0, -1], None]]
    tape.message(612.4, EVENT, "running", _generating(edits), violation="DIFF-003")
    tape.message(615.9, EVENT, "completed", _completed([[1], [7]]))
    tape.message(616.3, None, "closed", {"msg": "close_stream"})
    tape.add(616.9, "←", SESSION, "(eof)")
    return tape.trace


def headers() -> Trace:
    """A stream whose headers lack what proxies need."""
    tape = Tape()
    tape.join(0.5, EVENT, ["x"], 0)
    tape.open(5.9)
    tape.begin(14.0, EVENT)
    tape.message(28.8, EVENT, "completed", _completed("x"))
    return tape.trace


def cancel_kills_both() -> Trace:
    """Two runs of one function; the cancel of one of them ends both."""
    tape = Tape()
    tape.post(0.4, "/run/release", {"data": ["gate-1", 0]}, {"data": []})
    tape.join(6.0, EVENT, ["gate-1"], 7)
    tape.open(12.2)
    tape.begin(18.3, EVENT)
    tape.join(30.6, SECOND, ["gate-2"], 7, OTHER)
    tape.open(36.5, OTHER)
    tape.begin(44.9, SECOND, lane=OTHER)
    body = {"session_hash": SESSION, "fn_index": 7, "event_id": EVENT}
    tape.post(60.2, "/cancel", body, {"success": True})
    tape.message(70.4, EVENT, "completed", {**_completed(), "output": {}})
    tape.message(71.0, None, "closed", {"msg": "close_stream"})
    tape.post(80.9, "/run/release", {"data": ["gate-2", 1]}, {"data": []})
    tape.add(10081.3, "·", OTHER, "(dropped)")
    return tape.trace


def endless_get() -> Trace:
    """A result that was fetched once, asked for again."""
    tape = Tape()
    tape.post(0.4, "/call/echo", {"data": ["hello"]}, {"event_id": EVENT})
    for number, at_ms in enumerate((8.1, 40.7)):
        path = f"/call/echo/{EVENT}"
        curl = curl_line("GET", TARGET + API + path, {}, None, stream=True)
        tape.add(at_ms, "→", "call echo", f"GET {path}", curl=curl)
        if number == 0:
            tape.add(
                30.2, "←", "call echo", 'complete: ["hello"]',
                event_id=EVENT, state="delivered", payload=["hello"],
            )  # fmt: skip
            tape.add(31.0, "←", "call echo", "(eof)")
    tape.add(3040.7, "←", "call echo", "heartbeat: null", event_id=EVENT, state="open")
    tape.add(5041.2, "·", "call echo", "(dropped)")
    return tape.trace
