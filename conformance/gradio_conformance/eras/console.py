"""The table on a console."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from gradio_conformance.eras.comparing import Comparison
from gradio_conformance.eras.comparing import Of
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.model import matrix
from gradio_conformance.eras.words import Footnotes
from gradio_conformance.eras.words import client_title
from gradio_conformance.eras.words import mark
from gradio_conformance.eras.words import server_title

TITLES = {Kind.AS: "serve --as", Kind.LIVE: "real Gradio"}
OTHERS = {Of.STUDY: "the earlier study", Of.LIVE: "real Gradio"}


def show(table: Table, comparison: Comparison, console: Console) -> None:
    """The cells with their footnotes, and how they differ from what was seen elsewhere."""
    notes = Footnotes()
    for kind in table.kinds:
        console.print(_grid(table, kind, notes))
    for number, text in notes.all():
        console.print(Text(f"({number}) {text}"), soft_wrap=True)
    console.print()
    for of, count in comparison.compared.items():
        if count:
            _show_differences(of, count, comparison, console)
    for name in comparison.stale:
        console.print(Text(f"stale: no cell shows {name!r} any more", style="red"))


def _grid(table: Table, kind: Kind, notes: Footnotes) -> Grid:
    cells = [cell for cell in table.cells if cell.kind is kind]
    clients = [c for c in matrix().clients if any(cell.client == c.id for cell in cells)]
    grid = Grid(title=TITLES[kind], title_justify="left")
    grid.add_column("server", no_wrap=True)
    for client in clients:
        grid.add_column(client_title(client), justify="center")
    for server in matrix().servers:
        row = [cell for cell in cells if cell.server == server]
        if row:
            found = [next((c for c in row if c.client == client.id), None) for client in clients]
            grid.add_row(server_title(server), *(_cell(cell, notes) for cell in found))
    return grid


def _cell(cell: Cell | None, notes: Footnotes) -> Text:
    if cell is None:
        return Text()
    number = notes.number(cell)
    text = mark(cell) if number is None else f"{mark(cell)} ({number})"
    return Text(text, style="green" if cell.is_ok else "yellow")


def _show_differences(of: Of, count: int, comparison: Comparison, console: Console) -> None:
    differing = [one for one in comparison.differences if one.of is of]
    cells = len({one.cell.place for one in differing})
    console.print(Text(f"{count - cells} of {count} cells agree with {OTHERS[of]}", style="bold"))
    for one in differing:
        where = f"{one.cell.client} with {one.cell.server} ({TITLES[one.cell.kind]}), {one.task}"
        end = f"explained: {one.id}" if one.id else "UNEXPLAINED"
        style = "" if one.id else "red"
        console.print(Text(f"  {where}: {one.how}; {end}", style=style), soft_wrap=True)
