"""``gradio-protocol check``: judge a running server, or one that is started for the purpose."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gradio_conformance.process import running
from gradio_conformance.reporting import FORMATS
from gradio_conformance.reporting import open_listeners
from gradio_conformance.runner.engine import run_suite
from gradio_conformance.runner.options import DEFAULT_EXAMPLES
from gradio_conformance.runner.options import DEFAULT_PATIENCE_S
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.target import Unreachable
from gradio_spec.loader import SpecError
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Known
from gradio_spec.model import Spec

DEFAULT_KNOWN = Path("known-failing.yaml")


def _names(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[str, ...]:
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("target", nargs=-1, required=True, metavar="URL | -- COMMAND…")
@click.option("--profile", "profiles", callback=_names, metavar="P,…", help="Only these profiles.")
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
    "--report", "reports", callback=_names, metavar="F,…", help=f"Files: {', '.join(FORMATS)}."
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
@click.option("--seed", type=int, help="Seed of the generated inputs; printed in every report.")
@click.option("--max-examples", type=click.IntRange(1), default=DEFAULT_EXAMPLES, show_default=True)
@click.option(
    "--patience",
    type=click.FloatRange(0.1),
    default=DEFAULT_PATIENCE_S,
    show_default=True,
    help="Seconds to wait for something the server must do.",
)
@click.option(
    "--wait", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds to start."
)
@click.option("-x", "--max-failures", type=click.IntRange(1), help="Stop after so many failures.")
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
    patience: float,
    wait: float,
    max_failures: int | None,
    verbose: bool,
) -> None:
    """Judge the server at URL; or start COMMAND ({port} is filled in), judge it and stop it."""
    spec = load_spec()
    options = RunOptions(
        spec=spec,
        profiles=chosen_profiles(spec, profiles),
        seed=random.SystemRandom().randrange(2**31) if seed is None else seed,
        run=run_,
        skip=skip,
        known=chosen_known(known_failing),
        fail_on=fail_on,
        patience_s=patience,
        max_examples=max_examples,
        max_failures=max_failures,
    )
    unknown = sorted(set(reports) - set(FORMATS))
    if unknown:
        raise click.BadParameter(
            f"{', '.join(unknown)}; there are {', '.join(FORMATS)}", param_hint="--report"
        )
    listeners = open_listeners(reports, report_dir, clauses=spec.clauses)
    try:
        with _served(target, wait, verbose) as url:
            finished = run_suite(url, options, listeners)
    except Unreachable as error:
        click.echo(f"unreachable: {error}", err=True)
        sys.exit(4)
    finally:
        for listener in listeners:
            listener.close()
    sys.exit(finished.exit_code)


def chosen_profiles(spec: Spec, names: tuple[str, ...]) -> tuple[str, ...]:
    """The profiles of a run: the named ones, or every one that is stable; unknown names are
    refused.
    """
    stable = tuple(p.id for p in spec.profiles.values() if p.status == "stable")
    unknown = [name for name in names if name not in stable]
    if unknown:
        raise click.BadParameter(
            f"{', '.join(unknown)}; there are {', '.join(stable)}", param_hint="--profile"
        )
    return names or stable


def chosen_known(name: str | None) -> Known | None:
    """The list of known deviations of a run, if any; a wrong file is a usage error."""
    source = name or (str(DEFAULT_KNOWN) if DEFAULT_KNOWN.is_file() else None)
    if source is None:
        return None
    try:
        return load_known(source)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--known-failing") from error


@contextmanager
def _served(target: tuple[str, ...], wait: float, verbose: bool) -> Iterator[str]:
    if len(target) == 1 and target[0].startswith(("http://", "https://")):
        yield target[0]
        return
    if not any("{port}" in part for part in target):
        raise click.BadParameter(
            f"{' '.join(target)!r} is neither a URL nor a command with {{port}}",
            param_hint="TARGET",
        )
    with running(target, wait_s=wait, quiet=not verbose) as url:
        yield url
