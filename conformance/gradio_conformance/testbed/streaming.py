"""Endpoints that are sent input while they run, and endpoints whose output is played meanwhile.

No postponed annotations here: the libraries evaluate them, and the State is local.
"""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Annotated
from typing import Any

from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit

TIME_LIMIT = 1  # seconds
STREAM: dict[str, Any] = {"connection": "stream", "stream_every": 0.1}


def register(kit: Kit) -> None:
    _echoes(kit)
    _total(kit)
    _media(kit)


def _echoes(kit: Kit) -> None:
    streams: Callable[..., Callable[[F], F]] = (
        kit.api
    )  # Server mode has no streaming input, so its decorator has no connection

    @streams(name="chunk_echo", concurrency_limit=None, **STREAM)
    def chunk_echo(text: str) -> str:
        if text == "fail":
            raise ValueError("a chunk that fails")
        return text

    @streams(name="chunk_single", **STREAM)
    def chunk_single(text: str) -> str:
        return text

    @streams(name="chunk_limited", concurrency_limit=None, time_limit=TIME_LIMIT, **STREAM)
    def chunk_limited(text: str) -> str:
        return text


def _total(kit: Kit) -> None:
    streams: Callable[..., Callable[[F], F]] = kit.api
    total = kit.gr.State(0)
    Total = Annotated[int, total]  # noqa: N806

    @streams(name="chunk_total", concurrency_limit=None, **STREAM)
    def chunk_total(n: int, total: Total) -> tuple[int, Total]:
        return total + n, total + n


def _media(kit: Kit) -> None:
    Audio = Annotated[bytes, kit.gr.MediaStream("audio")]  # noqa: N806

    @kit.api(name="media_steps", concurrency_limit=None)
    def media_steps(key: str, pieces: int) -> Iterator[Audio]:
        for piece in range(pieces):
            yield silence(piece)
            kit.gates.wait(key)

    @kit.api(name="media_fail_after", concurrency_limit=None)
    def media_fail_after(pieces: int) -> Iterator[Audio]:
        for piece in range(pieces):
            yield silence(piece)
        raise ValueError("the pieces are over")


# AAC-LC, 44,100 Hz, one channel: a frame of silence behind its ADTS header (ISO/IEC 13818-7, 6.2).
_SILENCE = bytes.fromhex("00c800802380")
_LENGTH = 7 + len(_SILENCE)
_HEADER = bytes(
    (0xFF, 0xF1, 1 << 6 | 4 << 2, 1 << 6, _LENGTH >> 3, (_LENGTH & 7) << 5 | 0x1F, 0xFC)
)
FRAMES = 22  # of 1,024 samples: half a second


def silence(piece: int) -> bytes:
    """About half a second of audio; no two pieces of a stream are equal."""
    return (_HEADER + _SILENCE) * (FRAMES + piece)
