"""`python -m sidebyside`: one run, its table, its document, its plot."""

from __future__ import annotations

import os
import sys
from datetime import UTC
from datetime import datetime
from pathlib import Path

import click

from sidebyside import console as shown
from sidebyside import document
from sidebyside.declared import DeclarationError
from sidebyside.declared import Plan
from sidebyside.declared import chosen
from sidebyside.declared import load
from sidebyside.processes import choose_cores
from sidebyside.processes import raise_file_limit
from sidebyside.results import rows
from sidebyside.runner import Runner

REPEATS = 5
SUFFIXES = ("png", "svg")


@click.command()
@click.option("--repeats", type=click.IntRange(1), help=f"Default: {REPEATS}; with --quick 1.")
@click.option("--quick", is_flag=True, help="Small sizes: does it all work? No measurement.")
@click.option("--peer", "peers", multiple=True, help="Only this peer; may be given again.")
@click.option("--workload", "cases", multiple=True, help="Only these, e.g. 'round-*', 'start'.")
@click.option(
    "--server", "servers", multiple=True, help="Also the peers on this server: uvicorn, granian."
)
@click.option("--set", "changes", multiple=True, help="E.g. deep-queue.waiting=100,1000")
@click.option(
    "--report-dir", type=click.Path(file_okay=False, path_type=Path), default="report/sidebyside"
)
def main(
    repeats: int | None,
    quick: bool,
    peers: tuple[str, ...],
    cases: tuple[str, ...],
    servers: tuple[str, ...],
    changes: tuple[str, ...],
    report_dir: Path,
) -> None:
    """Measure Gradio, the reference server and their peers side by side.

    Exit code 0: measured; 1: a server failed, or a message broke a clause that is not on its list
    of known deviations; 2: usage; 130: interrupted, reported is what there was.
    """
    try:
        plan = chosen(load(quick=quick, changes=changes), peers=peers, cases=cases, servers=servers)
    except DeclarationError as error:
        raise click.UsageError(str(error)) from error
    sys.exit(_run(plan, repeats or (1 if quick else REPEATS), report_dir, quick=quick))


def _run(plan: Plan, repeats: int, report_dir: Path, *, quick: bool) -> int:
    console = shown.make_console()
    cores = choose_cores()
    raise_file_limit()
    started, load_before = datetime.now(UTC), os.getloadavg()[0]
    runner = Runner(plan, cores, repeats)
    with shown.progress(console) as bar:
        runner.run(shown.teller(bar, runner.steps, console))
    circumstances = document.Circumstances(
        started.isoformat(timespec="seconds"),
        cores,
        repeats,
        quick,
        load_before,
        os.getloadavg()[0],
    )
    made = document.assemble(plan, runner.results, circumstances)
    report_dir.mkdir(parents=True, exist_ok=True)
    document.write(made, report_dir / "sidebyside.json")
    drawn = _plot(plan, runner, f"{made['started']} · medians of {repeats}", report_dir)
    shown.show(console, plan, runner.results, made["notes"])
    written = ", ".join(["sidebyside.json", *drawn])
    console.print(f"written in {report_dir}: {written}", highlight=False)
    if runner.interrupted:
        return 130
    return 0 if all(result.sound for result in runner.results.values()) else 1


def _plot(plan: Plan, runner: Runner, caption: str, report_dir: Path) -> list[str]:
    """The names of what was drawn: the ratios where there is somebody to compare with, the memory
    where it was watched.
    """
    table = [row for row in rows(plan, runner.results) if len(row.against_baseline) > 1]
    watched = [result for result in runner.results.values() if any(result.curves)]
    names = []
    if table or watched:
        from sidebyside import plot  # takes its time to import, and only now is it free
    if table:
        names += [f"sidebyside.{suffix}" for suffix in SUFFIXES]
        plot.draw(plan, table, caption, [report_dir / name for name in names])
    if watched:
        memory = [f"memory.{suffix}" for suffix in SUFFIXES]
        plot.draw_memory(watched, caption, [report_dir / name for name in memory])
        names += memory
    return names
