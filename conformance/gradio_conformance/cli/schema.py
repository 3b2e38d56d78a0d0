"""``gradio-protocol schema NAME``: the JSON Schema of every file the project reads or writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

import gradio_conformance.gate.drift
import gradio_conformance.reporting
import gradio_conformance.traffic
from gradio_conformance.cli import configured
from gradio_conformance.cli.extras import StandIn
from gradio_conformance.gate.rules import HERE as GATE
from gradio_conformance.scenarios.model import HERE
from gradio_spec.loader import PACKAGE

CONFIG = "config"


def schemas() -> dict[str, Path]:
    """Name → file: data files of the spec, reports, recordings, and what check-client goes by."""
    found = {
        p.name.removesuffix(".schema.json"): p for p in (PACKAGE / "meta").glob("*.schema.json")
    }
    report = Path(gradio_conformance.reporting.__path__[0]) / "report.schema.json"
    traffic = Path(gradio_conformance.traffic.__path__[0])
    written = {n: traffic / f"{n}.schema.json" for n in ("recording", "judgement")}
    gate = Path(gradio_conformance.gate.drift.__path__[0])
    written |= {n: gate / f"{n}.schema.json" for n in ("observation", "drift")}
    found |= {"scenarios": HERE / "scenario.schema.json"}
    found |= {"client-contract": HERE / "contract.schema.json"}
    written |= {f"diff-{n}": GATE / f"{n}.schema.json" for n in ("rules", "severity", "ignore")}
    written |= {"diff": GATE / "reporting" / "diff.schema.json"}
    return dict(sorted({**found, **written, "report": report}.items()))


def config_schema() -> dict[str, Any]:
    """That of a configuration file, which is read off the commands."""
    from gradio_conformance.cli import COMMANDS
    from gradio_conformance.cli import main

    found = {name: main.get_command(click.Context(main), name) for name in COMMANDS}
    return configured.schema(
        {
            name: command
            for name, command in found.items()
            if command is not None and not isinstance(command, StandIn)
        }
    )


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a file format; without NAME, the names."""
    there = schemas()
    if name is None:
        click.echo("\n".join(sorted([*there, CONFIG])))
    elif name == CONFIG:
        click.echo(json.dumps(config_schema(), indent=2, ensure_ascii=False))
    elif name in there:
        click.echo(there[name].read_text(encoding="utf-8").rstrip())
    else:
        told = ", ".join(sorted([*there, CONFIG]))
        raise click.BadParameter(f"{name!r}; there are {told}", param_hint="NAME")
