"""`python -m gradio_conformance.testbed`: serve the testbed until SIGTERM or SIGINT."""

from __future__ import annotations

import click

from gradio_conformance.ports import free_port
from gradio_conformance.testbed.serving import Library
from gradio_conformance.testbed.serving import serve
from gradio_spec.data import SpecError

PORT = click.IntRange(0, 65535)
FIRST_PORT = 7860  # where clients of the field look first


@click.command()
@click.option("--library", type=click.Choice(["reference", "gradio"]), default="reference")
@click.option("--server", help="The web server below --library reference, such as uvicorn.")
@click.option("--as", "release", metavar="RELEASE", help="Speak as it did, e.g. gradio-4.44.1.")
@click.option("--port", type=PORT, help="0: any free one. Default: a free one from 7860 up.")
@click.option("--second-port", type=PORT, default=0, help="0, the default: any free one.")
@click.option("--no-second", is_flag=True, help="Serve `main` only.")
def main(
    library: str,
    server: str | None,
    release: str | None,
    port: int | None,
    second_port: int,
    no_second: bool,
) -> None:
    """Serve the testbed on a library with the Server API."""
    port = free_port(FIRST_PORT) if port is None else port
    serve(_library(library, server, release), port, None if no_second else second_port)


def _library(name: str, server: str | None, release: str | None) -> str | Library:
    if server is None and release is None:
        return name
    if name != "reference":
        option = "--as" if server is None else "--server"
        raise click.UsageError(f"{option} is about --library reference, not {name}")
    from gradio_conformance.testbed.on_reference import OnWebServer
    from gradio_reference.adapters import DEFAULT

    try:
        return OnWebServer(server or DEFAULT, release)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--as") from error
    except ValueError as error:
        raise click.UsageError(f"--{error}") from error


if __name__ == "__main__":
    main()
