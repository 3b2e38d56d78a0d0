"""A reader and all that it told; scripts for the raw server."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradio_conformance.wire import StreamReader
from gradio_spec import sse

LONG_S = 30.0
PEM = Path(__file__).parents[1] / "data" / "localhost.pem"
Serve = Any  # the fixture of the tests' conftest.py
Peer = Any


class Listening:
    """A reader and all that it told."""

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.events: queue.Queue[sse.Event] = queue.Queue()
        self.ends: queue.Queue[str] = queue.Queue()
        self.reader = StreamReader(
            url, headers=headers, on_event=self.events.put, on_end=self.ends.put
        )
        self.reader.start()

    def end(self) -> str:
        how = self.ends.get(timeout=LONG_S)
        self.reader.drop()  # waits for the thread
        assert self.ends.empty(), "told its end twice"
        return how

    def all(self) -> list[str]:
        """The data of all events; the stream must have ended."""
        found = []
        while not self.events.empty():
            found.append(self.events.get().data)
        return found


def stream_of(*chunks: bytes) -> Callable[[Peer], None]:
    """A whole chunked event stream."""

    def script(peer: Peer) -> None:
        peer.begin()
        peer.chunks(*chunks)
        peer.finish()

    return script


def cut_chunks(peer: Peer) -> None:
    peer.begin()
    peer.chunks(b"data: one\n\n")


def cut_length(peer: Peer) -> None:
    peer.begin("content-type: text/event-stream", "content-length: 1000")
    peer.send(b"data: one\n\n")
