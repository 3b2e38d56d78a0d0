"""Options that several commands share; a wrong value is told with the name of its option."""

from __future__ import annotations

import os
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click

from gradio_conformance.cli.lists import names
from gradio_conformance.reporting import FILES
from gradio_conformance.reporting import FORMATS
from gradio_conformance.reporting import Listener
from gradio_conformance.reporting import open_listeners
from gradio_conformance.reporting.annotations import GithubReport
from gradio_conformance.reporting.annotations import summary_of_job
from gradio_spec.loader import SpecError
from gradio_spec.loader import load_known
from gradio_spec.model import Known

__all__ = ["known_of", "names", "open_reports", "read_known", "refuse_others", "writing_reports"]


def refuse_others(chosen: Iterable[str], there: Collection[str], option: str) -> None:
    """All that is ``chosen`` must be there."""
    unknown = sorted(set(chosen) - set(there))
    if unknown:
        told = f"{', '.join(unknown)}; there are {', '.join(there)}"
        raise click.BadParameter(told, param_hint=option)


@contextmanager
def writing_reports(directory: Path) -> Iterator[None]:
    """A folder that cannot be written is a mistake in ``--report-dir``."""
    try:
        yield
    except OSError as error:
        where = error.filename or directory
        raise click.BadParameter(f"{where}: {error.strerror}", param_hint="--report-dir") from error


def open_reports(
    reports: tuple[str, ...], directory: Path, clauses: Mapping[str, Any], *, coverage: bool = False
) -> list[Listener]:
    """The listeners of a run; an unknown format or a folder that cannot be written is refused. In a
    job of GitHub one of them writes annotations and the step's summary.
    """
    refuse_others(reports, FORMATS, "--report")
    with writing_reports(directory):
        listeners = open_listeners(reports, directory, clauses=clauses, coverage=coverage)
    summary = summary_of_job(os.environ)
    if summary is not None:
        report = directory / FILES["jsonl"] if "jsonl" in reports else None
        listeners.insert(0, GithubReport(summary, clauses, report))
    return listeners


def read_known(source: str) -> Known:
    """A list of known deviations; a wrong file is refused."""
    try:
        return load_known(source)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--known-failing") from error


def known_of(source: str, kind: str, there: Collection[str]) -> Known:
    """The same, where the names of all checks or scenarios (``kind``) are known: an entry for one
    that is not there could never be found stale.
    """
    known = read_known(source)
    for entry in known.entries:
        if not any(fnmatchcase(slug, entry.check) for slug in there):
            told = f"{source}: {entry.clause}: there is no {kind} {entry.check}"
            raise click.BadParameter(told, param_hint="--known-failing")
    return known
