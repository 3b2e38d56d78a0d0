"""``gradio-protocol eras``: the official clients of five eras against servers of eight releases."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import writing_reports
from gradio_conformance.environments import NotInstallable
from gradio_conformance.eras.comparing import changes
from gradio_conformance.eras.comparing import compare
from gradio_conformance.eras.console import show
from gradio_conformance.eras.course import Course
from gradio_conformance.eras.driving import Deadlines
from gradio_conformance.eras.hosting import installed
from gradio_conformance.eras.markdown import rendered
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Matrix
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.model import matrix
from gradio_conformance.eras.words import mark
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.target import Unreachable
from gradio_spec.data import SpecError

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--clients", callback=names, metavar="C,…", help="Only these columns: py-2.7.2, …")
@click.option("--servers", callback=names, metavar="S,…", help="Only these rows: 4.44.1, …")
@click.option("--live", is_flag=True, help="Real Gradio of each release as well, and compare.")
@click.option("--only-live", is_flag=True, help="Real Gradio, and not `serve --as`.")
@click.option(
    "--patience", type=click.FloatRange(0.1), default=1.0, show_default=True,
    help="Deadlines are multiplied by this.",
)  # fmt: skip
@click.option(
    "--out", type=FILE, metavar="FILE",
    help="The table as JSON; cells in it that were not run now stay as they are.",
)  # fmt: skip
@click.option("--markdown", type=FILE, metavar="FILE", help="The table for people.")
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Compare with a table that --out has written.",
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report/eras"),
    show_default=True, help="Where the recordings go, one for each cell.",
)  # fmt: skip
def eras(
    clients: tuple[str, ...],
    servers: tuple[str, ...],
    live: bool,
    only_live: bool,
    patience: float,
    out: Path | None,
    markdown: Path | None,
    check: Path | None,
    report_dir: Path,
) -> None:
    """Run five tasks with official clients of five eras against servers of eight releases.

    The servers are `serve --as`, and with --live Gradio itself, each in an environment of its own.
    Exits with 1 if the table differs from what was seen of real Gradio and nothing explains that.
    """
    try:
        chosen = matrix().chosen(servers, clients)
        before = None if check is None else _read(check)
    except SpecError as error:
        raise click.UsageError(str(error)) from error
    kinds = [Kind.LIVE] if only_live else [Kind.AS, Kind.LIVE] if live else [Kind.AS]
    console = Console(stderr=True)
    try:
        table = Table(list(_cells(chosen, kinds, Deadlines().by(patience), report_dir, console)))
    except (NotInstallable, Unreachable) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[Verdict.UNREACHABLE])
    comparison = compare(table)
    show(table, comparison, Console())
    whole = table if out is None or not out.exists() else table.over(_read(out))
    _write(whole, out, markdown)
    is_same = before is None or _is_as(before, table)
    click.echo(f"recordings in {report_dir / 'recordings'}")
    good = comparison.is_good and is_same
    sys.exit(EXIT_CODES[Verdict.CONFORMANT if good else Verdict.NONCONFORMANT])


def _cells(
    chosen: Matrix, kinds: list[Kind], deadlines: Deadlines, folder: Path, console: Console
) -> Iterator[Cell]:
    ready = [installed(client, console) for client in chosen.clients]
    course = Course(ready, chosen.tasks, folder / "recordings", deadlines)
    for kind in kinds:
        for server in chosen.servers:
            console.print(f"{kind} {server}", markup=False, highlight=False)
            yield from course.row(kind, server, lambda cell: _tell(cell, console))


def _tell(cell: Cell, console: Console) -> None:
    console.print(f"  {cell.client:<10} {mark(cell)}", markup=False, highlight=False)


def _write(table: Table, out: Path | None, markdown: Path | None) -> None:
    texts = {}
    if out is not None:
        texts[out] = json.dumps(table.as_json(), ensure_ascii=False, indent=1) + "\n"
    if markdown is not None:
        texts[markdown] = rendered(table, compare(table))
    for path, text in texts.items():
        with writing_reports(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        click.echo(f"wrote {path}")


def _read(path: Path) -> Table:
    try:
        return Table.of_json(json.loads(path.read_text("utf-8")), str(path))
    except (OSError, ValueError) as error:
        raise SpecError(f"{path}: {error}") from error


def _is_as(before: Table, now: Table) -> bool:
    found = list(changes(before, now))
    for change in found:
        click.echo(f"otherwise than before: {change}", err=True)
    return not found
