"""``python -m check_client.samples.defects NAME URL``: the correct client with one thing wrong.

defects.yaml says of each which clause it breaks and which scenarios notice.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from http.client import HTTPException
from http.client import HTTPResponse
from typing import Any

from . import misreading
from .base import TIMEOUT
from .base import Call
from .base import Client
from .base import Json
from .base import RefusedError
from .base import Simple
from .base import run

POLL_S = 0.7


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
    chosen = {**globals(), **vars(misreading)}[sys.argv[1]]
    run(
        Client if issubclass(chosen, Simple) else chosen,
        chosen if issubclass(chosen, Simple) else Simple,
    )
