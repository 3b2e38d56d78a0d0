"""``gradio-protocol selftest``: the suite against servers that are wrong on purpose."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn
from rich.table import Table

from gradio_conformance import __version__
from gradio_conformance.catalogue import all_checks
from gradio_conformance.cli.choices import names
from gradio_conformance.cli.choices import refuse_others
from gradio_conformance.cli.choices import writing_reports
from gradio_conformance.cli.selftest_console import line
from gradio_conformance.cli.selftest_console import show
from gradio_conformance.cli.tracing import Tracing
from gradio_conformance.mutants.document import About
from gradio_conformance.mutants.document import document
from gradio_conformance.mutants.matrix import build
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.model import chosen
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.reports import FORMATS
from gradio_conformance.mutants.reports import write_reports
from gradio_conformance.mutants.selftest import JOBS
from gradio_conformance.mutants.selftest import SEED
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Plan
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.mutants.selftest import plan_for
from gradio_conformance.mutants.selftest import run_plan
from gradio_conformance.mutants.selftest import share_of
from gradio_spec.loader import load_spec

FILE = click.Path(path_type=Path, dir_okay=False)


def _share(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    """K and N; the day decides where K is not given."""
    if value is None:
        return None
    first, _, last = value.rpartition("/")
    if not last.isdecimal() or int(last) < 1 or (first and not first.isdecimal()):
        raise click.BadParameter(f"{value!r} is not N or K/N")
    count = int(last)
    number = int(first) if first else datetime.now(UTC).toordinal() % count + 1
    if not 1 <= number <= count:
        raise click.BadParameter(f"{value!r}: K is from 1 to {count}")
    return number, count


@click.command()
@click.option("--mutants", "patterns", multiple=True, metavar="GLOB", help="Only ids like this.")
@click.option(
    "--jobs", type=click.IntRange(1), default=JOBS, show_default=True, help="At the same time."
)
@click.option(
    "--thorough", is_flag=True, help="Run all bound checks, also after one saw the fault."
)
@click.option(
    "--through-proxy",
    is_flag=True,
    help="Only what bends the wire, from a proxy before the reference server.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option(
    "--report", "reports", callback=names, metavar="F,…", help=f"Files: {', '.join(FORMATS)}."
)
@click.option(
    "--report-dir", type=click.Path(path_type=Path), default=Path("report"), show_default=True
)
@click.option(
    "--trace", type=FILE, help="Write the traceability record; what was not tried stays in it."
)
@click.option(
    "--verdicts",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A report.jsonl whose verdicts the record takes over.",
)
@click.option(
    "--against", type=FILE, help="Compare with this record; whatever has moved is an error."
)
@click.option(
    "--fewest",
    is_flag=True,
    help="Only as many mutants as see each check fail for each of its clauses, by the record of "
    "--against.",
)
@click.option(
    "--share",
    callback=_share,
    metavar="[K/]N",
    help="Only the K-th of N shares of these servers; without K another one each day.",
)
@click.option("--list", "listing", is_flag=True, help="List the servers, try none.")
def selftest(
    patterns: tuple[str, ...],
    jobs: int,
    thorough: bool,
    through_proxy: bool,
    as_json: bool,
    reports: tuple[str, ...],
    report_dir: Path,
    trace: Path | None,
    verdicts: tuple[Path, ...],
    against: Path | None,
    fewest: bool,
    share: tuple[int, int] | None,
    listing: bool,
) -> None:
    """Prove the suite: each mutant must be found out, by a check of the clause that it breaks.

    A mutant is the reference server with one misbehaviour. Vacuous servers must be nonconformant,
    legal variants and the reference itself must pass. Exit code 1: one of them was not judged so.
    """
    refuse_others(reports, FORMATS, "--report")
    catalogue = load_catalogue()
    names = chosen([*catalogue.mutants, *catalogue.legal, *catalogue.vacuous], patterns)
    if not names:
        raise click.BadParameter(f"nothing is called {', '.join(patterns)}", param_hint="--mutants")
    if listing:
        _list(catalogue, names)
        return
    if (trace or against) and (through_proxy or not thorough):
        raise click.UsageError("--trace and --against need --thorough, and no --through-proxy")
    if fewest and against is None:
        raise click.UsageError("--fewest needs a record: --against FILE")
    tracing = Tracing(catalogue, trace, against, verdicts)
    if fewest:
        left_out = catalogue.mutants.keys() - tracing.fewest()
        names = [name for name in names if name not in left_out]
    if share is not None:
        click.echo(f"Share    {share[0]}/{share[1]} of the servers", err=True)
        names = share_of(catalogue, names, *share)
    plan = plan_for(catalogue, names, jobs=jobs, thorough=thorough, through_proxy=through_proxy)
    started = datetime.now(UTC)
    trials = _run(plan, quiet=as_json)
    trials, moved = tracing.settled(trials, lambda ids: _run(_alone(plan, ids), quiet=as_json))
    tracing.write(trials)
    # Only with every mutant that proves one, and every check, can one say that nothing proves a
    # binding.
    whole_record = not (patterns or through_proxy or share)
    unproven = unproven_bindings(trials) if thorough and whole_record else []
    code = exit_code(trials, unproven) or int(bool(moved))
    about = _about(plan, started, complete=whole_record and not fewest, exit_code=code)
    matrix = build(load_spec(), all_checks().values(), catalogue, trials)
    whole = document(about, matrix, trials, unproven)
    with writing_reports(report_dir):
        files = write_reports(reports, report_dir, whole)
    if as_json:
        click.echo(json.dumps(_report(trials, whole["footer"]), indent=2, ensure_ascii=False))
    else:
        show(trials, matrix, unproven, about.seconds)
        _tell_moved(moved, against)
        _tell_files([*files, *([trace] if trace else [])])
    sys.exit(code)


def _alone(plan: Plan, ids: frozenset[str]) -> Plan:
    """These mutants of a plan, one at a time."""
    mutants = tuple(mutant for mutant in plan.mutants if mutant.id in ids)
    return Plan(mutants=mutants, jobs=1, thorough=plan.thorough)


def _about(plan: Plan, started: datetime, *, complete: bool, exit_code: int) -> About:
    spec = load_spec()
    return About(
        suite_version=__version__,
        spec_version=spec.version,
        spec_digest=spec.digest,
        dialect=spec.dialect,
        started_at=started.isoformat(timespec="seconds"),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 1),
        seed=SEED,
        thorough=plan.thorough,
        through_proxy=plan.through_proxy,
        complete=complete,
        exit_code=exit_code,
    )


def _tell_moved(moved: Sequence[str], against: Path | None) -> None:
    if moved:
        click.echo(f"Moved since {against}:")
    for fact in moved:
        click.echo(f"  {fact}")


def _tell_files(files: Sequence[Path]) -> None:
    if files:
        click.echo(f"Reports  {'  '.join(map(str, files))}")


def exit_code(trials: Sequence[Trial], unproven: Sequence[str] = ()) -> int:
    """5: the self-test itself failed; 1: something was misjudged or is unproven; 0 otherwise."""
    if any(trial.outcome is Outcome.FAULT for trial in trials):
        return 5
    return 0 if all(trial.good for trial in trials) and not unproven else 1


def unproven_bindings(trials: Sequence[Trial]) -> list[str]:
    """The clauses of checks, as ``check: clause``, for whose sake no mutant made them fail."""
    proven = {(check, trial.clause) for trial in trials for check in trial.by}
    bound = [(info.slug, clause) for info in all_checks().values() for clause in info.clauses]
    return [f"{check}: {clause}" for check, clause in bound if (check, clause) not in proven]


def _run(plan: Plan, *, quiet: bool) -> list[Trial]:
    console = Console(stderr=True, quiet=quiet)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    trials: list[Trial] = []
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("selftest", total=plan.size)
        for trial in run_plan(plan):
            trials.append(trial)
            progress.update(task, advance=1, description=trial.id)
            if not trial.good:
                progress.console.print(line(trial), highlight=False)
    return sorted(trials, key=lambda trial: (trial.kind, trial.clause or "", trial.id))


def _report(trials: Sequence[Trial], footer: Mapping[str, Any]) -> dict[str, object]:
    """What ``--json`` prints; the files of ``--report`` say more."""
    bare = [{k: v for k, v in asdict(trial).items() if k != "clauses"} for trial in trials]
    return {
        "seconds": footer["seconds"],
        "counts": footer["counts"],
        "score": footer["score"],
        "trials": bare,
        "unproven": footer["unproven"],
    }


def _list(catalogue: Catalogue, names: Sequence[str]) -> None:
    table = Table(title=f"{len(names)} servers", title_justify="left", row_styles=("", "dim"))
    for column in ("clause", "id", "what it does"):
        table.add_column(column, overflow="fold", no_wrap=column == "clause")
    for name in names:
        if name in catalogue.mutants:
            mutant = catalogue.mutants[name]
            table.add_row(mutant.clause, name, mutant.breaks)
        elif name in catalogue.legal:
            table.add_row("legal", name, catalogue.legal[name].changes)
        else:
            table.add_row("vacuous", name, catalogue.vacuous[name].does)
    Console().print(table)
