"""``gradio-protocol init``: a workflow, a configuration and a list of known deviations."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gradio_conformance.cli.configured import OWN_FILE
from gradio_conformance.cli.configured import PROJECT_FILE
from gradio_conformance.cli.configured import TABLE
from gradio_conformance.cli.configured import file_of
from gradio_conformance.starting.files import ACTION
from gradio_conformance.starting.files import WORKFLOW
from gradio_conformance.starting.files import Start
from gradio_conformance.starting.files import configuration
from gradio_conformance.starting.files import known
from gradio_conformance.starting.files import workflow
from gradio_conformance.starting.projects import Project
from gradio_conformance.starting.projects import project_of
from gradio_conformance.urls import base_url

MODES = ("server", "client", "spec")
SPEC = "spec/"


@click.command()
@click.argument(
    "folder", default=".", metavar="[DIR]", type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="server",
    show_default=True,
    help="What is judged: a server, a client, or changes of a specification.",
)
@click.option("--command", help="The command that starts the server, {port} in it, or the client.")
@click.option("--url", help="Where the server runs, instead of a command.")
@click.option("--action", default=ACTION, show_default=True, help="The action, with its version.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--dry-run", is_flag=True, help="Show the files, write nothing.")
def init(
    folder: Path,
    mode: str,
    command: str | None,
    url: str | None,
    action: str,
    force: bool,
    dry_run: bool,
) -> None:
    """Write what a project in DIR needs to be judged in CI: a workflow of GitHub, the options in
    gradio-protocol.toml or pyproject.toml, and an empty list of known deviations.
    """
    if not folder.is_dir():
        raise click.BadParameter(f"{folder}: no such folder", param_hint="DIR")
    project = project_of(folder)
    start = Start(mode, project, _subject(mode, project, command, url, folder), action)
    texts = _texts(folder, start, force=force)
    if dry_run:
        for path, text in texts.items():
            click.echo(f"--- {path}\n{text}")
        return
    _refuse_present(folder, texts, force=force)
    for path, text in texts.items():
        _write(path, text)
    _say_next(folder, start)


def _subject(
    mode: str, project: Project, command: str | None, url: str | None, folder: Path
) -> Mapping[str, Any]:
    """What is judged, as the configuration says it."""
    if command is not None and url is not None:
        raise click.UsageError("--url and --command: one of the two")
    if mode == "spec":
        if command is not None or url is not None:
            raise click.UsageError("--mode spec judges data: neither --command nor --url")
        if not any((folder / SPEC).rglob("versions")):
            raise click.UsageError(f"--mode spec: {folder / SPEC} holds no folder versions/")
        return {"folder": SPEC}
    if url is not None:
        return _url(mode, url)
    if command is not None:
        return {"command": _words(mode, command)}
    likely = project.client if mode == "client" else project.server
    if likely is None:
        what = "conformance/adapter.py or .mjs" if mode == "client" else "app of a server"
        raise click.UsageError(f"{folder}: found no {what}; say --command '…'")
    return {"command": list(likely)}


def _url(mode: str, url: str) -> Mapping[str, Any]:
    if mode == "client":
        raise click.UsageError("--mode client judges a command: no --url")
    try:
        return {"url": base_url(url)}
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error


def _words(mode: str, command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--command") from error
    if not words:
        raise click.BadParameter("it is empty", param_hint="--command")
    if mode == "server" and not any("{port}" in word for word in words):
        raise click.BadParameter("there is no {port} in it", param_hint="--command")
    return words


def _texts(folder: Path, start: Start, *, force: bool) -> dict[Path, str]:
    """Path → text of the whole file."""
    texts = {folder / WORKFLOW: workflow(start), folder / start.listed: known(start)}
    project = folder / PROJECT_FILE
    there = file_of(folder)
    if there == project:
        if not force:
            raise click.UsageError(f"{project}: there is a table tool.{TABLE} already")
        return texts  # it is the user's to edit
    if there is None and project.is_file():
        before = project.read_text("utf-8").rstrip("\n")
        return texts | {project: f"{before}\n\n{configuration(start, f'tool.{TABLE}')}"}
    return texts | {folder / OWN_FILE: configuration(start)}


def _refuse_present(folder: Path, texts: Mapping[Path, str], *, force: bool) -> None:
    """Nothing is written if a file is there; pyproject.toml is only added to."""
    there = [str(path) for path in texts if path.exists() and path != folder / PROJECT_FILE]
    if there and not force:
        raise click.UsageError(f"{', '.join(there)}: there already; --force replaces what is there")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    click.echo(f"wrote {path}")


def _say_next(folder: Path, start: Start) -> None:
    command = f"gradio-protocol {start.command}"
    if start.mode == "spec":
        command += f" main:{SPEC} {SPEC}"
    if folder.resolve() != Path.cwd():
        command = f"cd {shlex.quote(str(folder))} && {command}"
    click.echo(f"Next: {command}")
