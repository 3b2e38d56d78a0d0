"""Who meets whom (``matrix.yaml``), and what came of it: frozen, and as JSON of
``table.schema.json``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from gradio_conformance.eras.data import held
from gradio_conformance.eras.data import read
from gradio_spec.data import SpecError
from gradio_spec.releases import release

CONNECT = "connect"  # what every client does first; no task of the matrix


class Kind(StrEnum):
    """What stands for a release: ``serve --as``, or Gradio itself."""

    AS = "as"
    LIVE = "live"


class Status(StrEnum):
    """How a task ended: as it must, otherwise, not within its deadline, or was not begun."""

    OK = "ok"
    FAILED = "failed"
    HANG = "hang"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Client:
    """An official client of one release; ``package`` is what pip or npm calls it."""

    id: str
    package: str

    @property
    def is_python(self) -> bool:
        return self.id.startswith("py-")

    @property
    def release(self) -> str:
        return self.id.partition("-")[2]


@dataclass(frozen=True, slots=True)
class Task:
    """What a client is asked to do, and what must come of it: the ``values`` that the user sees, a
    failure that says ``message``, or, with ``cancel``, an end after the first value.
    """

    id: str
    does: str
    endpoint: str
    arguments: Sequence[Any]
    values: Sequence[Any] | None = None
    message: str | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    servers: Sequence[str]
    clients: Sequence[Client]
    tasks: Sequence[Task]

    def chosen(self, servers: Iterable[str], clients: Iterable[str]) -> Matrix:
        """Only these rows and columns, in the order of the table; empty is all. ``SpecError`` for
        one that there is not.
        """
        rows = _chosen("server", list(self.servers), list(servers))
        columns = _chosen("client", [client.id for client in self.clients], list(clients))
        kept = tuple(client for client in self.clients if client.id in columns)
        return Matrix(rows, kept, self.tasks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one task. ``message`` is what the user was told of a failure; ``notes`` is what
    was seen beside; ``alone`` is how it ended on a client that had done nothing before.
    """

    status: Status
    message: str | None = None
    notes: tuple[str, ...] = ()
    alone: Status | None = None

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"status": self.status.value}
        if self.message is not None:
            found["message"] = self.message
        if self.notes:
            found["notes"] = list(self.notes)
        if self.alone is not None:
            found["alone"] = self.alone.value
        return found

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Outcome:
        return cls(
            Status(found["status"]),
            found.get("message"),
            tuple(found.get("notes", ())),
            Status(found["alone"]) if "alone" in found else None,
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """One client against one server. ``outcomes`` has ``connect`` and each task of the matrix;
    ``broken`` are the clauses of the release's own version that the server broke meanwhile.
    """

    kind: Kind
    server: str
    client: str
    outcomes: Mapping[str, Outcome]
    broken: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        return all(outcome.status is Status.OK for outcome in self.outcomes.values())

    @property
    def place(self) -> tuple[Kind, str, str]:
        return self.kind, self.server, self.client

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "server": self.server,
            "client": self.client,
            "outcomes": {name: outcome.as_json() for name, outcome in self.outcomes.items()},
            "broken": list(self.broken),
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Cells, in the order of the matrix."""

    cells: Sequence[Cell]

    def cell(self, kind: Kind, server: str, client: str) -> Cell | None:
        return next((c for c in self.cells if c.place == (kind, server, client)), None)

    @property
    def kinds(self) -> list[Kind]:
        return [kind for kind in Kind if any(cell.kind is kind for cell in self.cells)]

    def over(self, before: Table) -> Table:
        """All cells of both, in the order of the matrix; these where both have one."""
        found = {cell.place: cell for cell in (*before.cells, *self.cells)}
        clients = [client.id for client in matrix().clients]
        places = [(k, s, c) for k in Kind for s in matrix().servers for c in clients]
        return Table([found[place] for place in places if place in found])

    def as_json(self) -> dict[str, Any]:
        return {
            "table": "gradio-protocol-eras",
            "version": 1,
            "cells": [cell.as_json() for cell in self.cells],
        }

    @classmethod
    def of_json(cls, data: Any, title: str) -> Table:
        """``SpecError`` for what is no table."""
        held(title, data, "table")
        return cls(
            [
                Cell(
                    Kind(row["kind"]),
                    row["server"],
                    row["client"],
                    {name: Outcome.of_json(item) for name, item in row["outcomes"].items()},
                    tuple(row["broken"]),
                )
                for row in data["cells"]
            ]
        )


@cache
def matrix() -> Matrix:
    """``matrix.yaml``; ``SpecError`` if it is not what its schema says."""
    found = read("matrix")
    return Matrix(
        tuple(release(name).number for name in found["servers"]),
        tuple(Client(**row) for row in found["clients"]),
        tuple(Task(**row) for row in found["tasks"]),
    )


def _chosen(what: str, there: list[str], asked: list[str]) -> tuple[str, ...]:
    unknown = [name for name in asked if name not in there]
    if unknown:
        raise SpecError(f"there is no {what} {unknown[0]!r}; there are {', '.join(there)}")
    return tuple(name for name in there if not asked or name in asked)
