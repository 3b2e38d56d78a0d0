"""``gradio-protocol drift``: whether a release, or a running server, is what the specification says
of it, and how it differs from another one.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import read_known
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.choices import writing_reports
from gradio_conformance.environments import NotInstallable
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.gate.drift.between import Side
from gradio_conformance.gate.drift.between import compare_releases
from gradio_conformance.gate.drift.facts import facts_of
from gradio_conformance.gate.drift.facts import readable
from gradio_conformance.gate.drift.findings import Comparison
from gradio_conformance.gate.drift.from_spec import compare_with_spec
from gradio_conformance.gate.drift.markdown import markdown_of
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.observation import ObservationError
from gradio_conformance.gate.drift.observation import document_of
from gradio_conformance.gate.drift.observation import write_observation
from gradio_conformance.gate.drift.report import FAIL_ON
from gradio_conformance.gate.drift.report import Report
from gradio_conformance.gate.drift.report import document_of as report_of
from gradio_conformance.gate.drift.subjects import Asked
from gradio_conformance.gate.drift.subjects import Judged
from gradio_conformance.gate.drift.subjects import asked_for
from gradio_conformance.gate.drift.subjects import deviations
from gradio_conformance.gate.drift.subjects import judged_by
from gradio_conformance.gate.drift.subjects import lists_of
from gradio_conformance.gate.drift.subjects import observed
from gradio_conformance.gate.drift.text import tell
from gradio_conformance.target import Unreachable
from gradio_spec.data import SpecError
from gradio_spec.loader import load_spec
from gradio_spec.releases import number
from gradio_spec.releases import resolve

FORMATS = {"json": "drift.json", "markdown": "drift.md", "text": "drift.txt"}
NOT_TESTBED = "it does not host the testbed, so that only what needs no endpoint was compared"
AUTO = "auto"
WIDTH = 200  # of the text in a file


@click.command()
@click.argument("target", metavar="gradio==X | URL | FILE")
@click.option(
    "--against",
    metavar="X | URL | FILE",
    help="Compare with what this release, server or stored observation shows, too.",
)
@click.option(
    "--spec-version",
    metavar="auto|ID",
    default=AUTO,
    show_default=True,
    help="Compare with this version, such as gradio-6.31.0; by auto with what TARGET is.",
)
@click.option(
    "--known-failing",
    metavar="FILE",
    help="Known deviations: a YAML file or a bundled list; by default that of the release.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="unexplained",
    show_default=True,
    help="Exit with 1 for what nothing explains, for every difference, or never.",
)
@click.option("--save", type=click.Path(path_type=Path), help="Keep what was seen of TARGET here.")
@click.option(
    "--report", "reports", callback=names, metavar="F,…", help=f"Files: {', '.join(FORMATS)}."
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=120.0,
    show_default=True,
    help="Seconds that a release has to start.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=10.0,
    show_default=True,
    help="Seconds to wait for something the server must do.",
)
def drift(
    target: str,
    against: str | None,
    spec_version: str,
    known_failing: str | None,
    fail_on: str,
    save: Path | None,
    reports: tuple[str, ...],
    report_dir: Path,
    wait: float,
    patience: float,
) -> None:
    """Compare a release of Gradio, or the server at URL, with what the specification says of it.

    A release is installed into an environment of its own and serves the testbed. FILE is what
    --save wrote. An address of its own must serve the testbed for a full comparison.
    """
    refuse_others(reports, FORMATS, "--report")
    one, other = _asked(target, "TARGET"), against and _asked(against, "--against")
    console = Console(stderr=True)

    def seen(asked: Asked, option: str) -> Observation:
        see = partial(observed, asked, console, wait_s=wait, patience_s=patience)
        return _reached(see, option)

    observation = seen(one, "TARGET")
    if save is not None:
        _save(observation, save)
    judged = _judged(one, observation, spec_version)
    known = _known((known_failing,) if known_failing else lists_of(observation.subject.named))
    side = Side(observation, load_spec(judged.release.id), known)
    comparisons = [compare_with_spec(observation, side.spec, known=side.known)]
    if other:
        comparisons.append(_compared(side, _other(other, seen(other, "--against"))))
    remarks = [judged.remark] if judged.remark else []
    remarks += [] if observation.subject.is_testbed else [NOT_TESTBED]
    report = Report(
        observation.subject, judged.release.id, tuple(comparisons), fail_on, tuple(remarks)
    )
    tell(report, Console(highlight=False, soft_wrap=True))
    _write(report, reports, report_dir)
    sys.exit(report.exit_code)


def _asked(text: str, option: str) -> Asked:
    try:
        return asked_for(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _reached(see: Callable[[], Observation], option: str) -> Observation:
    try:
        return see()
    except (ObservationError, OSError) as error:
        raise click.BadParameter(f"no observation: {error}", param_hint=option) from error
    except (Unreachable, NotInstallable) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[Verdict.UNREACHABLE])


def _judged(asked: Asked, observation: Observation, version: str) -> Judged:
    try:
        found = judged_by(asked, observation) if version == AUTO else Judged(resolve(version))
        load_spec(found.release.id)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--spec-version") from error
    return found


def _known(names: Sequence[str]) -> dict[str, str]:
    return deviations([read_known(name) for name in names]) if names else {}


def _other(asked: Asked, observation: Observation) -> Side:
    judged = _judged(asked, observation, AUTO)
    known = _known(lists_of(observation.subject.named))
    return Side(observation, load_spec(judged.release.id), known)


def _compared(subject: Side, other: Side) -> Comparison:
    """The older of both first; of two that are the same release, the subject is the newer one."""
    first, second = (number(side.spec.release.number) for side in (subject, other))
    pair = (subject, other) if first < second else (other, subject)
    return compare_releases(*pair)


def _save(observation: Observation, path: Path) -> None:
    document = document_of(observation, readable(facts_of(observation)))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_observation(document, path)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="--save") from error
    click.echo(f"wrote {path}", err=True)


def _write(report: Report, formats: tuple[str, ...], folder: Path) -> None:
    with writing_reports(folder):
        for name in formats:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / FORMATS[name]
            path.write_text(_text_of(report, name), "utf-8", newline="\n")
            click.echo(f"wrote {path}", err=True)


def _text_of(report: Report, name: str) -> str:
    if name == "json":
        return json.dumps(report_of(report), ensure_ascii=False, indent=1) + "\n"
    if name == "markdown":
        return markdown_of(report)
    text = io.StringIO()
    tell(report, Console(width=WIDTH, file=text, highlight=False, soft_wrap=True))
    return text.getvalue()
