"""The folder in which a running server keeps uploads and the files that it sends.

One folder per server, made when the first file comes and removed with everything in it when the
server stops. A file's place is ``<folder>/<digest>/<name>``; the digest is keyed with a secret of
the server, so that nobody can guess where a file of known content is.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from pathlib import PurePath
from typing import IO
from typing import Any
from urllib.parse import quote

from gradio_reference.core.files import Access
from gradio_reference.core.files import safe_name
from gradio_reference.filedata import FileData
from gradio_reference.filedata import from_json
from gradio_reference.filedata import with_files

INCOMING = ".incoming"  # beside the digests; a digest has no dot
_PIECE = 1 << 20


class FileNotAllowed(ValueError):
    """A file that may not be used; the message is for whoever named it."""


class Draft:
    """A file that is being written. It is nowhere to be fetched before ``Store.keep``."""

    def __init__(self, handle: IO[bytes], path: Path, digest: Any) -> None:
        self._handle = handle
        self.path = path
        self.digest = digest
        self.size = 0

    def write(self, data: bytes) -> None:
        self._handle.write(data)
        self.digest.update(data)
        self.size += len(data)

    def close(self) -> None:
        self._handle.close()

    def discard(self) -> None:
        self._handle.close()
        self.path.unlink(missing_ok=True)


class Store:
    """The files of one server. Thread-safe: functions end in threads, uploads on the loop."""

    def __init__(
        self,
        prefix: str,
        allowed: Sequence[str | os.PathLike[str]] = (),
        blocked: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        """``prefix``: the URL path, below the root, under which a file's path is fetched."""
        self._prefix = prefix
        self._allowed = tuple(map(real, allowed))
        self._blocked = tuple(map(real, blocked))
        self._lock = threading.Lock()
        self._secret = secrets.token_bytes(32)
        self._access: Access | None = None
        self._remove: Callable[[], object] = lambda: None

    @property
    def access(self) -> Access:
        """What may be served. Makes the folder if there is none yet."""
        with self._lock:
            if self._access is None:
                # GRADIO_TEMP_DIR, as with Gradio: where an app's author has room for large files.
                above = os.environ.get("GRADIO_TEMP_DIR") or None
                if above is not None:
                    Path(above).mkdir(parents=True, exist_ok=True)
                root = real(tempfile.mkdtemp(prefix="gradio-reference-", dir=above))
                # Also when the process ends and nobody has stopped the server.
                self._remove = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
                (root / INCOMING).mkdir()
                sources = (real(Path.cwd()), real(tempfile.gettempdir()))
                self._access = Access(root, self._allowed, self._blocked, sources)
            return self._access

    def remove(self) -> None:
        """Delete all files; the server has stopped."""
        with self._lock:
            self._remove()
            self._access = None

    # --- in --------------------------------------------------------------------------------------

    def draft(self) -> Draft:
        """A new file to write to."""
        folder = Path(self.access.store) / INCOMING
        number, name = tempfile.mkstemp(dir=folder)
        return Draft(os.fdopen(number, "wb"), Path(name), hashlib.sha256(self._secret))

    def keep(self, draft: Draft, name: str) -> str:
        """Put a written file in its place: the same for the same content and name (FILE-013)."""
        draft.close()
        folder = Path(self.access.store) / str(draft.digest.hexdigest())
        folder.mkdir(exist_ok=True)
        path = folder / safe_name(name)
        draft.path.replace(path)
        return str(path)

    def find(self, path: str) -> tuple[Path, bool]:
        """The file to serve for a path of the wire; is it one of the app's own? Raises
        ``FileNotAllowed``, whatever the reason, so that nobody learns what exists (FILE-016).
        """
        found = self._file(path)
        if found is None or not self.access.may_serve(found):
            raise FileNotAllowed("File not allowed.")
        return found, not self.access.stored(found)

    def admit(self, values: Sequence[Any]) -> list[Any]:
        """Arguments as a function gets them: every file in them is one of this server (FILE-035).

        Raises ``FileNotAllowed`` that names the argument (FILE-036).
        """
        return [with_files(value, partial(self._admit, i)) for i, value in enumerate(values)]

    def _admit(self, argument: int, value: dict[str, Any]) -> FileData:
        try:
            data = from_json(value)
        except TypeError as error:
            raise FileNotAllowed(f"data[{argument}]: {error}") from None
        found = self._file(data["path"])
        if found is None or not self.access.stored(found):
            raise FileNotAllowed(f"data[{argument}]: path is no file that was uploaded here")
        data["path"] = str(found)
        data["url"] = self._url(found)
        return data

    # --- out -------------------------------------------------------------------------------------

    def publish(self, values: Any, root: str) -> Any:
        """Outputs as a client gets them: every file in them can be fetched at its ``url``, which
        begins with ``root`` (FILE-039, FILE-040). Raises ``FileNotAllowed``.
        """
        return with_files(values, lambda value: self._publish(value, root))

    def publish_again(self, values: Any, root: str) -> Any:
        """Outputs that were published for one caller, for another. Raises ``FileNotAllowed`` for a
        file that is gone.
        """

        def moved(value: dict[str, Any]) -> Any:
            here = self.access.stored(PurePath(value["path"]))
            return self._publish({**value, "url": None}, root) if here else value

        return with_files(values, moved)

    def _publish(self, value: dict[str, Any], root: str) -> FileData:
        try:
            data = from_json(value)
        except TypeError as error:
            raise FileNotAllowed(f"a FileData that was returned: {error}") from None
        for link in (data["url"], data["path"]):
            if link is not None and link.lower().startswith(("http://", "https://")):
                data["url"] = link  # elsewhere on the web: the client fetches it there
                return data
        found = self._file(data["path"])
        if found is None:
            raise FileNotAllowed(f"a FileData that was returned: no file {data['path']!r}")
        if not self.access.may_send(found):
            raise FileNotAllowed(f"a FileData that was returned: {data['path']!r} is not allowed")
        kept = found if self.access.stored(found) else Path(self._copy(found))
        data["path"] = str(kept)
        data["url"] = root + self._url(kept)
        return data

    def read(self, path: str) -> bytes:
        """The content of a file that a function may send. Raises ``FileNotAllowed``."""
        found = self._file(str(Path(path).absolute()))
        if found is None or not self.access.may_send(found):
            raise FileNotAllowed(f"a piece of a MediaStream: no file {path!r} that may be sent")
        return found.read_bytes()

    def _copy(self, source: Path) -> str:
        draft = self.draft()
        try:
            with source.open("rb") as opened:
                while piece := opened.read(_PIECE):
                    draft.write(piece)
            return self.keep(draft, source.name)
        except BaseException:
            draft.discard()
            raise

    def _url(self, path: PurePath) -> str:
        return self._prefix + quote(str(path))

    def _file(self, path: str) -> Path | None:
        """The regular file behind a path, links and dots resolved; None if there is none."""
        if "\0" in path or not Path(path).is_absolute():
            return None
        try:
            found = real(path)
            return found if found.is_file() and found.parent.name != INCOMING else None
        except (OSError, ValueError):
            return None


def real(path: str | os.PathLike[str]) -> Path:
    """An absolute path without links and dots."""
    return Path(os.path.realpath(path))
