"""The messages of a script, whole and as text of a stream. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from gradio_conformance.scenarios.model import Framing
from gradio_conformance.scenarios.model import Row
from gradio_conformance.scenarios.model import vectors

Message = dict[str, Any]

_OUTPUT: Message = {
    "duration": 0.01,
    "average_duration": 0.01,
    "render_config": None,
    "changed_state_ids": [],
    "used_cache": None,
}
_STEP: Message = {"success": True, "time_limit": None}
_DONE: Message = {"title": None, "used_cache": None, "cache_duration": None, "avg_time": None}
_UNIT: Message = {"index": 1, "length": 2, "unit": "steps", "progress": None, "desc": "half"}
STREAM = frozenset({"heartbeat", "close_stream", "unexpected_error"})


def message(row: Row, event_id: str | None) -> Message:
    """The message that a ``say`` statement describes: what the row leaves out is as servers say
    it.
    """
    kind = row["say"]
    made = {"msg": kind, "event_id": event_id, **_MEMBERS.get(kind, _nothing)(row)}
    made.update(row.get("with", {}))
    return made


def data_of(row: Row) -> Any:
    """The ``data`` of a statement, its shorthands written out."""
    if "big" in row:
        return ["x" * row["big"]]
    return vectors(row["vectors"]) if "vectors" in row else row.get("data")


def _nothing(row: Row) -> Message:
    return {}


def _generating(row: Row) -> Message:
    return {"output": {"data": data_of(row), "is_generating": True, **_OUTPUT}, **_STEP}


def _completed(row: Row) -> Message:
    if "payload" in row:
        return {"output": row["payload"], "success": True, **_DONE}
    if "error" in row:
        full = {"duration": 10, "visible": True, "title": "Error"} if row["error"] else {}
        output = {"error": row["error"], **full}
        return {"output": output, "success": False, **_DONE, "title": "Error"}
    output = {"data": data_of(row), "is_generating": False, **_OUTPUT}
    return {"output": output, "success": True, **_DONE}


def _log(row: Row) -> Message:
    return {
        "log": row["data"],
        "level": "info",
        "duration": 10,
        "visible": True,
        "title": "Info",
    }


_MEMBERS: dict[str, Callable[[Row], Message]] = {
    "estimation": lambda row: {"rank": 0, "queue_size": 1, "rank_eta": None},
    "process_starts": lambda row: {"eta": None},
    "progress": lambda row: {"progress_data": [_UNIT]},
    "log": _log,
    "process_generating": _generating,
    "process_completed": _completed,
    "unexpected_error": lambda row: {
        "message": "The server has lost the session.",
        "session_not_found": False,
        "success": False,
    },
}


def session_text(made: Message, framing: Framing) -> str:
    """A message of a session stream as its text."""
    return _event([f"data: {dumped(made)}"], framing)


def call_text(row: Row, framing: Framing) -> str:
    """An event of a simple call's stream as its text; an error carries its payload."""
    data = data_of(row)
    if "error" in row:
        data = {"error": row["error"]}
    return _event([f"event: {row['say']}", f"data: {dumped(row.get('payload', data))}"], framing)


def dumped(value: Any) -> str:
    """As servers write it: without spaces, nothing but control characters escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pieces(text: str, framing: Framing) -> Iterator[bytes]:
    """The bytes of the text, cut as the framing says."""
    raw = text.encode()
    size = framing.piece or max(1, len(raw))
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


def _event(lines: list[str], framing: Framing) -> str:
    newline = framing.newline
    comment = f": so it goes{newline}" if framing.comments else ""
    return comment + "".join(line + newline for line in lines) + newline
