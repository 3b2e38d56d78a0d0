"""A film without an encoder: H.264 frames of raw samples (I_PCM) in an MP4 container.

Only what decoders need of ITU-T H.264 and ISO/IEC 14496-12 and -14 is written.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

BLOCKS = 2  # macroblocks of 16×16 in each direction
SIDE = 16 * BLOCKS
FRAMES_A_SECOND = 5
Colour = tuple[int, ...]  # Y, Cb, Cr; none of them 0


def film(colours: Sequence[Colour]) -> bytes:
    """One frame of ``SIDE``×``SIDE`` for each colour."""
    frames = [_sized(_frame(number, colour)) for number, colour in enumerate(colours)]
    head = _box("ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41")
    # The places of the frames are known once the length of the index is.
    index = _index([len(frame) for frame in frames], 0)
    index = _index([len(frame) for frame in frames], len(head) + len(index) + 8)
    return head + index + _box("mdat", b"".join(frames))


# --- H.264 ---------------------------------------------------------------------------------------


class _Bits:
    def __init__(self) -> None:
        self._text = ""

    def fixed(self, value: int, count: int) -> _Bits:
        self._text += f"{value:0{count}b}"
        return self

    def golomb(self, *values: int) -> _Bits:
        """Each value as Exp-Golomb code, ue(v)."""
        for value in values:
            code = f"{value + 1:b}"
            self._text += "0" * (len(code) - 1) + code
        return self

    def aligned(self) -> _Bits:
        self._text += "0" * (-len(self._text) % 8)
        return self

    def raw(self, data: bytes) -> _Bits:
        self._text += "".join(f"{byte:08b}" for byte in data)
        return self

    def unit(self, header: int) -> bytes:
        """As a NAL unit: with the stop bit, and no start code within."""
        text = self._text + "1"
        text += "0" * (-len(text) % 8)
        data = int(text, 2).to_bytes(len(text) // 8, "big")
        safe, zeros = bytearray([header]), 0
        for byte in data:
            if zeros >= 2 and byte <= 3:
                safe.append(3)
                zeros = 0
            safe.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return bytes(safe)


def _parameters() -> tuple[bytes, bytes]:
    """Sequence and picture parameter sets: baseline, no loop filter worth the name."""
    sps = _Bits().fixed(66, 8).fixed(0b11000000, 8).fixed(10, 8)
    # id, log2 of the frame numbers, order type 2, one reference, no gaps, then the size in blocks
    sps.golomb(0, 0, 2, 1).fixed(0, 1).golomb(BLOCKS - 1, BLOCKS - 1)
    sps.fixed(1, 1).fixed(0, 1).fixed(0, 1).fixed(0, 1)  # frames only, no 8×8, no crop, no VUI
    pps = _Bits().golomb(0, 0).fixed(0, 1).fixed(0, 1).golomb(0, 0, 0)
    pps.fixed(0, 1).fixed(0, 2).golomb(0, 0, 0).fixed(1, 1).fixed(0, 1).fixed(0, 1)
    return sps.unit(0x67), pps.unit(0x68)


def _frame(number: int, colour: Colour) -> bytes:
    """An IDR picture whose macroblocks are the samples themselves."""
    y, cb, cr = colour
    # first block, slice type I, parameter set, frame number, IDR id; no long reference; QP; filter
    bits = _Bits().golomb(0, 7, 0).fixed(0, 4).golomb(number % 2)
    bits.fixed(0, 1).fixed(0, 1).golomb(0, 1)
    for _ in range(BLOCKS * BLOCKS):
        bits.golomb(25).aligned().raw(bytes([y] * 256 + [cb] * 64 + [cr] * 64))
    return bits.unit(0x65)


def _sized(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


# --- MP4 -----------------------------------------------------------------------------------------

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _box(kind: str, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I", len(data) + 8) + kind.encode() + data


def _full(kind: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _index(sizes: Sequence[int], first: int) -> bytes:
    """``moov``; ``first``: where the first frame begins."""
    count = len(sizes)
    scale = FRAMES_A_SECOND
    movie = struct.pack(">IIIIIH", 0, 0, scale, count, 0x10000, 0x100) + bytes(10) + _MATRIX
    track = struct.pack(">IIIII", 0, 0, 1, 0, count) + bytes(16) + _MATRIX
    track += struct.pack(">II", SIDE << 16, SIDE << 16)
    reference = _full("dref", struct.pack(">I", 1), _full("url ", flags=1))
    frames = _table(sizes, first)
    media = _box(
        "mdia",
        _full("mdhd", struct.pack(">IIIIHH", 0, 0, scale, count, 0x55C4, 0)),
        _full("hdlr", bytes(4) + b"vide" + bytes(12) + b"frames\0"),
        _box("minf", _full("vmhd", bytes(8), flags=1), _box("dinf", reference), frames),
    )
    return _box(
        "moov",
        _full("mvhd", movie + bytes(24) + struct.pack(">I", 2)),
        _box("trak", _full("tkhd", track, flags=3), media),
    )


def _table(sizes: Sequence[int], first: int) -> bytes:
    sps, pps = _parameters()
    sets = b"\xe1" + struct.pack(">H", len(sps)) + sps + b"\x01" + struct.pack(">H", len(pps)) + pps
    coding = _box("avcC", b"\x01" + sps[1:4] + b"\xff" + sets)
    entry = bytes(6) + struct.pack(">H", 1) + bytes(16) + struct.pack(">HH", SIDE, SIDE)
    entry += struct.pack(">IIIH", 0x480000, 0x480000, 0, 1) + bytes(32) + b"\0\x18\xff\xff" + coding
    count = len(sizes)
    return _box(
        "stbl",
        _full("stsd", struct.pack(">I", 1), _box("avc1", entry)),
        _full("stts", struct.pack(">III", 1, count, 1)),
        _full("stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full("stsz", struct.pack(f">II{count}I", 0, count, *sizes)),
        _full("stco", struct.pack(">II", 1, first)),
    )
