"""Files and folders on the server's disk that its endpoints make, or only tell of."""

from __future__ import annotations

import tempfile
from pathlib import Path


class Places:
    """One temporary folder: `allowed` may be fetched, `blocked` inside it and all else may not."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="testbed-", ignore_cleanup_errors=True)
        root = Path(self._folder.name).resolve()
        self.allowed = root / "allowed"
        self.blocked = self.allowed / "blocked"
        self._made = root / "made"
        outside = root / "outside"
        for folder in (self.allowed, self.blocked, self._made, outside):
            folder.mkdir()
        self._files = {
            "allowed": self.allowed / "page.html",
            "blocked": self.blocked / "blocked.txt",
            "outside": outside / "outside.txt",
        }
        for name, path in self._files.items():
            path.write_text(name, "utf-8")
        self._nothing = outside / "nothing.txt"
        self._link = self._linked(self._files["outside"])

    def _linked(self, target: Path) -> Path | None:
        link = self.allowed / "link.txt"
        try:
            link.symlink_to(target)
        except OSError:  # a system without symbolic links
            return None
        return link

    def as_json(self) -> dict[str, str | None]:
        """What the endpoint `file_places` tells."""
        files = {name: str(path) for name, path in self._files.items()}
        link = None if self._link is None else str(self._link)
        return {**files, "nothing": str(self._nothing), "folder": str(self.allowed), "link": link}

    def make(self, name: str, text: str) -> str:
        """The path of a new file with this name and text; `ValueError` for a name that is none."""
        if Path(name).name != name or name in ("", ".", ".."):
            raise ValueError(f"name: {name!r} is no file name")
        path = Path(tempfile.mkdtemp(dir=self._made)) / name
        path.write_text(text, "utf-8", newline="")
        return str(path)

    @property
    def nothing(self) -> str:
        """A path where there is no file."""
        return str(self._nothing)

    def close(self) -> None:
        self._folder.cleanup()
