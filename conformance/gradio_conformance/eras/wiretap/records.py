"""What a wire tap has seen, as files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradio_conformance.eras.wiretap.frames import WebSocketMessage
from gradio_conformance.eras.wiretap.reading import Seen
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import write_recording


def write(folder: Path, name: str, server: str, seen: Sequence[Seen]) -> None:
    """``name.jsonl``, which `gradio-protocol judge` reads, and ``name.frames.jsonl`` with the
    messages of WebSockets, if there were any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        write_recording(Recording(tuple(_http(seen)), server, whole=True), file)
    frames = [one for one in seen if isinstance(one, WebSocketMessage)]
    if frames:
        lines = [json.dumps(_as_json(one), ensure_ascii=False) + "\n" for one in frames]
        path = folder / f"{name}.frames.jsonl"
        path.write_text("".join(lines), "utf-8", newline="\n")


def _as_json(one: WebSocketMessage) -> dict[str, Any]:
    return {**asdict(one), "at": round(one.at, 6)}  # as those of the recording


def _http(seen: Sequence[Seen]) -> list[Observation]:
    return [one for one in seen if not isinstance(one, WebSocketMessage)]
