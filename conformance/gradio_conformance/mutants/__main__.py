"""``python -m gradio_conformance.mutants ID``: serve a mutant or a vacuous server until SIGTERM
or SIGINT.
"""

from __future__ import annotations

import click

from gradio_conformance.mutants.model import CatalogueError
from gradio_conformance.mutants.serving import library
from gradio_conformance.ports import free_port
from gradio_conformance.testbed.serving import serve

PORT = click.IntRange(0, 65535)
FIRST_PORT = 7860


@click.command()
@click.argument("name", metavar="ID")
@click.option("--port", type=PORT, help="0: any free one. Default: a free one from 7860 up.")
@click.option("--second-port", type=PORT, default=0, help="0, the default: any free one.")
def main(name: str, port: int | None, second_port: int) -> None:
    """Serve the testbed with the misbehaviour ID of the catalogue."""
    try:
        found = library(name)
    except CatalogueError as error:
        raise click.BadParameter(str(error), param_hint="ID") from error
    serve(found, free_port(FIRST_PORT) if port is None else port, second_port)


if __name__ == "__main__":
    main()
