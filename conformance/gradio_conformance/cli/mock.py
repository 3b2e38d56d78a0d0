"""``gradio-protocol mock``: a server that answers for an app of which only the description is
there.
"""

from __future__ import annotations

import click

from gradio_conformance.cli.becoming import become


@click.command(
    short_help="Answer for an app that only its /info describes.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mock(arguments: tuple[str, ...]) -> None:
    """A process of its own, with options of its own: gradio_reference.mocking."""
    become(["-m", "gradio_reference.mocking", *arguments])
