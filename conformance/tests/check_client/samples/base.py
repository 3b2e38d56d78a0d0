"""A whole client in the standard library: it keeps every clause, and its parts can be broken."""

from __future__ import annotations

import codecs
import json
import os
import re
import secrets
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.client import HTTPException
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = Any
TIMEOUT = 30.0  # seconds for an answer; only streams may take longer
SILENCE = 45.0  # CLIENT-030: three heartbeats
LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # a CR at the end may be half of a CRLF
OPS = ("replace", "append", "add", "delete")


class RefusedError(Exception):
    """The server has refused a request."""


class LostError(Exception):
    """A stream is over, and its events with it."""


class Call:
    """One call of the user: its name in the task, and what is known of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fn_index = -1
        self.event_id: str | None = None
        self.values: list[Json] | None = None
        self.told_data = threading.Event()
        self.ended = threading.Event()

    def tell(self, report: str, **members: Json) -> None:
        if self.ended.is_set():
            return
        say({"report": report, "call": self.name, **members})
        if report in ("data", "result"):
            self.told_data.set()
        if report in ("result", "failed", "cancelled"):
            self.told_data.set()
            self.ended.set()


def say(line: Json) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Client:
    def __init__(self, url: str, login: Json = None, silence_s: float = SILENCE) -> None:
        self.url = url
        self.silence_s = silence_s
        self.cookie: str | None = None
        self.session_hash = self.new_hash()
        self.lock = threading.RLock()
        self.jobs: dict[str, Call] = {}
        self.early: dict[str, list[Json]] = {}
        self.reading = False
        if login:
            self.log_in(login)
        self.config = self.ask("GET", self.url + "/config")
        self.base = self.root() + self.prefix()
        self.info = self.ask("GET", self.base + "/info")["named_endpoints"]
        if self.config.get("connect_heartbeat"):
            self.heartbeat()

    # -- requests --------------------------------------------------------------------------

    def new_hash(self) -> str:
        return secrets.token_hex(16)

    def root(self) -> str:
        return self.url  # not config's root: that is what the server believes (CLIENT-032)

    def prefix(self) -> str:
        return str(self.config["api_prefix"])

    def request(
        self, method: str, url: str, body: bytes | None = None, headers: Json = None, **how: Json
    ) -> HTTPResponse:
        parts = urlsplit(url)
        connection = HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT, **how)
        sent = {"Accept": "*/*", **(headers or {}), **self.credentials(url)}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, sent)
        return connection.getresponse()

    def credentials(self, url: str) -> dict[str, str]:
        """The user's cookie, for the origin that gave it (CLIENT-032)."""
        own = urlsplit(url)[:2] == urlsplit(self.url)[:2]
        return {"Cookie": self.cookie} if self.cookie and own else {}

    def ask(self, method: str, url: str, body: Json = None) -> Json:
        """JSON there and back; RefusedError names the status."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if sent is not None else {}
        response = self.request(method, url, sent, headers)
        text = response.read()
        if response.status != 200:
            raise RefusedError(f"{response.status} {text[:80]!r}")
        return json.loads(text)

    def log_in(self, login: Json) -> None:
        form = f"username={login['username']}&password={login['password']}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = self.request("POST", self.url + "/login", form, headers)
        self.cookie = str(response.headers["set-cookie"]).partition(";")[0]

    def heartbeat(self) -> None:
        self.hold(f"{self.base}/heartbeat/{self.session_hash}")

    def hold(self, url: str) -> None:
        """Open a stream, and read it as long as this program lives."""
        response = self.request("GET", url)

        def read() -> None:
            while response.read1(1024):
                pass

        threading.Thread(target=read, daemon=True).start()

    # -- calls -----------------------------------------------------------------------------

    def endpoints(self) -> list[str]:
        return list(self.info)

    def start(self, call: Call, endpoint: str, arguments: list[Json]) -> None:
        try:
            self.check(endpoint)
            data = self.filled(endpoint, [self.sent(value) for value in arguments])
            self.begin(call, endpoint.removeprefix("/"), data)
        except (RefusedError, OSError, HTTPException, ValueError) as error:
            call.tell("failed", message=str(error))

    def check(self, endpoint: str) -> None:
        if endpoint not in self.info:
            raise RefusedError(f"there is no {endpoint}")

    def filled(self, endpoint: str, data: list[Json]) -> list[Json]:
        missing = self.info[endpoint]["parameters"][len(data) :]
        return data + [parameter["parameter_default"] for parameter in missing]

    def sent(self, value: Json) -> Json:
        return (
            self.upload(value["$file"]) if isinstance(value, dict) and "$file" in value else value
        )

    def upload(self, path: str) -> Json:
        mark = secrets.token_hex(8)
        content, name = Path(path).read_bytes(), Path(path).name
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        )
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        response = self.request("POST", self.base + "/upload", body, headers)
        if response.status != 200:
            raise RefusedError(f"{response.status} for the upload")
        return self.file_data(json.loads(response.read())[0], name)

    def file_data(self, path: str, name: str) -> Json:
        return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    def begin(self, call: Call, name: str, data: list[Json]) -> None:
        call.fn_index = self.fn_index(name)
        body = {"data": data, "fn_index": call.fn_index, "session_hash": self.session_hash}
        answer = self.ask("POST", self.base + "/queue/join", body)
        call.event_id = answer["event_id"]
        with self.lock:
            self.jobs[call.event_id] = call
            for message in self.early.pop(call.event_id, []):
                self.receive(message)
        self.listen()

    def fn_index(self, name: str) -> int:
        return next(int(d["id"]) for d in self.config["dependencies"] if d["api_name"] == name)

    def cancel(self, call: Call) -> None:
        body = {
            "session_hash": self.session_hash,
            "fn_index": call.fn_index,
            "event_id": call.event_id,
        }
        self.ask("POST", self.base + "/cancel", body)

    # -- the session stream ----------------------------------------------------------------

    def listen(self) -> None:
        with self.lock:
            if self.reading or not self.jobs:
                return
            self.reading = True
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        try:
            self.follow()
        except (LostError, OSError, HTTPException, RefusedError, ValueError) as error:
            self.lose(str(error))
        with self.lock:
            self.reading = False
        self.listen()  # somebody may have joined meanwhile (CLIENT-006)

    def lose(self, why: str) -> None:
        with self.lock:
            lost, self.jobs = list(self.jobs.values()), {}
        for call in lost:
            call.tell("failed", message=why)

    def follow(self) -> None:
        url = f"{self.base}/queue/data?session_hash={self.session_hash}"
        for message in self.messages(self.stream(url)):
            if message["msg"] == "close_stream":
                return
            if message["msg"] == "unexpected_error":
                raise LostError(message["message"])
            with self.lock:
                self.receive(message)
        raise LostError("the stream has ended without close_stream")

    def stream(self, url: str) -> HTTPResponse:
        response = self.request("GET", url)
        response.fp.raw._sock.settimeout(self.silence_s)  # type: ignore[attr-defined]
        if response.status != 200:
            raise RefusedError(f"{response.status} for the stream")
        return response

    def pieces(self, response: HTTPResponse) -> Iterator[bytes]:
        while piece := response.read1(65_536):
            yield piece

    def lines(self, response: HTTPResponse) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        text = ""
        for piece in self.pieces(response):
            *whole, text = LINE_END.split(text + decoder.decode(piece))
            yield from whole

    def events(self, response: HTTPResponse) -> Iterator[tuple[str | None, str]]:
        name: str | None = None
        data: list[str] = []
        for line in self.lines(response):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                if data:
                    yield name, "\n".join(data)
                name, data = None, []
            elif field == "data":
                data.append(value)
            elif field == "event":
                name = value

    def messages(self, response: HTTPResponse) -> Iterator[Json]:
        for _, data in self.events(response):
            yield json.loads(data)

    def receive(self, message: Json) -> None:
        event_id = message.get("event_id")
        call = self.jobs.get(event_id)
        if call is not None:
            self.told(call, message)
        elif event_id is not None:
            self.early.setdefault(event_id, []).append(message)  # CLIENT-008

    def told(self, call: Call, message: Json) -> None:
        kind = message["msg"]
        if kind == "estimation":
            call.tell("queued")
        elif kind == "process_starts":
            call.tell("started")
        elif kind == "progress":
            call.tell("progress")
        elif kind == "log":
            call.tell("log", text=message["log"])
        elif kind == "process_generating":
            call.tell("data", data=self.value(call, message["output"]["data"]))
        elif kind == "process_completed":
            self.jobs.pop(str(call.event_id), None)
            self.completed(call, message)

    def value(self, call: Call, data: list[Json]) -> list[Json]:
        if call.values is None:
            call.values = data
        else:
            call.values = [apply(v, e) for v, e in zip(call.values, data, strict=True)]
        return call.values

    def completed(self, call: Call, message: Json) -> None:
        output = message["output"]
        if not message["success"]:
            call.tell("failed", message=output.get("error"))
        elif "data" not in output:
            call.tell("cancelled")
        else:
            self.fetch(output["data"])
            call.tell("result", data=output["data"])

    def fetch(self, value: Json) -> None:
        """Read the files of a result."""
        if isinstance(value, list):
            for item in value:
                self.fetch(item)
        elif isinstance(value, dict) and value.get("meta") == {"_type": "gradio.FileData"}:
            self.request("GET", value.get("url") or f"{self.base}/file={value['path']}").read()


class Simple(Client):
    """The same by the simple calls."""

    def begin(self, call: Call, name: str, data: list[Json]) -> None:
        answer = self.ask("POST", f"{self.base}/call/{name}", {"data": data})
        call.event_id = answer["event_id"]
        url = f"{self.base}/call/{name}/{call.event_id}"
        threading.Thread(target=self.wait, args=(call, url), daemon=True).start()

    def wait(self, call: Call, url: str) -> None:
        try:
            self.follow_call(call, url)
        except (OSError, HTTPException, RefusedError, ValueError) as error:
            call.tell("failed", message=str(error))

    def follow_call(self, call: Call, url: str) -> None:
        for name, data in self.events(self.stream(url)):
            value = json.loads(data)
            if name == "generating":
                call.tell("data", data=value)
            elif name == "error":
                call.tell("failed", message=json.dumps(value))
                return
            elif name == "complete":
                call.tell("cancelled" if value is None else "result", data=value)
                return
        raise RefusedError("the stream has ended before the call did")


def apply(value: Json, edits: list[Json]) -> Json:
    root = json.loads(json.dumps(value))
    for op, path, item in edits:
        root = _edited(root, op, path, item)
    return root


def _edited(node: Json, op: str, path: list[Json], item: Json) -> Json:
    if op not in OPS:
        raise ValueError(f"unknown edit {op}")
    if len(path) > 1:
        node[path[0]] = _edited(node[path[0]], op, path[1:], item)
    elif not path:
        return node + item if op == "append" else item
    elif op == "delete":
        del node[path[0]]
    elif op == "add" and isinstance(node, list):
        node.insert(path[0], item)
    else:
        node[path[0]] = node[path[0]] + item if op == "append" else item
    return node


def run(make: Any = Client, simple: Any = Simple) -> None:
    """Do what GRADIO_PROTOCOL_TASK asks for."""
    url = sys.argv[-1]
    task = json.loads(os.environ["GRADIO_PROTOCOL_TASK"])
    kind = simple if task["surface"] == "call" else make
    client = kind(url, task.get("login"), task.get("silence_s", SILENCE))
    calls: dict[str, Call] = {}
    for step in task["steps"]:
        if step["step"] == "endpoints":
            say({"report": "endpoints", "endpoints": client.endpoints()})
        elif step["step"] == "call":
            call = calls[step["call"]] = Call(step["call"])
            client.start(call, step["endpoint"], step["arguments"])
        elif step["step"] == "wait":
            call = calls[step["call"]]
            (call.ended if step["for"] == "end" else call.told_data).wait()
        elif step["step"] == "cancel":
            client.cancel(calls[step["call"]])
    for call in calls.values():
        call.ended.wait()
    os._exit(0)  # its threads may still hold a heartbeat


if __name__ == "__main__":
    run()
