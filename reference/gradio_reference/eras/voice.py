"""What a stream of the present server says, in the words of an era. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_reference.core import messages
from gradio_reference.core.messages import Message
from gradio_reference.eras.era import Era
from gradio_reference.eras.files import Files
from gradio_reference.eras.ledger import Ledger
from gradio_reference.eras.ledger import Told
from gradio_spec.encoders import encode

# Of each message: its definition in messages.schema.json.
_DEFINITIONS = {
    "estimation": "Estimation",
    "process_starts": "ProcessStarts",
    "progress": "Progress",
    "log": "Log",
    "process_generating": "ProcessGenerating",
    "process_streaming": "ProcessStreaming",
    "process_completed": "ProcessCompleted",
    "heartbeat": "Heartbeat",
    "close_stream": "CloseStream",
    "unexpected_error": "UnexpectedError",
    "server_stopped": "UnexpectedError",
}
# What was said for a message before there was one; nothing, if it is not here.
_BEFORE = {"process_streaming": "process_generating", "unexpected_error": "server_stopped"}
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Voice:
    """The voice of one session stream; the present server tells it full values in every chunk."""

    def __init__(self, era: Era, ledger: Ledger) -> None:
        self._era = era
        self._ledger = ledger
        self._files = Files(era)
        self._told: dict[str, Told] = {}
        self._members = {kind: era.names("messages", name) for kind, name in _DEFINITIONS.items()}
        self._output = era.names("messages", "Output")
        self._error = era.names("messages", "ErrorPayload")
        log = era.messages["$defs"].get("Log", {}).get("properties", {})
        self._levels = log.get("level", {}).get("enum", ())
        self.hangs = False  # an event of it was reset, whose end is never told

    def text(self, message: Message) -> str:
        """A message as JSON, in the style of the era."""
        return json.dumps(message) if self._era.does("spaced-json") else _compact(message)

    def say(self, message: Message) -> list[Message]:
        """What the era said instead of a message; nothing, if it did not tell it."""
        event_id = message.get("event_id")
        if event_id is None:
            return list(self._kept(message))
        joined = self._ledger.find(event_id)
        told = self._told.setdefault(event_id, Told() if joined is None else joined.told)
        if message["msg"] == "process_completed":
            del self._told[event_id]
        if told.over:
            return []
        if message["msg"] == "process_completed":
            return self._completed(event_id, message, told)
        return list(self._during(message, told))

    def output(self, output: Mapping[str, Any]) -> dict[str, Any]:
        """An output object, in the queue or outside of it."""
        data = [self._files.told(value) for value in output["data"]]
        result = {name: part for name, part in output.items() if name in self._output}
        if result.get("average_duration", 0) is None and not self._era.does("silent-cache"):
            result["average_duration"] = output["duration"]
        return {**result, "data": data}

    def error(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """What went wrong."""
        result = {name: part for name, part in payload.items() if name in self._error}
        is_shown = "duration" in payload
        if not is_shown and not self._era.does("plain-errors-are-visible"):
            result.pop("visible", None)
        if is_shown and self._era.does("quoted-errors"):
            result["error"] = repr(payload["error"])
        return result

    # --- inside ----------------------------------------------------------------------------------

    def _during(self, message: Message, told: Told) -> Iterator[Message]:
        kind, event_id = message["msg"], message["event_id"]
        if kind == "estimation":
            told.estimated = True
            if self._era.does("averages"):
                message = message | self._ledger.averages(message["queue_size"])
        elif kind == "process_starts":
            told.started = True
        elif kind in ("process_generating", "process_streaming"):
            yield from self._introduction(message, told)
            chunk = self._chunk(message, told)
            if chunk is None:
                told.over = True
                self._ledger.over(event_id)
                failed = messages.process_failed(event_id, messages.Failure({"error": None}))
                yield from self._kept(failed)
                return
            message = message | {"output": chunk}
        elif kind == "log" and message["level"] not in self._levels:
            return  # nothing of the kind could be told
        yield from self._kept(message)

    def _chunk(self, message: Message, told: Told) -> dict[str, Any] | None:
        """The output of a chunk; None where the encoder of the era failed."""
        output = self.output(message["output"])
        before, told.values = told.values, output["data"]
        generation = self._era.release.encoder
        is_full = message["msg"] == "process_streaming" or self._ledger.simple(message["event_id"])
        if before is None or generation is None or is_full:
            return output
        pairs = zip(before, output["data"], strict=True)
        try:
            return {**output, "data": [encode(generation, *pair) for pair in pairs]}
        except TypeError:
            return None

    def _completed(self, event_id: str, message: Message, told: Told) -> list[Message]:
        output, silent = message["output"], self._ledger.over(event_id)
        if silent:
            self.hangs = True
            return []
        said = self._introduction(message, told) if message["used_cache"] == "full" else ()
        if not message["success"]:
            output = self.error(output)
        elif output:
            self._ledger.took(output["duration"])
            output = self.output(output)
            if told.values is not None and self._era.does("result-repeats"):
                output["is_generating"] = True
        return [*said, *self._kept(message | {"output": output})]

    def _introduction(self, message: Message, told: Told) -> Iterator[Message]:
        """What comes before anything else of an event, if a cache answered and nobody said it."""
        if self._era.does("silent-cache"):
            return
        event_id, eta = message["event_id"], message["output"]["average_duration"]
        if not told.estimated:
            yield from self._during(messages.estimation(event_id, 0, 1, eta), told)
        if not told.started:
            yield from self._during(messages.process_starts(event_id, eta), told)

    def _kept(self, message: Message) -> Iterator[Message]:
        """The message with the members that it had; nothing, if it was none."""
        kind = message["msg"]
        if kind == "close_stream" and self.hangs:  # an event is outstanding for ever
            return
        if kind not in self._era.says:
            kind = _BEFORE.get(kind, kind)
            if kind not in self._era.says:
                return
        if kind == "unexpected_error" and self._era.does("session-not-found-words"):
            message = message | self._words(message)
        members = self._members[kind]
        yield {name: part for name, part in message.items() if name in members} | {"msg": kind}

    @staticmethod
    def _words(message: Message) -> Message:
        return {"message": "404: Session not found."} if message["session_not_found"] else {}
