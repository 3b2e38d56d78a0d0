"""`python -m gradio_conformance.testbed`: serve the testbed until SIGTERM or SIGINT."""

from __future__ import annotations

import click

from gradio_conformance.testbed.serving import serve


@click.command()
@click.option("--library", type=click.Choice(["reference", "gradio"]), default="reference")
@click.option("--port", type=click.IntRange(0, 65535), default=7860, help="0: any free port.")
@click.option("--second-port", type=click.IntRange(0, 65535), default=0, help="0: any free port.")
@click.option("--no-second", is_flag=True, help="Serve `main` only.")
def main(library: str, port: int, second_port: int, no_second: bool) -> None:
    """Serve the testbed on a library with the Server API."""
    serve(library, port, None if no_second else second_port)


if __name__ == "__main__":
    main()
