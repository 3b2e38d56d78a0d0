"""Traffic as tests write it: a client and a server, and what is observed of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen

PREFIX = "/gradio_api"
HASH = "x7k2p9d4qa1"
JSON = (("content-type", "application/json"),)
EVENTS = (("content-type", "text/event-stream"),)
STEP_S = 0.01


def parameter(name: str, **members: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "label": name,
        "parameter_name": name,
        "parameter_has_default": False,
        "parameter_default": None,
        "type": {"type": "string"},
        "python_type": {"type": "str", "description": ""},
        "component": "Textbox",
        "example_input": "x",
    }
    return plain | members


FILE = {"python_type": {"type": "filepath", "description": ""}, "component": "File"}
FUNCTIONS: dict[str, tuple[int, list[dict[str, Any]], str]] = {
    "echo": (3, [parameter("text")], "public"),
    "greet": (
        5,
        [
            parameter("name"),
            parameter("word", parameter_has_default=True, parameter_default="hello"),
        ],
        "public",
    ),
    "size": (8, [parameter("file", **FILE)], "public"),
    "secret": (9, [], "private"),
}


def config(**members: Any) -> dict[str, Any]:
    """A ``/config`` with what the judge reads of it."""
    dependencies = [
        {"id": number, "api_name": name, "api_visibility": visibility, "inputs": []}
        for name, (number, _, visibility) in FUNCTIONS.items()
    ]
    plain = {"protocol": "sse_v3", "api_prefix": PREFIX, "connect_heartbeat": False}
    return {**plain, "dependencies": dependencies, "components": [], **members}


def info() -> dict[str, Any]:
    public = {n: known for n, (_, known, visible) in FUNCTIONS.items() if visible == "public"}
    endpoints = {f"/{name}": {"parameters": known, "returns": []} for name, known in public.items()}
    return {"named_endpoints": endpoints, "unnamed_endpoints": {}}


class Talk:
    """Collects observations; ``now`` goes on by a step with each, and by :meth:`wait`."""

    def __init__(self, client: str = "10.0.0.1") -> None:
        self.observations: list[Observation] = []
        self.now = 0.0
        self.client = client
        self._ids = 0

    def wait(self, seconds: float) -> None:
        self.now += seconds

    # -- parts of exchanges -------------------------------------------------------------------

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> int:
        """A request; ``body`` is sent as JSON. Returns the number of its exchange."""
        self._ids += 1
        sent = dict(headers or {})
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            sent = {"content-type": "application/json", **sent}
        pairs = tuple(sent.items())
        self._add(RequestSeen(self._ids, self._at(), method, target, pairs, content, self.client))
        return self._ids

    def begin(self, number: int, status: int = 200, headers: Any = EVENTS) -> None:
        self._add(AnswerBegan(number, self._at(), status, tuple(headers)))

    def say(self, number: int, *messages: Mapping[str, Any]) -> None:
        """Messages of a session stream."""
        for message in messages:
            data = f"data: {json.dumps(message)}\n\n".encode()
            self._add(BodyPiece(number, self._at(), data))

    def tell(self, number: int, name: str, data: Any) -> None:
        """One event of a call stream."""
        text = f"event: {name}\ndata: {json.dumps(data)}\n\n"
        self._add(BodyPiece(number, self._at(), text.encode()))

    def end(self, number: int, how: How = "eof") -> None:
        self._add(ExchangeOver(number, self._at(), how))

    def answer(self, number: int, body: Any, status: int = 200, headers: Any = JSON) -> None:
        """A whole answer, as JSON unless it is bytes."""
        self.begin(number, status, headers)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        if content:
            self._add(BodyPiece(number, self._at(), content))
        self.end(number)

    # -- whole exchanges ----------------------------------------------------------------------

    def get(self, path: str, body: Any, status: int = 200, **options: Any) -> int:
        number = self.ask("GET", path)
        self.answer(number, body, status, **options)
        return number

    def post(self, path: str, body: Any, answer: Any, status: int = 200, **options: Any) -> int:
        number = self.ask("POST", path, body, **options)
        self.answer(number, answer, status)
        return number

    def meet(self, **members: Any) -> Talk:
        """The client asks what the server is."""
        self.get("/config", config(**members))
        self.get(f"{PREFIX}/info", info())
        return self

    def join(
        self,
        event_id: str = "e1",
        data: Any = ("hi",),
        fn_index: Any = 3,
        session: str = HASH,
        **members: Any,
    ) -> int:
        body = {"data": list(data), "fn_index": fn_index, "session_hash": session, **members}
        return self.post(f"{PREFIX}/queue/join", body, {"event_id": event_id})

    def open(self, session: str = HASH) -> int:
        query = urlencode({"session_hash": session})
        number = self.ask("GET", f"{PREFIX}/queue/data?{query}")
        self.begin(number)
        return number

    def heartbeat(self, session: str = HASH) -> int:
        number = self.ask("GET", f"{PREFIX}/heartbeat/{session}")
        self.begin(number)
        return number

    def call(self, name: str = "echo", data: Any = ("hi",), event_id: str = "c1") -> int:
        return self.post(f"{PREFIX}/call/{name}", {"data": list(data)}, {"event_id": event_id})

    def read(self, name: str = "echo", event_id: str = "c1") -> int:
        number = self.ask("GET", f"{PREFIX}/call/{name}/{event_id}")
        self.begin(number)
        return number

    def upload(self, path: str = "/tmp/gradio/ab/a.txt") -> None:
        number = self.ask(
            "POST", f"{PREFIX}/upload", headers={"content-type": "multipart/form-data"}
        )
        self.answer(number, [path])

    def run_to_its_end(self, event_id: str = "e1", session: str = HASH) -> None:
        """Join, read, and the end of both the event and the stream."""
        self.join(event_id, session=session)
        stream = self.open(session)
        self.say(stream, *lifecycle(event_id), {"msg": "close_stream", "event_id": None})
        self.end(stream)

    # -- parts --------------------------------------------------------------------------------

    def _add(self, observation: Observation) -> None:
        self.observations.append(observation)

    def _at(self) -> float:
        self.now += STEP_S
        return round(self.now, 6)


def estimation(event_id: str = "e1") -> dict[str, Any]:
    plain = {"msg": "estimation", "event_id": event_id, "rank": 0, "queue_size": 1}
    return {**plain, "rank_eta": None}


def starts(event_id: str = "e1") -> dict[str, Any]:
    return {"msg": "process_starts", "event_id": event_id, "eta": None}


def generating(data: Any, event_id: str = "e1") -> dict[str, Any]:
    output = {"data": data, "is_generating": True, "duration": 0.1, "average_duration": 0.1}
    return {
        "msg": "process_generating",
        "event_id": event_id,
        "output": {**output, "render_config": None, "changed_state_ids": []},
        "success": True,
        "time_limit": None,
    }


def completed(data: Any = ("hi",), event_id: str = "e1") -> dict[str, Any]:
    output = {"data": list(data), "is_generating": False, "duration": 0.1, "average_duration": 0.1}
    return {
        "msg": "process_completed",
        "event_id": event_id,
        "output": {**output, "render_config": None, "changed_state_ids": [], "used_cache": None},
        "success": True,
        "title": None,
        "used_cache": None,
        "cache_duration": None,
        "avg_time": None,
    }


def lifecycle(event_id: str = "e1") -> list[dict[str, Any]]:
    return [estimation(event_id), starts(event_id), completed(event_id=event_id)]
