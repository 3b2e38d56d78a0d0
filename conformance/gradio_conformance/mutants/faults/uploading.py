"""Faults of upload and of its progress."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import store as store_module
from gradio_reference.core import files as core_files
from gradio_reference.core.files import LONGEST_NAME
from gradio_reference.store import Draft
from gradio_reference.store import Store
from gradio_reference.uploads import FileTooLarge
from gradio_reference.uploads import Progress
from gradio_reference.uploads import Receiver
from gradio_reference.uploads import Uploads

take = Receiver.take
safe_name = core_files.safe_name


@fault
def paths_are_reversed(patch: Patches) -> None:
    async def reversed_paths(
        receiver: Receiver, body: AsyncIterator[bytes], stalled: float
    ) -> list[str]:
        return (await take(receiver, body, stalled))[::-1]

    patch(Receiver, "take", reversed_paths)


@fault
def the_last_of_several_files_is_lost(patch: Patches) -> None:
    async def fewer(receiver: Receiver, body: AsyncIterator[bytes], stalled: float) -> list[str]:
        paths = await take(receiver, body, stalled)
        return paths[:-1] if len(paths) > 1 else paths

    patch(Receiver, "take", fewer)


@fault
def uploads_lose_a_byte(patch: Patches) -> None:
    original = Draft.write
    patch(Draft, "write", lambda draft, data: original(draft, data[:-1]))


@fault
def paths_have_dot_segments(patch: Patches) -> None:
    original = Store.keep

    def keep(store: Store, draft: Draft, name: str) -> str:
        folder, _, last = original(store, draft, name).rpartition("/")
        return f"{folder}/./{last}"

    patch(Store, "keep", keep)


@fault
def names_keep_control_characters(patch: Patches) -> None:
    def name_of(name: str) -> str:
        return name.replace("\\", "/").rpartition("/")[2] or "file"

    patch(store_module, "safe_name", name_of)


@fault
def names_become_ascii(patch: Patches) -> None:
    def name_of(name: str) -> str:
        return safe_name(name.encode("ascii", "ignore").decode())

    patch(store_module, "safe_name", name_of)


@fault
def names_lose_their_spaces(patch: Patches) -> None:
    patch(store_module, "safe_name", lambda name: safe_name(name.replace(" ", "_")))


@fault
def names_of_nothing_fail(patch: Patches) -> None:
    def name_of(name: str) -> str:
        if not name.strip("./ "):
            raise RuntimeError("no name is left")
        return safe_name(name)

    patch(store_module, "safe_name", name_of)


@fault
def names_of_nothing_are_dots(patch: Patches) -> None:
    def name_of(name: str) -> str:
        return safe_name(name) if name.strip("./ ") else "..."

    patch(store_module, "safe_name", name_of)


@fault
def long_names_fail(patch: Patches) -> None:
    def name_of(name: str) -> str:
        if len(name.encode()) > LONGEST_NAME:
            raise RuntimeError("the name is too long")
        return safe_name(name)

    patch(store_module, "safe_name", name_of)


@fault
def long_names_lose_their_extension(patch: Patches) -> None:
    def name_of(name: str) -> str:
        return safe_name(name if len(name.encode()) <= LONGEST_NAME else name[:40])

    patch(store_module, "safe_name", name_of)


@fault
def each_upload_has_its_own_place(patch: Patches) -> None:
    original = Store.keep

    def keep(store: Store, draft: Draft, name: str) -> str:
        draft.digest.update(os.urandom(8))
        return original(store, draft, name)

    patch(Store, "keep", keep)


@fault
def uploads_of_one_name_share_a_place(patch: Patches) -> None:
    def keep(store: Store, draft: Draft, name: str) -> str:
        draft.close()
        folder = Path(store.access.store) / "all"
        folder.mkdir(exist_ok=True)
        return str(draft.path.replace(folder / safe_name(name)))

    patch(Store, "keep", keep)


@fault
def uploads_of_one_content_share_a_place(patch: Patches) -> None:
    original = Store.keep
    places: dict[str, str] = {}

    def keep(store: Store, draft: Draft, name: str) -> str:
        key = str(draft.digest.hexdigest())
        return places.setdefault(key, original(store, draft, name))

    patch(Store, "keep", keep)


# -- limits ----------------------------------------------------------------------------------------


def _with_limit(patch: Patches, more: int) -> None:
    original = Receiver.__init__

    def init(
        receiver: Receiver, store: Store, boundary: str, limit: int | None, progress: Progress
    ) -> None:
        original(receiver, store, boundary, None if limit is None else limit + more, progress)

    patch(Receiver, "__init__", init)


@fault
def the_file_limit_is_one_less(patch: Patches) -> None:
    _with_limit(patch, -1)


@fault
def the_file_limit_is_one_more(patch: Patches) -> None:
    _with_limit(patch, 1)


@fault
def the_file_limit_is_one_of_all_files(patch: Patches) -> None:
    original = Receiver._write

    def write(receiver: Receiver, draft: Draft, data: bytes) -> None:
        original(receiver, draft, data)
        limit, written = receiver._limit, sum(d.size for d, _ in receiver._written)
        if limit is not None and written > limit:
            raise FileTooLarge

    patch(Receiver, "_write", write)


@fault
def large_files_are_left_out(patch: Patches) -> None:
    """A file that is too large is left out if a good one came before it."""
    original = Receiver._write

    def write(receiver: Receiver, draft: Draft, data: bytes) -> None:
        try:
            original(receiver, draft, data)
        except FileTooLarge:
            if len(receiver._written) == 1:
                raise
            receiver._written.pop()[0].discard()
            receiver._draft = None

    patch(Receiver, "_write", write)


# -- progress --------------------------------------------------------------------------------------


@fault
def refused_uploads_are_done(patch: Patches) -> None:
    original = Uploads.end

    def end(uploads: Uploads, upload_id: str, progress: Progress, _: Any) -> None:
        original(uploads, upload_id, progress, "done")

    patch(Uploads, "end", end)
