"""What is not part of the protocol, or cannot be compared, each with its reason: ``notes.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from gradio_conformance.gate.drift.plan import data_of
from gradio_spec.changes import Change
from gradio_spec.releases import Release
from gradio_spec.releases import end
from gradio_spec.releases import number


@dataclass(frozen=True, slots=True)
class Notes:
    """``volatile``: which aspects of a fact the time decides. ``undescribed``: members that the
    specification leaves to Gradio's own UI. ``early``: what some releases had before the document
    describes it. ``outside``: differences between releases that are none of the protocol.
    ``unshown``: rows of ``changes.yaml`` that no testbed can show.
    """

    data: Mapping[str, Any]

    def volatile(self, key: str) -> frozenset[str]:
        rows = [row for row in self.data["volatile"] if _fits(row["key"], key)]
        return frozenset(aspect for row in rows for aspect in row["ignore"])

    def undescribed(self, key: str) -> str | None:
        return self._reason("undescribed", key)

    def early(self, place: str) -> str | None:
        return self._reason("early", place)

    def outside(self, key: str, newer: Release) -> str | None:
        """``newer`` is the newer one of the two releases that differ."""
        return self._reason("outside", key, newer)

    def unshown(self, change: Change) -> str | None:
        for row in self.data["unshown"]:
            if row["release"] == change.release and change.text.startswith(row["text"]):
                return str(row["reason"])
        return None

    def _reason(self, section: str, key: str, newer: Release | None = None) -> str | None:
        for row in self.data[section]:
            if _fits(row["key"], key) and (newer is None or _holds(row, newer)):
                return str(row["reason"])
        return None


@cache
def notes() -> Notes:
    """The notes of this package."""
    return Notes(data_of("notes"))


def _holds(row: Mapping[str, Any], at: Release) -> bool:
    return "until" not in row or number(at.number) <= end(row["until"])


def _fits(patterns: Any, key: str) -> bool:
    wanted = [patterns] if isinstance(patterns, str) else patterns
    # Places have braces and brackets are none of theirs.
    return any(fnmatchcase(key, pattern.replace("[", "[[]")) for pattern in wanted)
