"""What is decided about files without touching one: names, access, media types, ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from string import ascii_letters
from string import digits

from werkzeug.http import dump_options_header
from werkzeug.http import parse_range_header

LONGEST_NAME = 200  # bytes in UTF-8; file systems allow 255, and a temporary name is longer
_FORBIDDEN = re.compile(r'[<>:"|?*`$!{}\x00-\x1f\x7f-\x9f]')
# Names that Windows keeps for devices, whatever the extension.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE | re.DOTALL)
_NAMELESS = "file"
_PLAIN = frozenset("-._" + ascii_letters + digits)  # needs no escape in a header (RFC 8187)


def safe_name(name: str) -> str:
    """What an upload is stored as: the last segment of the client's name, harmless on any file
    system and at most ``LONGEST_NAME`` bytes long (FILE-003, FILE-005, FILE-012).
    """
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    kept = _FORBIDDEN.sub("", last).encode("utf-8", "ignore").decode().rstrip(" .")
    if not kept.strip(" ."):
        return _NAMELESS
    if _DEVICE.fullmatch(kept):
        kept = f"_{kept}"
    return _shortened(kept)


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f"{dot}{extension}" if stem and len(extension.encode()) <= LONGEST_NAME // 4 else ""
    stem = stem if tail else name
    room = LONGEST_NAME - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + tail


# Types that a browser shows without running anything in them (FILE-023, FILE-024).
_PASSIVE = {
    ".txt": "text/plain",
    ".json": "application/json",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".ogv": "video/ogg",
    ".webm": "video/webm",
}


def passive_type(name: str) -> str | None:
    """The media type under which a file of unknown origin may be shown in place; None: as an
    attachment only.
    """
    return _PASSIVE.get(PurePath(name).suffix.lower())


def disposition(name: str, *, inline: bool) -> str:
    """The Content-Disposition header with the name of the file, in ASCII (RFC 6266, FILE-025)."""
    kind = "inline" if inline else "attachment"
    if name.isascii() and name.isprintable():
        return dump_options_header(kind, {"filename": name})
    octets = (chr(b) if chr(b) in _PLAIN else f"%{b:02X}" for b in name.encode())
    return dump_options_header(kind, {"filename*": "UTF-8''" + "".join(octets)})


@dataclass(frozen=True, slots=True)
class Access:
    """Which files may be served and sent. All paths are absolute and free of links and dots.

    ``store`` is what the server itself keeps, ``allowed`` and ``blocked`` are the app's own
    folders and files, ``sources`` are where functions may take the files from that they return.
    """

    store: PurePath
    allowed: tuple[PurePath, ...] = ()
    blocked: tuple[PurePath, ...] = ()
    sources: tuple[PurePath, ...] = ()

    def stored(self, path: PurePath) -> bool:
        """Uploaded, or copied here as an output (FILE-036)."""
        return path != self.store and path.is_relative_to(self.store) and not self.is_blocked(path)

    def is_allowed(self, path: PurePath) -> bool:
        """In one of the app's own places; what is blocked wins (FILE-019)."""
        return _within(path, self.allowed) and not self.is_blocked(path)

    def is_blocked(self, path: PurePath) -> bool:
        # Some file systems ignore case; to block too much is the safe mistake.
        folded = PurePath(str(path).casefold())
        return _within(folded, tuple(PurePath(str(item).casefold()) for item in self.blocked))

    def may_serve(self, path: PurePath) -> bool:
        return self.stored(path) or self.is_allowed(path)

    def may_send(self, path: PurePath) -> bool:
        """May a function return this file? Hidden ones in the sources are not for clients."""
        if self.may_serve(path):
            return True
        for source in self.sources:
            if path.is_relative_to(source):
                hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
                return not hidden and not self.is_blocked(path)
        return False


def _within(path: PurePath, places: tuple[PurePath, ...]) -> bool:
    return any(path.is_relative_to(place) for place in places)


class NotSatisfiable(Exception):
    """The range begins behind the end of the file (FILE-028)."""


def portion(header: str | None, size: int) -> tuple[int, int] | None:
    """The bytes ``[begin, end)`` that a Range header asks for (FILE-027); None: the whole file.

    A header that is not understood or that names several ranges is ignored, as RFC 9110 allows
    (FILE-029). Raises ``NotSatisfiable``.
    """
    wanted = parse_range_header(header)
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    begin, end = wanted.ranges[0]
    if begin < 0:
        begin = max(0, size + begin)
    if begin >= size:
        raise NotSatisfiable
    return begin, size if end is None else min(end, size)
