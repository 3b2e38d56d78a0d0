"""``gradio-protocol selftest``: the suite against servers that are wrong on purpose."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn
from rich.table import Table

from gradio_conformance.catalogue import all_checks
from gradio_conformance.mutants.model import Catalogue
from gradio_conformance.mutants.model import chosen
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.selftest import JOBS
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Plan
from gradio_conformance.mutants.selftest import Trial
from gradio_conformance.mutants.selftest import plan_for
from gradio_conformance.mutants.selftest import run_plan

COLOURS = {
    Outcome.KILLED: "green",
    Outcome.EXPOSED: "green",
    Outcome.UNHARMED: "green",
    Outcome.EQUIVALENT: "yellow",
    Outcome.FAULT: "magenta",
}


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
@click.option("--list", "listing", is_flag=True, help="List the servers, try none.")
def selftest(
    patterns: tuple[str, ...],
    jobs: int,
    thorough: bool,
    through_proxy: bool,
    as_json: bool,
    listing: bool,
) -> None:
    """Prove the suite: each mutant must be found out, by a check of the clause that it breaks.

    A mutant is the reference server with one misbehaviour. Vacuous servers must be nonconformant,
    legal variants and the reference itself must pass. Exit code 1: one of them was not judged so.
    """
    catalogue = load_catalogue()
    names = chosen([*catalogue.mutants, *catalogue.legal, *catalogue.vacuous], patterns)
    if not names:
        raise click.BadParameter(f"nothing is called {', '.join(patterns)}", param_hint="--mutants")
    if listing:
        _list(catalogue, names)
        return
    if importlib.util.find_spec("quart") is None:
        raise click.ClickException("selftest needs an extra: install gradio-protocol[server]")
    started = time.monotonic()
    plan = plan_for(catalogue, names, jobs=jobs, thorough=thorough, through_proxy=through_proxy)
    trials = _run(plan, quiet=as_json)
    seconds = round(time.monotonic() - started, 1)
    # Only with every mutant and every check can one say that nothing proves a binding.
    unproven = unproven_bindings(trials) if thorough and not (patterns or through_proxy) else []
    if as_json:
        report = {**_report(trials, seconds), "unproven": unproven}
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        _show(trials, seconds, unproven)
    sys.exit(exit_code(trials, unproven))


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
                progress.console.print(_line(trial), highlight=False)
    return sorted(trials, key=lambda trial: (trial.kind, trial.clause or "", trial.id))


def _line(trial: Trial) -> str:
    colour = COLOURS.get(trial.outcome, "red")
    shown = "".join(f"\n    {line[:300]}" for line in trial.seen[:12]).replace("[", r"\[")
    return f"[{colour}]{trial.outcome:<10}[/] {trial.clause or trial.kind:<10} {trial.id}{shown}"


def _report(trials: Sequence[Trial], seconds: float) -> dict[str, object]:
    counts = Counter(str(trial.outcome) for trial in trials)
    return {
        "seconds": seconds,
        "counts": dict(sorted(counts.items())),
        "trials": [asdict(t) for t in trials],
    }


def _show(trials: Sequence[Trial], seconds: float, unproven: Sequence[str]) -> None:
    """A line for each area of clauses and each other kind of server; then the sum."""
    rows: dict[str, Counter[Outcome]] = {}
    for trial in trials:
        area = trial.clause.partition("-")[0] if trial.clause else trial.kind
        rows.setdefault(area, Counter())[trial.outcome] += 1
    outcomes = [outcome for outcome in Outcome if any(counts[outcome] for counts in rows.values())]
    table = Table(title=f"{len(trials)} servers in {seconds:g} s", title_justify="left")
    table.add_column("area")
    for outcome in outcomes:
        table.add_column(str(outcome), justify="right", style=COLOURS.get(outcome, "red"))
    for area, counts in rows.items():
        table.add_row(area, *(str(counts[outcome] or "") for outcome in outcomes))
    console = Console()
    console.print(table)
    total = Counter(trial.outcome for trial in trials)
    console.print(", ".join(f"{total[outcome]} {outcome}" for outcome in outcomes))
    for binding in unproven:
        console.print(f"[red]no mutant makes it fail[/]  {binding}", highlight=False)


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
