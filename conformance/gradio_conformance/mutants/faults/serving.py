"""Faults of the files that are served."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import urllib.request
from pathlib import Path
from typing import Any

from quart import Response
from quart import request

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import store as store_module
from gradio_reference.bodies import Rejected
from gradio_reference.core import files as core_files
from gradio_reference.core.files import Access
from gradio_reference.core.files import NotSatisfiable
from gradio_reference.routes import files
from gradio_reference.service import Service
from gradio_reference.store import Store

Found = tuple[Path, bool]
find = Store.find
portion = core_files.portion


@fault
def all_files_are_served(patch: Patches) -> None:
    patch(Access, "may_serve", lambda access, path: True)


@fault
def missing_files_are_told_apart(patch: Patches) -> None:
    def told(store: Store, path: str) -> Found:
        if not Path(path.replace("\0", "")).exists():
            raise Rejected(404, "There is no such file.")
        return find(store, path)

    patch(Store, "find", told)


@fault
def the_beginning_of_a_path_is_enough(patch: Patches) -> None:
    """Access is decided on the path as it was sent."""

    def found(store: Store, path: str) -> Found:
        places = (store.access.store, *store.access.allowed)
        if any(path.startswith(f"{place}/") for place in places):
            real = Path(os.path.realpath(path.partition("\0")[0]))
            if real.is_file():
                return real, False
        return find(store, path)

    patch(Store, "find", found)


@fault
def nul_ends_a_path(patch: Patches) -> None:
    patch(Store, "find", lambda store, path: find(store, path.partition("\0")[0]))


@fault
def folders_are_files(patch: Patches) -> None:
    original = Store._file

    def file(store: Store, path: str) -> Path | None:
        folder = Path(path.replace("\0", ""))
        return folder if folder.is_dir() else original(store, path)

    patch(Store, "_file", file)
    patch(Access, "may_serve", lambda access, path: path.exists() and _near(access, path))


def _near(access: Access, path: Any) -> bool:
    return path.is_dir() or access.stored(path) or access.is_allowed(path)


@fault
def nothing_is_blocked(patch: Patches) -> None:
    patch(Access, "is_blocked", lambda access, path: False)


@fault
def nothing_is_allowed(patch: Patches) -> None:
    patch(Access, "is_allowed", lambda access, path: False)


@fault
def links_are_followed(patch: Patches) -> None:
    patch(store_module, "real", lambda path: Path(os.path.abspath(path)))  # noqa: PTH100


@fault
def urls_are_fetched(patch: Patches) -> None:
    original = files._serve

    def read(url: str) -> bytes:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
            return bytes(answer.read())

    async def serve(service: Service, path: str) -> Response:
        if path.startswith("http://127."):
            try:
                await asyncio.to_thread(read, path)
            except OSError:
                pass
        return await original(service, path)

    patch(files, "_serve", serve)


@fault
def uploads_are_shown_as_they_are(patch: Patches) -> None:
    def kind(name: str) -> str | None:
        return mimetypes.guess_type(name)[0]

    patch(files, "passive_type", kind)


@fault
def names_in_headers_lose_their_letters(patch: Patches) -> None:
    original = core_files.disposition

    def disposition(name: str, *, inline: bool) -> str:
        return original(name.encode("ascii", "replace").decode(), inline=inline)

    patch(files, "disposition", disposition)


# -- ranges and conditions -------------------------------------------------------------------------

Range = tuple[int, int] | None


@fault
def ranges_end_one_early(patch: Patches) -> None:
    def shorter(header: str | None, size: int) -> Range:
        found = portion(header, size)
        return found if found is None or found[1] - found[0] < 2 else (found[0], found[1] - 1)

    patch(files, "portion", shorter)


@fault
def ranges_from_the_end_are_ignored(patch: Patches) -> None:
    def forward(header: str | None, size: int) -> Range:
        return None if header and "=-" in header else portion(header, size)

    patch(files, "portion", forward)


@fault
def ranges_behind_the_end_are_ignored(patch: Patches) -> None:
    def forgiving(header: str | None, size: int) -> Range:
        try:
            return portion(header, size)
        except NotSatisfiable:
            return None

    patch(files, "portion", forgiving)


@fault
def odd_ranges_are_guessed(patch: Patches) -> None:
    def guessed(header: str | None, size: int) -> Range:
        found = portion(header, size)
        return (0, 1) if found is None and header and "," not in header else found

    patch(files, "portion", guessed)


@fault
def several_ranges_are_the_first(patch: Patches) -> None:
    def first(header: str | None, size: int) -> Range:
        return portion(header.partition(",")[0] if header else None, size)

    patch(files, "portion", first)


@fault
def several_ranges_fail(patch: Patches) -> None:
    def failing(header: str | None, size: int) -> Range:
        if header and "," in header:
            raise RuntimeError("more than one range")
        return portion(header, size)

    patch(files, "portion", failing)


@fault
def requests_are_repeated(patch: Patches) -> None:
    original = files._describe

    def describe(response: Response, found: Path, own: bool) -> None:
        original(response, found, own)
        if "range" in request.headers:
            response.headers["X-Made-Up"] = request.headers.get("X-Made-Up", "")

    patch(files, "_describe", describe)


@fault
def etags_are_not_compared(patch: Patches) -> None:
    patch(files, "is_resource_modified", lambda **_: True)


@fault
def every_etag_is_the_current_one(patch: Patches) -> None:
    def modified(*, http_if_none_match: str | None = None, **_: Any) -> bool:
        return http_if_none_match is None

    patch(files, "is_resource_modified", modified)
