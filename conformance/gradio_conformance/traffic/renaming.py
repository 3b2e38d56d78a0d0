"""Lets one server stand in another's place: where a text names the one, it names the other instead.
Sans-I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping

# Some encoders escape the slashes in JSON.
WRITTEN = (b"/", b"\\/")
# What may not follow a name: http://host:1 is not in http://host:12.
LONGER = rb"(?![\w:-])"

Headers = list[tuple[bytes, bytes]]


class Names:
    """What names a server → what names it now: base URLs without a slash at their end."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._new = {
            old.encode().replace(b"/", slash): new.encode().replace(b"/", slash)
            for old, new in names.items()
            for slash in WRITTEN
        }
        longest_first = sorted(self._new, key=len, reverse=True)
        choice = b"|".join(map(re.escape, longest_first)) or b"(?!)"
        self._pattern = re.compile(b"(?:%s)%s" % (choice, LONGER))

    def in_text(self, text: bytes) -> bytes:
        """A whole text under the new names."""
        done, rest = self.in_part(text)
        return done + self._new.get(rest, rest)

    def in_part(self, text: bytes) -> tuple[bytes, bytes]:
        """The beginning of a text under the new names, and the end of it that may yet become a
        name.
        """
        done, at = b"", 0
        for found in self._pattern.finditer(text):
            if found.end() < len(text):
                done += text[at : found.start()] + self._new[found[0]]
                at = found.end()
        rest = text[at:]
        size = self._open_end(rest)
        return done + rest[: len(rest) - size], rest[len(rest) - size :]

    def in_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """A redirect leads to whoever was asked."""
        return [(n, self.in_text(v) if n.lower() == b"location" else v) for n, v in headers]

    def _open_end(self, text: bytes) -> int:
        longest = max(map(len, self._new), default=0)
        for size in range(min(longest, len(text)), 0, -1):
            if any(name.startswith(text[-size:]) for name in self._new):
                return size
        return 0


class RenamedStream:
    """A body that comes in pieces. Nothing but the possible beginning of a name is held back, so
    no line waits for the next.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """What can be sent now."""
        done, self._held = self._names.in_part(self._held + piece)
        return done

    def finish(self) -> bytes:
        """What was held back when the body ended."""
        held, self._held = self._held, b""
        return self._names.in_text(held)
