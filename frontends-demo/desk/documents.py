"""Reading files into documents: texts and pictures, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from typing import TypedDict

from desk import pictures
from desk.refusal import Refusal

Kind = Literal["text", "picture"]
TEXTS = (".txt", ".md")
MOST_BYTES = 8 * 1024 * 1024
EXCERPT = 160  # characters
UNREADABLE = "Cannot read this file"


class Document(TypedDict):
    """A document as its user sees it. ``size`` is in bytes; ``words`` is of texts, ``width`` and
    ``height``, in pixels, are of pictures.
    """

    id: str
    name: str
    kind: Kind
    size: int
    words: int | None
    width: int | None
    height: int | None
    excerpt: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A document and what the tools work on: ``text`` is empty for a picture."""

    card: Document
    content: bytes
    text: str


def read(path: Path, name: str) -> Kept:
    """Read a file that its user calls ``name``. Raises ``Refusal`` for anything but a text in UTF-8
    or a picture, and for more than 8 MiB.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Refusal(UNREADABLE, f"{name} has more than {MOST_BYTES // 1024**2} MiB.")
    content = path.read_bytes()
    is_text = Path(name).suffix.lower() in TEXTS
    return _text(content, name) if is_text else _picture(content, name)


def _text(content: bytes, name: str) -> Kept:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(UNREADABLE, f"{name} is not UTF-8, from byte {error.start} on.") from error
    words = text.split()
    if not words or "\0" in text:
        raise Refusal(UNREADABLE, f"{name} holds no text.")
    excerpt = " ".join(words[:EXCERPT])
    if len(excerpt) > EXCERPT:
        excerpt = excerpt[:EXCERPT].rsplit(" ", 1)[0] + " …"
    card = _card(content, name, "text", excerpt)
    return Kept({**card, "words": len(words)}, content, text)


def _picture(content: bytes, name: str) -> Kept:
    try:
        format_name, width, height = pictures.measure(content)
    except pictures.NoPicture as problem:
        raise Refusal(UNREADABLE, f"{name} is {problem}.") from problem
    card = _card(content, name, "picture", f"{format_name}, {width} × {height} pixels")
    return Kept({**card, "width": width, "height": height}, content, "")


def _card(content: bytes, name: str, kind: Kind, excerpt: str) -> Document:
    # Of name and content, so that a file that is added twice is one document.
    digest = hashlib.blake2s(content, digest_size=8, key=hashlib.sha256(name.encode()).digest())
    return {
        "id": digest.hexdigest(),
        "name": name,
        "kind": kind,
        "size": len(content),
        "words": None,
        "width": None,
        "height": None,
        "excerpt": excerpt,
    }
