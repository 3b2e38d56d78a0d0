"""``python -m check_client.samples.defects NAME URL``: the correct client with one thing wrong.

defects.yaml says of each which clause it breaks and which scenarios notice.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from http.client import HTTPResponse
from typing import Any

from .base import TIMEOUT
from .base import Call
from .base import Client
from .base import Json
from .base import LostError
from .base import RefusedError
from .base import Simple
from .base import run

POLL_S = 0.7
KNOWN = {
    "estimation", "process_starts", "progress", "log", "process_generating", "process_completed",
    "heartbeat", "close_stream", "unexpected_error",
}  # fmt: skip


# -- where requests go ---------------------------------------------------------------------------


class StalePrefix(Client):
    def prefix(self) -> str:
        return "/gradio_api"


class SimpleStalePrefix(StalePrefix, Simple):
    pass


class HardCodedFnIndex(Client):
    def fn_index(self, name: str) -> int:
        return [d["api_name"] for d in self.config["dependencies"]].index(name)


class FixedSessionHash(Client):
    def new_hash(self) -> str:
        return "7w42yzzyg0q"


class FolkHeartbeat(Client):
    def begin(self, call: Call, name: str, data: list[Json]) -> None:
        super().begin(call, name, data)
        self.hold(f"{self.base}/heartbeat/{call.event_id}")


class NoHeartbeat(Client):
    def heartbeat(self) -> None:
        pass


class ProbeByPost(Client):
    def check(self, endpoint: str) -> None:
        fn_index = self.fn_index(endpoint.removeprefix("/"))
        body = {"data": [], "fn_index": fn_index, "session_hash": self.session_hash}
        self.ask("POST", self.base + "/queue/join", body)


class SimpleProbeByPost(Simple):
    def check(self, endpoint: str) -> None:
        self.ask("POST", f"{self.base}/call{endpoint}", {"data": []})


class Leaks(Client):
    def credentials(self, url: str) -> dict[str, str]:
        return {"Cookie": self.cookie} if self.cookie else {}


class FollowsRoot(Leaks):
    def root(self) -> str:
        return str(self.config["root"])


class Gateway(Client):
    """What stands between has a list of routes, and somebody forgot some."""

    def request(self, method: str, url: str, *rest: Any, **how: Any) -> HTTPResponse:
        if not url.partition("?")[0].endswith(("/config", "/info", "/queue/join", "/queue/data")):
            raise RefusedError("403 by the gateway")
        return super().request(method, url, *rest, **how)

    def cancel(self, call: Call) -> None:
        try:
            super().cancel(call)
        except RefusedError:
            pass


class PrivateToo(Client):
    def check(self, endpoint: str) -> None:
        pass

    def filled(self, endpoint: str, data: list[Json]) -> list[Json]:
        return data

    def endpoints(self) -> list[str]:
        return [f"/{d['api_name']}" for d in self.config["dependencies"]]


class NoSuchEndpoint(Client):
    def start(self, call: Call, endpoint: str, arguments: list[Json]) -> None:
        if endpoint in self.info:
            super().start(call, endpoint, arguments)
        else:
            call.tell("result", data=[])


# -- refusals --------------------------------------------------------------------------------------


class RefusalEndsAll(Client):
    def begin(self, call: Call, name: str, data: list[Json]) -> None:
        try:
            super().begin(call, name, data)
        except RefusedError as error:
            self.lose(str(error))
            raise


class RefusalIgnored(Client):
    def ask(self, method: str, url: str, body: Json = None) -> Json:
        try:
            return super().ask(method, url, body)
        except RefusedError:
            return {"event_id": "none"}


class SimpleRefusalIgnored(RefusalIgnored, Simple):
    def wait(self, call: Call, url: str) -> None:
        if call.event_id != "none":
            super().wait(call, url)


class Retries(Client):
    def ask(self, method: str, url: str, body: Json = None) -> Json:
        for _ in range(3):
            try:
                return super().ask(method, url, body)
            except RefusedError as error:
                last = error
        raise last


class SimpleRetries(Retries, Simple):
    pass


# -- streams ---------------------------------------------------------------------------------------


class StreamPerCall(Client):
    def listen(self) -> None:
        if self.jobs:
            threading.Thread(target=self.read, daemon=True).start()


class PolledStream(Client):
    """Opens the stream again and again, each time for a while."""

    def follow(self) -> None:
        while True:
            try:
                return self._poll()
            except TimeoutError:
                continue

    def _poll(self) -> None:
        url = f"{self.base}/queue/data?session_hash={self.session_hash}"
        response = self.stream(url)
        wire: socket.socket = response.fp.raw._sock  # type: ignore[attr-defined]
        timer = threading.Timer(POLL_S, wire.shutdown, [socket.SHUT_RDWR])
        timer.start()
        try:
            for message in self.messages(response):
                if message["msg"] == "close_stream":
                    return
                with self.lock:
                    self.receive(message)
        except (OSError, HTTPException):
            pass
        finally:
            timer.cancel()
            response.close()
        raise TimeoutError


class OneStream(Client):
    """Opens the stream once, when it first needs it."""

    opened = False

    def listen(self) -> None:
        if not self.opened:
            self.opened = True
            super().listen()


class StuckAfterLoss(Client):
    broken = False

    def lose(self, why: str) -> None:
        self.broken = True
        super().lose(why)

    def begin(self, call: Call, name: str, data: list[Json]) -> None:
        if not self.broken:
            super().begin(call, name, data)


class UnhandledEnd(Client):
    def follow(self) -> None:
        url = f"{self.base}/queue/data?session_hash={self.session_hash}"
        try:
            for message in self.messages(self.stream(url)):
                with self.lock:
                    self.receive(message)
        except (OSError, HTTPException):
            pass
        threading.Event().wait(TIMEOUT)


class SimpleUnhandledEnd(Simple):
    def wait(self, call: Call, url: str) -> None:
        try:
            self.follow_call(call, url)
        except (RefusedError, OSError, HTTPException):
            pass


class Patient(Client):
    def stream(self, url: str) -> HTTPResponse:
        self.silence_s = 1000.0
        return super().stream(url)


class SimplePatient(Patient, Simple):
    pass


class PollsCall(Simple):
    def follow_call(self, call: Call, url: str) -> None:
        while not call.ended.is_set():
            response = self.stream(url)
            wire: socket.socket = response.fp.raw._sock  # type: ignore[attr-defined]
            timer = threading.Timer(0.4, wire.shutdown, [socket.SHUT_RDWR])
            timer.start()
            try:
                for name, data in self.events(response):
                    if name == "complete":
                        call.tell("result", data=json.loads(data))
            except (OSError, HTTPException):
                time.sleep(0.01)
            timer.cancel()
            response.close()


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


# -- cancels and files -----------------------------------------------------------------------------


class CancelledAtOnce(Client):
    def cancel(self, call: Call) -> None:
        super().cancel(call)
        call.tell("cancelled")


class CancelByEvent(Client):
    def cancel(self, call: Call) -> None:
        self.ask("POST", self.base + "/cancel", {"event_id": call.event_id})


class CancelsEverything(Client):
    """Leaves the stream, which ends all that is on it."""

    def cancel(self, call: Call) -> None:
        super().cancel(call)
        self.lose("cancelled")


class UploadSkipped(Client):
    def upload(self, path: str) -> Json:
        return self.file_data(path, "note.txt")


class SimpleUploadSkipped(UploadSkipped, Simple):
    pass


class NoMeta(Client):
    def file_data(self, path: str, name: str) -> Json:
        return {"path": path, "orig_name": name}


class SimpleNoMeta(NoMeta, Simple):
    pass


class NoDefaults(Client):
    def filled(self, endpoint: str, data: list[Json]) -> list[Json]:
        return data


if __name__ == "__main__":
    chosen = globals()[sys.argv[1]]
    run(
        Client if issubclass(chosen, Simple) else chosen,
        chosen if issubclass(chosen, Simple) else Simple,
    )
