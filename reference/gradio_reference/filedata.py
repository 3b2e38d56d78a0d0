"""``FileData``: how a file is named in a value, and where files sit in one."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

TYPE = "gradio.FileData"


def _or_null(kind: str) -> dict[str, Any]:
    return {"oneOf": [{"type": "null"}, {"type": kind}]}


MEMBERS: dict[str, dict[str, Any]] = {
    "path": {"type": "string"},
    "url": _or_null("string"),
    "size": _or_null("integer"),
    "orig_name": _or_null("string"),
    "mime_type": _or_null("string"),
    "is_stream": {"type": "boolean"},
    "meta": {
        "type": "object",
        "properties": {"_type": {"const": TYPE}},
        "required": ["_type"],
    },
}
# FILE-043
SCHEMA: dict[str, Any] = {"type": "object", "properties": MEMBERS, "required": list(MEMBERS)}


class FileData(dict[str, Any]):
    """A file: annotate a parameter with it to receive one, return it to send one.

    A dict, as Gradio's Server mode hands files to functions, whose members are attributes as well:
    ``path`` is the file on the server, ``orig_name`` what the client calls it, ``url`` where a
    client fetches it. ``FileData(path=…)`` is enough to return a file: the server copies it to
    where it can be fetched. Raises ``TypeError`` that names the member with a wrong type.
    """

    __slots__ = ()

    def __init__(
        self,
        path: str,
        url: str | None = None,
        size: int | None = None,
        orig_name: str | None = None,
        mime_type: str | None = None,
        is_stream: bool = False,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        texts = {"url": url, "orig_name": orig_name, "mime_type": mime_type}
        for name, value in {"path": path, **texts}.items():
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name}: must be text or null, not {type(value).__name__}")
        if type(size) not in (int, type(None)):
            raise TypeError(f"size: must be a whole number or null, not {type(size).__name__}")
        super().__init__(
            path=path,
            url=url,
            size=size,
            orig_name=orig_name,
            mime_type=mime_type,
            is_stream=bool(is_stream),
            meta={"_type": TYPE} if meta is None else dict(meta),
        )

    def __getattr__(self, name: str) -> Any:
        if name in MEMBERS:
            return self[name]
        raise AttributeError(f"FileData has no attribute {name!r}")


def is_file(value: Any) -> bool:
    """An object that stands for a file: ``path`` is text and ``meta._type`` says so (FILE-037)."""
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        return False
    meta = value.get("meta")
    return isinstance(meta, dict) and meta.get("_type") == TYPE


def from_json(value: Mapping[str, Any]) -> FileData:
    """A file as a client sent it; other members are dropped (FILE-038). Raises ``TypeError``."""
    return FileData(**{name: value[name] for name in MEMBERS if name in value})


# Without recursion: a value may be nested as deeply as can just be read (NET-004).


def holds_files(value: Any) -> bool:
    """Is there a file anywhere in this JSON value?"""
    left = [value]
    while left:
        item = left.pop()
        if is_file(item):
            return True
        if isinstance(item, dict):
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
    return False


def with_files(value: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """A copy of a JSON value with every file in it, at any depth, replaced by ``change`` of it."""
    return with_changed(value, is_file, change)


def with_changed(value: Any, wanted: Callable[[Any], bool], change: Callable[[Any], Any]) -> Any:
    """The same for every part that is ``wanted``; nothing is looked for inside of one."""
    top: list[Any] = [value]
    left: list[tuple[Any, Any]] = [(top, 0)]
    while left:
        holder, key = left.pop()
        item = holder[key]
        if wanted(item):
            holder[key] = change(item)
        elif isinstance(item, dict):
            holder[key] = copied = dict(item)
            left.extend((copied, name) for name in reversed(copied))
        elif isinstance(item, list):
            holder[key] = row = list(item)
            left.extend((row, place) for place in reversed(range(len(row))))
    return top[0]
