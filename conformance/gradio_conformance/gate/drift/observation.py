"""What was seen of one server: who it is, what was played, and the traffic of all servers of its
testbed. As a file it is one JSON document that ``observation.schema.json`` describes;
the facts in it are for readers, and are made anew of the traffic whenever they are compared.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.gate.drift.acting import Played
from gradio_conformance.gate.drift.plan import HERE
from gradio_conformance.traffic.model import Observation as Seen
from gradio_conformance.traffic.recording import FORMAT as TRAFFIC
from gradio_conformance.traffic.recording import RecordingError
from gradio_conformance.traffic.recording import contents
from gradio_conformance.traffic.recording import encoded
from gradio_conformance.traffic.recording import parse_recording
from gradio_spec.schemas import Schemas

FORMAT = "gradio-protocol-observation"
VERSION = 1


class ObservationError(ValueError):
    """The file is no observation: says the field and what is wrong there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who was observed: as the user ``named`` it, and what it announces in /config."""

    named: str
    protocol: str | None
    version: str | None
    is_testbed: bool = True


@dataclass(frozen=True, slots=True)
class Observation:
    """``traffic``: server of the testbed → all that passed, in order. Exchanges are numbered over
    all servers.
    """

    subject: Subject
    steps: tuple[Played, ...]
    traffic: Mapping[str, tuple[Seen, ...]]


def document_of(observation: Observation, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON document; ``facts`` are for readers."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_by": f"gradio-protocol {__version__}",
        "subject": asdict(observation.subject),
        "facts": dict(facts),
        "steps": [_without_nothing(asdict(step)) for step in observation.steps],
        "traffic": {
            server: [encoded(seen) for seen in all_seen]
            for server, all_seen in observation.traffic.items()
        },
    }


def write_observation(document: Mapping[str, Any], path: Path) -> None:
    """Write a document, compressed if the name ends in ``.gz``; ``OSError`` as files have it."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    data = text.encode()
    # Without a time in it, so that the same document is the same file.
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def read_observation(path: Path) -> Observation:
    """The observation in a file; ``ObservationError`` if it is none, ``OSError`` if it cannot be
    read.
    """
    try:
        document = json.loads(contents(path).decode())
    except (ValueError, RecursionError, RecordingError) as error:
        raise ObservationError(f"no JSON: {error}") from None
    return parse_observation(document)


def parse_observation(document: Any) -> Observation:
    """The observation in a document; errors as above."""
    for wrong in _schemas().check("observation", document):
        field = wrong.path.removeprefix("/").replace("/", ".") or "the document"
        raise ObservationError(f"{field}: {wrong.message}")
    steps = tuple(Played(**{"exchanges": {}, **row}) for row in document["steps"])
    traffic = {name: _traffic(name, rows) for name, rows in document["traffic"].items()}
    return Observation(Subject(**document["subject"]), steps, traffic)


def _traffic(server: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Seen, ...]:
    header = {
        "kind": "header",
        "format": TRAFFIC,
        "version": 1,
        "made_by": __version__,
        "started_at": None,
        "server": None,
        "whole": False,
        "redacted": False,
    }
    try:
        return parse_recording(json.dumps(row) for row in (header, *rows)).observations
    except RecordingError as error:
        raise ObservationError(f"traffic.{server}: {error}") from None


def _without_nothing(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


@cache
def _schemas() -> Schemas:
    text = (HERE / "observation.schema.json").read_text("utf-8")
    return Schemas({"observation": json.loads(text)})
