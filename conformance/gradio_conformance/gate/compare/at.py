"""Where a comparison stands: the place, what people call it, which way it goes, which clauses
say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.rules import ANSWER
from gradio_conformance.gate.rules import difference


@dataclass(frozen=True, slots=True)
class At:
    """One place of two documents; ``clauses`` nearest first. ``moved``: the members that only one
    side describes here, so that what else names them is the same edit.
    """

    place: Place
    what: str
    directions: frozenset[str]
    clauses: tuple[str, ...] = ()
    moved: frozenset[str] = frozenset()

    @property
    def steps(self) -> list[str]:
        """The steps of the place's pointer."""
        return self.place.pointer.split("/")[1:]

    @property
    def is_answer(self) -> bool:
        return ANSWER in self.directions

    def below(self, *steps: str) -> At:
        """The same, further down."""
        return replace(self, place=self.place.below(*steps))

    def called(self, what: str) -> At:
        """The same by another name."""
        return replace(self, what=what)

    def said_by(self, *nodes: Any) -> At:
        """The same with the clauses that these parts name before the others."""
        own = [n["x-clause"] for n in nodes if isinstance(n, Mapping) and "x-clause" in n]
        return replace(self, clauses=tuple(dict.fromkeys((*own, *self.clauses))))

    def tell(self, rule: str, old: Any = None, new: Any = None) -> Difference:
        """The difference by this rule here."""
        return difference(
            rule,
            self.place,
            self.what,
            old,
            new,
            directions=self.directions,
            clauses=self.clauses,
        )
