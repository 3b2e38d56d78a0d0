"""``gradio-protocol diff OLD NEW``: what changed, whom it breaks, and how to see it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.choices import writing_reports
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import outcome_of
from gradio_conformance.gate.policy import PARTIES
from gradio_conformance.gate.policy import THRESHOLDS
from gradio_conformance.gate.policy import Entry
from gradio_conformance.gate.policy import Policy
from gradio_conformance.gate.policy import read_ignored
from gradio_conformance.gate.policy import read_severities
from gradio_conformance.gate.reporting import FILES
from gradio_conformance.gate.reporting import FORMATS
from gradio_conformance.gate.reporting.text import lines
from gradio_conformance.gate.sides import opened
from gradio_conformance.gate.sides import pairs
from gradio_conformance.gate.witness import find
from gradio_spec.data import SpecError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--fail-on",
    type=click.Choice(list(THRESHOLDS)),
    default="breaking",
    show_default=True,
    help="The weakest effect that fails; bump: what the version does not account for.",
)
@click.option(
    "--for",
    "party",
    type=click.Choice(PARTIES),
    default="both",
    show_default=True,
    help="Whose effect counts.",
)
@click.option("--severity", type=_FILE, help="What differences count as here, with reasons.")
@click.option("--ignore", type=_FILE, help="Differences that do not count, with reasons.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option(
    "--report", "reports", callback=names, metavar="F,…", help=f"Files: {', '.join(FILES)}."
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
@click.option("--witness/--no-witness", default=True, help="Look for a witness of each.")
def diff(
    old: str,
    new: str,
    fail_on: str,
    party: str,
    severity: Path | None,
    ignore: Path | None,
    form: str,
    output: Path | None,
    reports: tuple[str, ...],
    report_dir: Path,
    witness: bool,
) -> None:
    """Compare two versions of the protocol.

    OLD and NEW: a version (sse_v3, v3-5.0, gradio-5.5.0), the folder of one version or one that
    holds versions/, or either as a git revision has it (main:spec/).
    """
    refuse_others(reports, FILES, "--report")
    policy = Policy(
        fail_on,
        party,
        _entries(severity, "--severity"),
        _entries(ignore, "--ignore"),
    )
    search = find if witness else None
    with ExitStack() as stack:
        sources = [stack.enter_context(opened(name)) for name in (old, new)]
        outcome = outcome_of(pairs(*sources), policy, search, date.today())  # noqa: DTZ011
        _write(outcome, form, output)
        _report(outcome, reports, report_dir)
    sys.exit(EXIT_CODES[Verdict.NONCONFORMANT if outcome.failed else Verdict.CONFORMANT])


def _entries(path: Path | None, option: str) -> tuple[Entry, ...]:
    if path is None:
        return ()
    try:
        return read_severities(path) if option == "--severity" else read_ignored(path)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _report(outcome: Outcome, formats: tuple[str, ...], folder: Path) -> None:
    with writing_reports(folder):
        for name in formats:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / FILES[name]
            path.write_text(FORMATS[name](outcome), "utf-8", newline="\n")
            click.echo(f"wrote {path}", err=True)


def _write(outcome: Outcome, form: str, output: Path | None) -> None:
    if output is not None:
        try:
            output.write_text(FORMATS[form](outcome), encoding="utf-8")
        except OSError as error:
            told = f"{output}: {error.strerror}"
            raise click.BadParameter(told, param_hint="--output") from error
    elif form == "text" and sys.stdout.isatty():
        console = Console()
        for line in lines(outcome):
            console.print(line, soft_wrap=True)
    else:
        click.echo(FORMATS[form](outcome), nl=False)
