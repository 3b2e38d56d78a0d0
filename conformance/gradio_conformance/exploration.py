"""What a check that searches may spend, and what it need not tell."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gradio_conformance.events import Finding
from gradio_conformance.faults import NonConformance
from gradio_conformance.probe import Probe


@dataclass(frozen=True, slots=True)
class Exploration:
    """How a check may search: the seed, the seconds.

    A clause of ``listed`` is known to be broken: the first sight of it is noted, not shrunk.
    Without ``shrink`` the search ends with the first confirmed failure, or the first of the clause
    ``hunted``, as it was found.
    """

    seed: int
    budget_s: float
    shrink: bool = True
    hunted: str | None = None
    listed: Callable[[str], bool] = lambda clause: False

    @contextmanager
    def sparing(self, probe: Probe) -> Iterator[None]:
        """What is listed and broken inside is noted, once, and hides nothing that comes after it:
        to shrink what is known costs more than it tells.
        """
        try:
            yield
        except NonConformance as broken:
            if not self.listed(broken.clause):
                raise
            if broken.clause not in {finding.clause for finding in probe.findings}:
                probe.findings.append(Finding(broken.clause, broken.expected, broken.actual))
