"""Serves the testbed on a reference server that misbehaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradio_conformance.mutants.model import Legal
from gradio_conformance.mutants.model import Mutant
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import all_faults
from gradio_conformance.mutants.vacuous import VacuousLibrary
from gradio_conformance.mutants.wire import Wrapper
from gradio_conformance.testbed import on_reference
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.serving import Library

if TYPE_CHECKING:
    from gradio_reference import Server


@dataclass(frozen=True, slots=True)
class MutantLibrary:
    """The testbed's reference library with one fault; it takes effect in this whole process."""

    changed: Mutant | Legal

    def launch_main(self, settings: Settings, port: int) -> Callable[[], None]:
        patches = Patches()
        if self.changed.core is not None:
            all_faults()[self.changed.core](patches)
        stop = on_reference.launch_main(settings, port, prepare=self._wrap)

        def stop_and_mend() -> None:
            stop()
            patches.undo()

        return stop_and_mend

    launch_second = launch_main

    def __str__(self) -> str:
        return f"the reference server, {self.changed.id}"

    def _wrap(self, app: Server) -> None:
        if self.changed.wire:
            app.asgi_app = Wrapper(app.asgi_app, self.changed.wire)  # type: ignore[method-assign]


def library(name: str) -> Library:
    """What serves the mutant, legal variant or vacuous server of this id. Raises
    ``CatalogueError``.
    """
    catalogue = load_catalogue()
    if name in catalogue.vacuous:
        return VacuousLibrary(name)
    return MutantLibrary(catalogue.changed(name))
