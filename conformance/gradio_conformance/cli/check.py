"""``gradio-protocol check``: judge a running server, or one that is started for the purpose."""

from __future__ import annotations

import random
import re
import shlex
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from gradio_conformance.catalogue import all_checks
from gradio_conformance.cli.choices import known_of
from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import open_reports
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.configured import subject
from gradio_conformance.events import RunFinished
from gradio_conformance.process import running
from gradio_conformance.reporting import FORMATS
from gradio_conformance.reporting import Listener
from gradio_conformance.runner.engine import not_run
from gradio_conformance.runner.engine import run_suite
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import DEFAULT_BUDGET_S
from gradio_conformance.runner.options import DEFAULT_EXAMPLES
from gradio_conformance.runner.options import DEFAULT_PATIENCE_S
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.runner.options import matches
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.urls import base_url
from gradio_conformance.verdict import Ending
from gradio_spec.loader import SpecError
from gradio_spec.loader import load_spec
from gradio_spec.model import Known
from gradio_spec.model import Spec
from gradio_spec.releases import announced as announced_release

DEFAULT_KNOWN = Path("known-failing.yaml")
FAMILY = "sse_v3"
AUTO = "auto"
SESSIONS = "session_stream"  # the machine of the families that the suite can judge


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("target", nargs=-1, callback=subject, metavar="URL | -- COMMAND…")
@click.option("--profile", "profiles", callback=names, metavar="P,…", help="Only these profiles.")
@click.option(
    "--run", "run_", multiple=True, metavar="GLOB", help="Only checks or clauses like this."
)
@click.option(
    "--skip", multiple=True, metavar="GLOB", help="Leave out checks or clauses like this."
)
@click.option(
    "--known-failing",
    metavar="FILE",
    help="Known deviations: a YAML file, or a bundled list such as gradio-6.31.0.",
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
@click.option("--seed", type=int, help="Seed of the generated inputs; printed in every report.")
@click.option("--max-examples", type=click.IntRange(1), default=DEFAULT_EXAMPLES, show_default=True)
@click.option(
    "--budget",
    type=click.FloatRange(1),
    default=DEFAULT_BUDGET_S,
    show_default=True,
    help="Seconds to search for failing sequences of joins, streams, cancels and drops.",
)
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=DEFAULT_PATIENCE_S,
    show_default=True,
    help="Seconds to wait for something the server must do.",
)
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="Seconds that COMMAND has to answer.",
)
@click.option("-x", "--max-failures", type=click.IntRange(1), help="Stop after so many failures.")
@click.option("--coverage", is_flag=True, help="List what of the protocol the run has never seen.")
@click.option(
    "--spec-version",
    metavar="auto|ID",
    help="Judge by this version: a dialect, a release such as gradio-4.44.1, or, by auto, the one"
    " that the server announces. The newest if omitted.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the output of the started command.")
def check(
    target: tuple[str, ...],
    profiles: tuple[str, ...],
    run_: tuple[str, ...],
    skip: tuple[str, ...],
    known_failing: str | None,
    fail_on: str,
    reports: tuple[str, ...],
    report_dir: Path,
    seed: int | None,
    max_examples: int,
    budget: float,
    patience: float,
    wait: float,
    max_failures: int | None,
    coverage: bool,
    spec_version: str | None,
    verbose: bool,
) -> None:
    """Judge the server at URL; or start COMMAND ({port} is filled in), judge it and stop it.

    Without either, the one that the configuration file names.
    """
    configure(max_examples)  # before anything imports the checks
    announced = spec_version == AUTO
    spec = chosen_spec(None if announced else spec_version)
    target = chosen_target(target)
    options = RunOptions(
        spec=spec,
        profiles=chosen_profiles(spec, profiles),
        named=bool(profiles),
        seed=random.SystemRandom().randrange(2**31) if seed is None else seed,
        run=chosen_patterns(spec, run_, "--run"),
        skip=chosen_patterns(spec, skip, "--skip"),
        known=in_force(chosen_known(known_failing), spec),
        fail_on=fail_on,
        patience_s=patience,
        max_examples=max_examples,
        budget_s=budget,
        max_failures=max_failures,
        rerun_late=True,
        coverage=True,
    )
    listeners = open_reports(reports, report_dir, spec.clauses, coverage=coverage or verbose)
    try:
        finished = _judged(target, wait, verbose, options, listeners, announced=announced)
    finally:
        for listener in listeners:
            listener.close()
    sys.exit(finished.exit_code)


def _judged(
    target: tuple[str, ...],
    wait: float,
    verbose: bool,
    options: RunOptions,
    listeners: Sequence[Listener],
    *,
    announced: bool,
) -> RunFinished:
    finished = None
    try:
        with _served(target, wait, verbose) as url:
            if announced:
                options = as_announced(url, options)
            finished = run_suite(url, options, listeners)
    except Unreachable as error:
        ending = Ending(0.0, unreachable=str(error))
        return not_run(shlex.join(target), options, listeners, ending)
    except KeyboardInterrupt:  # while the command was started or stopped
        if finished is None:
            return not_run(shlex.join(target), options, listeners, Ending(0.0, interrupted=True))
    return finished


def chosen_spec(version: str | None) -> Spec:
    """The version to judge by; one that no suite is bound to is refused."""
    try:
        spec = load_spec(version or FAMILY)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--spec-version") from error
    if SESSIONS not in spec.lifecycle.machines:
        raise click.BadParameter(
            f"{version} is of the family {spec.version}, whose connections carry one event each;"
            " the suite judges sessions, which there are since sse_v1",
            param_hint="--spec-version",
        )
    return spec


def as_announced(url: str, options: RunOptions) -> RunOptions:
    """The choices of a run for the version that the server announces in ``/config``."""
    config = discover(url, options.spec).config
    protocol, version = (config.get(name) for name in ("protocol", "version"))
    try:
        found = announced_release(
            protocol if isinstance(protocol, str) else None,
            version if isinstance(version, str) else None,
        )
    except SpecError as error:
        raise click.UsageError(f"--spec-version auto: {error}") from error
    spec = chosen_spec(found.id)
    profiles = tuple(name for name in options.profiles if name in spec.profiles)
    if not profiles:
        raise click.UsageError(f"--profile: {found.id} has no {', '.join(options.profiles)}")
    known = in_force(options.known, spec)
    return replace(options, spec=spec, profiles=profiles, known=known)


def in_force(known: Known | None, spec: Spec) -> Known | None:
    """The known deviations without those from clauses that the version has not."""
    if known is None:
        return None
    entries = tuple(entry for entry in known.entries if entry.clause in spec.clauses)
    return replace(known, entries=entries)


def chosen_profiles(spec: Spec, names: tuple[str, ...]) -> tuple[str, ...]:
    """The profiles of a run: the named ones, or every one that is stable, of which optional ones
    count where the server offers them; unknown names are refused.
    """
    stable = tuple(p.id for p in spec.profiles.values() if p.status == "stable")
    refuse_others(names, stable, "--profile")
    return names or stable


def chosen_patterns(spec: Spec, patterns: tuple[str, ...], option: str) -> tuple[str, ...]:
    """Patterns of checks and clauses; one that matches nothing there is must be a mistake."""
    checks = all_checks().values()
    for pattern in patterns:
        if not any(matches(c, (pattern,)) for c in checks) and pattern not in spec.clauses:
            raise click.BadParameter(
                f"{pattern!r} is no check and no clause; gradio-protocol list checks shows them",
                param_hint=option,
            )
    return patterns


def chosen_known(name: str | None) -> Known | None:
    """The list of known deviations of a run, if any; a wrong file is a usage error."""
    source = name or (str(DEFAULT_KNOWN) if DEFAULT_KNOWN.is_file() else None)
    return None if source is None else known_of(source, "check", all_checks())


def chosen_target(target: tuple[str, ...]) -> tuple[str, ...]:
    """One URL, or a command that can be told its port; anything else is refused."""
    if not target:
        raise click.MissingParameter(param_hint="URL | COMMAND", param_type="argument")
    try:
        if "://" in target[0]:
            if len(target) > 1:
                raise ValueError(f"one URL, not also {' '.join(target[1:])!r}")
            return (base_url(target[0]),)
        if not any("{port}" in part for part in target):
            bare = len(target) == 1 and re.fullmatch(r"[\w.-]+:\d+/?", target[0])
            hint = f"; do you mean http://{target[0]}?" if bare else ""
            raise ValueError(
                f"{' '.join(target)!r} is neither a URL nor a command with {{port}} in it{hint}"
            )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="URL | COMMAND") from error
    return target


@contextmanager
def _served(target: tuple[str, ...], wait: float, verbose: bool) -> Iterator[str]:
    if "://" in target[0]:
        yield target[0]
        return
    with running(target, wait_s=wait, quiet=not verbose) as url:
        yield url
