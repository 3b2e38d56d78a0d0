"""Recordings of traffic as files: JSON Lines that ``recording.schema.json`` describes."""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_spec.schemas import Schemas

SCHEMA = "recording.schema.json"
FORMAT = "gradio-protocol-traffic"
KINDS: Mapping[type, str] = {
    RequestSeen: "request",
    AnswerBegan: "answer",
    BodyPiece: "piece",
    ExchangeOver: "over",
}


class RecordingError(ValueError):
    """The file is no recording: says the line, the field and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds. ``server`` is the address that was recorded, if it is known;
    ``is_complete``: it was not broken off; ``remarks`` say what the format could not keep.
    """

    observations: tuple[Observation, ...]
    server: str | None = None
    started_at: str | None = None  # ISO 8601, UTC
    whole: bool = False
    is_complete: bool = True
    redacted: bool = False
    remarks: tuple[str, ...] = ()


# -- writing ---------------------------------------------------------------------------------------


class RecordingWriter:
    """Writes a recording while it is made; without :meth:`close` it has no footer."""

    def __init__(
        self,
        file: IO[str],
        *,
        server: str | None = None,
        started_at: str | None = None,
        whole: bool = False,
        redacted: bool = False,
    ) -> None:
        self._file = file
        self._count = 0
        self._line(
            {
                "kind": "header",
                "format": FORMAT,
                "version": 1,
                "made_by": f"gradio-protocol {__version__}",
                "started_at": started_at,
                "server": server,
                "whole": whole,
                "redacted": redacted,
            }
        )

    def write(self, observation: Observation) -> None:
        self._count += 1
        self._line(encoded(observation))

    def close(self) -> None:
        self._line({"kind": "footer", "observations": self._count})

    def _line(self, value: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def write_recording(recording: Recording, file: IO[str]) -> None:
    """A whole recording at once."""
    writer = RecordingWriter(
        file,
        server=recording.server,
        started_at=recording.started_at,
        whole=recording.whole,
        redacted=recording.redacted,
    )
    for observation in recording.observations:
        writer.write(observation)
    if recording.is_complete:
        writer.close()


def encoded(observation: Observation) -> dict[str, Any]:
    """One observation as a line's value."""
    line: dict[str, Any] = {"kind": KINDS[type(observation)], "id": observation.id}
    line["at"] = round(observation.at, 6)
    if isinstance(observation, RequestSeen):
        line |= {"method": observation.method, "target": observation.target}
        line |= {"headers": [list(pair) for pair in observation.headers]}
        line |= _bytes(observation.body, observation.omitted)
        if observation.client:
            line["client"] = observation.client
    elif isinstance(observation, AnswerBegan):
        line["status"] = observation.status
        line["headers"] = [list(pair) for pair in observation.headers]
    elif isinstance(observation, BodyPiece):
        line |= _bytes(observation.data, observation.omitted)
    else:
        line["how"] = observation.how
    if isinstance(observation, AnswerBegan | ExchangeOver) and observation.staged:
        line["staged"] = True
    return line


def _bytes(data: bytes, omitted: int) -> dict[str, Any]:
    more = {"omitted": omitted} if omitted else {}
    if not data:
        return more
    try:
        return {"text": data.decode(), **more}
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode("ascii"), **more}


# -- reading ---------------------------------------------------------------------------------------


def read_recording(path: Path) -> Recording:
    """The recording in a file. ``RecordingError`` if it is none, ``OSError`` if it cannot be
    read.
    """
    try:
        return parse_recording(contents(path).decode().split("\n"))
    except UnicodeDecodeError as error:
        raise RecordingError(f"byte {error.start} is not UTF-8") from None


def contents(path: Path) -> bytes:
    """What is in a file, which may be compressed (``.gz``); errors as above."""
    data = path.read_bytes()
    if path.suffix != ".gz":
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(f"no gzip: {error}") from None


def parse_recording(lines: Iterable[str]) -> Recording:
    """The lines of a recording; ``RecordingError`` as above."""
    values = list(_values(lines))
    if not values or values[0][1].get("kind") != "header":
        raise RecordingError("line 1: kind: no header; a recording begins with one")
    header = values[0][1]
    is_complete = values[-1][1].get("kind") == "footer"
    body = values[1:-1] if is_complete else values[1:]
    observations = tuple(_observations(body))
    if is_complete and values[-1][1]["observations"] != len(observations):
        number, footer = values[-1]
        told = footer["observations"]
        raise RecordingError(f"line {number}: observations: {told}, but {len(observations)} came")
    return Recording(
        observations,
        server=header.get("server"),
        started_at=header.get("started_at"),
        whole=bool(header.get("whole")),
        is_complete=is_complete,
        redacted=bool(header.get("redacted")),
        remarks=() if is_complete else ("it has no footer: it was broken off",),
    )


@cache
def line_schemas() -> Schemas:
    document = json.loads(resources.files(__package__).joinpath(SCHEMA).read_text("utf-8"))
    return Schemas({"recording": document})


def _values(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    kinds = (*KINDS.values(), "header", "footer")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RecordingError(f"line {number}: no JSON: {error}") from None
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind not in kinds:
            known = ", ".join(kinds)
            raise RecordingError(f"line {number}: kind: {kind!r} is none of {known}")
        for wrong in line_schemas().check(f"recording#/$defs/{kind}", value):
            field = wrong.path.removeprefix("/").replace("/", ".") or kind
            raise RecordingError(f"line {number}: {field}: {wrong.message}")
        yield number, value


def _observations(values: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Observation]:
    """The observations, each at a place where it can be."""
    states: dict[int, str] = {}
    now = 0.0
    for number, line in values:
        kind = line["kind"]
        if kind in ("header", "footer"):
            raise RecordingError(f"line {number}: kind: a {kind} in the middle")
        state = states.get(line["id"])
        if state not in BEFORE[kind]:
            told = {None: "has not been seen", "over": "is over"}.get(state, f"is at its {state}")
            raise RecordingError(f"line {number}: id: exchange {line['id']} {told}")
        if line["at"] < now:
            raise RecordingError(f"line {number}: at: {line['at']} is before {now}")
        now, states[line["id"]] = line["at"], kind
        try:
            yield _observation(line)
        except ValueError as error:
            raise RecordingError(f"line {number}: base64: {error}") from None


# What an exchange's last observation was when one of this kind may come.
BEFORE: Mapping[str, tuple[str | None, ...]] = {
    "request": (None,),
    "answer": ("request",),
    "piece": ("answer", "piece"),
    "over": ("request", "answer", "piece"),
}


def _observation(line: Mapping[str, Any]) -> Observation:
    number, at, staged = line["id"], float(line["at"]), bool(line.get("staged"))
    headers = tuple((name, value) for name, value in line.get("headers", ()))
    if line["kind"] == "answer":
        return AnswerBegan(number, at, line["status"], headers, staged)
    if line["kind"] == "over":
        return ExchangeOver(number, at, line["how"], staged)
    data = (
        line["text"].encode()
        if "text" in line
        else b64decode(line.get("base64", ""), validate=True)
    )
    omitted = int(line.get("omitted", 0))
    if line["kind"] == "piece":
        return BodyPiece(number, at, data, omitted)
    client = line.get("client", "")
    return RequestSeen(number, at, line["method"], line["target"], headers, data, client, omitted)
