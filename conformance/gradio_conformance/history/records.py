"""What was seen of a server. ``sent``, ``answered`` and ``at`` are seconds on the client's clock,
``t`` on the server's.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any


@dataclass(frozen=True, slots=True)
class Join:
    """One accepted event. The server took it at some moment between ``sent`` and ``answered``.

    ``gate``: what its function waits for; ``None``: it may end at any time. ``key``: where its
    function keeps a journal, if it does. ``result``: the data it must get, if that is known; for a
    batch function, without the size that is told behind it.
    """

    id: str
    endpoint: str
    session: str
    sent: float
    answered: float
    gate: str | None = None
    key: str | None = None
    result: Sequence[Any] | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """A cancel that names an event, by whatever session and function."""

    event: str
    session: str
    endpoint: str | None
    sent: float
    answered: float | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """The reader of a session went away."""

    session: str
    at: float


@dataclass(frozen=True, slots=True)
class Release:
    """A gate was told to let a function pass."""

    gate: str
    sent: float


@dataclass(frozen=True, slots=True)
class Told:
    """A message about an event, as it arrived."""

    event: str
    at: float
    body: Mapping[str, Any]

    @property
    def msg(self) -> str:
        return str(self.body.get("msg"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the testbed's journal."""

    key: str
    endpoint: str
    what: str
    n: int | None
    t: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The queue_size of one GET queue/status."""

    sent: float
    answered: float
    queue_size: int


@dataclass(frozen=True, slots=True)
class History:
    """Everything seen from some moment on. ``told`` is in order of arrival, ``entries`` of one key
    in the order of the journal, which was read after the last message in ``told`` came.

    ``unread``: events whose messages nobody reads any more. ``joined_before``: endpoints that had
    been joined when the history began. ``called_directly``: endpoints whose journal holds other
    calls, too. ``at_rest``: every gate was opened, and the client waited for everything that the
    server still owed.
    """

    joins: Sequence[Join] = ()
    entries: Sequence[Entry] = ()
    told: Sequence[Told] = ()
    cancels: Sequence[Cancel] = ()
    drops: Sequence[Drop] = ()
    releases: Sequence[Release] = ()
    samples: Sequence[Sample] = ()
    unread: frozenset[str] = frozenset()
    joined_before: frozenset[str] = field(default_factory=frozenset)
    called_directly: frozenset[str] = frozenset()
    at_rest: bool = False
