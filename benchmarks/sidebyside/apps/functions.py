"""What every server serves. Trivial on purpose: what is measured is the server around them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

_gate = threading.Event()


def echo(text: str) -> str:
    """The round trip: the text itself."""
    return text


def tokens(count: int) -> Iterator[str]:
    """A text that grows by one token a step, as a chat answer does."""
    text = ""
    for number in range(count):
        text += token(number)
        yield text


def token(number: int) -> str:
    return f" token{number}"


def queued(text: str) -> str:
    """Waits for the gate, so that a queue can build up behind it; then as `echo`."""
    _gate.wait()
    return text


def open_gate() -> str:
    _gate.set()
    return "open"
