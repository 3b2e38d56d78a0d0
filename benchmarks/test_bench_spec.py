"""Speed of the sans-I/O protocol code: SSE framing and value diffs.

Each benchmark asserts its result once, so that a fast wrong answer is no good figure. `extra_info`
says how many messages, edits or bytes one round stands for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gradio_spec import diff
from gradio_spec import sse

MESSAGES = 10_000
TOKENS = 3_000


@pytest.fixture(scope="module")
def messages() -> list[str]:
    """What a token stream looks like on the session stream: one small append per message."""
    output: dict[str, Any] = {"is_generating": True, "duration": 0.01, "average_duration": 0.01}
    return [
        json.dumps(
            {
                "msg": "process_generating",
                "event_id": "0123456789abcdef0123456789abcdef",
                "output": output | {"data": [[["append", [1, "content"], f" token{number}"]]]},
                "success": True,
            }
        )
        for number in range(MESSAGES)
    ]


@pytest.fixture(scope="module")
def body(messages: list[str]) -> bytes:
    return b"".join(map(sse.encode, messages))


@pytest.fixture(scope="module")
def chat() -> list[list[dict[str, Any]]]:
    """A chat of 40 messages whose last one grows by a token per step."""
    history = [{"role": "user", "content": f"question {number} " * 20} for number in range(39)]
    text = ""
    steps = []
    for number in range(TOKENS):
        text += f" token{number}"
        steps.append([*map(dict, history), {"role": "assistant", "content": text}])
    return steps


def chunked(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


@pytest.mark.parametrize("size", [64, 65_536])
def test_sse_decode(
    benchmark: BenchmarkFixture, messages: list[str], body: bytes, size: int
) -> None:
    chunks = list(chunked(body, size))

    def decode() -> list[sse.Event]:
        decoder = sse.Decoder()
        return [event for chunk in chunks for event in decoder.feed(chunk)]

    benchmark.extra_info |= {"messages": MESSAGES, "bytes": len(body)}
    events = benchmark(decode)
    assert [event.data for event in events] == messages


@pytest.mark.parametrize("lines", [1, 4])
def test_sse_decode_one_large_event(benchmark: BenchmarkFixture, lines: int) -> None:
    """4 MiB in one event, 64 bytes at a time: buffering must stay linear."""
    data = "\n".join(["x" * (4 * 1024 * 1024 // lines)] * lines)
    chunks = list(chunked(sse.encode(data), 64))

    def decode() -> list[sse.Event]:
        decoder = sse.Decoder()
        return [event for chunk in chunks for event in decoder.feed(chunk)]

    benchmark.extra_info |= {"messages": 1, "bytes": len(data)}
    assert benchmark(decode) == [sse.Event(data)]


def test_sse_encode(benchmark: BenchmarkFixture, messages: list[str], body: bytes) -> None:
    benchmark.extra_info |= {"messages": MESSAGES, "bytes": len(body)}
    assert benchmark(lambda: b"".join(map(sse.encode, messages))) == body


def test_diff_encode_token_stream(
    benchmark: BenchmarkFixture, chat: list[list[dict[str, Any]]]
) -> None:
    """All steps of the chat: what a server computes while it streams one answer."""

    def encode() -> list[list[diff.Edit]]:
        return [diff.encode(old, new) for old, new in pairwise(chat)]

    benchmark.extra_info["edits"] = TOKENS - 1
    edits = benchmark(encode)
    assert edits[-1] == [["append", [39, "content"], f" token{TOKENS - 1}"]]


def test_diff_apply_token_stream(
    benchmark: BenchmarkFixture, chat: list[list[dict[str, Any]]]
) -> None:
    """The same stream at the client, each chunk a value of its own."""
    edits = [diff.encode(old, new) for old, new in pairwise(chat)]

    def apply() -> Any:
        value: Any = chat[0]
        for step in edits:
            value = diff.apply(value, step)
        return value

    benchmark.extra_info["edits"] = len(edits)
    assert benchmark(apply) == chat[-1]


@pytest.mark.parametrize("change", ["nothing", "everything"])
def test_diff_encode_wide_array(benchmark: BenchmarkFixture, change: str) -> None:
    """A table of 100 000 numbers of which none, or every one, has changed."""
    old = [[float(row + column) for column in range(100)] for row in range(1_000)]
    offset = 0.0 if change == "nothing" else 0.5
    new = [[cell + offset for cell in row] for row in old]
    edits = benchmark(diff.encode, old, new)
    benchmark.extra_info["edits"] = len(edits)
    assert len(edits) == (0 if change == "nothing" else 100_000)


def test_diff_apply_wide_array(benchmark: BenchmarkFixture) -> None:
    """100 000 edits in one message: containers must be copied once, not once per edit."""
    old = [[float(row + column) for column in range(100)] for row in range(1_000)]
    new = [[cell + 0.5 for cell in row] for row in old]
    edits = diff.encode(old, new)
    benchmark.extra_info["edits"] = len(edits)
    assert benchmark(diff.apply, old, edits) == new
