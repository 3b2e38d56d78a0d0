"""Media streams: audio or video that a generator yields in pieces, and clients play meanwhile."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import get_args
from urllib.parse import quote

from gradio_reference.core.playlists import EXTENSIONS
from gradio_reference.core.playlists import Key
from gradio_reference.core.playlists import Kind
from gradio_reference.core.playlists import Playlists
from gradio_reference.core.playlists import Segment
from gradio_reference.core.playlists import TooMuch
from gradio_reference.core.playlists import adts_seconds
from gradio_reference.core.playlists import is_mpeg_ts
from gradio_reference.filedata import FileData
from gradio_reference.filedata import is_file
from gradio_reference.ids import new_id
from gradio_reference.request import Request
from gradio_reference.request import session_key

PLAYLIST = "playlist.m3u8"


class MediaStream:
    """An output whose pieces a generator yields, for clients to play while it goes on.

    Name it in the return annotation::

        @app.api
        def speak(text: str) -> Iterator[Annotated[bytes, MediaStream("audio")]]:
            for sentence in text.split("."):
                yield synthesise(sentence)

    Each piece is a segment that can be played as it is, for nothing is converted here: AAC in ADTS
    frames for ``"audio"``, MPEG-TS for ``"video"``; as bytes, as the path of a file, as a
    ``FileData``, or as a ``Segment`` with its length. None adds nothing. ``seconds`` is the length
    of each piece that does not tell its own, as AAC does. Raises ``ValueError`` for a bad option.
    """

    def __init__(self, kind: Kind = "audio", *, seconds: float | None = None) -> None:
        if kind not in get_args(Kind):
            raise ValueError(f"kind: {kind!r} is neither 'audio' nor 'video'")
        if seconds is not None and not 0 < seconds < math.inf:
            raise ValueError(f"seconds: {seconds!r} is not a positive number of seconds")
        self.kind = kind
        self.seconds = seconds

    def segment(self, data: bytes) -> Segment:
        """Raises ``WrongSegment`` that says what is wrong with the data."""
        if self.kind == "audio":
            seconds = adts_seconds(data)
            if seconds is None:
                raise WrongSegment("a piece of audio must be AAC in ADTS frames")
            return Segment(data, seconds)
        if not is_mpeg_ts(data):
            raise WrongSegment("a piece of video must be MPEG-TS")
        if self.seconds is None:
            raise WrongSegment(
                "how long does a piece of video last? Yield Segment(data, seconds), or write "
                'MediaStream("video", seconds=…)'
            )
        return Segment(data, self.seconds)


class WrongSegment(ValueError):
    """What a generator yielded for a MediaStream cannot be played."""


class Media:
    """The media streams of one server. ``ids``: the component id of each output of each endpoint,
    ``prefix``: the URL path below the root, ``read``: the content of a file that may be sent.
    """

    def __init__(
        self, ids: Sequence[Sequence[int]], prefix: str, read: Callable[[str], bytes]
    ) -> None:
        self.playlists = Playlists()
        self._ids = ids
        self._prefix = prefix
        self._read = read

    def begin(
        self, fn: int, outputs: Mapping[int, MediaStream], request: Request, root: str
    ) -> MediaRun | None:
        """The streams of one run of function ``fn``; None if it has none. They belong to the
        session of the request, or to a new one.
        """
        if not outputs:
            return None
        run = new_id()
        session = request.session_hash or new_id()
        owner = str(session_key(request.username, session))
        streams = {}
        for place, output in outputs.items():
            number = self._ids[fn][place]
            path = f"{run}/{number}/{PLAYLIST}"
            url = f"{root}{self._prefix}{quote(session, safe='')}/{path}"
            name = f"{output.kind}-stream.{EXTENSIONS[output.kind]}"
            file = FileData(f"{session}/{path}", url=url, orig_name=name, is_stream=True)
            streams[place] = _Stream(output, (owner, run, number), file)
        return MediaRun(streams, self.playlists, self._read)


class _Stream:
    """One output of a run. ``raw`` is what was yielded last, ``ready`` the segment made of it."""

    def __init__(self, output: MediaStream, key: Key, file: FileData) -> None:
        self.output = output
        self.key = key
        self.file = file
        self.raw: Any = None
        self.ready: Segment | None = None


class MediaRun:
    """From a step of a generator to its playlists: ``replace`` in the function's thread or on the
    loop, ``read`` where it may block, ``take`` and ``end`` on the loop.
    """

    def __init__(
        self, streams: Mapping[int, _Stream], playlists: Playlists, read: Callable[[str], bytes]
    ) -> None:
        self._streams = streams
        self._playlists = playlists
        self._read = read
        for stream in streams.values():
            playlists.open(stream.key, stream.output.kind)

    def replace(self, values: Sequence[Any]) -> list[Any]:
        """The outputs of a step with the playlist in the place of each piece (STREAM-010)."""
        replaced = list(values)
        for place, stream in self._streams.items():
            stream.raw, replaced[place] = replaced[place], stream.file
        return replaced

    def read(self) -> None:
        """Make segments of the pieces. Raises ``WrongSegment``, or ``FileNotAllowed``."""
        for stream in self._streams.values():
            raw, stream.raw = stream.raw, None
            stream.ready = None if raw is None else self._segment(stream.output, raw)

    def take(self) -> str | None:
        """Put the segments into their playlists, before anybody is told; why there is no room, if
        there is none.
        """
        for stream in self._streams.values():
            segment, stream.ready = stream.ready, None
            if segment is not None:
                name = f"{new_id()}.{EXTENSIONS[stream.output.kind]}"
                try:
                    self._playlists.add(stream.key, name, segment)
                except TooMuch as error:
                    return str(error)
        return None

    def end(self) -> None:
        """The run is over, however (STREAM-018)."""
        for stream in self._streams.values():
            self._playlists.end(stream.key)

    def _segment(self, output: MediaStream, raw: Any) -> Segment:
        if isinstance(raw, Segment):
            return raw
        if isinstance(raw, (bytes, bytearray, memoryview)):
            return output.segment(bytes(raw))
        path = raw["path"] if is_file(raw) else raw
        if not isinstance(path, (str, os.PathLike)):
            kind = type(raw).__name__
            raise WrongSegment(f"a MediaStream takes bytes, a Segment or a file, not {kind}")
        return output.segment(self._read(os.fspath(path)))
