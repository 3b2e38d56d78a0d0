"""Commands of the gate, typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from click.testing import Result

from gradio_conformance import cli

Type = Callable[..., Result]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command; signals are left to pytest."""
    monkeypatch.setattr(cli, "_interrupt_on_every_signal", lambda: None)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, list(arguments), prog_name="gradio-protocol")

    return run
