"""Files in values, as an era named them. Pure."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote

from gradio_reference.eras.era import PREFIX
from gradio_reference.eras.era import Era
from gradio_reference.filedata import TYPE
from gradio_reference.filedata import is_file
from gradio_reference.filedata import with_changed
from gradio_reference.filedata import with_files

_FILE = "/file="
Keep = Callable[[bytes, str], str]  # of content and name; the path


class Files:
    """Reads the files of a client of the era, and names those of the server for it."""

    def __init__(self, era: Era, keep: Keep | None = None) -> None:
        """``keep`` stores a file that was sent in the argument itself, as its bytes."""
        self._era = era
        self._keep = keep
        self._members = era.names("files", "FileOutput")

    def read(self, value: Any) -> Any:
        """An argument as the present server wants it."""
        if self._era.does("marked-inputs"):
            return value
        if not self._era.does("file-objects"):
            return with_changed(value, _is_old_file, self._from_old)
        return with_changed(value, _is_bare, lambda item: {**item, "meta": {"_type": TYPE}})

    def told(self, value: Any) -> Any:
        """An output as the era told it."""
        if not self._era.does("file-objects"):
            return with_files(value, _to_old)
        return with_files(value, self._told)

    def _from_old(self, item: dict[str, Any]) -> dict[str, Any]:
        path, data = item["name"], item.get("data")
        name = item.get("orig_name") or PurePath(path).name
        if not item["is_file"] and isinstance(data, str) and self._keep is not None:
            path = self._keep(_decoded(data), name)
        return {"path": path, "orig_name": name, "size": None, "meta": {"_type": TYPE}}

    def _told(self, item: dict[str, Any]) -> dict[str, Any]:
        result = {name: part for name, part in item.items() if name in self._members}
        result["url"] = self._url(item.get("url"))
        return result

    def _url(self, url: str | None) -> str | None:
        if not self._era.does("urls"):
            return None
        root, route, path = (url or "").partition(f"{PREFIX}{_FILE}")
        if not route:  # a link to elsewhere, or a playlist
            return url and url.replace(f"{PREFIX}/", f"{self._era.prefix}/", 1)
        if not self._era.does("encoded-urls"):
            path = unquote(path)
        return f"{root}{self._era.prefix}{_FILE}{path}"


def _decoded(data: str) -> bytes:
    """The bytes of a data URL, or of base64 alone."""
    try:
        return b64decode(data.rpartition(",")[2], validate=True)
    except ValueError:
        return b""


def _is_bare(item: Any) -> bool:
    """An object that older releases took for a file, which had no mark."""
    return isinstance(item, dict) and isinstance(item.get("path"), str) and not is_file(item)


def _is_old_file(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and "is_file" in item


def _to_old(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": item["path"],
        "data": None,
        "is_file": True,
        "orig_name": item.get("orig_name"),
        "size": item.get("size"),
    }
