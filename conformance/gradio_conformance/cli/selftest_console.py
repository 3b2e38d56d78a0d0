"""What a self-test says on the console."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from gradio_conformance.mutants.matrix import LEVELS
from gradio_conformance.mutants.matrix import Matrix
from gradio_conformance.mutants.matrix import Share
from gradio_conformance.mutants.selftest import Outcome
from gradio_conformance.mutants.selftest import Trial

COLOURS = {
    Outcome.KILLED: "green",
    Outcome.EXPOSED: "green",
    Outcome.UNHARMED: "green",
    Outcome.EQUIVALENT: "yellow",
    Outcome.FAULT: "magenta",
}


def line(trial: Trial) -> str:
    """One server, and what was found or missed, in rich's markup."""
    colour = COLOURS.get(trial.outcome, "red")
    shown = "".join(f"\n    {text[:300]}" for text in trial.seen[:12]).replace("[", r"\[")
    return f"[{colour}]{trial.outcome:<10}[/] {trial.clause or trial.kind:<10} {trial.id}{shown}"


def show(trials: Sequence[Trial], matrix: Matrix, unproven: Sequence[str], seconds: float) -> None:
    """The score by profile and level, the servers that are not mutants, and all that is open."""
    console = Console()
    console.print(_scores(matrix, f"{len(trials)} servers in {seconds:g} s"))
    _servers(console, matrix)
    for row, cell in matrix.cells(Outcome.EQUIVALENT):
        console.print(f"equivalent  {row.clause} {cell.mutant}: {cell.told[0]}", highlight=False)
    for row in matrix.rows:
        if not row.cells:
            console.print(f"no mutant   {row.clause}: {row.reason or 'no reason'}", highlight=False)
    for binding in unproven:
        console.print(f"[red]no mutant makes it fail[/]  {binding}", highlight=False)
    for trial in trials:
        if not trial.good:
            console.print(line(trial), highlight=False)
    score = matrix.score()
    console.print(
        f"Selftest {score.mutants} mutants killed · {_percent(score.mutants)} · "
        f"clauses proven {score.clauses} · {_percent(score.clauses)}",
        highlight=False,
    )


def _scores(matrix: Matrix, title: str) -> Table:
    table = Table(title=f"killed mutants; {title}", title_justify="left")
    table.add_column("profile")
    for column in (*LEVELS, "clauses proven"):
        table.add_column(column, justify="right")
    for profile in matrix.profiles:
        _add(table, matrix, profile)
    table.add_section()
    _add(table, matrix, None)
    return table


def _add(table: Table, matrix: Matrix, profile: str | None) -> None:
    killed = [matrix.score(level, profile).mutants for level in LEVELS]
    proven = matrix.score(profile=profile).clauses
    table.add_row(profile or "all", *(_cell(share) for share in (*killed, proven)))


def _cell(share: Share) -> str:
    if not share.of:
        return "–"
    return f"[{'green' if share.whole else 'red'}]{share}[/]"


def _percent(share: Share) -> str:
    return f"{share.percent:g} %"


def _servers(console: Console, matrix: Matrix) -> None:
    if matrix.control is not None:
        console.print(f"reference   {matrix.control.outcome}", highlight=False)
    if matrix.twins:
        good = Share(sum(twin.trial.good for twin in matrix.twins), len(matrix.twins))
        console.print(f"legal       {good} unharmed", highlight=False)
    if matrix.empty:
        good = Share(sum(one.trial.good for one in matrix.empty), len(matrix.empty))
        worst = max(one.score for one in matrix.empty)
        console.print(f"vacuous     {good} exposed, MUST score {worst} at most", highlight=False)
    for one in matrix.empty:
        for clause in one.kept:
            why = one.allowed.get(clause, "[red]no reason[/]")
            console.print(f"            {one.trial.id} keeps {clause}: {why}", highlight=False)
