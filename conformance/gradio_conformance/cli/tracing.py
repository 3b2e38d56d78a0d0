"""The traceability record on the command line: read before a self-test, compared and written after
it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import click

from gradio_conformance.catalogue import all_checks
from gradio_conformance.mutants import traceability
from gradio_conformance.mutants.matrix import build
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.reporting import ReportError
from gradio_spec.loader import load_spec

# A kill that has moved must have moved as often as this when it is tried alone.
CONFIRMATIONS = 2


class Tracing:
    """What is asked for, and the files read that it needs. Raises ``BadParameter``."""

    def __init__(
        self,
        catalogue: Catalogue,
        trace: Path | None,
        against: Path | None,
        reports: Sequence[Path],
    ) -> None:
        self._catalogue = catalogue
        self._trace = trace
        older = trace if trace is not None and trace.exists() else None
        self._older = _read(older, "--trace") if older else None
        self._against = _read(against, "--against") if against else None
        try:
            self._verdicts = dict(traceability.verdicts_of(path) for path in reports)
        except (OSError, ReportError) as error:
            raise click.BadParameter(str(error), param_hint="--verdicts") from error

    def fewest(self) -> frozenset[str]:
        """The mutants that prove again what the record of ``--against`` says of the checks."""
        assert self._against is not None
        return traceability.fewest(self._against, self._catalogue.mutants)

    def settled(
        self, trials: Sequence[Trial], again: Callable[[frozenset[str]], Sequence[Trial]]
    ) -> tuple[list[Trial], list[str]]:
        """The trials as they count, and what has moved.

        A mutant that was seen otherwise than recorded is tried ``again``, alone: what was only a
        matter of load is as it was.
        """
        found = list(trials)
        if self._against is None:
            return found, []
        for _ in range(CONFIRMATIONS):
            doubtful = self._difference(found).measured & self._catalogue.mutants.keys()
            for trial in again(frozenset(doubtful)) if doubtful else ():
                changed = [trial if old.id == trial.id else old for old in found]
                if trial.id not in self._difference(changed).measured:
                    found = changed
        return found, self._difference(found).lines()

    def write(self, trials: Sequence[Trial]) -> None:
        """The record of these trials, if it was asked for."""
        if self._trace is not None:
            self._trace.parent.mkdir(parents=True, exist_ok=True)
            traceability.write(self._trace, self._record(trials, self._older))

    def _record(
        self, trials: Sequence[Trial], older: traceability.Record | None
    ) -> traceability.Record:
        matrix = build(load_spec(), all_checks().values(), self._catalogue, trials)
        return traceability.record(matrix, self._catalogue, self._verdicts, older)

    def _difference(self, trials: Sequence[Trial]) -> traceability.Difference:
        assert self._against is not None
        return traceability.compare(self._against, self._record(trials, self._against))


def _read(path: Path, option: str) -> traceability.Record:
    try:
        return traceability.read(path)
    except (OSError, traceability.TraceError) as error:
        raise click.BadParameter(str(error), param_hint=option) from error
