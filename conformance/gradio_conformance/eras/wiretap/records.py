"""What a wire tap has seen, as files, and what it says of the server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from gradio_conformance.eras.wiretap.frames import WebSocketMessage
from gradio_conformance.eras.wiretap.reading import Seen
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import write_recording
from gradio_conformance.traffic.verdict import judge_recording
from gradio_spec.loader import load_spec
from gradio_spec.releases import release

CONNECTIONS = ("ws", "sse")  # families with one connection for each event


def write(folder: Path, name: str, server: str, seen: Sequence[Seen]) -> None:
    """``name.jsonl``, which `gradio-protocol judge` reads, and ``name.frames.jsonl`` with the
    messages of WebSockets, if there were any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        write_recording(Recording(tuple(_http(seen)), server, whole=True), file)
    frames = [one for one in seen if isinstance(one, WebSocketMessage)]
    if frames:
        lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in frames]
        path = folder / f"{name}.frames.jsonl"
        path.write_text("".join(lines), "utf-8", newline="\n")


def broken_clauses(name: str, seen: Sequence[Seen]) -> set[str]:
    """The clauses of that release's own version that the server broke in what was seen."""
    if release(name).family in CONNECTIONS:
        return set()
    found = judge_recording(load_spec(name), Recording(tuple(_http(seen))), sides=("server",))
    return {clause.id for clause in found.clauses if clause.offences}


def _http(seen: Sequence[Seen]) -> list[Observation]:
    return [one for one in seen if not isinstance(one, WebSocketMessage)]
