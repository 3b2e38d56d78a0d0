"""The command ``gradio-protocol``: one module per sub-command.

Exit codes are the same everywhere: 0 conformant · 1 nonconformant or stale known entry · 2 usage ·
3 inconclusive · 4 target unreachable · 5 the suite's own fault · 130 interrupted.
"""

from __future__ import annotations

import click

from gradio_conformance import __version__
from gradio_conformance.cli.check import check
from gradio_conformance.cli.explain import explain
from gradio_conformance.cli.listing import listing
from gradio_conformance.cli.replay import replay
from gradio_conformance.cli.schema import schema
from gradio_conformance.cli.selftest import selftest
from gradio_conformance.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gradio-protocol")
def main() -> None:
    """The Gradio event protocol: judge a server, serve an app, read the clauses."""


for command in (check, explain, listing, replay, schema, selftest, serve):
    main.add_command(command)
