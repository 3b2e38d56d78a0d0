"""SSE framing: laws that hold for every stream, and what the golden vectors cannot say."""

from __future__ import annotations

import dataclasses
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_spec import sse

# Every character that means something to a parser, or to a wrong one, is frequent.
CHARS = st.one_of(
    st.sampled_from('\n\r: \0\ufeff\u2028\u2029\x85\x0b\x0c\x1c\ufffdé€😀{}"'),
    st.characters(exclude_categories=["Cs"]),
)
TEXT = st.text(CHARS, max_size=20)
DATA = TEXT.map(lambda text: text.replace("\r", ""))
NAME = TEXT.map(lambda text: text.translate(dict.fromkeys(map(ord, "\r\n\0"))))
EVENTS = st.builds(
    sse.Event,
    data=DATA,
    event=st.none() | NAME.filter(bool),
    id=st.none() | NAME,
    retry=st.none() | st.integers(0, 10**18 - 1),
)
LINES = st.one_of(
    st.sampled_from([b"data", b"data: x", b"event: e", b"id: 1", b"id: \0", b"retry: 5", b": c"]),
    TEXT.map(str.encode),
    st.binary(max_size=8),
)
BODIES = st.lists(
    st.builds(bytes.__add__, LINES | st.just(b""), st.sampled_from([b"\n", b"\r", b"\r\n", b""])),
    max_size=12,
).map(b"".join)


def read(chunks: list[bytes]) -> tuple[list[sse.Event], bool, str, int | None, bool]:
    decoder = sse.Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    decoder.close()
    return events, decoder.pending, decoder.last_event_id, decoder.retry, decoder.replaced


def encoded(event: sse.Event) -> bytes:
    return sse.encode(event.data, event=event.event, id=event.id, retry=event.retry)


@given(BODIES, st.data())
def test_chunk_boundaries_mean_nothing(body: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    edges = [0, *cuts, len(body)]
    chunks = [body[a:b] for a, b in pairwise(edges)]
    assert read(chunks) == read([body]) == read([bytes([b]) for b in body])


def read_naively(body: bytes) -> list[sse.Event]:
    """The standard's steps on a whole body: decode, cut into lines, interpret line by line."""
    *lines, _ = re.split("\r\n|\n|\r", body.decode("utf-8", "replace").removeprefix("\ufeff"))
    legal = {"event": ".*", "id": "[^\0]*", "retry": "[0-9]+"}
    events = []
    block: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            value = value[1:] if value[:1] == " " else value
            if name == "data":
                block["data"] = block.get("data", "") + value + "\n"
            elif name in legal and re.fullmatch(legal[name], value, re.DOTALL):
                block[name] = value
            continue
        if "data" in block:
            retry = int(block["retry"]) if "retry" in block else None
            name_of_event = block.get("event") or None
            events.append(sse.Event(block["data"][:-1], name_of_event, block.get("id"), retry))
        block = {}
    return events


@given(BODIES)
def test_the_standard_read_naively_agrees(body: bytes) -> None:
    events = [dataclasses.replace(event, replaced=False) for event in read([body])[0]]
    assert events == read_naively(body)


@given(BODIES)
def test_line_ends_and_byte_order_mark_mean_nothing(body: bytes) -> None:
    lines = [b"", *body.splitlines(), b"", b""]
    expected = read([b"\n".join(lines)])
    assert read([b"\r".join(lines)]) == expected
    assert read([b"\r\n".join(lines)]) == expected
    assert read([b"\xef\xbb\xbf" + b"\n".join(lines)]) == expected


@given(BODIES)
def test_events_come_with_the_byte_that_completes_them(body: bytes) -> None:
    """No event waits for the chunk after its blank line."""
    decoder = sse.Decoder()
    for end in range(len(body)):
        seen = decoder.feed(body[end : end + 1])
        assert len(seen) <= 1
        assert not seen or body[end : end + 1] in (b"\n", b"\r")


@given(st.lists(EVENTS, max_size=4))
def test_decode_reads_what_encode_wrote(events: list[sse.Event]) -> None:
    body = b"".join(map(encoded, events))
    assert read([body])[:2] == (events, False)
    assert read([bytes([b]) for b in body])[0] == events


@given(BODIES)
def test_replacement_is_told_from_a_sent_character(body: bytes) -> None:
    events, _, _, _, replaced = read([body + b"\n\n"])
    try:
        (body + b"\n\n").decode()
    except UnicodeDecodeError:
        assert replaced
    else:
        assert not replaced
        assert not any(event.replaced for event in events)


def test_an_event_that_is_cut_off_is_pending_until_its_blank_line() -> None:
    decoder = sse.Decoder()
    seen = []
    for byte in b"data: x\n\n":
        decoder.feed(bytes([byte]))
        seen.append(decoder.pending)
    assert seen == [True] * 8 + [False]


def test_nothing_is_read_after_close() -> None:
    decoder = sse.Decoder()
    decoder.feed(b"data: x\n")
    decoder.close()
    decoder.close()
    assert decoder.pending
    with pytest.raises(ValueError, match="after close"):
        decoder.feed(b"\n")


def test_a_retry_of_thousands_of_digits_is_ignored() -> None:
    decoder = sse.Decoder()
    assert decoder.feed(b"retry: " + b"9" * 10_000 + b"\ndata: x\n\n") == [sse.Event("x")]
    assert decoder.retry is None


def test_a_long_line_is_not_read_again_with_each_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear work: lines are looked for in new bytes only."""
    looked_at = 0

    class Chunk(bytes):
        def __contains__(self, key: object) -> bool:
            nonlocal looked_at
            looked_at += len(self)
            return super().__contains__(key)  # type: ignore[operator]

    decoder = sse.Decoder()
    size = 2_000
    for _ in range(size):
        decoder.feed(Chunk(b"x"))
    assert looked_at == 2 * size  # once for LF, once for CR
    decoder.feed(b"\n\n")
    assert not decoder.pending


@pytest.mark.parametrize("field", ["data", "event", "id"])
def test_a_lone_surrogate_is_refused_by_name(field: str) -> None:
    fields: dict[str, Any] = {"data": "x"} | {field: "a\ud800"}
    with pytest.raises(ValueError, match=rf"^{field}: character 1 is a lone surrogate"):
        sse.encode(**fields)


@pytest.mark.parametrize("retry", [-1, True, 10**18])
def test_a_retry_that_nobody_would_read_is_refused(retry: int) -> None:
    with pytest.raises(ValueError, match=r"^retry: "):
        sse.encode("x", retry=retry)


def test_events_are_frozen() -> None:
    event = sse.Event("x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.data = "y"  # type: ignore[misc]
