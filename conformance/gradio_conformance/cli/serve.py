"""``gradio-protocol serve``: the reference server with a user's app, or with the testbed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gradio_conformance.cli import extras
from gradio_conformance.cli.becoming import become
from gradio_conformance.mutants.model import CatalogueError
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.urls import base_url
from gradio_spec.data import SpecError
from gradio_spec.loader import load_spec

LOCAL = "127.0.0.1"


@click.command()
@click.argument("app", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="Default: a free port from 7860 up.")
@click.option("--host", default=LOCAL, show_default=True)
@click.option(
    "--name", "--app", help="The app's variable in the file, if it holds several servers."
)
@click.option(
    "--server",
    metavar="NAME",
    help="The web server: hypercorn, the default, or uvicorn, which is faster.",
)
@click.option(
    "--as",
    "release",
    metavar="RELEASE",
    help="Speak as an older release did: gradio-4.44.1, a dialect (v3-5.0) or a family (sse_v1).",
)
@click.option(
    "--misbehave",
    metavar="ID",
    help="The testbed with a misbehaviour; `gradio-protocol selftest --list` shows them.",
)
@click.option(
    "--upstream",
    metavar="URL",
    help="A proxy before this server instead; --misbehave bends what passes through it.",
)
def serve(
    app: Path | None,
    port: int | None,
    host: str,
    name: str | None,
    server: str | None,
    release: str | None,
    misbehave: str | None,
    upstream: str | None,
) -> None:
    """Serve APP, a file with a gradio_reference.Server; without APP, the testbed."""
    if release is not None:
        _require_specification(release)
    if app is None:
        if name or host != LOCAL:
            raise click.UsageError("--name and --host are about an APP; the testbed has neither")
        command = _testbed(misbehave, upstream)
        if server and command[2] != "gradio_conformance.testbed":
            raise click.UsageError("--server is not for --misbehave and --upstream")
        if release and command[2] != "gradio_conformance.testbed":
            raise click.UsageError("--as is not for --misbehave and --upstream")
    elif misbehave is not None or upstream is not None:
        raise click.UsageError("--misbehave and --upstream take no APP; leave it out")
    else:
        command = [sys.executable, "-m", "gradio_reference", str(app), "--host", host]
        command += ["--app", name] if name else []
    command += ["--server", server] if server else []
    command += ["--as", release] if release else []
    command += ["--port", str(port)] if port else []
    become(command[1:])


def _require_specification(release: str) -> None:
    """Here, where a wrong name is a wrong option, and not in the process that serves."""
    try:
        load_spec(release)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="--as") from error


def _testbed(misbehave: str | None, upstream: str | None) -> list[str]:
    """The command that serves the testbed, with or without a misbehaviour, or the proxy."""
    if misbehave is None and upstream is None:
        return [sys.executable, "-m", "gradio_conformance.testbed", "--library", "reference"]
    extras.need("--upstream" if misbehave is None else "--misbehave", "suite")
    command = [sys.executable, "-m", "gradio_conformance.mutants"]
    try:
        if upstream is None:
            command.append(load_catalogue().named(str(misbehave)).id)
            return command
        if misbehave is not None:
            load_catalogue().on_the_wire(misbehave)
            command.append(misbehave)
    except CatalogueError as error:
        raise click.BadParameter(str(error), param_hint="--misbehave") from error
    try:
        return [*command, "--upstream", base_url(upstream)]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--upstream") from error
