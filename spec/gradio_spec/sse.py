"""Server-Sent Events framing without I/O: bytes in, events out.

The format is the one of the HTML standard, section "Server-sent events".
"""

from __future__ import annotations

from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"
_MAX_RETRY_DIGITS = 18  # 10^18 ms is 31 million years; a longer one is hostile, not a delay


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event.

    `data` is the `data` lines joined by LF. `event`, `id` and `retry` (milliseconds) are what this
    block itself said, None where it said nothing (an empty `event` counts as nothing). `replaced`
    tells that a line of the block was not valid UTF-8, which a receiver must read as U+FFFD and a
    sender must not do (SSE-006).
    """

    data: str
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    replaced: bool = False


class Decoder:
    """Turn the chunks of one response body into events, whatever the chunk boundaries.

    `last_event_id` and `retry` hold what the stream has said so far (they outlive the block that
    said it); `replaced` tells whether any line so far was not valid UTF-8.
    """

    def __init__(self) -> None:
        self.last_event_id = ""
        self.retry: int | None = None
        self.replaced = False
        self._partial = bytearray()  # the line whose end has not arrived
        self._first_line = True
        self._after_cr = False
        self._closed = False
        self._begin_block()

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes, of any length; return the events they complete, in order.

        Raises ValueError after close().
        """
        if self._closed:
            raise ValueError("feed() after close(): a decoder reads one response body")
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[:1] == b"\n":  # second half of a CRLF; the CR has already ended the line
                chunk = chunk[1:]
        if b"\n" not in chunk and b"\r" not in chunk:
            self._partial += chunk  # only the new bytes are looked at: linear for any chunk size
            return []
        data = bytes(self._partial) + chunk
        self._partial.clear()
        self._after_cr = data.endswith(b"\r")
        # SSE-030: bytes.splitlines knows CRLF, LF and CR only; str.splitlines would cut at U+2028
        lines = data.splitlines()
        if not data.endswith((b"\n", b"\r")):
            self._partial += lines.pop()
        return [event for line in lines if (event := self._line(line)) is not None]

    @property
    def pending(self) -> bool:
        """Whether bytes were received that no event contains yet; comments are not missed."""
        partial = bytes(self._partial)
        if self._first_line:
            partial = partial.removeprefix(_BOM)
        return bool(partial) or self._in_block

    def close(self) -> None:
        """Say that the body has ended: an event without its blank line is discarded.

        `pending` keeps telling whether there was one.
        """
        self._closed = True

    def _begin_block(self) -> None:
        self._in_block = False
        self._data: list[str] = []
        self._event: str | None = None
        self._id: str | None = None
        self._block_retry: int | None = None
        self._block_replaced = False

    def _line(self, raw: bytes) -> Event | None:
        if self._first_line:
            self._first_line = False
            raw = raw.removeprefix(_BOM)
        if not raw:
            return self._dispatch()
        try:
            line = raw.decode()
        except UnicodeDecodeError:
            line = raw.decode(errors="replace")
            self._block_replaced = self.replaced = True
        name, _, value = line.partition(":")  # a comment is a field with an empty name
        self._field(name, value.removeprefix(" "))
        return None

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value or None
        elif name == "id":
            if "\0" in value:
                return
            self._id = value
        elif name == "retry":
            if not (value.isascii() and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS):
                return
            self.retry = self._block_retry = int(value)
        else:
            return
        self._in_block = True

    def _dispatch(self) -> Event | None:
        event = None
        if self._id is not None:
            self.last_event_id = self._id
        if self._data:
            event = Event(
                "\n".join(self._data),
                self._event,
                self._id,
                self._block_retry,
                self._block_replaced,
            )
        self._begin_block()
        return event


def encode(
    data: str,
    *,
    event: str | None = None,
    id: str | None = None,  # noqa: A002  # the field's name
    retry: int | None = None,
) -> bytes:
    """Return one event as UTF-8 bytes with LF line ends; LF in `data` makes several data lines.

    `retry` is in milliseconds. Raises ValueError naming the field when it holds what the format
    cannot carry: CR anywhere, LF or NUL in `event` or `id`, an empty `event`, a negative `retry`,
    a lone surrogate.
    """
    lines: list[str] = []
    if event is not None:
        if not event:
            raise ValueError("event: must not be empty; leave it out for an unnamed event")
        lines.append(f"event: {_single_line('event', event)}")
    if id is not None:
        lines.append(f"id: {_single_line('id', id)}")
    if retry is not None:
        if isinstance(retry, bool) or not 0 <= retry < 10**_MAX_RETRY_DIGITS:
            raise ValueError(f"retry: must be a whole number of milliseconds, not {retry!r}")
        lines.append(f"retry: {retry}")
    if "\r" in data:
        raise ValueError("data: CR ends a line in this format and would be read as LF")
    lines.extend(f"data: {line}" for line in _sendable("data", data).split("\n"))
    return ("\n".join(lines) + "\n\n").encode()


def _single_line(field: str, value: str) -> str:
    for char, name in (("\n", "LF"), ("\r", "CR"), ("\0", "NUL")):
        if char in value:
            raise ValueError(f"{field}: must not contain {name}")
    return _sendable(field, value)


def _sendable(field: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:  # SSE-006
        reason = f"character {error.start} is a lone surrogate, which UTF-8 cannot carry"
        raise ValueError(f"{field}: {reason}") from None
    return value
