"""Golden files of the gate; ``--update-golden`` (with this folder as argument) rewrites them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result

from gradio_conformance import cli

GOLDEN = Path(__file__).parent / "golden"
Type = Callable[..., Result]


def pytest_addoption(parser: pytest.Parser) -> None:
    with suppress(ValueError):  # the folder of the other reports adds it, too
        parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` compares a text with its golden file, or rewrites the file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        assert text == path.read_text("utf-8"), f"{name}: look, then --update-golden"

    return compare


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Type:
    """Types a command; signals are left to pytest."""
    monkeypatch.setattr(cli, "_interrupt_on_every_signal", lambda: None)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.main, list(arguments), prog_name="gradio-protocol")

    return run
