"""Clients that are wrong about what they read: its bytes, and its messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPResponse

from .base import Call
from .base import Client
from .base import Json
from .base import LostError
from .base import RefusedError
from .base import Simple

KNOWN = {
    "estimation", "process_starts", "progress", "log", "process_generating", "process_completed",
    "heartbeat", "close_stream", "unexpected_error",
}  # fmt: skip

# -- bytes -----------------------------------------------------------------------------------------


class ChunkIsLine(Client):
    """Splits each piece into lines, and keeps no rest."""

    def lines(self, response: HTTPResponse) -> Iterator[str]:
        for piece in self.pieces(response):
            yield from piece.decode("utf-8", "replace").split("\n")

    def events(self, response: HTTPResponse) -> Iterator[tuple[str | None, str]]:
        for line in self.lines(response):
            if line.startswith("data: ") and line.endswith("}"):
                yield None, line[6:]


class ChunkIsMessage(Client):
    def events(self, response: HTTPResponse) -> Iterator[tuple[str | None, str]]:
        for piece in self.pieces(response):
            yield None, piece.decode().strip()[6:]


class SimpleChunkIsLine(Simple):
    def lines(self, response: HTTPResponse) -> Iterator[str]:
        for piece in self.pieces(response):
            yield from piece.decode("utf-8", "replace").split("\n")


class ShortLines(Client):
    """Its scanner takes lines of up to 256 KiB."""

    def lines(self, response: HTTPResponse) -> Iterator[str]:
        return (line for line in super().lines(response) if len(line) < 256 * 1024)


class SplitsAtAnything(Client):
    def lines(self, response: HTTPResponse) -> Iterator[str]:
        for line in super().lines(response):
            yield from line.splitlines() or [""]


class NoCrlf(Client):
    def events(self, response: HTTPResponse) -> Iterator[tuple[str | None, str]]:
        text = b""
        for piece in self.pieces(response):
            *whole, text = (text + piece).split(b"\n\n")
            for one in whole:
                yield None, one.decode().removeprefix("data: ")


class NoComments(NoCrlf):
    def events(self, response: HTTPResponse) -> Iterator[tuple[str | None, str]]:
        yield from Client.events(self, response)

    def lines(self, response: HTTPResponse) -> Iterator[str]:
        for line in super().lines(response):
            if line.startswith(":"):
                raise LostError("no field")
            yield line


# -- messages --------------------------------------------------------------------------------------


class NoEventFilter(Client):
    """Gives everything to the call that it is waiting for."""

    def receive(self, message: Json) -> None:
        if message.get("event_id") and self.jobs:
            waiting = next(iter(self.jobs.values()))
            self.told(waiting, message)


class DropsEarly(Client):
    def receive(self, message: Json) -> None:
        if message.get("event_id") in self.jobs:
            super().receive(message)


class SuccessIgnored(Client):
    def completed(self, call: Call, message: Json) -> None:
        call.tell("result", data=message["output"].get("data", []))


class SimpleSuccessIgnored(Simple):
    def follow_call(self, call: Call, url: str) -> None:
        for name, data in self.events(self.stream(url)):
            if name in ("complete", "error"):
                call.tell("result", data=[json.loads(data)])
                return


class CancelledIsResult(Client):
    def completed(self, call: Call, message: Json) -> None:
        if message["success"] and not message["output"]:
            call.tell("result", data=call.values or [])
        else:
            super().completed(call, message)


class SimpleCancelledIsResult(Simple):
    def follow_call(self, call: Call, url: str) -> None:
        for name, data in self.events(self.stream(url)):
            if name == "complete":
                call.tell("result", data=json.loads(data) or [])
                return


class EditsAreValues(Client):
    def value(self, call: Call, data: list[Json]) -> list[Json]:
        call.values = data
        return data


class OnlyAppends(Client):
    """Decodes what texts need, and nothing else."""

    def value(self, call: Call, data: list[Json]) -> list[Json]:
        if call.values is None or any(edit[0] != "append" for edits in data for edit in edits):
            call.values = data
            return data
        return super().value(call, data)


class SimpleDecodes(Simple):
    def follow_call(self, call: Call, url: str) -> None:
        for name, data in self.events(self.stream(url)):
            if name == "generating":
                call.tell("data", data=self.value(call, json.loads(data)))
            elif name == "complete":
                call.tell("result", data=json.loads(data))
                return


class LastValueIsResult(Client):
    def completed(self, call: Call, message: Json) -> None:
        if message["success"] and call.values is not None:
            call.tell("result", data=call.values)
        else:
            super().completed(call, message)


class NeedsStart(Client):
    started: set[str]

    def told(self, call: Call, message: Json) -> None:
        self.started = getattr(self, "started", set())
        if message["msg"] == "process_starts":
            self.started.add(call.name)
        if message["msg"] != "process_completed" or call.name in self.started:
            super().told(call, message)


class StrictMessages(Client):
    def messages(self, response: HTTPResponse) -> Iterator[Json]:
        for message in super().messages(response):
            if message["msg"] not in KNOWN:
                raise LostError(f"what is {message['msg']}?")
            yield message


class StrictMembers(Client):
    def messages(self, response: HTTPResponse) -> Iterator[Json]:
        for message in super().messages(response):
            if "weather" in message:
                raise LostError("what is weather?")
            yield message


class StrictDocuments(Client):
    def ask(self, method: str, url: str, body: Json = None) -> Json:
        found = super().ask(method, url, body)
        if "weather" in json.dumps(found):
            raise RefusedError("what is weather?")
        return found


class StrictLevels(Client):
    def told(self, call: Call, message: Json) -> None:
        if message.get("level", "info") not in ("info", "warning", "success"):
            raise LostError(f"what is {message['level']}?")
        super().told(call, message)


class SimpleStrictEvents(Simple):
    def follow_call(self, call: Call, url: str) -> None:
        for name, data in self.events(self.stream(url)):
            if name not in ("complete", "error", "generating", "heartbeat"):
                raise RefusedError(f"what is {name}?")
            if name == "complete":
                call.tell("result", data=json.loads(data))
                return
