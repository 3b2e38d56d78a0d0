"""Serves the testbed on a reference server that misbehaves."""

from __future__ import annotations

from collections.abc import Callable
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


class MutantLibrary:
    """The testbed's reference library with one fault, which takes effect in this whole process."""

    def __init__(self, changed: Mutant | Legal) -> None:
        self._changed = changed
        self._patches = Patches()
        self._served = 0

    def __str__(self) -> str:
        return f"the reference server, {self._changed.id}"

    def launch(self, settings: Settings, port: int) -> Callable[[], None]:
        # All servers run in this process, and a fault that wraps a method must wrap it once.
        if self._served == 0 and self._changed.core is not None:
            all_faults()[self._changed.core](self._patches)
        self._served += 1
        stop = on_reference.launch(settings, port, prepare=self._wrap)

        def stop_and_mend() -> None:
            stop()
            self._served -= 1
            if self._served == 0:
                self._patches.undo()

        return stop_and_mend

    def _wrap(self, app: Server) -> None:
        if self._changed.wire:
            app.asgi_app = Wrapper(app.asgi_app, self._changed.wire)  # type: ignore[method-assign]


def library(name: str, *, through_proxy: bool = False) -> Library:
    """What serves the mutant, legal variant or vacuous server of this id; with ``through_proxy``
    the reference server as it is, behind a proxy that bends its wire. Raises ``CatalogueError``.
    """
    catalogue = load_catalogue()
    if through_proxy:
        from gradio_conformance.mutants.proxy import ProxiedLibrary

        return ProxiedLibrary(on_reference, catalogue.on_the_wire(name) if name else ())
    if name in catalogue.vacuous:
        return VacuousLibrary(name)
    return MutantLibrary(catalogue.changed(name))
