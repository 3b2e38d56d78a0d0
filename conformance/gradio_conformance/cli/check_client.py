"""``gradio-protocol check-client``: judge a client by what it makes of scripted servers."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from gradio_conformance.cli.choices import known_of
from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import open_reports
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.configured import subject
from gradio_conformance.limits import raise_file_limit
from gradio_conformance.reporting import FORMATS
from gradio_conformance.scenarios.course import FILES
from gradio_conformance.scenarios.course import Course
from gradio_conformance.scenarios.course import Patience
from gradio_conformance.scenarios.engine import ClientOptions
from gradio_conformance.scenarios.engine import run_client
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.model import load_scenarios
from gradio_conformance.scenarios.model import matches
from gradio_conformance.scenarios.reports import TASK
from gradio_conformance.scenarios.reports import environment
from gradio_spec.loader import load_spec
from gradio_spec.model import Level

DEFAULT_PATIENCE_S = 5.0
FOR_EVER_S = 86_400.0


@click.command("check-client", context_settings={"ignore_unknown_options": False})
@click.argument("command", nargs=-1, callback=subject, metavar="-- COMMAND…")
@click.option("--run", "run_", multiple=True, metavar="GLOB", help="Only scenarios or clauses.")
@click.option("--skip", multiple=True, metavar="GLOB", help="Leave out scenarios or clauses.")
@click.option(
    "--level", "levels", callback=names, metavar="L,…", help="Only clauses of MUST, SHOULD, MAY."
)
@click.option(
    "--known-failing",
    metavar="FILE",
    help="Known deviations: a YAML file, or a bundled list such as gradio_client-2.7.2.",
)
@click.option(
    "--fail-on", type=click.Choice(["must", "should", "never"]), default="should", show_default=True
)
@click.option("--report", "reports", callback=names, metavar="F,…", help=f"{', '.join(FORMATS)}.")
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=DEFAULT_PATIENCE_S,
    show_default=True,
    help="Seconds without a request or a report after which a client is taken to hang.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="Seconds that COMMAND has until its first request.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), default=2, show_default=True, help="Clients at a time."
)
@click.option("--list", "listed", is_flag=True, help="Name the scenarios that would run.")
@click.option("--serve", metavar="SCENARIO", help="Play one by hand, again and again.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="With --serve.")
def check_client(
    command: tuple[str, ...],
    run_: tuple[str, ...],
    skip: tuple[str, ...],
    levels: tuple[str, ...],
    known_failing: str | None,
    fail_on: str,
    reports: tuple[str, ...],
    report_dir: Path,
    patience: float,
    wait: float,
    jobs: int,
    listed: bool,
    serve: str | None,
    port: int,
) -> None:
    """Judge the client that COMMAND runs: for each scenario it is started with a server's URL as
    its last argument, does what GRADIO_PROTOCOL_TASK says, and reports on stdout.

    conformance/CHECK-CLIENT.md is the whole contract.
    """
    scenarios = _chosen(run_, skip, levels)
    if serve is not None:
        _serve(serve, port)
    elif listed:
        for scenario in scenarios:
            click.echo(f"{scenario.slug:<44} {', '.join(scenario.clauses)}")
    else:
        if not command:
            raise click.UsageError("there is no COMMAND to run; write it after --")
        spec = load_spec()
        known = None
        if known_failing is not None:
            known = known_of(known_failing, "scenario", load_scenarios())
        raise_file_limit()
        options = ClientOptions(
            spec=spec,
            command=command,
            scenarios=scenarios,
            patience=Patience(wait, patience),
            levels=frozenset(Level(level) for level in levels or tuple(Level)),
            jobs=jobs,
            known=known,
            fail_on=fail_on,
        )
        sys.exit(_judged(options, reports, report_dir))


def _judged(options: ClientOptions, reports: tuple[str, ...], directory: Path) -> int:
    listeners = open_reports(reports, directory, options.spec.client)
    try:
        return run_client(options, listeners).exit_code
    finally:
        for listener in listeners:
            listener.close()


def _chosen(
    run_: tuple[str, ...], skip: tuple[str, ...], levels: tuple[str, ...]
) -> tuple[Scenario, ...]:
    """The scenarios of a run; a pattern or a level that there is not must be a mistake."""
    there, clauses = load_scenarios(), load_spec().client
    for option, patterns in (("--run", run_), ("--skip", skip)):
        for pattern in patterns:
            if not any(matches(s, (pattern,)) for s in there.values()):
                raise click.BadParameter(
                    f"{pattern!r} is no scenario and no clause of clients; "
                    "gradio-protocol list scenarios shows them",
                    param_hint=option,
                )
    refuse_others(levels, tuple(Level), "--level")
    chosen = [s for s in there.values() if not run_ or matches(s, run_)]
    return tuple(
        s
        for s in chosen
        if not matches(s, skip) and any(clauses[c].level in (levels or Level) for c in s.clauses)
    )


def _serve(slug: str, port: int) -> None:
    scenario = load_scenarios().get(slug)
    if scenario is None:
        raise click.BadParameter(
            f"{slug!r}; gradio-protocol list scenarios shows them", param_hint="--serve"
        )
    asyncio.run(_play(scenario, port))


async def _play(scenario: Scenario, port: int) -> None:
    course = Course(scenario, Patience(FOR_EVER_S, FOR_EVER_S))
    try:
        await course.open(port)
    except OSError as error:
        raise click.BadParameter(f"{port}: {error.strerror}", param_hint="--port") from error
    try:
        task = environment(scenario, course.url, {name: name for name in FILES})[TASK]
        click.echo(f"{scenario.slug}: {scenario.title}")
        click.echo(f"{course.url} plays it, from its beginning after each end; Ctrl-C stops it.")
        click.echo(json.dumps(json.loads(task), indent=2, ensure_ascii=False))
        for wanted in scenario.expect:
            click.echo(f"{wanted.clause}: {load_spec().client[wanted.clause].text}")
        while True:
            outcome = await course.serve()
            click.echo(f"played to line {outcome.line}: {outcome.stuck or 'to its end'}")
    finally:
        await course.close()
