"""Uploads: a multipart body becomes files of the store, part by part, and readers hear how far."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data
from werkzeug.sansio.multipart import Epilogue
from werkzeug.sansio.multipart import Field
from werkzeug.sansio.multipart import File
from werkzeug.sansio.multipart import MultipartDecoder
from werkzeug.sansio.multipart import NeedData

from gradio_reference.store import Draft
from gradio_reference.store import Store

FIELD = "files"
MAX_PARTS = 1000
PIECE = 64 * 1024  # what is parsed at a time
MAX_BUFFER = 4 * PIECE  # a part's headers must fit
ENDED_KEPT = 1000
_UNFINISHED = re.compile(rb"-?|[ \t]{0,100}")  # what may follow a boundary and not end its line

State = Literal["running", "done", "failed"]


class BadUpload(ValueError):
    """The body is not what an upload is; the message says what is wrong with it."""


class FileTooLarge(Exception):
    """One file is larger than the server takes (FILE-008)."""


@dataclass(slots=True, eq=False)
class Progress:
    """How far one upload is: per file its name and the bytes so far, and who wants to know."""

    files: list[tuple[str, int]] = field(default_factory=list)
    state: State = "running"
    readers: set[asyncio.Event] = field(default_factory=set)

    def started(self, name: str) -> None:
        self.files.append((name, 0))

    def advanced(self, count: int) -> None:
        name, size = self.files[-1]
        self.files[-1] = (name, size + count)
        self.wake()

    def ended(self, state: State) -> None:
        self.state = state
        self.wake()

    def wake(self) -> None:
        for reader in self.readers:
            reader.set()


class Uploads:
    """The uploads that have an id (``upload_id``), running ones and those that ended lately.

    At most ``ENDED_KEPT`` ended ones are remembered, and of those only how they ended.
    """

    def __init__(self) -> None:
        self._progress: dict[str, Progress] = {}
        self._ended: OrderedDict[str, Progress] = OrderedDict()
        self._changed = asyncio.Condition()

    async def begin(self, upload_id: str) -> Progress:
        """A client may use an id again for the rest of its files: the newest upload counts."""
        progress = Progress()
        self._ended.pop(upload_id, None)
        self._progress[upload_id] = progress
        async with self._changed:
            self._changed.notify_all()
        return progress

    def end(self, upload_id: str, progress: Progress, state: State) -> None:
        progress.ended(state)
        if self._progress.get(upload_id) is progress:
            del self._progress[upload_id]
            self._ended[upload_id] = Progress(state=state)
            if len(self._ended) > ENDED_KEPT:
                self._ended.popitem(last=False)

    async def find(self, upload_id: str, seconds: float) -> Progress | None:
        """The upload of this id; waits so long for one that is about to begin (FILE-047)."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self._known(upload_id) is not None)
        except TimeoutError:
            return None
        return self._known(upload_id)

    def _known(self, upload_id: str) -> Progress | None:
        return self._progress.get(upload_id) or self._ended.get(upload_id)


class _Decoder(MultipartDecoder):
    """Werkzeug's parser, which takes the line break before a boundary for content when the body
    is cut into pieces right behind that boundary (3.1.9): the file gets a carriage return more.
    """

    def _last_partial_boundary_index(self, data: bytes | bytearray) -> int:
        at = data.rfind(b"\r\n--" + self.boundary)
        if at >= 0 and _UNFINISHED.fullmatch(data, at + 4 + len(self.boundary)):
            return at
        return super()._last_partial_boundary_index(data)


class Receiver:
    """Takes one upload. Nothing of it is kept unless all of it is right (FILE-009).

    Memory is bounded by ``MAX_BUFFER``, whatever is sent. Pieces are written on the loop: they are
    small, and reading on while a thread writes would pile them up.
    """

    def __init__(
        self, store: Store, boundary: str, max_file_size: int | None, progress: Progress
    ) -> None:
        if not boundary:
            raise BadUpload("the Content-Type has no boundary")
        self._store = store
        self._limit = max_file_size
        self._progress = progress
        self._decoder = _Decoder(
            boundary.encode("latin-1", "replace"), MAX_BUFFER, max_parts=MAX_PARTS
        )
        self._written: list[tuple[Draft, str]] = []
        self._draft: Draft | None = None

    async def take(self, body: AsyncIterator[bytes], stalled_after: float) -> list[str]:
        """The paths of the files, in order. Raises ``BadUpload``, ``FileTooLarge``,
        ``TimeoutError`` when nothing comes for ``stalled_after`` seconds, and what ``body`` raises.
        """
        try:
            await self._read(body, stalled_after)
            return [self._store.keep(draft, name) for draft, name in self._written]
        finally:
            for draft, _ in self._written:
                draft.discard()

    async def _read(self, body: AsyncIterator[bytes], stalled_after: float) -> None:
        try:
            while True:
                async with asyncio.timeout(stalled_after):
                    data = await anext(body, None)
                if data is None:
                    break
                for at in range(0, len(data), PIECE):
                    self._decoder.receive_data(data[at : at + PIECE])
                    self._parse()
            self._decoder.receive_data(None)
            self._parse()
        except RequestEntityTooLarge:
            raise BadUpload(
                f"more than {MAX_PARTS} parts, or headers of a part beyond {MAX_BUFFER} bytes"
            ) from None
        except UnicodeDecodeError:
            raise BadUpload("the headers of a part are not UTF-8") from None
        except ValueError as error:
            raise BadUpload(f"the body is no multipart form: {error}") from None

    def _parse(self) -> None:
        while True:
            event = self._decoder.next_event()
            if isinstance(event, (NeedData, Epilogue)):
                return
            if isinstance(event, File):
                self._begin(event)
            elif isinstance(event, Field):
                # FILE-006, FILE-011: what is no file, or has another name, is no upload.
                self._draft = None
            elif isinstance(event, Data) and self._draft is not None:
                self._write(self._draft, event.data)

    def _begin(self, part: File) -> None:
        self._draft = None
        if part.name == FIELD:
            name = part.filename or ""
            self._draft = self._store.draft()
            self._written.append((self._draft, name))
            self._progress.started(name)

    def _write(self, draft: Draft, data: bytes) -> None:
        if not data:
            return
        if self._limit is not None and draft.size + len(data) > self._limit:
            raise FileTooLarge
        draft.write(data)
        self._progress.advanced(len(data))
