"""Outputs of an endpoint as content of MCP: text, and images as what they are."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_reference import filedata

Content = dict[str, Any]

# What an image that clients show begins with; a name alone proves nothing.
_IMAGES = {
    "image/bmp": b"BM",
    "image/gif": b"GIF8",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF",
}
_TEXTUAL = ("application/json", "application/xml", "application/javascript", "image/svg+xml")


def single(outputs: Sequence[Any]) -> Any:
    """What a function gave: its one output, or the list of them."""
    return outputs[0] if len(outputs) == 1 else list(outputs)


def content(outputs: Sequence[Any]) -> list[Content]:
    """The content of a tool's result. Reads the file of an image, so not on the loop."""
    value = single(outputs)
    if not filedata.is_file(value):
        # As Gradio writes them: text as it is, other values as Python shows them.
        return [_text(value if isinstance(value, str) else str(value))]
    url = value.get("url") or value["path"]
    kind, data = _image(value)
    if kind is None:
        return [_text(url)]
    encoded = base64.b64encode(data).decode()
    return [{"type": "image", "data": encoded, "mimeType": kind}, _text(f"Image URL: {url}")]


def resource(outputs: Sequence[Any], mime_type: str) -> dict[str, Any]:
    """The content of a resource, ``text`` or, of a type that is none, ``blob``. Reads files, so not
    on the loop. Raises ``ValueError`` for text that should be base64 and is not.
    """
    value = single(outputs)
    textual = mime_type.startswith("text/") or mime_type in _TEXTUAL or mime_type.endswith("+json")
    if filedata.is_file(value):
        data = Path(value["path"]).read_bytes()
        if textual:
            return {"text": data.decode("utf-8", "replace")}
        return {"blob": base64.b64encode(data).decode()}
    if not isinstance(value, str):
        return {"text": json.dumps(value, ensure_ascii=False)}
    if textual:
        return {"text": value}
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a resource of type {mime_type} must be bytes or base64") from None
    return {"blob": value}


def _text(text: str) -> Content:
    return {"type": "text", "text": text}


def _image(value: dict[str, Any]) -> tuple[str | None, bytes]:
    kind = mimetypes.guess_type(value["path"])[0] or ""
    begins = _IMAGES.get(kind)
    if begins is None or value["path"].startswith(("http://", "https://")):
        return None, b""
    data = Path(value["path"]).read_bytes()
    return (kind, data) if data.startswith(begins) else (None, b"")
