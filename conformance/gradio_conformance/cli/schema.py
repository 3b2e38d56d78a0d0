"""``gradio-protocol schema NAME``: the JSON Schema of every file the project reads or writes."""

from __future__ import annotations

from pathlib import Path

import click

import gradio_conformance.gate.drift
import gradio_conformance.reporting
import gradio_conformance.traffic
from gradio_conformance.gate.rules import HERE as GATE
from gradio_conformance.scenarios.model import HERE
from gradio_spec.loader import PACKAGE


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


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a file format; without NAME, the names."""
    there = schemas()
    if name is None:
        click.echo("\n".join(there))
    elif name in there:
        click.echo(there[name].read_text(encoding="utf-8").rstrip())
    else:
        raise click.BadParameter(f"{name!r}; there are {', '.join(there)}", param_hint="NAME")
