"""Where a place stands in the files of a version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
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
    steps = [s.replace("~1", "/").replace("~0", "~") for s in place.pointer.split("/")[1:]]
    path = _file(place.document, steps, side.spec.root)
    if path is None or not path.is_file():
        return None
    return Located(path, _line(path.read_text(encoding="utf-8").splitlines(), steps))


def _file(document: str, steps: list[str], root: Path) -> Path | None:
    if document == "requirements":
        return root / "requirements" / f"{steps[0].partition('-')[0].lower()}.yaml"
    for name in (f"{document}{SUFFIX}", f"{document}.yaml"):
        if (root / name).is_file():
            return root / name
    return None


def _line(lines: list[str], steps: list[str]) -> int:
    """Follows the steps down the file; one that is not found is passed over."""
    at = 0
    for step in steps:
        key = re.compile(rf"(?:^|[\s{{,-])[\"']?{re.escape(step)}[\"']?(?:\s*:|\s*,|\s*\}}|\s*$)")
        at = next((i for i in range(at, len(lines)) if key.search(lines[i])), at)
    return at + 1
