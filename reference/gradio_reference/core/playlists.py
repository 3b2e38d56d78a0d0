"""Media streams as HLS playlists, and how much of them is kept. Pure and single-threaded."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

Kind = Literal["audio", "video"]
Key = tuple[str, str, int]  # the owner's session key, the run, the component
EXTENSIONS: dict[Kind, str] = {"audio": "aac", "video": "ts"}
TYPES: dict[str, str] = {"aac": "audio/aac", "ts": "video/MP2T"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept of media streams, at most. A running one that outgrows ``weight`` (bytes) or
    ``segments``, or for which there is no room in ``total`` bytes, ends with an error; of those
    that have ended, ``ended`` are kept, and the oldest make room for running ones.
    """

    weight: int = 64 * 1024 * 1024
    segments: int = 10_000
    total: int = 512 * 1024 * 1024
    ended: int = 1000


class TooMuch(Exception):
    """A media stream has no room for its next segment; the message says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a media stream that can be played on its own: ``seconds`` of AAC in ADTS frames
    or of MPEG-TS.
    """

    data: bytes
    seconds: float


@dataclass(slots=True, eq=False)
class Playlist:
    """One media stream. ``segments`` by the name of their files, in order."""

    kind: Kind
    segments: dict[str, Segment] = field(default_factory=dict)
    ended: bool = False
    weight: int = 0

    def text(self, query: str = "") -> str:
        """The playlist (STREAM-011, STREAM-018); ``query`` goes to its segments (STREAM-014)."""
        longest = max((segment.seconds for segment in self.segments.values()), default=1.0)
        lines = [
            "#EXTM3U",
            "#EXT-X-PLAYLIST-TYPE:EVENT",
            f"#EXT-X-TARGETDURATION:{max(1, math.ceil(longest))}",
            "#EXT-X-VERSION:4",
            "#EXT-X-MEDIA-SEQUENCE:0",
            # Nothing was missed: without this a player starts near the end of a list that grows.
            "#EXT-X-START:TIME-OFFSET=0",
        ]
        for name, segment in self.segments.items():
            lines += [f"#EXTINF:{segment.seconds:.6f},", name + query]
        if self.ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"

    @property
    def data(self) -> bytes:
        """All of it as one file: ADTS and MPEG-TS are made to be joined."""
        return b"".join(segment.data for segment in self.segments.values())


class Playlists:
    """The media streams of one server."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self.weight = 0
        self._kept: dict[Key, Playlist] = {}
        self._ended: OrderedDict[Key, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def open(self, key: Key, kind: Kind) -> Playlist:
        """Begin a stream."""
        playlist = self._kept[key] = Playlist(kind)
        return playlist

    def find(self, key: Key) -> Playlist | None:
        return self._kept.get(key)

    def add(self, key: Key, name: str, segment: Segment) -> None:
        """The next segment of a stream; nothing happens if it was dropped. Raises ``TooMuch``."""
        playlist = self._kept.get(key)
        if playlist is None or playlist.ended:
            return
        size, limits = len(segment.data), self.limits
        if playlist.weight + size > limits.weight:
            raise TooMuch(f"A media stream holds no more than {limits.weight} bytes.")
        if len(playlist.segments) >= limits.segments:
            raise TooMuch(f"A media stream has no more than {limits.segments} segments.")
        while self._ended and self.weight + size > limits.total:
            self._drop(next(iter(self._ended)))
        if self.weight + size > limits.total:
            raise TooMuch(f"All media streams together hold no more than {limits.total} bytes.")
        playlist.segments[name] = segment
        playlist.weight += size
        self.weight += size

    def end(self, key: Key) -> None:
        """The run is over: nothing is added any more (STREAM-018)."""
        playlist = self._kept.get(key)
        if playlist is None or playlist.ended:
            return
        playlist.ended = True
        self._ended[key] = None
        if len(self._ended) > self.limits.ended:
            self._drop(next(iter(self._ended)))

    def drop(self, owner: str) -> None:
        """A session has gone, and its streams with it."""
        for key in [key for key in self._kept if key[0] == owner]:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        self.weight -= self._kept.pop(key).weight
        self._ended.pop(key, None)


_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_HEADER = 7  # bytes of an ADTS header without checksum
_BLOCK = 1024  # samples
_PACKET = 188  # bytes of an MPEG-TS packet


def adts_seconds(data: bytes) -> float | None:
    """How long AAC in ADTS frames plays (ISO/IEC 13818-7, 6.2); None if it is something else. A
    leading ID3 tag, in which HLS puts timestamps, is allowed.
    """
    seconds = 0.0
    frames = 0
    for header in _adts_headers(data, _after_id3(data)):
        rate = header[2] >> 2 & 0x0F
        if rate >= len(_RATES):
            return None
        seconds += ((header[6] & 0x03) + 1) * _BLOCK / _RATES[rate]
        frames += _length(header)
    return seconds if frames and _after_id3(data) + frames == len(data) else None


def _adts_headers(data: bytes, place: int) -> Iterator[bytes]:
    while place + _HEADER <= len(data):
        header = data[place : place + _HEADER]
        if header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or _length(header) < _HEADER:
            return
        yield header
        place += _length(header)


def _length(header: bytes) -> int:
    return (header[3] & 0x03) << 11 | header[4] << 3 | header[5] >> 5


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def is_mpeg_ts(data: bytes) -> bool:
    """Whole packets, each with its sync byte."""
    return bool(data) and len(data) % _PACKET == 0 and set(data[::_PACKET]) == {0x47}
