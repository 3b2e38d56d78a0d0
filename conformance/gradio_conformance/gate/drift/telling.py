"""What of an exchange or an event a fact of the plan tells, each as a text. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote

from gradio_conformance.gate.drift.exchanges import Exchanges
from gradio_conformance.gate.drift.exchanges import Told
from gradio_conformance.gate.drift.exchanges import value_of
from gradio_conformance.gate.drift.exchanges import word
from gradio_conformance.gate.drift.shapes import type_of
from gradio_spec.data import SpecError
from gradio_spec.releases import number

NOTHING = "-"
DONE = "process_completed"
STEPS = ("process_generating", "process_streaming")
_SERVER = re.compile(r"https?://[^/\s\"]+")
_HEX = re.compile(r"[0-9a-f]{8,}")


@dataclass(frozen=True, slots=True)
class View:
    """One exchange among all of its server's."""

    told: Told
    all: Exchanges

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """Of the event that the exchange is about."""
        event_id = self.told.exchange.event_id
        return self.all.messages_of(event_id) if event_id else []

    @property
    def last(self) -> Mapping[str, Any]:
        """The terminal message."""
        return next((m for m in self.messages if m.get("msg") == DONE), {})

    @property
    def output(self) -> Mapping[str, Any]:
        found = self.last.get("output")
        return found if isinstance(found, dict) else {}

    @property
    def chunks(self) -> list[Any]:
        steps = [m.get("output") for m in self.messages if m.get("msg") in STEPS]
        return [step.get("data") for step in steps if isinstance(step, dict)]


def tell(what: str, view: View) -> str:
    """``what`` of an exchange; ``ValueError`` for a name that the plan must not have."""
    name, _, rest = what.partition(" ")
    if name in ABOUT:
        return ABOUT[name](view, rest)
    if name not in WHAT:
        raise ValueError(f"{what!r} is nothing that can be told")
    return WHAT[name](view)


def _header(view: View, name: str) -> str:
    return _shown(view.told.exchange.answer_headers.get(name, NOTHING))


def _has(view: View, text: str) -> str:
    found = json.dumps(text) in view.told.exchange.body.decode(errors="replace")
    return "yes" if found else "no"


def _version(view: View, bound: str) -> str:
    """Whether the version that is announced lies above another one."""
    answer = view.told.exchange.answer
    version = answer.get("version") if isinstance(answer, dict) else None
    try:
        at = number(version) if isinstance(version, str) else None
    except SpecError:
        return NOTHING
    if at is None:
        return NOTHING
    return "yes" if at > number(bound.removeprefix("above ")) else "no"


def _word(view: View) -> str:
    exchange = view.told.exchange
    if exchange.is_stream:
        kinds = [event.event or "message" for event in view.told.events]
        return f"{word(kinds)} {exchange.how}".strip()
    return word([str(m.get("msg")) for m in view.messages]) or NOTHING


def _end(view: View) -> str:
    """The last message that is about the stream itself, and how the answer ended."""
    exchange = view.told.exchange
    if not exchange.is_stream:
        return f"status {exchange.status}"
    kinds = [str(m.get("msg")) for m in view.told.messages]
    last = kinds[-1:] if kinds and kinds[-1] not in (DONE, *STEPS, "heartbeat") else [NOTHING]
    return f"{last[0]} {exchange.how}"


def _keys(view: View) -> str:
    value = view.output if view.messages else view.told.exchange.answer
    return ", ".join(sorted(value)) if isinstance(value, dict) else type_of(value)


def _detail(view: View) -> str:
    answer = view.told.exchange.answer
    return type_of(answer.get("detail")) if isinstance(answer, dict) else NOTHING


def _error(view: View) -> str:
    return _text(view.output.get("error")) if "error" in view.output else NOTHING


def _error_is(view: View) -> str:
    """Whether the event failed, in whichever words."""
    success = view.last.get("success")
    return {"False": "failed", "True": "succeeded"}.get(str(success), NOTHING)


def _first_value(view: View) -> Any:
    data = view.output.get("data")
    return data[0] if isinstance(data, list) and data else None


def _last_kind(view: View) -> str:
    """The type of the data of a stream's last event."""
    if not view.told.events:
        return NOTHING
    return type_of(value_of(view.told.events[-1].data))


def _journal(view: View) -> str:
    answer = view.told.exchange.answer
    rows = answer.get("data", [[]])[0] if isinstance(answer, dict) else []
    # A generator may have gone on for a step or two before it is stopped: how many is a race.
    return word([str(row.get("what")) for row in rows if isinstance(row, dict)]) or NOTHING


def _url(view: View) -> str:
    """The url of a file, with names for the server and the path, and how the path stands in it."""
    file = _first_value(view)
    url, path = (file.get(key) for key in ("url", "path")) if isinstance(file, dict) else ("", "")
    if not isinstance(url, str) or not isinstance(path, str) or not path:
        return _text(url)
    spellings = {"raw": path, "encoded": quote(path), "encoded whole": quote(path, safe="")}
    for how, spelling in spellings.items():
        if url.endswith(spelling):
            front = _SERVER.sub("http://<server>", url.removesuffix(spelling))
            prefix = view.all.site.prefix or ""
            below = front.removeprefix(f"http://<server>{prefix}")
            where = "<prefix>" if below != front else "<elsewhere>"
            return f"http://<server>{where}{below}<path>, {how}"
    return "another path" if unquote(url).endswith(path) else NOTHING


def _path(view: View) -> str:
    """The directory and the name in the first path that an upload answered."""
    answer = view.told.exchange.answer
    first = answer[0] if isinstance(answer, list) and answer else None
    if not isinstance(first, str):
        return NOTHING
    directory, _, name = first.replace("\\", "/").rpartition("/")
    digits = directory.rpartition("/")[2]
    where = f"<{len(digits)} hexadecimal digits>" if _HEX.fullmatch(digits) else "<directory>"
    return f"{where}/{name}"


def _changed_states(view: View) -> str:
    """The types of the ids of the States that the last output says were changed."""
    found = view.output.get("changed_state_ids")
    if not isinstance(found, list):
        return type_of(found) if "changed_state_ids" in view.output else NOTHING
    return ", ".join(map(type_of, found)) or "none"


def _edits(view: View) -> str:
    chunks = view.chunks
    second = chunks[1] if len(chunks) > 1 else None
    return _text(second[0]) if isinstance(second, list) and second else NOTHING


def _shown(text: str) -> str:
    return _SERVER.sub("<server>", text) if "127.0.0.1" in text else text


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


# What is told about something that the plan names after it.
ABOUT: Mapping[str, Callable[[View, str], str]] = {
    "header": _header,
    "has": _has,
    "version": _version,
}
WHAT: Mapping[str, Callable[[View], str]] = {
    "word": _word,
    "end": _end,
    "status": lambda view: str(view.told.exchange.status or NOTHING),
    "type": lambda view: view.told.exchange.answer_type or NOTHING,
    "keys": _keys,
    "kind": lambda view: type_of(view.told.exchange.answer),
    "json": lambda view: _text(view.told.exchange.answer),
    "detail": _detail,
    "data": lambda view: _text(view.output.get("data")),
    "kind-of-data": lambda view: type_of(_first_value(view)),
    "error": _error,
    "error-is": _error_is,
    "generating": lambda view: _text(view.output.get("is_generating")),
    "chunks": lambda view: _text(view.chunks),
    "chunk-count": lambda view: str(len(view.chunks)),
    "last": _last_kind,
    "journal": _journal,
    "url": _url,
    "path": _path,
    "changed-states": _changed_states,
    "edits": _edits,
}
