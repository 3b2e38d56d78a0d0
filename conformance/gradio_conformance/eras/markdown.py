"""``conformance/ERAS.md``: the table for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from gradio_conformance.eras.comparing import Comparison
from gradio_conformance.eras.comparing import Difference
from gradio_conformance.eras.comparing import Of
from gradio_conformance.eras.comparing import explanations
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.model import matrix
from gradio_conformance.eras.words import MARKS
from gradio_conformance.eras.words import Footnotes
from gradio_conformance.eras.words import client_title
from gradio_conformance.eras.words import mark
from gradio_conformance.eras.words import server_title
from gradio_conformance.reporting.markup import plain

TITLES = {
    Kind.AS: "The reference server as it speaks with `serve --as gradio-X`",
    Kind.LIVE: "Gradio itself, the testbed on that release",
}
OTHERS = {Of.STUDY: "an earlier study of real Gradio", Of.LIVE: "real Gradio of that release"}
HEAD = """\
# Official clients of five eras, and servers of eight releases

Made by `gradio-protocol eras --live --out conformance/eras.json --markdown conformance/ERAS.md`;
`tox run -e eras` runs all of it again and compares. Clients are in the columns: `py` is
`gradio_client`, `js` is `@gradio/client`.
Every client does {count} tasks, one after the other on one connection to the server:

{tasks}

`ok`: all of them, as they must. Otherwise one mark for all of them, or one for each: {marks}.
`connect`: the client did not even take the server. Numbers are footnotes.
"""


def rendered(table: Table, comparison: Comparison) -> str:
    """The whole document, the same for the same table."""
    notes = Footnotes()
    tables = ["\n".join(_rows(table, kind, notes)) for kind in table.kinds]
    titled = zip(table.kinds, tables, strict=True)
    parts = [_head(), *(f"## {TITLES[kind]}\n\n{rows}\n" for kind, rows in titled)]
    lines = "\n".join(f"{number}. {plain(text)}" for number, text in notes.all())
    parts.append(f"## Footnotes\n\n{lines or 'There are none.'}\n")
    parts.append("## Held against what was seen elsewhere\n\n" + "\n".join(_held(comparison)))
    return "\n".join(parts)


def _head() -> str:
    tasks = matrix().tasks
    listed = "\n".join(f"- {task.id}: {task.does}" for task in tasks)
    words = {"ok": "ok", "failed": "failed", "hang": "not over within its deadline"}
    marks = ", ".join(f"{MARKS[s]} {words[s]}" for s in MARKS if s in words)
    return HEAD.format(count=len(tasks), tasks=listed, marks=marks)


def _rows(table: Table, kind: Kind, notes: Footnotes) -> Iterator[str]:
    cells = [cell for cell in table.cells if cell.kind is kind]
    clients = [c for c in matrix().clients if any(cell.client == c.id for cell in cells)]
    yield "| server | " + " | ".join(client_title(client) for client in clients) + " |"
    yield "| --- |" + " :-: |" * len(clients)
    for server in matrix().servers:
        row = [cell for cell in cells if cell.server == server]
        if row:
            found = [next((c for c in row if c.client == client.id), None) for client in clients]
            texts = [_cell(cell, notes) for cell in found]
            yield f"| {server_title(server)} | " + " | ".join(texts) + " |"


def _cell(cell: Cell | None, notes: Footnotes) -> str:
    if cell is None:
        return ""
    number = notes.number(cell)
    return mark(cell) if number is None else f"{mark(cell)} ({number})"


def _held(comparison: Comparison) -> Iterator[str]:
    for of, count in comparison.compared.items():
        if not count:
            continue
        differing = [one for one in comparison.differences if one.of is of]
        cells = len({one.cell.place for one in differing})
        agree = f"{count - cells} of {count} cells agree with {OTHERS[of]}"
        yield f"{agree}." if not differing else f"{agree}; the others:\n"
        yield from _listed(differing)
        yield ""
    for name in comparison.stale:
        yield f"- **stale**: no cell shows `{name}` any more"


def _listed(differing: Sequence[Difference]) -> Iterator[str]:
    whys = {one.id: one.why for one in explanations()}
    for name in dict.fromkeys(one.id for one in differing):
        here = [one for one in differing if one.id == name]
        if name is None:
            yield from (f"- **unexplained**: {_place(one)}: {plain(one.how)}" for one in here)
        else:
            yield f"- {'; '.join(_places(here))}. {whys.get(name, name)}"


def _places(differing: Sequence[Difference]) -> Iterator[str]:
    """Cells that differ in the same tasks together."""
    tasks: dict[tuple[Kind, str, str], list[str]] = {}
    for one in differing:
        tasks.setdefault(one.cell.place, []).append(one.task)
    same: dict[tuple[str, str], list[str]] = {}
    for (_, server, client), names in tasks.items():
        servers = same.setdefault((client, ", ".join(names)), [])
        if server not in servers:
            servers.append(server)
    for (client, told), servers in same.items():
        yield f"{client} with {', '.join(servers)}: {told}"


def _place(one: Difference) -> str:
    here = "" if one.cell.kind is Kind.LIVE or one.of is Of.LIVE else " (`serve --as`)"
    return f"{one.cell.client} with {one.cell.server}{here}, {one.task}"
