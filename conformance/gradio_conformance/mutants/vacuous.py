"""Servers that answer without knowing the protocol, behind a true description of the testbed.

``/config``, ``/info`` and the testbed's settings come from the reference app, so that a run
begins; every other request gets the same thoughtless answer. What such a server keeps, no check
has really asked for.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import parse_qs

from gradio_conformance.testbed import on_reference
from gradio_conformance.testbed.kit import Settings
from gradio_spec import sse

if TYPE_CHECKING:
    from gradio_reference import Server

App = Callable[[Any, Any, Any], Awaitable[None]]
API = "/gradio_api/"
TRUE_ROUTES = frozenset({"/config", "/config/", f"{API}info", f"{API}run/settings"})
JSON = "application/json"
STREAM = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vacuous server says. ``stream`` takes the place of ``body``."""

    body: str = "{}"
    status: int = 200
    media_type: str = JSON
    stream: AsyncIterator[str] | None = None


@dataclass(slots=True)
class Memory:
    """The little that some of them remember: the event ids of each session."""

    sessions: dict[str, list[str]] = field(default_factory=dict)

    def new_event(self, session: str) -> str:
        event_id = uuid.uuid4().hex
        self.sessions.setdefault(session, []).append(event_id)
        return event_id


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    session: str
    body: Any


Behaviour = Callable[[Asked, Memory], Answer]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(function: Behaviour) -> Behaviour:
    """Register a behaviour under its function's name, with dashes."""
    BEHAVIOURS[function.__name__.replace("_", "-")] = function
    return function


# -- the same answer to everything ---------------------------------------------------------------


@behaviour
def always_200_empty_object(asked: Asked, memory: Memory) -> Answer:
    return Answer("{}")


@behaviour
def always_200_success_true(asked: Asked, memory: Memory) -> Answer:
    return Answer('{"success": true}')


@behaviour
def always_404(asked: Asked, memory: Memory) -> Answer:
    return Answer('{"detail": "Not Found"}', 404)


@behaviour
def always_422(asked: Asked, memory: Memory) -> Answer:
    return Answer('{"detail": [{"loc": ["body"], "msg": "wrong", "type": "wrong"}]}', 422)


@behaviour
def always_500(asked: Asked, memory: Memory) -> Answer:
    return Answer('{"detail": "Internal Server Error"}', 500)


@behaviour
def always_a_page(asked: Asked, memory: Memory) -> Answer:
    return Answer("<!doctype html><title>App</title>", 200, "text/html")


# -- streams without events ----------------------------------------------------------------------


def _message(name: str, event_id: str | None, **members: Any) -> str:
    return json.dumps({"msg": name, "event_id": event_id, **members})


def _with_streams(asked: Asked, memory: Memory, stream: AsyncIterator[str]) -> Answer:
    """Joins and calls are accepted, cancels succeed, and every stream is this one."""
    if asked.method == "GET":
        return Answer(stream=stream, media_type=STREAM)
    if "cancel" in asked.path or "reset" in asked.path:
        return Answer('{"success": true}')
    return Answer(json.dumps({"event_id": memory.new_event(asked.session)}))


async def _silence() -> AsyncIterator[str]:
    await asyncio.Event().wait()
    yield ""


async def _told(*messages: str) -> AsyncIterator[str]:
    for message in messages:
        yield message


async def _heartbeats() -> AsyncIterator[str]:
    while True:
        yield _message("heartbeat", None)
        await asyncio.sleep(0.1)


@behaviour
def silent_streams(asked: Asked, memory: Memory) -> Answer:
    return _with_streams(asked, memory, _silence())


@behaviour
def only_heartbeats(asked: Asked, memory: Memory) -> Answer:
    return _with_streams(asked, memory, _heartbeats())


@behaviour
def closes_at_once(asked: Asked, memory: Memory) -> Answer:
    return _with_streams(asked, memory, _told(_message("close_stream", None)))


@behaviour
def knows_no_session(asked: Asked, memory: Memory) -> Answer:
    lost = _message("unexpected_error", None, message="lost", success=False, session_not_found=True)
    return _with_streams(asked, memory, _told(lost))


@behaviour
def ends_at_once(asked: Asked, memory: Memory) -> Answer:
    return _with_streams(asked, memory, _told())


# -- canned events -------------------------------------------------------------------------------


def _canned(event_id: str, data: list[Any]) -> list[str]:
    output = {
        "data": data,
        "is_generating": False,
        "duration": 0.1,
        "average_duration": 0.1,
        "render_config": None,
        "changed_state_ids": [],
        "used_cache": None,
    }
    end = {
        "output": output,
        "success": True,
        "title": None,
        "used_cache": None,
        "cache_duration": None,
        "avg_time": None,
    }
    return [
        _message("estimation", event_id, rank=0, queue_size=1, rank_eta=None),
        _message("process_starts", event_id, eta=None),
        _message("process_completed", event_id, **end),
    ]


@behaviour
def canned_event(asked: Asked, memory: Memory) -> Answer:
    messages = []
    if asked.path.endswith("/queue/data"):
        for event_id in memory.sessions.pop(asked.session, []):
            messages += _canned(event_id, ["canned"])
    return _with_streams(asked, memory, _told(*messages, _message("close_stream", None)))


# -- serving -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VacuousLibrary:
    """The testbed's description, with a vacuous server behind it."""

    name: str

    def launch(self, settings: Settings, port: int) -> Callable[[], None]:
        return on_reference.launch(settings, port, prepare=self._empty)

    def __str__(self) -> str:
        return f"nothing, {self.name}"

    def _empty(self, app: Server) -> None:
        behave, true_app, memory = BEHAVIOURS[self.name], app.asgi_app, Memory()

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            app.leave_cors()  # from the first request on: launch sets the rule anew
            if scope["type"] != "http" or scope["path"] in TRUE_ROUTES:
                await true_app(scope, receive, send)
                return
            asked = await _asked(scope, receive)
            await _send(behave(asked, memory), send)

        app.asgi_app = answer  # type: ignore[method-assign]


async def _asked(scope: Mapping[str, Any], receive: Any) -> Asked:
    content = b""
    while True:
        message = await receive()
        content += message.get("body", b"")
        if not message.get("more_body"):
            break
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    query = parse_qs(scope["query_string"].decode("latin-1"))
    named = body.get("session_hash") if isinstance(body, dict) else None
    session = query.get("session_hash", [str(named)])[0]
    return Asked(scope["method"], scope["path"], session, body)


async def _send(answer: Answer, send: Any) -> None:
    headers = [(b"content-type", answer.media_type.encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.stream is None:
        await send({"type": "http.response.body", "body": answer.body.encode()})
        return
    async for data in answer.stream:
        part = {"type": "http.response.body", "body": sse.encode(data), "more_body": True}
        await send(part)
    await send({"type": "http.response.body", "body": b""})
