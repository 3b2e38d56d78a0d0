"""The command ``gradio-protocol``: one module per sub-command, imported when it is called for.

Exit codes are the same everywhere: 0 conformant · 1 nonconformant or stale known entry · 2 usage ·
3 inconclusive · 4 target unreachable · 5 the suite's own fault · 130 interrupted.
"""

from __future__ import annotations

import importlib
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

import click

from gradio_conformance import __version__
from gradio_conformance.cli import extras
from gradio_conformance.cli.configured import configure
from gradio_conformance.cli.configured import name_variables
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import USAGE_EXIT_CODE
from gradio_conformance.events import Verdict
from gradio_spec.loader import SpecError

# Each command: the name of its module and of the function there, and the extras that it needs.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "check": ("check", ("suite",)),
    "check-client": ("check_client", ("suite",)),
    "diff": ("diff", ("suite",)),
    "drift": ("drift", ("suite",)),
    "eras": ("eras", ("suite", "server")),
    "explain": ("explain", ("suite",)),
    "init": ("init", ()),
    "judge": ("judge", ("suite",)),
    "list": ("listing", ("suite",)),
    "mock": ("mock", ("server",)),
    "replay": ("replay", ("suite",)),
    "schema": ("schema", ("suite",)),
    "selftest": ("selftest", ("suite", "server")),
    "serve": ("serve", ("server",)),
    "types": ("types", ()),
    "watch": ("watch", ("suite", "server")),
}
# What helps with a configuration has none.
UNCONFIGURED = ("init", "schema")


class Commands(click.Group):
    """The sub-commands, under the exit codes that they all share."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name, needed = COMMANDS[cmd_name]
        absent = extras.missing(needed)
        if absent:
            return extras.stand_in(cmd_name, absent)
        found = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        assert isinstance(found, click.Command)
        name_variables(cmd_name, found)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        _interrupt_on_every_signal()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(EXIT_CODES[Verdict.INTERRUPTED])
        except SpecError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(USAGE_EXIT_CODE)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise  # click says what they mean
        except Exception:
            traceback.print_exc()
            click.echo("This is a fault of the suite itself: please report it.", err=True)
            sys.exit(EXIT_CODES[Verdict.SUITE_FAULT])


def _interrupt_on_every_signal() -> None:
    """Who ends the suite by another signal than Ctrl-C's wants its server stopped, too."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gradio-protocol")
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="GRADIO_PROTOCOL_CONFIG",
    help="Options of the commands; by default gradio-protocol.toml, or tool.gradio-protocol in"
    " pyproject.toml, of this folder.",
)
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """The Gradio event protocol: judge a server, serve an app, read the clauses."""
    if context.invoked_subcommand not in UNCONFIGURED:
        configure(context, config, lambda name: main.get_command(context, name))
