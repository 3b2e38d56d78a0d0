"""Every message of a session stream, built in one place. Call streams are derived from the same
messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal

Message = dict[str, Any]
Level = Literal["info", "warning", "success"]
Outcome = Literal["success", "failed", "cached", "cancelled"]


@dataclass(frozen=True, slots=True)
class Log:
    """What ``Info``, ``Warning`` and ``Success`` say. ``duration`` in seconds, ``None``: until
    dismissed.
    """

    log: str
    level: Level
    duration: float | None
    visible: bool
    title: str


@dataclass(frozen=True, slots=True)
class ProgressUnit:
    """One level of progress; a report is the whole stack, outermost first (EVT-025)."""

    index: float | None
    length: float | None
    unit: str | None
    progress: float | None
    desc: str | None


Progress = tuple[ProgressUnit, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an event failed: the error payload of the wire and the title of its message."""

    payload: Mapping[str, Any]
    title: str = "Error"


def shown_error(
    text: str, *, duration: float | None = 10, visible: bool = True, title: str = "Error"
) -> dict[str, Any]:
    """The payload of an error that the user is to see (EVT-019); ``duration`` in seconds."""
    return {"error": text, "duration": duration, "visible": visible, "title": title}


def estimation(
    event_id: str | None, rank: int | None, queue_size: int, rank_eta: float | None
) -> Message:
    return {
        "msg": "estimation",
        "event_id": event_id,
        "rank": rank,
        "queue_size": queue_size,
        "rank_eta": rank_eta,
    }


def process_starts(event_id: str, eta: float | None) -> Message:
    return {"msg": "process_starts", "event_id": event_id, "eta": eta}


def progress(event_id: str, units: Progress) -> Message:
    return {
        "msg": "progress",
        "event_id": event_id,
        "progress_data": [
            {
                "index": unit.index,
                "length": unit.length,
                "unit": unit.unit,
                "progress": unit.progress,
                "desc": unit.desc,
            }
            for unit in units
        ],
    }


def log(event_id: str, entry: Log) -> Message:
    return {
        "msg": "log",
        "event_id": event_id,
        "log": entry.log,
        "level": entry.level,
        "duration": entry.duration,
        "visible": entry.visible,
        "title": entry.title,
    }


def output(
    data: Sequence[Any],
    *,
    is_generating: bool,
    duration: float,
    average: float | None,
    changed: Sequence[int] = (),
    cached: bool = False,
) -> dict[str, Any]:
    """The ``output`` member, which is also the whole answer of the run route. Durations in
    seconds; ``changed`` are component ids of States (STATE-013). ``cached``: taken from a cache
    outside the queue; in the queue the message tells it.
    """
    return {
        "data": list(data),
        "is_generating": is_generating,
        "duration": duration,
        "average_duration": average,
        "render_config": None,
        "changed_state_ids": list(changed),
        "used_cache": "partial" if cached else None,
    }


def process_generating(event_id: str, result: Mapping[str, Any]) -> Message:
    return {
        "msg": "process_generating",
        "event_id": event_id,
        "output": result,
        "success": True,
        "time_limit": None,
    }


def process_streaming(
    event_id: str, result: Mapping[str, Any], *, time_limit: float | None
) -> Message:
    """What came of a chunk, in full (STREAM-001); ``time_limit``: seconds that chunks may take."""
    return process_generating(event_id, result) | {
        "msg": "process_streaming",
        "time_limit": time_limit,
    }


def process_completed(event_id: str, result: Mapping[str, Any]) -> Message:
    return _completed(event_id, result, success=True, title=None)


def process_cached(
    event_id: str, result: Mapping[str, Any], *, seconds: float, average: float | None
) -> Message:
    """The end of an event that never ran (EVT-029): it took ``seconds`` to find the result, and
    would have taken ``average``.
    """
    found = {"used_cache": "full", "cache_duration": seconds, "avg_time": average}
    return process_completed(event_id, result) | found


def process_failed(event_id: str, failure: Failure) -> Message:
    # EVT-020: the title of the payload, whichever step failed.
    return _completed(event_id, failure.payload, success=False, title=failure.title)


def process_cancelled(event_id: str) -> Message:
    # CANCEL-006: both official clients know a cancelled event by its empty output and success;
    # the extra member tells it apart for everybody else.
    return _completed(event_id, {}, success=True, title=None) | {"cancelled": True}


def _completed(
    event_id: str, result: Mapping[str, Any], *, success: bool, title: str | None
) -> Message:
    return {
        "msg": "process_completed",
        "event_id": event_id,
        "output": result,
        "success": success,
        "title": title,
        "used_cache": None,
        "cache_duration": None,  # EVT-031
        "avg_time": None,
    }


def outcome(last: Message | None) -> Outcome:
    """How an event ended, by its last message; None: its client has gone."""
    if last is None or last.get("cancelled"):
        return "cancelled"
    if not last["success"]:
        return "failed"
    return "cached" if last["used_cache"] else "success"


_FRAME = 1000  # bytes that any message takes in memory, roughly


def weight(message: Message) -> int:
    """How much memory a message takes, in bytes: what counts is the order of magnitude."""
    if message["msg"] == "log":
        return _FRAME + len(message["log"])
    output = message.get("output") or {}
    values = (*(output.get("data") or ()), output.get("error"))
    return _FRAME + sum(
        len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
        for value in values
        if value is not None
    )


def heartbeat() -> Message:
    return {"msg": "heartbeat", "event_id": None}


def close_stream() -> Message:
    return {"msg": "close_stream", "event_id": None}


def unexpected_error(message: str, *, session_not_found: bool = False) -> Message:
    return {
        "msg": "unexpected_error",
        "event_id": None,
        "message": message,
        "session_not_found": session_not_found,
        "success": False,
    }
