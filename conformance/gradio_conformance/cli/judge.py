"""``gradio-protocol judge FILE``: what recorded traffic says of the server and of its clients."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import read_known
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.choices import writing_reports
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import one_line
from gradio_conformance.traffic.har import NothingToJudge
from gradio_conformance.traffic.har import read_har
from gradio_conformance.traffic.judge import BOTH
from gradio_conformance.traffic.judge import Side
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import RecordingError
from gradio_conformance.traffic.recording import read_recording
from gradio_conformance.traffic.verdict import ClauseVerdict
from gradio_conformance.traffic.verdict import Judgement
from gradio_conformance.traffic.verdict import judge_recording
from gradio_conformance.traffic.verdict import lines_of
from gradio_spec.loader import load_spec

FORMATS = {"jsonl": "judgement.jsonl", "html": "traffic.html"}
SHOWN = 3  # offences of one clause; the reports have them all
COLOURS = {Status.FAIL: "red", Status.KNOWN: "yellow", Status.PASS: "green"}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--side", type=click.Choice(["server", "client", "both"]), default="both", show_default=True
)
@click.option("--server", metavar="URL", help="Whose traffic, in a HAR file of several servers.")
@click.option(
    "--whole", is_flag=True, help="Nothing is missing: what is not in the file was not done."
)
@click.option(
    "--known-failing",
    metavar="FILE",
    help="Known deviations of the server: a YAML file, or a bundled list such as gradio-6.31.0.",
)
@click.option(
    "--fail-on", type=click.Choice(["must", "should", "never"]), default="should", show_default=True
)
@click.option(
    "--report", "reports", callback=names, metavar="F,…", help=f"Files: {', '.join(FORMATS)}."
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
def judge(
    file: Path,
    side: str,
    server: str | None,
    whole: bool,
    known_failing: str | None,
    fail_on: str,
    reports: tuple[str, ...],
    report_dir: Path,
) -> None:
    """Judge the traffic in FILE: a recording of `watch` (.jsonl), or HAR of any browser (.har).

    Either may be compressed (.gz).
    """
    refuse_others(reports, FORMATS, "--report")
    known: set[str] = set()
    if known_failing is not None:
        known = {entry.clause for entry in read_known(known_failing).entries}
    recording = _read(file, server)
    sides: tuple[Side, ...] = (
        BOTH if side == "both" else ("server" if side == "server" else "client",)
    )
    found = judge_recording(
        load_spec(),
        recording,
        sides=sides,
        whole=whole,
        fail_on=fail_on,
        known=known,
    )
    _tell(found, sides)
    _write(found, reports, report_dir)
    sys.exit(found.exit_code)


def _read(file: Path, server: str | None) -> Recording:
    try:
        if ".har" in (suffix.lower() for suffix in file.suffixes):
            return read_har(file, server)
        return read_recording(file)
    except NothingToJudge as error:
        click.echo(f"INCONCLUSIVE  {file}: {error}", err=True)
        sys.exit(EXIT_CODES[Verdict.INCONCLUSIVE])
    except (OSError, RecordingError) as error:
        raise click.BadParameter(f"{file}: {error}", param_hint="FILE") from error


# -- what is told ----------------------------------------------------------------------------------


def _tell(found: Judgement, sides: tuple[Side, ...]) -> None:
    for side in sides:
        clauses = [clause for clause in found.clauses if clause.side == side]
        broken = [clause for clause in clauses if clause.offences]
        told = f"{counted(len(clauses), 'clause')} seen, {len(broken)} broken"
        click.secho(f"\n{side}   {told}", bold=True)
        for clause in broken:
            _tell_clause(clause)
    if "client" in sides and found.unseen:
        click.echo(f"\nno occasion for {', '.join(found.unseen)}")
    for remark in found.recording.remarks:
        click.echo(f"note: {remark}")
    colour = {Verdict.CONFORMANT: "green", Verdict.NONCONFORMANT: "red"}.get(
        found.verdict, "yellow"
    )
    click.secho(f"\n{found.verdict.value.upper()}", fg=colour, bold=True, nl=False)
    click.echo(f"  {found.reason} ({counted(found.exchanges, 'exchange')})")


def _tell_clause(clause: ClauseVerdict) -> None:
    times = f"{len(clause.offences)} of {clause.asked}"
    bugs = f"  looks like {', '.join(clause.bugs)}" if clause.bugs else ""
    head = f"  {clause.status.value.upper():<6} {clause.id}"
    click.secho(head, fg=COLOURS[clause.status], bold=True, nl=False)
    click.echo(f"  {clause.level.value}  {times}{bugs}")
    click.echo(f"         {clause.text}")
    for offence in clause.offences[:SHOWN]:
        click.echo(f"         at {offence.at:.3f} s, exchange {offence.exchange}")
        click.echo(f"           expected {one_line(offence.expected)}")
        click.echo(f"           got      {one_line(offence.actual)}")
    if len(clause.offences) > SHOWN:
        click.echo(f"         and {len(clause.offences) - SHOWN} more")


def _write(found: Judgement, formats: tuple[str, ...], folder: Path) -> None:
    with writing_reports(folder):
        if formats:
            folder.mkdir(parents=True, exist_ok=True)
        for name in formats:
            path = folder / FORMATS[name]
            if name == "jsonl":
                lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in lines_of(found)]
                path.write_text("".join(lines), "utf-8", newline="\n")
            else:
                from gradio_conformance.traffic.inspector.page import page_of

                path.write_text(page_of(found), "utf-8", newline="\n")
            click.echo(f"wrote {path}")
