"""The console: progress while it runs, then the ratio table and what to know about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn
from rich.progress import MofNCompleteColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn
from rich.table import Table

from sidebyside.declared import Plan
from sidebyside.document import known_broken
from sidebyside.results import Result
from sidebyside.results import Results
from sidebyside.results import Row
from sidebyside.results import Tell
from sidebyside.results import rows

LEGEND = (
    "Each cell: the median; below it how many times better than {baseline} (×), and than {floor} "
    "(/). Above 1 is better, also where less is more."
)
WIDTH = 120  # of a console that is no terminal


def make_console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield bar


def teller(bar: Progress, steps: int, console: Console) -> Tell:
    """Shows each step; a console that is no terminal gets a line for it."""
    task = bar.add_task("", total=steps)
    done = 0

    def tell(text: str) -> None:
        nonlocal done
        bar.update(task, description=escape(text), completed=done)
        done += 1
        if not console.is_terminal:
            console.print(f"{done}/{steps} {text}", markup=False, highlight=False)

    return tell


def show(console: Console, plan: Plan, results: Results, notes: list[str]) -> None:
    """The table, what the monitor said, and the notes."""
    console.print(_table(plan, rows(plan, results)))
    console.print(LEGEND.format(baseline=plan.baseline, floor=plan.floor), style="dim")
    for line in _verdicts(plan, results):
        console.print(line, highlight=False)
    for note in notes:
        console.print(f"note: {note}", style="yellow", markup=False, highlight=False)


def _table(plan: Plan, table: tuple[Row, ...]) -> Table:
    shown = Table(title="Side by side", title_justify="left", pad_edge=False)
    shown.add_column("case", no_wrap=True)
    shown.add_column("figure")
    for peer in plan.peers:
        shown.add_column(peer.name, justify="right")
    last = ""
    for row in table:
        if last and row.case.name != last:
            shown.add_section()
        name = "" if row.case.name == last else row.case.name
        last = row.case.name
        cells = (_cell(plan, row, peer.name) for peer in plan.peers)
        shown.add_row(escape(name), plan.metrics[row.metric].title, *cells)
    return shown


def _cell(plan: Plan, row: Row, peer: str) -> str:
    if peer not in row.values:
        return "–"
    ratios = []
    if peer != plan.baseline and peer in row.against_baseline:
        ratios.append(f"{_short(row.against_baseline[peer].of_medians)}×")
    if peer != plan.floor and peer in row.against_floor:
        ratios.append(f"/{_short(row.against_floor[peer].of_medians)}")
    value = _short(row.values[peer])
    return f"{value}\n[dim]{' '.join(ratios)}[/dim]" if ratios else value


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _verdicts(plan: Plan, results: Results) -> Iterator[str]:
    known = known_broken(list(results.values()))
    for peer in plan.peers:
        judged = [r for r in results.values() if r.peer is peer and r.verdict is not None]
        if not judged:
            continue
        # Sizes that share one pass share its verdict.
        verdicts = {id(r.verdict): r.verdict for r in judged if r.verdict}.values()
        by = next(iter(verdicts)).by
        messages = sum(verdict.messages for verdict in verdicts)
        new = dict(finding for result in judged for finding in _new(result))
        old = ", ".join(f"{clause} ({why})" for clause, why in known.get(peer.name, {}).items())
        words = f"{peer.name}: {messages:,} messages judged by the {by}"
        words += f"; known deviations seen: {old}" if old else ""
        yield escape(words + ("" if new else "; nothing else wrong" if old else "; nothing wrong"))
        for place, example in new.items():
            yield f"[red]  {escape(f'{place}: {example}')}[/red]"


def _new(result: Result) -> Iterator[tuple[str, str]]:
    for finding in result.verdict.findings if result.verdict else ():
        if finding.erratum is None:
            yield f"{result.case.workload}: {finding.clause}", finding.example
