"""Plays the steps of the plan on one server: what each act of ``plan.yaml`` does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from urllib.parse import quote
from urllib.parse import urlencode

from gradio_conformance.gate.drift.plan import Step
from gradio_conformance.gate.drift.tape import Answer
from gradio_conformance.gate.drift.tape import Reading
from gradio_conformance.gate.drift.tape import Tape
from gradio_conformance.target import POLL_S
from gradio_conformance.target import Target

JSON = {"content-type": "application/json"}
BOUNDARY = "drift-boundary"
DONE = "process_completed"
# A server that does not do what newer ones do is given so long to do it (seconds).
JOURNAL_S = 4.0
ANSWER_S = 1.0  # and an answer, before the step goes on


class Stuck(Exception):
    """What the step waits for has not come, or what it needs was refused: says what."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a step. ``exchanges``: label → number of the exchange; ``skipped``: why it was
    not played; ``stuck``: where it could not go on.
    """

    id: str
    server: str
    exchanges: Mapping[str, int]
    skipped: str | None = None
    stuck: str | None = None


@dataclass(slots=True)
class _Joined:
    session: str
    event_id: str
    fn_index: int


@dataclass(slots=True)
class _Scene:
    """What a step has made so far."""

    step: Step
    values: dict[str, Any]
    exchanges: dict[str, int] = field(default_factory=dict)
    events: dict[str, _Joined] = field(default_factory=dict)
    streams: dict[str, Reading] = field(default_factory=dict)
    background: list[threading.Thread] = field(default_factory=list)

    @property
    def gate(self) -> str:
        return f"gate-{self.step.id}"

    def session(self, name: str | None) -> str:
        return f"drift-{self.step.id}-{name}" if name else f"drift-{self.step.id}"


def missing(step: Step, target: Target) -> str | None:
    """Why a step cannot be played here, if it cannot."""
    absent = [name for name in step.endpoints if not target.offers(name)]
    return f"the server has no endpoint {', '.join(absent)}" if absent else None


class Player:
    """Plays steps on the server ``target``, over ``tape``. ``known`` are values for all steps."""

    def __init__(self, target: Target, tape: Tape, known: Mapping[str, Any]) -> None:
        self._target = target
        self._tape = tape
        self._known = dict(known)
        self._cookie: dict[str, str] = {}
        self._acts: Mapping[str, Callable[[_Scene, Mapping[str, Any]], None]] = {
            "request": self._request,
            "upload": self._upload,
            "login": self._login,
            "run": self._run,
            "join": self._join,
            "open": self._open,
            "until": self._until,
            "end": self._end,
            "leave": self._leave,
            "cancel": self._cancel,
            "reset": self._reset,
            "release": self._release,
            "journal": self._journal,
            "call": self._call,
            "fetch": self._fetch,
            "taste": self._taste,
        }

    def play(self, step: Step) -> Played:
        why = missing(step, self._target)
        if why is not None:
            return Played(step.id, step.server, {}, skipped=why)
        scene = _Scene(step, {**self._known, "gate": f"gate-{step.id}"})
        scene.values["session"] = scene.session(None)
        stuck = None
        try:
            for act in step.acts:
                ((verb, rest),) = act.items()
                self._acts[verb](scene, _filled(rest or {}, scene.values))
        except Stuck as why_not:
            stuck = str(why_not)
        finally:
            self._cookie = {}
            self._tidy(scene)
        return Played(step.id, step.server, scene.exchanges, stuck=stuck)

    # -- requests -----------------------------------------------------------------------------

    def _send(
        self,
        scene: _Scene,
        label: str | None,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {**self._cookie, **(headers or {})}
        answer = self._tape.request(method, path, content=content, headers=sent)
        if label is not None:
            scene.exchanges[label] = answer.id
        return answer

    def _request(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        prefix = "" if act.get("at") == "root" else self._target.prefix
        headers = dict(act.get("headers", {}))
        content = None
        if "json" in act:
            content = json.dumps(act["json"]).encode()
            headers = {**JSON, **headers}
        elif "text" in act:
            content = str(act["text"]).encode()
        elif "form" in act:
            content = urlencode(act["form"]).encode()
            headers = {"content-type": "application/x-www-form-urlencoded", **headers}
        path = prefix + str(act["path"])
        answer = self._send(scene, act["as"], act.get("method", "GET"), path, content, headers)
        scene.values[f"{act['as']}.line"] = _first_line(answer.body)

    def _upload(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        parts = b"".join(
            (
                f"--{BOUNDARY}\r\n"
                f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n'
                "Content-Type: text/plain\r\n\r\n"
                f"{text}\r\n"
            ).encode()
            for name, text in act["files"]
        )
        headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        path = f"{self._target.prefix}/upload{act.get('query', '')}"
        body = parts + f"--{BOUNDARY}--\r\n".encode()
        paths = self._send(scene, act["as"], "POST", path, body, headers).json
        if isinstance(paths, list) and paths and isinstance(paths[0], str):
            scene.values[act["as"]] = paths[0]

    def _login(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """The requests that follow carry the cookies of this user."""
        form = {"username": act["name"], "password": act["password"]}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self._send(
            scene, act.get("as"), "POST", "/login", urlencode(form).encode(), headers
        )
        cookies = [c.partition(";")[0] for c in answer.headers.get("set-cookie", "").split(", ")]
        if answer.status != 200:
            raise Stuck(f"the log-in was answered {answer.status}")
        self._cookie = {"cookie": "; ".join(c for c in cookies if "=" in c)}
        scene.values[f"{act['as']}.cookie"] = self._cookie["cookie"]

    # -- events -------------------------------------------------------------------------------

    def _run(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Join, read the stream to its end."""
        self._join(scene, act)
        self._open(scene, act)
        self._end(scene, act)

    def _join(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        session, label = scene.session(act.get("session")), act["as"]
        index = self._fn_index(act["endpoint"])
        body = {"data": act.get("data", []), "fn_index": index, "session_hash": session}
        body |= act.get("more", {})
        path = f"{self._target.prefix}/queue/join"
        answer = self._send(scene, label, "POST", path, json.dumps(body).encode(), JSON)
        told = answer.json
        if answer.status != 200 or not isinstance(told, dict):
            if act.get("may_fail"):
                return
            raise Stuck(f"the join of {act['endpoint']} was answered {answer.status}")
        scene.events[label] = _Joined(session, str(told.get("event_id")), index)
        scene.values[f"{label}.event_id"] = told.get("event_id")

    def _fn_index(self, name: str) -> int:
        """The number of a function: its id, or its position before 4.32, when it had none."""
        for position, dependency in enumerate(self._target.dependencies):
            if dependency.get("api_name") == name:
                found = dependency.get("id", position)
                if isinstance(found, int):
                    return found
        raise Stuck(f"/config has no number for {name}")

    def _open(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        session = scene.session(act.get("session"))
        name = _stream(act)
        path = f"{self._target.prefix}/queue/data?session_hash={quote(session, safe='')}"
        reading = self._tape.stream(path, self._cookie)
        scene.streams[name] = reading
        scene.exchanges[name] = reading.id

    def _until(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Wait for a message of an event."""
        event, wanted = scene.events[act["event"]], act["msg"]
        times = act.get("times", 1)

        def told() -> list[Any]:
            messages = (m for s in scene.streams.values() for m in s.messages)
            return [m for m in messages if m.get("event_id") == event.event_id]

        def there() -> bool:
            kinds = [m.get("msg") for m in told()]
            return kinds.count(wanted) >= times or DONE in kinds

        if not self._tape.wait(there):
            raise Stuck(f"no {wanted} of {act['event']}")
        if "file" in act:
            scene.values[act["file"]] = path = _path_in(told())
            scene.values[f"{act['file']}.folder"] = path.rpartition("/")[0]

    def _end(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Wait until the stream is over; who keeps it open is left."""
        name = _stream(act)
        reading = scene.streams[name]
        if not self._tape.wait(lambda: reading.end is not None, act.get("within")):
            reading.drop()

    def _leave(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        scene.streams[_stream(act)].drop()

    def _cancel(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        event = scene.events[act["event"]]
        body = {
            "session_hash": event.session,
            "fn_index": event.fn_index,
            "event_id": event.event_id,
        }
        path = f"{self._target.prefix}/cancel"
        # Some servers answer only when the function has come to its next step.
        sending = threading.Thread(
            target=self._send,
            args=(scene, act["as"], "POST", path, json.dumps(body).encode(), JSON),
            daemon=True,
        )
        scene.background.append(sending)
        sending.start()
        sending.join(ANSWER_S)

    def _reset(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        body = {"event_id": scene.events[act["event"]].event_id}
        path = f"{self._target.prefix}/reset"
        self._send(scene, act["as"], "POST", path, json.dumps(body).encode(), JSON)

    def _release(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        self._control(scene, "release", [scene.gate, act.get("times", 1)], None)

    def _control(self, scene: _Scene, name: str, data: Sequence[Any], label: str | None) -> Answer:
        body = json.dumps({"data": list(data)}).encode()
        return self._send(scene, label, "POST", f"{self._target.prefix}/run/{name}", body, JSON)

    def _journal(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Ask for the journal of the gate, with ``until`` until it says so or some time is over."""
        deadline = time.monotonic() + JOURNAL_S
        while True:
            answer = self._control(scene, "journal", [scene.gate], act["as"])
            found = answer.json
            rows = found.get("data", [[]])[0] if isinstance(found, dict) else []
            said = [row.get("what") for row in rows if isinstance(row, dict)]
            if "until" not in act or act["until"] in said or time.monotonic() > deadline:
                return
            # The journal announces nothing: asking again is the only way to learn of an entry.
            time.sleep(POLL_S)

    # -- calls --------------------------------------------------------------------------------

    def _call(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """``POST call/{name}``, then its stream to the end."""
        route = f"{self._target.prefix}/call/{'v2/' if act.get('v2') else ''}{act['name']}"
        body = (
            act["body"] if "body" in act else {"data": act.get("data", []), **act.get("more", {})}
        )
        answer = self._send(scene, act["as"], "POST", route, json.dumps(body).encode(), JSON)
        told = answer.json
        if answer.status != 200 or not isinstance(told, dict):
            return
        reading = self._tape.stream(f"{route}/{told.get('event_id')}", self._cookie)
        name = f"{act['as']}.stream"
        scene.streams[name] = reading
        scene.exchanges[name] = reading.id
        if not act.get("open"):
            self._end(scene, {"stream": name})

    def _fetch(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Any stream by its path, to the end."""
        reading = self._tape.stream(f"{self._target.prefix}{act['path']}", self._cookie)
        scene.streams[act["as"]] = reading
        scene.exchanges[act["as"]] = reading.id
        self._end(scene, {"stream": act["as"], "within": act.get("within")})

    def _taste(self, scene: _Scene, act: Mapping[str, Any]) -> None:
        """Any stream by its path, up to its first event."""
        reading = self._tape.stream(f"{self._target.prefix}{act['path']}", self._cookie)
        scene.exchanges[act["as"]] = reading.id
        self._tape.wait(lambda: bool(reading.events) or reading.end is not None)
        reading.drop()

    # -- the end ------------------------------------------------------------------------------

    def _tidy(self, scene: _Scene) -> None:
        """Leave the server as it was: nothing waits and nothing is read."""
        if any("$gate" in json.dumps(act) for act in scene.step.acts):
            self._control(scene, "release", [scene.gate, 50], None)
        for sending in scene.background:
            sending.join()
        for reading in scene.streams.values():
            if reading.end is None and not self._tape.wait(lambda r=reading: r.end is not None, 1):  # type: ignore[misc]
                reading.drop()


def _stream(act: Mapping[str, Any]) -> str:
    """The label of a session's stream."""
    session = act.get("session")
    return act.get("stream") or (f"{session}.stream" if session else "stream")


def _first_line(body: bytes) -> str:
    """The first line that is no comment: of a playlist, its first segment."""
    lines = body.decode(errors="replace").splitlines()
    return next((line for line in lines if line and not line.startswith("#")), "")


def _path_in(messages: Sequence[Mapping[str, Any]]) -> str:
    """The path of the first file that an event has told of."""
    for message in messages:
        output = message.get("output")
        data = output.get("data") if isinstance(output, Mapping) else None
        for value in data if isinstance(data, list) else []:
            if isinstance(value, Mapping) and isinstance(value.get("path"), str):
                return str(value["path"])
    raise Stuck("no file in the output")


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    """``$name`` is the value of this name, ``${name}`` inside a text its text."""
    if isinstance(part, Mapping):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(item, values) for item in part]
    if not isinstance(part, str) or "$" not in part:
        return part
    if part.startswith("$") and part[1:] in values:
        return values[part[1:]]
    for name, value in values.items():
        part = part.replace(f"${{{name}}}", str(value))
    return part
