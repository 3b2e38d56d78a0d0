"""``python -m gradio_conformance.mutants ID``: serve a mutant or a vacuous server until SIGTERM
or SIGINT; with ``--upstream`` a proxy that bends another server's wire.
"""

from __future__ import annotations

import sys

import click

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.mutants.model import CatalogueError
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.proxy import proxied
from gradio_conformance.mutants.serving import library
from gradio_conformance.ports import free_port
from gradio_conformance.target import Unreachable
from gradio_conformance.testbed.serving import serve
from gradio_conformance.testbed.serving import serve_until_signal
from gradio_conformance.urls import shown

PORT = click.IntRange(0, 65535)
FIRST_PORT = 7860


@click.command()
@click.argument("name", metavar="[ID]", required=False)
@click.option("--port", type=PORT, help="0: any free one. Default: a free one from 7860 up.")
@click.option("--second-port", type=PORT, default=0, help="0, the default: any free one.")
@click.option("--upstream", metavar="URL", help="Stand in front of this server instead.")
def main(name: str | None, port: int | None, second_port: int, upstream: str | None) -> None:
    """Serve the testbed with the misbehaviour ID of the catalogue, or bend what another server
    says.
    """
    port = free_port(FIRST_PORT) if port is None else port
    try:
        if upstream is not None:
            _stand_in_front(upstream, name, port, second_port)
        elif name is None:
            raise click.UsageError("an ID or --upstream is needed")
        else:
            serve(library(name), port, second_port)
    except CatalogueError as error:
        raise click.BadParameter(str(error), param_hint="ID") from error


def _stand_in_front(upstream: str, name: str | None, port: int, second_port: int) -> None:
    rules = load_catalogue().on_the_wire(name) if name else ()
    what = f"proxy before {shown(upstream)}" + (f", {name}" if name else "")
    try:
        serve_until_signal(proxied(upstream, rules, port, second_port), what)
    except Unreachable as error:
        click.echo(f"Error: --upstream: {error}", err=True)
        sys.exit(EXIT_CODES[Verdict.UNREACHABLE])


if __name__ == "__main__":
    main()
