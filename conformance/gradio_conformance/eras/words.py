"""A cell of the table in a few characters, and the footnote that says the rest. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping

from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Client
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import matrix
from gradio_spec.releases import release

MARKS: Mapping[Status, str] = {
    Status.OK: "✓",
    Status.FAILED: "✗",
    Status.HANG: "⧖",
    Status.SKIPPED: "·",
}


def mark(cell: Cell) -> str:
    """``ok``, ``✗ connect``, ``✗`` or ``⧖`` for all tasks alike, or a mark for each of them."""
    connect = cell.outcomes[CONNECT]
    if connect.status is not Status.OK:
        return f"{MARKS[connect.status]} connect"
    if cell.is_ok:
        return "ok"
    statuses = [cell.outcomes[task.id].status for task in matrix().tasks]
    alike = len(set(statuses)) == 1
    return MARKS[statuses[0]] if alike else "".join(MARKS[status] for status in statuses)


def footnote(cell: Cell) -> str | None:
    """What its mark does not say, tasks with the same to say together; ``None`` if that is all."""
    said: dict[str, list[str]] = {}
    for name, outcome in cell.outcomes.items():
        if (text := _said(outcome)) is not None:
            said.setdefault(text, []).append(name)
    tasks = [task.id for task in matrix().tasks]
    parts = [_names(names, tasks) + text for text, names in said.items()]
    return "; ".join(parts) or None


def _said(outcome: Outcome) -> str | None:
    parts = []
    if outcome.message is not None:
        parts.append(f"“{outcome.message}”" if outcome.status is Status.FAILED else outcome.message)
    elif outcome.status is Status.HANG:
        parts.append("never ends")
    if outcome.alone is not None:
        parts.append(f"{outcome.alone} on a client of its own")
    parts += outcome.notes
    return ", ".join(parts) or None


def _names(names: list[str], tasks: list[str]) -> str:
    return "" if names == tasks or names == [CONNECT] else f"{', '.join(names)}: "


class Footnotes:
    """Numbers footnotes in the order in which they are first wanted."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, cell: Cell) -> int | None:
        text = footnote(cell)
        return None if text is None else self._numbers.setdefault(text, len(self._numbers) + 1)

    def all(self) -> Iterable[tuple[int, str]]:
        return ((number, text) for text, number in self._numbers.items())


def server_title(number: str) -> str:
    """``4.44.1 sse_v3``."""
    return f"{number} {release(number).family}"


def client_title(client: Client) -> str:
    return f"{'py' if client.is_python else 'js'} {client.release}"
