"""Uploads as checks make them: whole ones, ones that come in pieces, and what is told of them."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from gradio_conformance.answers import require_valid
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import show
from gradio_conformance.probe import Probe
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.wire import Reply
from gradio_conformance.wire import StreamReader
from gradio_conformance.wire import http_client
from gradio_spec import sse
from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import strict_json
from gradio_spec.records import Violation

BOUNDARY = "gradio-protocol-e3b0c44298fc1c149afb"
META = {"_type": "gradio.FileData"}
LANE = "upload"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; ``filename`` None makes it a plain field."""

    content: bytes
    filename: str | None = "a.txt"
    name: str = "files"

    def encoded(self) -> bytes:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{self.name}"'
        if self.filename is not None:
            # As browsers write names: a quote would end the parameter.
            head += f'; filename="{self.filename.replace(chr(34), "%22")}"'
            head += "\r\nContent-Type: application/octet-stream"
        return head.encode() + b"\r\n\r\n" + self.content + b"\r\n"


def form(parts: Sequence[Part]) -> bytes:
    return b"".join(part.encoded() for part in parts) + f"--{BOUNDARY}--\r\n".encode()


FORM_TYPE = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def post_form(probe: Probe, *parts: Part, query: str = "") -> Reply:
    """``POST upload`` with these parts; ``query`` begins with ``?``."""
    return probe.request("POST", f"/upload{query}", content=form(parts), headers=FORM_TYPE)


def paths_of(probe: Probe, reply: Reply, clause: str = "FILE-001") -> list[str]:
    """The paths in the answer of an upload that was taken."""
    found = reply.require_status(clause, 200).json(clause)
    for error in probe.spec.schemas.check("files#/$defs/Paths", found):
        raise NonConformance(error.clause or clause, "an array of paths", error.message)
    return list(found)


def upload(probe: Probe, *parts: Part, clause: str = "FILE-001") -> list[str]:
    """Upload the parts; one path for each is demanded."""
    paths = paths_of(probe, post_form(probe, *parts), clause)
    if len(paths) != len(parts):
        raise NonConformance(clause, f"{len(parts)} paths", show(paths))
    return paths


def upload_one(probe: Probe, content: bytes, name: str = "a.txt") -> str:
    return upload(probe, Part(content, name))[0]


def last_segment(path: str) -> str:
    """The name of a file on the server, whose separators may be those of Windows."""
    return path.replace("\\", "/").rpartition("/")[2]


def folder_of(path: str) -> str:
    return path[: len(path) - len(last_segment(path)) - 1]


def file_route(path: str, safe: str = "/") -> str:
    """The route of a file, below the API prefix."""
    return f"/file={quote(path, safe=safe)}"


def get_file(
    probe: Probe, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Reply:
    return probe.request(method, file_route(path), headers=dict(headers or {}))


def named_file(path: str, **members: Any) -> dict[str, Any]:
    """An uploaded file as a value names it."""
    return {"path": path, "meta": META, **members}


class SlowUpload:
    """An upload that is sent piece by piece, by a thread, when the check says so."""

    def __init__(self, probe: Probe, *parts: Part) -> None:
        self.id = f"u-{uuid.uuid4().hex[:12]}"
        self._probe = probe
        self._content = form(parts)
        self._sent = 0
        self._pieces: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answer: Future[Reply] = Future()
        self._thread = threading.Thread(target=self._run, name="slow upload", daemon=True)

    def send_until(self, end: bytes | None = None) -> None:
        """Send on up to the end of the first occurrence of these bytes; None: all that is left."""
        if not self._thread.is_alive() and not self._answer.done():
            self._thread.start()
        at = None if end is None else self._content.index(end, self._sent) + len(end)
        piece = self._content[self._sent : at]
        self._sent += len(piece)
        self._pieces.put(piece)

    def reply(self) -> Reply:
        """Send the rest and read the answer."""
        if self._sent < len(self._content):
            self.send_until()
        self._pieces.put(None)
        return self._answer.result(2 * self._probe.patience_s)

    def _run(self) -> None:
        path = f"{self._probe.target.prefix}/upload?upload_id={self.id}"
        headers = {**FORM_TYPE, "content-length": str(len(self._content))}
        timeline = self._probe.timeline
        timeline.add(SENT, LANE, f"POST {path}, {len(self._content)} bytes in pieces")
        url = self._probe.target.base_url + path
        try:
            with http_client(self._probe.patience_s) as client:
                answer = client.post(url, content=self._body(), headers=headers)
        except Exception as error:
            timeline.add(RECEIVED, LANE, f"({type(error).__name__}: {error})")
            self._answer.set_exception(error)
            return
        reply = Reply("POST", path, answer.status_code, answer.headers, answer.content)
        timeline.add(RECEIVED, LANE, f"{reply.status} {show(reply.text, 80)}")
        self._answer.set_result(reply)

    def _body(self) -> Iterator[bytes]:
        while (piece := self._pieces.get()) is not None:
            self._probe.timeline.add(SENT, LANE, f"{len(piece)} bytes")
            yield piece


def begun(probe: Probe, slow: SlowUpload) -> ProgressStream:
    """The progress of an upload that is under way: opened again while the server, which has been
    sent its beginning, knows nothing of it yet.
    """
    deadline = time.monotonic() + probe.patience_s
    while True:
        stream = ProgressStream(probe, slow.id)
        probe.wait(
            lambda stream=stream: stream.messages or stream.end,  # type: ignore[misc]
            "FILE-044",
            "a message of the progress of an upload that has begun, or the end",
            lambda: "nothing",
        )
        refused = stream.end is not None and not stream.messages
        if not refused or time.monotonic() > deadline:
            return stream


class ProgressStream:
    """One response of ``GET upload_progress``. ``end`` is ``None`` while it is open."""

    def __init__(self, probe: Probe, upload_id: str) -> None:
        self._probe = probe
        self.messages: list[Any] = []
        self.end: str | None = None
        path = f"/upload_progress?upload_id={quote(upload_id, safe='')}"
        with probe.changed:
            self.reader: StreamReader = probe.open_stream(
                path, "progress", self._on_event, self._on_end
            )

    @property
    def kinds(self) -> list[Any]:
        return [m.get("msg") if isinstance(m, Mapping) else m for m in self.messages]

    def updates(self, name: str) -> list[Any]:
        """The chunk sizes that were told of a file."""
        return [m.get("chunk_size") for m in self._of("update") if m.get("orig_name") == name]

    def until_update(self, name: str) -> None:
        """Wait until bytes of this file have been told."""
        self._wait(lambda: bool(self.updates(name)), f"an update of {name}")

    def until_end(self, clause: str = "FILE-044") -> None:
        self._wait(lambda: self.end is not None, "the end of the stream", clause)

    def judge(self, *, failed: bool) -> None:
        """See it to its end, and demand what lifecycle.yaml says of it: of an upload that was
        refused, or of one that was taken.
        """
        self.until_end("FILE-049" if failed else "FILE-044")
        self._probe.verify()  # what is no message has no place in the table
        if self.reader.status != 200:
            raise NonConformance("FILE-044", "status 200", str(self.reader.status))
        machine = self._probe.spec.lifecycle.machines["upload_progress"]
        state = machine.initial
        for symbol in [*(["upload_failed"] if failed else []), *self.kinds, str(self.end)]:
            step = machine.step(state, symbol)
            if step.refusal is not None:
                actual = f"{symbol} after {self.kinds}"
                raise NonConformance(step.refusal.clause, step.refusal.expected, actual)
            state = step.target
            if self._probe.coverage is not None:
                self._probe.coverage.step(machine.name, step)

    def _of(self, kind: str) -> list[Mapping[str, Any]]:
        return [m for m in self.messages if isinstance(m, Mapping) and m.get("msg") == kind]

    def _wait(self, condition: Any, expected: str, clause: str = "FILE-044") -> None:
        self._probe.wait(
            condition,
            clause,
            expected,
            lambda: f"HTTP {self.reader.status}, {self.messages}, {self.end or 'still open'}",
            hopeless=lambda: self.end is not None or bool(self._probe.findings),
        )

    def _on_event(self, event: sse.Event) -> None:
        violation = None
        try:
            message = strict_json(event.data)
            self.messages.append(message)
            require_valid(self._probe, "files#/$defs/UploadMessage", message, "FILE-045")
        except NotStrictJSON as error:
            violation = Violation("FILE-045", "strict JSON in data", str(error))
        except NonConformance as fault:
            violation = Violation(fault.clause, fault.expected, fault.actual)
        told = self._probe.record([violation] if violation else [])
        self._probe.timeline.add(RECEIVED, "progress", show(event.data, 80), violation=told)

    def _on_end(self, how: str) -> None:
        self.end = how
