"""Scripts of sequences that failed: played again, or written to files."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.probe import Probe
from gradio_conformance.reporting.words import one_line
from gradio_conformance.runner.options import DEFAULT_PATIENCE_S
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import ScriptError
from gradio_conformance.stateful.script import from_data
from gradio_conformance.stateful.script import read_script
from gradio_conformance.stateful.script import write_script
from gradio_conformance.stateful.search import play
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_spec.loader import load_spec

SUFFIXES = (".yaml", ".yml", ".json")
Named = Mapping[str, Script]


def are_files(names: Sequence[str]) -> bool:
    """Whether these name script files, not checks."""
    return any(name.endswith(SUFFIXES) for name in names)


def from_files(names: Sequence[str]) -> Named:
    """The scripts of these files; a file that is no script is a usage error."""
    found = {}
    for name in names:
        try:
            found[name] = read_script(Path(name))
        except (OSError, ScriptError) as error:
            raise click.BadParameter(f"{name}: {error}", param_hint="SCRIPT") from error
    return found


def of_results(results: Sequence[Mapping[str, Any]]) -> Named:
    """The scripts of recorded results, named by clause and number."""
    found: dict[str, Script] = {}
    for result in results:
        for data in result.get("scripts", ()):
            script = from_data(data)
            number = sum(name.startswith(f"{script.clause}-") for name in found) + 1
            found[f"{script.clause}-{number}"] = script
    return found


def save(scripts: Named, folder: Path) -> None:
    """Write each script to a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in scripts.items():
        path = folder / f"{name}.yaml"
        write_script(script, path)
        click.echo(path)


def play_all(scripts: Named, url: str, patience_s: float = DEFAULT_PATIENCE_S) -> int:
    """Play each script on the server, tell its steps and how it ended; returns the exit code."""
    failed = False
    try:
        main = discover(url, load_spec())
        second = None
        for name, script in scripts.items():
            target = main
            if script.server == "second":
                if second is None:
                    second = discover(main.server_url("second") or url, load_spec())
                target = second
            click.echo(f"{name}\n{Script(script.steps).told()}")
            broken = play(script, Probe(target, load_spec(), patience_s=patience_s))
            if broken is None:
                click.echo("FIXED\n")
                continue
            failed = True
            told = f"expected {one_line(broken.expected)}; got {one_line(broken.actual)}"
            click.echo(f"FAILED  {broken.clause}: {told}\n")
    except Unreachable as error:
        click.echo(f"unreachable: {error}", err=True)
        return EXIT_CODES[Verdict.UNREACHABLE]
    return EXIT_CODES[Verdict.NONCONFORMANT if failed else Verdict.CONFORMANT]
