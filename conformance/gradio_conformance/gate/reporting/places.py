"""Where a place stands in the files of a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
from gradio_spec.pointers import steps
from gradio_spec.schemas import SUFFIX


@dataclass(frozen=True, slots=True)
class Located:
    """A line of a file; lines count from 1."""

    path: Path
    line: int


def located(place: Place, side: Side) -> Located | None:
    """The line that a place begins with, as nearly as the steps of its pointer tell, in the files
    of a side; ``None`` where there is no such file (in a bundled version, say).
    """
    names = steps(place.pointer)
    path = _file(place.document, names, side.spec.root)
    if path is None or not path.is_file():
        return None
    return Located(path, _line(path.read_text(encoding="utf-8").splitlines(), names))


def _file(document: str, names: list[str], root: Path) -> Path | None:
    if document == "requirements":
        return root / "requirements" / f"{names[0].partition('-')[0].lower()}.yaml"
    for name in (f"{document}{SUFFIX}", f"{document}.yaml"):
        if (root / name).is_file():
            return root / name
    return None


def _line(lines: list[str], names: list[str]) -> int:
    """Follows the steps down the file; one that is not found is passed over."""
    at = 0
    for name in names:
        key = re.compile(rf"(?:^|[\s{{,-])[\"']?{re.escape(name)}[\"']?(?:\s*:|\s*,|\s*\}}|\s*$)")
        at = next((i for i in range(at, len(lines)) if key.search(lines[i])), at)
    return at + 1
