"""Small real files: a picture, a sound, a film, a solid body, a text."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from collections.abc import Callable
from random import Random

from gradio_reference.mocking import mp4
from gradio_reference.mocking import words

WIDTH, HEIGHT = 96, 64
_RATE = 16_000  # samples a second
_SECONDS = 0.5


def png(rng: Random) -> bytes:
    """Two colours that run into each other, RGB."""
    left, right = ([rng.randrange(256) for _ in range(3)] for _ in range(2))
    row = bytearray([0])  # the filter of the row: none
    for x in range(WIDTH):
        part = x / (WIDTH - 1)
        row += bytes(round(a + (b - a) * part) for a, b in zip(left, right, strict=True))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _png_chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(bytes(row) * HEIGHT)),
            (b"IEND", b""),
        )
    )


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def wav(rng: Random) -> bytes:
    """A tone of half a second, 16 bit mono, that fades."""
    pitch, count = rng.uniform(220, 880), int(_RATE * _SECONDS)
    samples = (
        round(12_000 * (1 - at / count) * math.sin(2 * math.pi * pitch * at / _RATE))
        for at in range(count)
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(struct.pack(f"<{count}h", *samples))
    return out.getvalue()


def film(rng: Random) -> bytes:
    """Some frames of one colour each, H.264 in MP4."""
    return mp4.film([tuple(rng.randrange(40, 220) for _ in range(3)) for _ in range(5)])


def obj(rng: Random) -> bytes:
    """A tetrahedron, as Wavefront OBJ."""
    size = round(rng.uniform(0.5, 2), 3)
    corners = ((0, 0, 0), (size, 0, 0), (0, size, 0), (0, 0, size))
    lines = [f"v {x} {y} {z}" for x, y, z in corners]
    lines += ["f 1 3 2", "f 1 2 4", "f 1 4 3", "f 2 3 4"]
    return "\n".join([*lines, ""]).encode()


def text(rng: Random) -> bytes:
    return f"{words.paragraph(rng)}\n".encode()


# Kind of file → its extension, its type, and what makes it.
KINDS: dict[str, tuple[str, str, Callable[[Random], bytes]]] = {
    "image": ("png", "image/png", png),
    "audio": ("wav", "audio/wav", wav),
    "video": ("mp4", "video/mp4", film),
    "model3d": ("obj", "model/obj", obj),
    "file": ("txt", "text/plain", text),
}
