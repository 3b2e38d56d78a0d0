"""`python -m gradio_conformance.testbed`: serve the testbed until SIGTERM or SIGINT."""

from __future__ import annotations

import click

from gradio_conformance.ports import free_port
from gradio_conformance.testbed.serving import Library
from gradio_conformance.testbed.serving import serve

PORT = click.IntRange(0, 65535)
FIRST_PORT = 7860  # where clients of the field look first


@click.command()
@click.option("--library", type=click.Choice(["reference", "gradio"]), default="reference")
@click.option("--server", help="The web server below --library reference, such as uvicorn.")
@click.option("--port", type=PORT, help="0: any free one. Default: a free one from 7860 up.")
@click.option("--second-port", type=PORT, default=0, help="0, the default: any free one.")
@click.option("--no-second", is_flag=True, help="Serve `main` only.")
def main(
    library: str, server: str | None, port: int | None, second_port: int, no_second: bool
) -> None:
    """Serve the testbed on a library with the Server API."""
    port = free_port(FIRST_PORT) if port is None else port
    serve(_library(library, server), port, None if no_second else second_port)


def _library(name: str, server: str | None) -> str | Library:
    if server is None:
        return name
    if name != "reference":
        raise click.UsageError(f"--server is about --library reference, not {name}")
    from gradio_conformance.testbed.on_reference import OnWebServer

    try:
        return OnWebServer(server)
    except ValueError as error:
        raise click.UsageError(f"--{error}") from error


if __name__ == "__main__":
    main()
