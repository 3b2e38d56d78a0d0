"""What a comparison finds: frozen, and the same for the specification and for another release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any

from gradio_spec.changes import Change


class Sort(StrEnum):
    """``new``: there, and the other side does not know it. ``gone``: the other way round."""

    NEW = "new"
    GONE = "gone"
    DIFFERENT = "different"


class Status(StrEnum):
    """``explained``: by rows of ``changes.yaml``, or by a reason of ``notes.yaml``. ``known``: a
    listed deviation of the server. ``drift`` is what nothing explains.
    """

    DRIFT = "drift"
    KNOWN = "known"
    EXPLAINED = "explained"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. ``key`` is that of a fact, or ``clause …``; ``old`` is what the specification
    or the older release has, ``new`` what the server or the newer release shows.
    """

    sort: Sort
    area: str
    key: str
    title: str
    old: Any
    new: Any
    places: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    status: Status = Status.DRIFT
    rows: tuple[Change, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of ``changes.yaml`` between two releases: ``shown`` by the findings with these keys;
    otherwise ``reason`` says why it cannot be, and without one it should have been.
    """

    change: Change
    shown: tuple[str, ...]
    reason: str | None = None

    @property
    def is_missed(self) -> bool:
        return not self.shown and self.reason is None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``old`` and ``new`` name the two sides; ``absent`` says what could not be compared."""

    old: str
    new: str
    findings: tuple[Finding, ...]
    rows: tuple[Row, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def unexplained(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.status is Status.DRIFT)

    @property
    def missed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_missed)
