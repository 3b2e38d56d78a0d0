"""Makes the table: one server after the other, two clients at a time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path

from gradio_conformance.eras.driving import Deadlines
from gradio_conformance.eras.driving import Installed
from gradio_conformance.eras.driving import drive
from gradio_conformance.eras.hosting import serving
from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Task
from gradio_conformance.eras.wiretap.judging import broken_clauses
from gradio_conformance.eras.wiretap.reading import Seen
from gradio_conformance.eras.wiretap.reading import read
from gradio_conformance.eras.wiretap.records import write
from gradio_conformance.eras.wiretap.tap import Tap

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Course:
    """What to run, and where the recordings go: a folder for each server, a file for each client,
    and one for each task that was tried again alone.
    """

    clients: Sequence[Installed]
    tasks: Sequence[Task]
    recordings: Path
    deadlines: Deadlines

    def row(self, kind: Kind, release: str, told: Callable[[Cell], None]) -> Iterator[Cell]:
        """The cells of one server, in the order of the clients; ``told`` gets each when it is
        there, from any thread. ``Unreachable`` and ``NotInstallable`` with the reason.
        """
        with serving(kind, release) as url, ThreadPoolExecutor(AT_ONCE) as pool:

            def cell(client: Installed) -> Cell:
                found = self._cell(kind, release, client, url)
                told(found)
                return found

            yield from pool.map(cell, self.clients)

    def _cell(self, kind: Kind, release: str, client: Installed, url: str) -> Cell:
        folder = self.recordings / f"{kind}-{release}"
        found, seen = self._drive(client, url, self.tasks)
        write(folder, client.client.id, url, seen)
        found |= self._alone(client, url, found, folder)
        broken = tuple(sorted(broken_clauses(release, seen)))
        return Cell(kind, release, client.client.id, found, broken)

    def _alone(
        self, client: Installed, url: str, found: Mapping[str, Outcome], folder: Path
    ) -> dict[str, Outcome]:
        """Every task that went wrong after another one, on a client of its own."""
        again = {}
        if found[self.tasks[0].id].status is not Status.OK:
            return {}  # it does not work here at all
        for task in self.tasks[1:]:
            before = found[task.id]
            if before.status in (Status.OK, Status.SKIPPED):
                continue
            outcomes, seen = self._drive(client, url, [task])
            write(folder, f"{client.client.id}.{task.id}", url, seen)
            alone = outcomes[task.id if outcomes[CONNECT].status is Status.OK else CONNECT]
            told = (f"alone: {alone.message}",) if alone.status is Status.FAILED else ()
            again[task.id] = replace(before, alone=alone.status, notes=(*before.notes, *told))
        return again

    def _drive(
        self, client: Installed, url: str, tasks: Sequence[Task]
    ) -> tuple[dict[str, Outcome], list[Seen]]:
        with Tap(url) as tap:
            found = drive(client, tap.url, url, tasks, self.deadlines)
        return found, read(tap.chunks)
