"""`python -m gradio_conformance.environments gradio==4.44.1`: the testbed on that release, in an
environment of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

import click

from gradio_conformance.environments import NotInstallable
from gradio_conformance.environments import host_of
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_spec.data import SpecError


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("requirement", metavar="gradio==X")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF THE TESTBED]")
@click.option("--only-make", is_flag=True, help="Make the environment, and serve nothing.")
def main(requirement: str, options: tuple[str, ...], only_make: bool) -> None:
    """Serve the testbed on a release of Gradio; --port N and others as gradio_conformance.testbed
    takes them.
    """
    try:
        command = host_of(requirement, *options)
    except SpecError as error:
        raise click.BadParameter(str(error), param_hint="gradio==X") from error
    except NotInstallable as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_CODES[Verdict.UNREACHABLE])
    if not only_make:
        _become(command)


def _become(command: list[str]) -> None:
    """Go on as this command: whoever stops one stops the other."""
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606
    with subprocess.Popen(command) as child:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            sys.exit(child.wait() and 130)


if __name__ == "__main__":
    main()
