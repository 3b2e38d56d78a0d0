"""Servers that answer without knowing the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gradio_conformance.testbed.kit import Settings


@dataclass(frozen=True, slots=True)
class VacuousLibrary:
    name: str

    def launch_main(self, settings: Settings, port: int) -> Callable[[], None]:
        raise NotImplementedError

    launch_second = launch_main
