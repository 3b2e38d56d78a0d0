"""Names that a language accepts, and no name twice."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

# Names that the written files declare or lean on; no type of an app may take them.
TYPESCRIPT_NAMES = frozenset((
    "ArgumentsOf", "Array", "AsyncIterable", "Blob", "Boolean", "Buffer", "Date", "EndpointName",
    "Endpoints", "Error", "File", "FileData", "Function", "Number", "Object", "ParametersOf",
    "PayloadOf", "Promise", "Record", "ReturnsOf", "String", "Symbol", "TypedClient", "TypedEvent",
    "TypedJob", "Uploadable", "WithUploads",
))  # fmt: skip
PYTHON_NAMES = frozenset((
    "Any", "App", "Client", "False", "FileInput", "FileMeta", "FilePath", "Iterator", "Job",
    "Literal", "Never", "None", "NotRequired", "Protocol", "Result", "Sequence", "True",
    "TypeAlias", "TypeVar", "TypedDict", "annotations", "bool", "cast", "dict", "final", "float",
    "int", "list", "object", "self", "str", "tuple",
))  # fmt: skip
RESERVED = TYPESCRIPT_NAMES | PYTHON_NAMES


def pascal(*words: str) -> str:
    """A type's name of ASCII letters and digits; ``Type`` if nothing is left of the words."""
    parts = re.findall(r"[A-Za-z0-9]+", " ".join(words))
    name = "".join(part[0].upper() + part[1:] for part in parts)
    return name if name and not name[0].isdigit() else f"Type{name}"


def python(text: str, fallback: str) -> str:
    """A public Python identifier as near to the text as can be."""
    # Python reads identifiers in this form, so two spellings of one must meet here.
    kept = re.sub(r"\W", "_", unicodedata.normalize("NFKC", text)).strip("_")
    if kept and not kept.isidentifier():
        kept = f"{fallback}_{kept}"
    if not kept.isidentifier():
        kept = fallback
    return f"{kept}_" if keyword.iskeyword(kept) else kept


def plain(text: str) -> bool:
    """Is it an identifier in either language, without a quote?"""
    return re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", text) is not None


def lines(text: Any) -> tuple[str, ...]:
    """The lines of a text as a comment can have them: printable, none of them empty."""
    if not isinstance(text, str):
        return ()
    clean = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    return tuple(line for line in (" ".join(one.split()) for one in clean) if line)


class Names:
    """Hands out each name once; the second one to want it gets a number."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, name: str, between: str = "") -> str:
        found, number = name, 2
        while found in self._taken:
            found, number = f"{name}{between}{number}", number + 1
        self._taken.add(found)
        return found

    def give_back(self, name: str) -> None:
        self._taken.discard(name)
