"""Scripted servers of sessions, and the messages that they send."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from gradio_conformance.probe import Probe

LONG_S = 30.0
Serve = Any  # the fixture of conftest.py
Peer = Any
Script = Callable[[Peer], None]
NAMES = ("echo", "release", "journal")


class Server:
    """Answers by path: a callable speaks itself, anything else is sent as JSON."""

    def __init__(self, **routes: Any) -> None:
        self.routes = routes

    def __call__(self, peer: Peer) -> None:
        path = peer.line.split(" ")[1].partition("?")[0].strip("/")
        answer = self.routes.get(path.replace("/", "_"), {"data": [None]})
        if callable(answer):
            answer(peer)
        else:
            peer.answer(json.dumps(answer).encode(), content_type="application/json")


def sse(*messages: Any) -> list[bytes]:
    return [f"data: {json.dumps(m)}\n\n".encode() for m in messages]


def told(*messages: Any, end: bool = True) -> Script:
    """A stream of these messages; without ``end`` it stays open until the client goes away."""

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*sse(*messages))
        if end:
            peer.finish()
        else:
            peer.wait_gone()

    return script


def estimation(event: str = "e1") -> dict[str, Any]:
    return {
        "msg": "estimation",
        "event_id": event,
        "rank": 0,
        "queue_size": 1,
        "rank_eta": None,
    }


def starts(event: str = "e1") -> dict[str, Any]:
    return {"msg": "process_starts", "event_id": event, "eta": None}


def output(data: Any, generating: bool) -> dict[str, Any]:
    return {
        "data": data,
        "is_generating": generating,
        "duration": 0.1,
        "average_duration": 0.1,
        "render_config": None,
        "changed_state_ids": [],
        "used_cache": None,
    }


def chunk(*data: Any, event: str = "e1") -> dict[str, Any]:
    made = output(list(data), True)
    return {
        "msg": "process_generating",
        "event_id": event,
        "output": made,
        "success": True,
        "time_limit": None,
    }


def completed(*data: Any, event: str = "e1", success: bool = True) -> dict[str, Any]:
    return {
        "msg": "process_completed",
        "event_id": event,
        "output": output(list(data), False),
        "success": success,
        "title": None,
        "used_cache": None,
        "cache_duration": None,
        "avg_time": None,
    }


CLOSE = {"msg": "close_stream", "event_id": None}
HEARTBEAT = {"msg": "heartbeat", "event_id": None}
WHOLE = [estimation(), starts(), completed("x"), CLOSE]
JOINED = {"event_id": "e1"}


ProbeOf = Callable[..., Probe]


def broken(probe: Probe) -> list[str]:
    return [finding.clause for finding in probe.findings]
